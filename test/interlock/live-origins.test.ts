import { describe, expect, it } from 'vitest';
import type { Part } from '../../src/core/objects/part.ts';
import type { ProxyProviderPart } from '../../src/core/objects/parts/authentik-parts.ts';
import { originsOfAuthentik } from '../../src/interlock/live-origins.ts';

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

const rule: Part = {
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

  it('may ask the outpost if only the file says that the host has a login', () => {
    const origins = originsOfAuthentik({ parts: [rule], objects: [], file: [], wanted: ofDomain });
    expect(origins.map(({ asks }) => asks)).toEqual([{ who: 'outpost', outpost: 'embedded' }]);
  });
});
