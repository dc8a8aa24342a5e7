import type { ReadyChange } from '../../../src/core/change.ts';
import { RejectedError } from '../../../src/core/errors.ts';
import type { Observed } from '../../../src/core/objects/object.ts';
import type { Outcome } from '../../../src/core/outcome.ts';
import type { Reconciler } from '../../../src/core/reconciler.ts';
import type { World } from '../../../src/core/world.ts';
import { carryOut, done } from '../../shared/carry-out.ts';
import { wafRuleKey } from '../waf/rule-spec.ts';
import { shields } from './api-shield.ts';
import { normalEndpoint, operationKey } from './endpoint.ts';
import { tokenConfiguration } from './token-configuration.ts';

/** One saved API Shield operation. It is immutable: its key is method, host, and endpoint. */
export interface ApiOperationSpec {
  readonly zone: string;
  readonly zoneId: string;
  readonly method: string;
  readonly host: string;
  /** In Cloudflare's form (api-shield/endpoint.ts). */
  readonly endpoint: string;
}

interface OperationReply {
  readonly operation_id: string;
  readonly method: string;
  readonly host: string;
  readonly endpoint: string;
}

const kind = 'cloudflare/api-operation';

export const apiOperation: Reconciler<ApiOperationSpec> = {
  kind,
  title: 'API operation',

  async observe(world) {
    const [zones, ownerOf] = await Promise.all([shields(world), owners(world)]);
    const found = await Promise.all(
      zones.map(async ({ zone, zoneId }) => {
        const replies = await world.roster.list(world.cloudflare, pathOf(zoneId), { per_page: 50 });
        return (replies as readonly OperationReply[]).map(({ operation_id: id, method, host, endpoint }) => {
          const spec = { zone, zoneId, method, host: host.toLowerCase(), endpoint: normalEndpoint(endpoint) };
          const { owner, uses } = ownerOf(spec.host);
          return {
            address: { kind, key: operationKey(spec) },
            id,
            owner,
            spec,
            attributes: { id },
            uses,
          } as const;
        });
      }),
    );
    return found.flat();
  },

  doors(want, _have, { key }) {
    const [, host = ''] = key.split(' ');
    // Saving an operation admits tokens to it, so everything that checks them must exist first.
    if (want !== undefined) return [{ host, step: 'change' }];
    // Removing the last operation opens every other path: without one, Cloudflare detects no unlisted request.
    const exchangedFor = `cloudflare/waf-rule:${wafRuleKey({ purpose: 'fallthrough', host })}` as const;
    return [{ host, step: 'unguard', first: true, exchangedFor, narrows: true }];
  },

  async write(changes, world) {
    const creates = changes.filter(({ want, have }) => want !== undefined && have === undefined);
    const others = changes.filter((change) => !creates.includes(change));
    return [
      ...(await createAll(creates, world)),
      ...(await carryOut(others, async ({ verb, have }) => {
        if (verb === 'prune' && have !== undefined) await remove(have, world);
        return undefined;
      })),
    ];
  },
};

/**
 * The owner of a host's operations is the owner of its token configuration, since every saved operation is open to
 * tokens. Without a configuration, it is us if our file guards the host with API Shield.
 */
async function owners(
  world: World,
): Promise<(host: string) => { readonly owner: string | undefined; readonly uses: readonly string[] }> {
  const { owner: us, apiHosts = [] } = world.scope;
  const configurations = (await world.read(tokenConfiguration)).filter(({ owner }) => owner !== undefined);
  const guarding = new Map(configurations.map((one) => [one.address.key, one]));
  return (host) => {
    const { owner, id } = guarding.get(host) ?? {};
    return { owner: owner ?? (apiHosts.includes(host) ? us : undefined), uses: id === undefined ? [] : [id] };
  };
}

/** Creates a zone's operations in one call or, if Cloudflare refuses that, one by one. Repeatable. */
async function createAll(
  changes: readonly ReadyChange<ApiOperationSpec>[],
  world: World,
): Promise<readonly Outcome[]> {
  const outcomes: Outcome[] = [];
  for (const zoneId of new Set(changes.map(({ want }) => want?.zoneId ?? ''))) {
    const group = changes.filter(({ want }) => want?.zoneId === zoneId);
    try {
      await world.cloudflare.post(
        pathOf(zoneId),
        group.map(({ want }) => bodyOf(want)),
      );
      outcomes.push(...group.map((change) => done(change as ReadyChange<unknown>)));
    } catch (error) {
      const isUnfit = error instanceof RejectedError && group.length > 1;
      outcomes.push(
        ...(await carryOut(group, async ({ want }) => {
          if (!isUnfit) throw error;
          await world.cloudflare.post(pathOf(zoneId), [bodyOf(want)]);
          return undefined;
        })),
      );
    }
  }
  return outcomes;
}

function bodyOf(want: ApiOperationSpec | undefined): object {
  const { method, host, endpoint } = want ?? {};
  return { method, host, endpoint };
}

/** @throws RejectedError for an operation without an id: that call would remove all operations of the zone. */
async function remove({ id, spec: { zoneId } }: Observed<ApiOperationSpec>, world: World): Promise<void> {
  if (!/^[0-9a-f-]{36}$/i.test(id)) {
    throw new RejectedError('The operation has no id', { facts: { detail: id, applied: 'no' } });
  }
  await world.cloudflare.delete(`${pathOf(zoneId)}/${id}`);
}

function pathOf(zoneId: string): string {
  return `/zones/${zoneId}/api_gateway/operations`;
}
