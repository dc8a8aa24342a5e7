import { expect, it } from 'vitest';
import { tunnel } from '../../../../reconcilers/cloudflare/account/tunnel.ts';
import { zone } from '../../../../reconcilers/cloudflare/account/zone.ts';
import { cachedCopies } from '../../../../reconcilers/cloudflare/cache/cached-copies.ts';
import { dnsRecord } from '../../../../reconcilers/cloudflare/dns/dns-record.ts';
import { ingressRule } from '../../../../reconcilers/cloudflare/ingress/ingress-rule.ts';
import type { DesiredObject } from '../../../../src/core/objects/object.ts';
import { failures, testWorld } from '../../../support/world.ts';

const host = 'app.example.dev';
const reconcilers = [zone, tunnel, dnsRecord];
const closed = { service: 'http_status:503' };
const open = { service: 'http://app.lan:80' };
const path = { hostname: host, path: '^/open$' };
const others = { hostname: '*.example.dev', ...open };

interface Scene {
  /** The name of the record that goes. */
  readonly name?: string;
  /** The record's content; absent: the tunnel. */
  readonly content?: string;
  /** The rules of the tunnel, without the last one. */
  readonly ingress?: readonly object[];
  /** The seconds between the removal and the purge. */
  readonly later?: number;
}

/** Removes a record, and purges the host; returns the time that the purge waits, in milliseconds. */
async function waited({ name = host, content, ingress = [], later = 0 }: Scene): Promise<number> {
  const test = await testWorld({ reconcilers });
  const { id = '' } = (await test.read(tunnel))[0] ?? {};
  const configuration = `/accounts/${test.sandbox.accountId}/cfd_tunnel/${id}/configurations`;
  await test.edit('PUT', configuration, {
    config: { ingress: [...ingress, { service: 'http_status:404' }] },
  });
  const zoneId = test.sandbox.zones[0]?.id;
  const record: DesiredObject = {
    because: 'dns',
    address: { kind: 'cloudflare/dns-record', key: `CNAME ${name}` },
    spec: {
      ...{ zone: 'example.dev', zoneId, type: 'CNAME', name, ttl: 1, proxied: true },
      content: content ?? `${id}.cfargotunnel.com`,
    },
  };
  for (const wants of [[record], []]) expect(failures(await test.apply(wants))).toEqual([]);
  await test.clock.sleep(later * 1_000);
  const world = test.pass();
  await world.read(ingressRule);
  const before = world.clock.now().getTime();
  const address = { kind: 'cloudflare/cached-copies', key: host } as const;
  const purge = { id: 'purge', verb: 'prune', address, want: undefined, have: undefined, drift: [] } as const;
  expect(failures((await cachedCopies.write?.([purge], world)) ?? [])).toEqual([]);
  return world.clock.now().getTime() - before;
}

it.each<[string, Scene]>([
  ['led past every tunnel', { content: 'elsewhere.example.net' }],
  ['led to a tunnel whose rules nobody reads', { content: 'unknown.cfargotunnel.com' }],
  ['led to an open rule of somebody else', { ingress: [others] }],
  [
    'led to a closed host with an open path',
    {
      ingress: [
        { ...path, ...open },
        { hostname: host, ...closed },
      ],
    },
  ],
  ['was a wildcard', { name: '*.example.dev', content: 'elsewhere.example.net' }],
])('a purge waits until the edge has forgotten a name that %s', async (_, scene) => {
  expect(await waited(scene)).toBe(30_000);
});

it.each<[string, Scene]>([
  ['led to a rule that refuses the host', { ingress: [{ hostname: host, ...closed }, others] }],
  ['led to no rule', {}],
  ['is another one', { name: 'other.example.dev', content: 'elsewhere.example.net' }],
  ['went half a minute ago', { content: 'elsewhere.example.net', later: 30 }],
])('a purge does not wait for a name that %s', async (_, scene) => {
  expect(await waited(scene)).toBe(0);
});
