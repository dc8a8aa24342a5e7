import type { Query } from '../../core/world.ts';
import type { CloudflareWire } from './cloudflare.ts';

interface ZoneReply {
  readonly id: string;
  readonly name: string;
}

/**
 * The wire of an account of which some zones have a token of their own. Calls below a zone use its token, and no other; the
 * rest uses the token of the account. `zones`: the wire of every zone of the file, which may be that of the account.
 */
export function zonedWire(
  account: CloudflareWire,
  zones: ReadonlyMap<string, CloudflareWire>,
): CloudflareWire {
  const byId = new Map<string, CloudflareWire>();
  let asking: Promise<unknown> | undefined;

  /** A token that is limited to zones finds them by their names, and may not list those of the account. */
  async function findAll(query: Query): Promise<readonly ZoneReply[]> {
    const answers = await Promise.allSettled(
      [...zones].map(async ([name, wire]) => {
        const found = (await wire.list('/zones', { ...query, name })) as readonly ZoneReply[];
        for (const { id } of found) byId.set(id, wire);
        return found;
      }),
    );
    return answers.flatMap((answer) => {
      if (answer.status === 'rejected') throw answer.reason;
      return answer.value;
    });
  }

  /** @throws if the id may be that of a zone that could not be read: no other token is tried. */
  async function wireFor(path: string): Promise<CloudflareWire> {
    const [, id] = /^\/zones\/([^/?]+)/.exec(path) ?? [];
    if (id === undefined) return account;
    if (!byId.has(id)) {
      asking ??= findAll({});
      await asking.catch((error: unknown) => {
        asking = undefined;
        if (!byId.has(id)) throw error;
      });
    }
    return byId.get(id) ?? account;
  }

  return {
    list: async (path, query = {}) =>
      path === '/zones' ? findAll(query) : (await wireFor(path)).list(path, query),
    get: async (path, query) => (await wireFor(path)).get(path, query),
    page: async (path, query) => (await wireFor(path)).page(path, query),
    post: async (path, body) => (await wireFor(path)).post(path, body),
    put: async (path, body) => (await wireFor(path)).put(path, body),
    patch: async (path, body) => (await wireFor(path)).patch(path, body),
    delete: async (path) => (await wireFor(path)).delete(path),
  };
}
