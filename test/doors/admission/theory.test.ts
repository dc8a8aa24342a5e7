import { describe, expect, it } from 'vitest';
import type { Credential } from '../../../src/doors/admission/admission.ts';
import { entailed } from '../../../src/doors/admission/theory.ts';

const mine: Credential = { has: 'email', address: 'me@example.dev' };
const atHome: Credential = { has: 'email-domain', domain: 'example.dev' };
const identity: Credential = { has: 'identity' };
const account: Credential = { has: 'account' };
const login: Credential = { has: 'login', provider: 'idp' };
const claim: Credential = { has: 'claim', provider: 'idp', name: 'groups', value: 'admins' };
const bearer: Credential = { has: 'bearer', configuration: 'c1' };
const country = (code: string): Credential => ({ has: 'country', code });
const network = (range: string): Credential => ({ has: 'network', range });
const certificate = (commonName?: string, authority?: string): Credential => {
  return { has: 'certificate', commonName, authority };
};

/** The consequence of the first credential for the second. */
const rows: readonly (readonly [string, Credential, Credential, boolean | undefined])[] = [
  ['an address is itself in another case', mine, { has: 'email', address: 'Me@Example.dev' }, true],
  ['an address excludes another one', mine, { has: 'email', address: 'you@example.dev' }, false],
  ['an address lies at its domain', mine, { has: 'email-domain', domain: 'Example.dev' }, true],
  ['an address excludes another domain', mine, { has: 'email-domain', domain: 'example.net' }, false],
  [
    'the domain of an address comes after its last @',
    { has: 'email', address: '"a@example.net"@example.dev' },
    atHome,
    true,
  ],
  ['an address comes with a login', mine, identity, true],
  ['an address says nothing of an account', mine, account, undefined],
  ['a domain is itself in another case', atHome, { has: 'email-domain', domain: 'EXAMPLE.dev' }, true],
  ['a domain excludes another one', atHome, { has: 'email-domain', domain: 'example.net' }, false],
  ['a domain does not say the address', atHome, mine, undefined],
  ['a domain excludes an address elsewhere', atHome, { has: 'email', address: 'me@sub.example.dev' }, false],
  ['a domain comes with a login', atHome, identity, true],
  ['a domain says nothing of an account', atHome, account, undefined],
  ['a login by a provider is a login', login, identity, true],
  ['a login by a provider is no account', login, account, undefined],
  ['a way of proving oneself is a login', { has: 'authentication-method', method: 'mfa' }, identity, true],
  ['an approval is a login', { has: 'approval', by: 'boss' }, identity, true],
  ['a claim is a login by its provider', claim, login, true],
  ['a claim is no login by another provider', claim, { has: 'login', provider: 'pin' }, undefined],
  ['a claim is a login', claim, identity, true],
  ['a claim is no account', claim, account, undefined],
  ['a login says nothing of a claim', login, claim, undefined],
  [
    'a certificate for a name is any of its authority',
    certificate('a', 'ca'),
    certificate(undefined, 'ca'),
    true,
  ],
  ['a certificate for a name is none for another', certificate('a', 'ca'), certificate('b', 'ca'), undefined],
  [
    'a certificate is none of another authority',
    certificate('a', 'ca'),
    certificate(undefined, 'other'),
    undefined,
  ],
  ['a certificate is no login', certificate('a', 'ca'), identity, undefined],
  [
    'a service token is any service token',
    { has: 'service-token', id: 'ci' },
    { has: 'any-service-token' },
    true,
  ],
  ['a service token is no login', { has: 'service-token', id: 'ci' }, identity, undefined],
  ['a person is one account', { has: 'user', id: '7' }, { has: 'user', id: '8' }, false],
  ['a person is the same account', { has: 'user', id: '7' }, { has: 'user', id: '7' }, true],
  ['a person has an account', { has: 'user', id: '7' }, account, true],
  ['a person has no group for sure', { has: 'user', id: '7' }, { has: 'group', id: 'a' }, undefined],
  ['a member has an account', { has: 'group', id: 'a' }, account, true],
  [
    'a member of one group may be in another',
    { has: 'group', id: 'a' },
    { has: 'group', id: 'b' },
    undefined,
  ],
  ['a flow of Authentik is passed with an account', { has: 'authentik-rule', id: 'f' }, account, true],
  ['an account says nothing of a group', account, { has: 'group', id: 'a' }, undefined],
  [
    'a token for an audience is one of its configuration',
    { has: 'audience', configuration: 'c1', audience: 'api' },
    bearer,
    true,
  ],
  [
    'a token for an audience is none of another configuration',
    { has: 'audience', configuration: 'c2', audience: 'api' },
    bearer,
    undefined,
  ],
  ['a token of a configuration says no audience', bearer, account, undefined],
  ['a country is itself in another case', country('DE'), country('de'), true],
  ['a country excludes another one', country('DE'), country('FR'), false],
  ['a country says nothing of a network', country('DE'), network('10.0.0.0/8'), undefined],
  ['a network says nothing of a country', network('10.0.0.0/8'), country('DE'), undefined],
  ['a network lies in a larger one', network('10.1.0.0/16'), network('10.0.0.0/8'), true],
  ['a network is itself', network('10.0.0.0/8'), network('10.0.0.0/8'), true],
  ['a network is not always in a smaller one', network('10.0.0.0/8'), network('10.1.0.0/16'), undefined],
  ['a network excludes one apart', network('10.1.0.0/16'), network('10.2.0.0/16'), false],
  ['a network excludes one of the other sort', network('10.0.0.0/8'), network('2001:db8::/32'), false],
  ['an address of the other sort lies in no network', network('2001:db8::1'), network('10.0.0.0/8'), false],
  ['an address without bits is a network of one', network('10.1.2.3'), network('10.1.2.3/32'), true],
  ['a network is not one address', network('10.1.2.0/31'), network('10.1.2.0'), undefined],
  ['an address of IPv6 is a network of one', network('2001:db8::1'), network('2001:db8::1/128'), true],
  ['a network of IPv6 is not one address', network('2001:db8::/127'), network('2001:db8::'), undefined],
  ['a network that cannot be read lies in none', network('office'), network('10.0.0.0/8'), undefined],
  ['nobody knows what lies in a network that cannot be read', network('10.0.0.1'), network('a'), undefined],
  ['a network with too many bits cannot be read', network('10.0.0.0/33'), network('10.0.0.0/8'), undefined],
  ['a session says nothing of a login', { has: 'session', audience: 'a' }, identity, undefined],
];

describe('of one visitor at one moment', () => {
  it.each(rows)('%s', (_, held, other, follows) => {
    expect(entailed(held, other)).toBe(follows);
  });
});
