import { RejectedError } from '../../src/core/errors.ts';
import type { World } from '../../src/core/world.ts';
import { authentikOf } from '../authentik/reading/api.ts';
import { accountPath } from '../cloudflare/account/account.ts';
import { turnName } from '../shared/turn-name.ts';

/** A turn that somebody holds. */
export interface HeldTurn {
  readonly id: string;
  readonly stamp: string;
}

/**
 * An object with a name that the API keeps unique: the program that makes it has the turn. It is removed by its id, so
 * nobody removes one that was made since.
 */
export interface TurnObject {
  find(): Promise<HeldTurn | undefined>;
  /** Makes the object and returns its id; undefined if the name is taken. */
  make(stamp: string): Promise<string | undefined>;
  renew(id: string, stamp: string): Promise<void>;
  isThere(id: string): Promise<boolean>;
  remove(id: string): Promise<void>;
}

/** The object for a document: a tunnel without connectors for `tunnel ID`, a group without members for `outpost ID`. */
export function turnObject(document: string, world: World): TurnObject {
  const [sort, id = ''] = document.split(' ');
  return sort === 'tunnel' ? tunnelTurn(turnName(id), world) : groupTurn(turnName(id), world);
}

/** A turn as a tunnel, whose name is unique (1013). The stamp is the tunnel's secret, which its token shows. */
function tunnelTurn(name: string, world: World): TurnObject {
  const tunnels = async () => `${await accountPath(world)}/cfd_tunnel`;
  const wire = world.cloudflare;
  return {
    async find() {
      const found = (await wire.list(await tunnels(), { name, is_deleted: false })) as readonly {
        readonly id: string;
      }[];
      const [tunnel] = found;
      if (tunnel === undefined) return undefined;
      const token = await wire.get(`${await tunnels()}/${tunnel.id}/token`);
      const text = Buffer.from(typeof token === 'string' ? token : '', 'base64').toString();
      return { id: tunnel.id, stamp: /"s":"([^"]*)"/.exec(text)?.[1] ?? '' };
    },
    make: (stamp) =>
      idUnlessTaken(async () => {
        const body = { name, config_src: 'local', tunnel_secret: stamp };
        return ((await wire.post(await tunnels(), body)) as { readonly id: string }).id;
      }, isTakenTunnel),
    async renew(id, stamp) {
      await wire.patch(`${await tunnels()}/${id}`, { tunnel_secret: stamp });
    },
    async isThere(id) {
      const found = (await wire.get(`${await tunnels()}/${id}`)) as
        | { readonly deleted_at?: string | null }
        | undefined;
      return found !== undefined && (found.deleted_at ?? null) === null;
    },
    async remove(id) {
      await wire.delete(`${await tunnels()}/${id}`);
    },
  };
}

/** The attribute of the group with the stamp. */
const attribute = 'gates/turn';

interface GroupReply {
  readonly pk: string;
  readonly attributes?: Readonly<Record<string, unknown>>;
}

function groupTurn(name: string, world: World): TurnObject {
  const wire = authentikOf(world);
  const groups = '/core/groups/';
  const attributes = (stamp: string) => ({ attributes: { [attribute]: stamp } });
  return {
    async find() {
      const found = (await wire.list(groups, { name, include_users: false })) as readonly GroupReply[];
      const [group] = found;
      return group && { id: group.pk, stamp: String(group.attributes?.[attribute] ?? '') };
    },
    make: (stamp) =>
      idUnlessTaken(async () => {
        return ((await wire.post(groups, { name, ...attributes(stamp) })) as GroupReply).pk;
      }, isTakenGroup),
    async renew(id, stamp) {
      await wire.patch(`${groups}${id}/`, attributes(stamp));
    },
    isThere: async (id) => (await wire.get(`${groups}${id}/`, { include_users: false })) !== undefined,
    remove: (id) => wire.delete(`${groups}${id}/`),
  };
}

async function idUnlessTaken(
  make: () => Promise<string>,
  isTaken: (error: RejectedError) => boolean,
): Promise<string | undefined> {
  try {
    return await make();
  } catch (error) {
    if (error instanceof RejectedError && isTaken(error)) return undefined;
    throw error;
  }
}

function isTakenTunnel({ facts }: RejectedError): boolean {
  return facts.code === '1013' || facts.status === 409;
}

/** True if the group exists. Authentik sends no code, but of all fields it can refuse only the name. */
function isTakenGroup({ facts }: RejectedError): boolean {
  return facts.status === 400;
}
