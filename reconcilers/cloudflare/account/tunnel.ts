import type { ReadyChange } from '../../../src/core/change.ts';
import { GatesError, RejectedError } from '../../../src/core/errors.ts';
import { equal } from '../../../src/core/objects/equal.ts';
import type { Observed } from '../../../src/core/objects/object.ts';
import type { Reconciler } from '../../../src/core/reconciler.ts';
import { type Deliver, deliver, delivered, readSinks, withSinks } from '../../../src/core/record/delivery.ts';
import type { Secret, World } from '../../../src/core/world.ts';
import { carryOut } from '../../shared/carry-out.ts';
import { isTurnName } from '../../shared/turn-name.ts';
import { accountPath } from './account.ts';

/** Keyed by name, which is unique among tunnels that are not deleted; attribute `id`. */
export interface TunnelSpec {
  readonly name: string;
  /** `local`: the tunnel reads its own config.yml and ignores the rules of the API. */
  readonly configSource: 'cloudflare' | 'local';
  /** Desired only if gates may create the tunnel: the vault has its token. */
  readonly token?: 'kept' | 'lost';
  /** Desired: files that must hold the token (field `token`); observed: those that do. */
  readonly deliver?: readonly Deliver[];
}

interface TunnelReply {
  readonly id: string;
  readonly name: string;
  readonly config_src?: 'cloudflare' | 'local';
  /** The same in older replies. */
  readonly remote_config?: boolean;
  readonly created_at?: string;
  /** In the reply to a create only. */
  readonly token?: string;
}

const kind = 'cloudflare/tunnel';

/**
 * Notes under this topic name tunnels before they are created, until the vault has the token. A tunnel has no marker,
 * so after a crash in between nothing else would show that it is ours.
 */
const creationTopic = 'create-tunnel';

export const tunnel: Reconciler<TunnelSpec> = {
  kind,
  title: 'tunnel',
  traits: { unmarked: true, plain: true },

  async observe(world) {
    // The list includes deleted tunnels unless the query excludes them.
    const path = `${await accountPath(world)}/cfd_tunnel`;
    const replies = await world.roster.list(world.cloudflare, path, { is_deleted: false, per_page: 1000 });
    const begun = await world.notes.list(creationTopic);
    const tunnels = (replies as readonly TunnelReply[]).filter(({ name }) => !isTurnName(name));
    return Promise.all(tunnels.map((reply) => observed(reply, begun, world)));
  },

  drift(want, have) {
    const fields: string[] = [];
    for (const field of ['name', 'configSource', 'token'] as const) {
      if (want[field] !== undefined && want[field] !== have[field]) fields.push(field);
    }
    const missing = want.deliver?.some((sink) => !have.deliver?.some((held) => equal(held, sink)));
    return missing === true ? [...fields, 'deliver'] : fields;
  },

  remedy(drift, _want, have) {
    if (!drift.includes('configSource')) return { verb: 'update' };
    return {
      verb: 'refuse',
      reason: `the tunnel "${have.address.key}" reads its own config.yml, so remote rules do nothing there: open it in the dashboard under Networks, Tunnels, choose "Migrate" and confirm its rules, then restart cloudflared with the tunnel's token and without config.yml`,
    };
  },

  siblings: {
    /** Foreign connectors, private routes and rules may use a tunnel, and the API shows none of them here. */
    retain: () => 'a tunnel is never removed: delete it in the dashboard when nothing uses it',
  },

  write: (changes, world) =>
    carryOut(changes, async (change) => {
      const { have } = change;
      const held = have === undefined ? await create(change, world) : await keepToken(have, world);
      await deliverToken(change, held, world);
      return { id: held.id };
    }),
};

function surelyNotDone(error: unknown): boolean {
  return error instanceof GatesError && error.facts.applied === 'no';
}

/** A tunnel's token as the vault keeps it, with the files that have received it. */
interface HeldToken {
  readonly id: string;
  readonly secret: Secret;
}

async function observed(
  reply: TunnelReply,
  begun: readonly string[],
  world: World,
): Promise<Observed<TunnelSpec>> {
  const { id, name } = reply;
  const entry = await world.vault.get(vaultName(world, name));
  const kept = entry?.id === id ? entry : undefined;
  const ours = kept !== undefined || begun.includes(name);
  return {
    address: { kind, key: name },
    id,
    owner: ours ? world.scope.owner : undefined,
    spec: {
      name,
      configSource: reply.config_src === 'local' || reply.remote_config === false ? 'local' : 'cloudflare',
      token: kept === undefined ? 'lost' : 'kept',
      deliver: kept === undefined ? [] : await delivered(readSinks(kept), kept, world),
    },
    attributes: { id },
    uses: [],
    ...(reply.created_at !== undefined && { createdAt: reply.created_at }),
  };
}

async function create({ address }: ReadyChange<TunnelSpec>, world: World): Promise<HeldToken> {
  const name = address.key;
  const path = `${await accountPath(world)}/cfd_tunnel`;
  // An earlier attempt may have created the tunnel: then the name is taken by our own.
  const isSecondTry = (await world.notes.list(creationTopic)).includes(name);
  await world.notes.put(creationTopic, name);
  let reply: TunnelReply;
  try {
    // Without config_src the API makes a tunnel that ignores remote rules.
    reply = (await world.cloudflare.post(path, { name, config_src: 'cloudflare' })) as TunnelReply;
  } catch (error) {
    if (surelyNotDone(error) && !isSecondTry) await world.notes.clear(creationTopic, name);
    throw error;
  }
  return keep(name, { id: reply.id, token: reply.token ?? (await askToken(reply.id, world)) }, world);
}

async function keepToken(have: Observed<TunnelSpec>, world: World): Promise<HeldToken> {
  const entry = await world.vault.get(vaultName(world, have.address.key));
  if (entry?.id === have.id) return { id: have.id, secret: entry };
  return keep(have.address.key, { id: have.id, token: await askToken(have.id, world) }, world);
}

async function keep(
  name: string,
  secret: Secret & { readonly id: string },
  world: World,
): Promise<HeldToken> {
  await world.vault.put(vaultName(world, name), secret);
  await world.notes.clear(creationTopic, name);
  return { id: secret.id, secret };
}

async function askToken(id: string, world: World): Promise<string> {
  const token = await world.cloudflare.get(`${await accountPath(world)}/cfd_tunnel/${id}/token`);
  if (typeof token === 'string') return token;
  throw new RejectedError('The tunnel has no token', { hint: 'See whether it was deleted meanwhile' });
}

async function deliverToken(
  { address, want }: ReadyChange<TunnelSpec>,
  { secret }: HeldToken,
  world: World,
): Promise<void> {
  const sinks = want?.deliver ?? [];
  await deliver(sinks, secret, world);
  await world.vault.put(vaultName(world, address.key), withSinks(secret, sinks));
}

/** The name in the vault: two owners may share a state folder, and two accounts a tunnel's name. */
function vaultName({ scope }: World, tunnelName: string): string {
  return `tunnel-${scope.owner}/${tunnelName}`;
}
