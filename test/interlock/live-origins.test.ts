import { describe, expect, it } from 'vitest';
import type { Part } from '../../src/core/objects/part.ts';
import type { ProxyProviderPart } from '../../src/core/objects/parts/authentik-parts.ts';
import type { TunnelRulePart } from '../../src/core/objects/parts/tunnel-parts.ts';
import { PartStore } from '../../src/doors/state/part-store.ts';
import { originsOfAuthentik, partsInUse } from '../../src/interlock/live-origins.ts';
import { record, tunnel, zone } from '../doors/parts.ts';

function provider(id: string, given: Partial<ProxyProviderPart>): readonly Part[] {
  const unset = {
    mode: 'proxy',
    externalHost: '',
    internalHost: '',
    cookieDomain: '',
    skipPaths: '',
  } as const;
  return [
    { part: 'proxy-provider', id, trusts: [], ...unset, ...given },
    { part: 'outpost-entry', outpost: 'embedded', provider: id },
  ];
}

const rule: TunnelRulePart = {
  ...{ part: 'tunnel-rule', tunnel: 'homelab', hostname: 'shop.example.dev', path: undefined },
  ...{ service: 'http://authentik.lan:9000', audiences: undefined, hostHeader: undefined },
};
const ofHost = provider('shop', { externalHost: 'https://shop.example.dev' });
const ofDomain = provider('domain', { mode: 'forward_domain', cookieDomain: 'example.dev' });

describe('the origin of a live rule', () => {
  it.each([
    ['Authentik itself, where a provider of mode proxy answers for the host', ofHost, 'authentik'],
    ['the same in a domain with a login', [...ofDomain, ...ofHost], 'authentik'],
    ['one that asks the outpost, where the host has the login of a domain', ofDomain, 'outpost'],
  ])('is %s', (_, parts, who) => {
    const origins = originsOfAuthentik({ parts: [rule, ...parts], objects: [], file: [] });
    expect(origins.map(({ asks }) => asks)).toEqual([{ who, outpost: 'embedded' }]);
  });

  it.each([
    ['Authentik itself, if the file says so too', { who: 'authentik', outpost: 'embedded' }, 1],
    ['not Authentik, if the file leads the host there behind no login of Authentik', { who: 'nobody' }, 0],
  ] as const)('is %s', (_, asks, count) => {
    const part = { part: 'origin', service: rule.service, hosts: [rule.hostname] } as const;
    const file = [{ host: rule.hostname, part: { ...part, asks, trustsForwarded: false }, isChecked: false }];
    expect(originsOfAuthentik({ parts: [rule, ...ofHost], objects: [], file })).toHaveLength(count);
  });

  it('may ask the outpost if only the file says that the host has a login', () => {
    const origins = originsOfAuthentik({ parts: [rule], objects: [], file: [], wanted: ofDomain });
    expect(origins.map(({ asks }) => asks)).toEqual([{ who: 'outpost', outpost: 'embedded' }]);
  });
});

describe('a rule', () => {
  const named = (content: string): readonly Part[] => [zone, record(rule.hostname, content), rule];
  const wildcard = { ...rule, hostname: '*.example.dev' };

  it.each([
    ['is in use', 'where the name of its host leads to a tunnel', named('t1.cfargotunnel.com'), 1],
    ['is in use', 'for a domain', [zone, wildcard], 1],
    ['is not', 'where somebody has led the name elsewhere', named('elsewhere.example.net'), 0],
    ['is not', 'where the host has no name', [zone, rule], 0],
  ])('%s %s', (_, __, parts, count) => {
    const inUse = partsInUse(PartStore.of({ parts }));
    expect(inUse.filter(({ part }) => part === 'tunnel-rule')).toHaveLength(count);
    expect(inUse).toContain(zone);
  });

  it('is in use if no records could be read', () => {
    const store = PartStore.of({ parts: [zone, tunnel, rule], unread: new Set(['record']) });
    expect(partsInUse(store)).toContain(rule);
  });
});
