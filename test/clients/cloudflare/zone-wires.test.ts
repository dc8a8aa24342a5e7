import { describe, expect, it } from 'vitest';
import type { CloudflareWire } from '../../../src/clients/cloudflare/cloudflare.ts';
import { zonedWire } from '../../../src/clients/cloudflare/zone-wires.ts';

const DEV = 'd'.repeat(32);
const NET = 'e'.repeat(32);

/** A wire that records its calls, and answers for one zone. */
function recorder(name: string, zone: { readonly id: string; readonly name: string }, calls: string[]) {
  const answer = (method: string) => async (path: string) => {
    calls.push(`${name} ${method} ${path}`);
    return undefined;
  };
  const wire: CloudflareWire = {
    get: answer('get'),
    post: answer('post'),
    put: answer('put'),
    patch: answer('patch'),
    delete: async (path) => void calls.push(`${name} delete ${path}`),
    page: async (path) => {
      calls.push(`${name} page ${path}`);
      return { items: [] };
    },
    list: async (path, query = {}) => {
      calls.push(`${name} list ${path}${path === '/zones' ? ` ${query.name}` : ''}`);
      return path === '/zones' && query.name === zone.name ? [zone] : [];
    },
  };
  return wire;
}

function scene() {
  const calls: string[] = [];
  const account = recorder('account', { id: DEV, name: 'example.dev' }, calls);
  const own = recorder('own', { id: NET, name: 'example.net' }, calls);
  const wires = new Map([
    ['example.dev', account],
    ['example.net', own],
  ]);
  return { calls, own, wire: zonedWire(account, wires) };
}

describe('an account of which a zone has a token of its own', () => {
  it('finds each zone by its name, with its own token', async () => {
    const { wire, calls } = scene();
    const found = await wire.list('/zones', { per_page: 50 });
    expect(found).toEqual([
      { id: DEV, name: 'example.dev' },
      { id: NET, name: 'example.net' },
    ]);
    expect(calls).toEqual(['account list /zones example.dev', 'own list /zones example.net']);
  });

  it('makes every sort of call below the zone with that token, and all others with the token of the account', async () => {
    const { wire, calls } = scene();
    await wire.list('/zones');
    calls.length = 0;
    for (const path of [`/zones/${NET}`, `/zones/${NET}/dns_records`]) {
      await wire.get(path);
      await wire.list(path);
      await wire.page(path, {});
      await wire.post(path);
      await wire.put(path);
      await wire.patch(path);
      await wire.delete(path);
    }
    expect(calls.length).toBe(14);
    expect(calls.filter((call) => !call.startsWith('own '))).toEqual([]);
    calls.length = 0;
    for (const path of [`/zones/${DEV}/dns_records`, '/accounts/a/cfd_tunnel', `/accounts/${NET}/x`]) {
      await wire.get(path);
      await wire.post(path);
    }
    expect(calls.length).toBe(6);
    expect(calls.filter((call) => !call.startsWith('account '))).toEqual([]);
  });

  it('looks for the zone of an id that no list has named yet, once', async () => {
    const { wire, calls } = scene();
    await Promise.all([wire.get(`/zones/${NET}/a`), wire.get(`/zones/${NET}/b`)]);
    expect(calls.filter((call) => call.includes(' list '))).toEqual([
      'account list /zones example.dev',
      'own list /zones example.net',
    ]);
    expect(calls.slice(2)).toEqual([`own get /zones/${NET}/a`, `own get /zones/${NET}/b`]);
  });

  it('tries no other token while that of a zone is refused', async () => {
    const { wire, calls, own } = scene();
    const refused = new Error('refused');
    const { list } = own;
    own.list = async () => Promise.reject(refused);
    await expect(wire.list('/zones')).rejects.toBe(refused);
    await expect(wire.get(`/zones/${NET}/dns_records`)).rejects.toBe(refused);
    await wire.get(`/zones/${DEV}/dns_records`);
    expect(calls.filter((call) => call.includes(NET))).toEqual([]);
    own.list = list;
    await wire.get(`/zones/${NET}/dns_records`);
    expect(calls.at(-1)).toBe(`own get /zones/${NET}/dns_records`);
  });
});
