import type { Reconciler } from '../../../src/core/reconciler.ts';
import { accountPath } from './account.ts';

/** A zone. Looked up by name; attributes `id`, `plan` (`free`, `pro`, `business`, `enterprise`) and `nameServers`. */
export interface ZoneSpec {
  /** `active` once the registrar's name servers are Cloudflare's; `initializing`, `pending`, `moved` before. */
  readonly status: string;
  /** Observed only. `full`: Cloudflare's name servers answer for it; `partial` and `secondary`: others do. */
  readonly type?: string;
}

interface ZoneReply {
  readonly id: string;
  readonly name: string;
  readonly status: string;
  readonly type?: string;
  readonly account?: { readonly id: string };
  /** Deprecated, but still the only field that says what a zone may do. */
  readonly plan?: { readonly legacy_id?: string };
  readonly name_servers?: readonly string[];
}

const kind = 'cloudflare/zone';

export const zone: Reconciler<ZoneSpec> = {
  kind,
  title: 'zone',
  traits: { unmarked: true, plain: true },

  async observe(world) {
    const accountId = (await accountPath(world)).slice('/accounts/'.length);
    const query = { 'account.id': accountId, per_page: 50 };
    const replies = await world.roster.list(world.cloudflare, '/zones', query);
    return (replies as readonly ZoneReply[])
      .filter(({ name, account: { id } = { id: accountId } }) => {
        return id === accountId && world.scope.zones.includes(name);
      })
      .map((reply) => ({
        address: { kind, key: reply.name },
        id: reply.id,
        owner: undefined,
        spec: { status: reply.status, type: reply.type ?? 'full' },
        // Without a plan, the smallest one: its limits are safe on every other.
        attributes: {
          id: reply.id,
          plan: reply.plan?.legacy_id ?? 'free',
          nameServers: (reply.name_servers ?? []).join(' '),
        },
        uses: [],
        raw: reply,
      }));
  },

  remedy(_drift, _want, have) {
    return {
      verb: 'refuse',
      reason: reasonFor(have.spec.status, (have.raw as ZoneReply).name_servers ?? []),
    };
  },
};

function reasonFor(status: string, nameServers: readonly string[]): string {
  const servers = nameServers.length === 0 ? 'those that the dashboard shows' : nameServers.join(' and ');
  if (status === 'moved') {
    return `the zone has moved away: set its name servers at the registrar back to ${servers}`;
  }
  return `the zone is ${status}: set its name servers at the registrar to ${servers}, and wait until it is active`;
}
