import { describe, expect, it } from 'vitest';
import {
  type Admission,
  allOf,
  anyOf,
  type Credential,
  negated,
  unknown,
} from '../../../src/doors/admission/admission.ts';
import { comesFromLogin, type DoorVisitor, verdictFor } from '../../../src/doors/admission/visitor.ts';

const anonymous: DoorVisitor = { who: 'anonymous' };
const me: DoorVisitor = { who: 'person', address: 'me@example.dev' };
const admin: DoorVisitor = {
  who: 'person',
  groups: [{ id: 'g-admins', name: 'admins' }],
  claims: { groups: ['admins'] },
};
const ci: DoorVisitor = { who: 'service-token', id: 'ci' };
const caller: DoorVisitor = { who: 'bearer', client: 'api', configurations: ['c1'] };

const mine: Admission = { has: 'email', address: 'me@example.dev' };
const login: Admission = { has: 'login', provider: 'idp' };
const account: Admission = { has: 'account' };
const group = (id: string): Admission => ({ has: 'group', id });
const claim = (name: string, value: string): Admission => ({ has: 'claim', provider: 'idp', name, value });
const country: Admission = { has: 'country', code: 'DE' };
const bearer = (configuration: string): Admission => ({ has: 'bearer', configuration });
const audience = (name: string): Admission => ({ has: 'audience', configuration: 'c1', audience: name });

const rows: readonly (readonly [string, DoorVisitor, Admission, string])[] = [
  ['anybody gets in where nobody is asked', anonymous, allOf(), 'admitted'],
  ['nobody gets in where nobody is admitted', me, anyOf(), 'refused'],
  ['an anonymous visitor is sent to a login that lets somebody in', anonymous, allOf(login, mine), 'login'],
  ['an anonymous visitor is sent to a login at Authentik', anonymous, group('g-admins'), 'login'],
  ['no login helps where a token is asked for', anonymous, { has: 'service-token', id: 'ci' }, 'refused'],
  ['a session is no login', anonymous, { has: 'session', audience: 'a' }, 'refused'],
  ['a token that is not asked for is sent to the login', ci, mine, 'login'],
  ['a person can log in by any provider', me, login, 'admitted'],
  ['an address counts without case', { who: 'person', address: 'Me@Example.dev' }, mine, 'admitted'],
  ['an address belongs to its domain', me, { has: 'email-domain', domain: 'example.dev' }, 'admitted'],
  ['another address does not', me, { has: 'email', address: 'you@example.dev' }, 'refused'],
  ['a person has no session that nobody spoke of', me, { has: 'session', audience: 'a' }, 'refused'],
  ['an address says nothing of an account', me, account, 'visitor'],
  ['an address says nothing of a group', me, group('g-admins'), 'visitor'],
  ['an address says nothing of a claim', me, claim('groups', 'admins'), 'visitor'],
  ['nobody is known not to come from a network', me, { has: 'network', range: '10.0.0.0/8' }, 'visitor'],
  ['nobody is known not to come from a country', anonymous, negated(country), 'visitor'],
  ['what does not matter is not asked', me, anyOf(country, mine), 'admitted'],
  ['what is decided either way is not unknown', me, anyOf(country, negated(country)), 'admitted'],
  ['a group is an account', admin, account, 'admitted'],
  ['a group admits', admin, group('g-admins'), 'admitted'],
  [
    'each of two groups admits',
    {
      who: 'person',
      groups: [
        { id: 'g-admins', name: 'admins' },
        { id: 'g-family', name: 'family' },
      ],
    },
    group('g-family'),
    'admitted',
  ],
  ['another group does not', admin, group('g-family'), 'refused'],
  ['groups are claims', admin, allOf(login, claim('groups', 'admins')), 'admitted'],
  ['groups are no other claim', admin, claim('role', 'admins'), 'visitor'],
  ['a claim of another group is none of theirs', admin, claim('groups', 'family'), 'refused'],
  ['groups say nothing of an address', admin, mine, 'visitor'],
  ['a token is itself', ci, { has: 'service-token', id: 'ci' }, 'admitted'],
  ['a token is no other one', ci, { has: 'service-token', id: 'other' }, 'refused'],
  ['a token is any token', ci, { has: 'any-service-token' }, 'admitted'],
  ['a bearer is known to its configuration', caller, allOf(bearer('c1'), audience('api')), 'admitted'],
  ['a bearer is unknown to another configuration', caller, bearer('c2'), 'refused'],
  ['a token for one client is for no other', caller, audience('web'), 'refused'],
  [
    'a token for a client is unknown to another configuration',
    caller,
    { has: 'audience', configuration: 'c2', audience: 'api' },
    'refused',
  ],
  ['a bearer has no service token', caller, { has: 'any-service-token' }, 'refused'],
  ['a bearer has no session', caller, { has: 'session', audience: 'api' }, 'refused'],
  ['a service token is no session', ci, { has: 'session', audience: 'ci' }, 'refused'],
  ['a person has no service token', me, { has: 'any-service-token' }, 'refused'],
  ['a person has no token of a client', me, bearer('c1'), 'refused'],
  ['a person is logged in', me, { has: 'identity' }, 'admitted'],
  ['a member may have any address', admin, { has: 'email-domain', domain: 'example.dev' }, 'visitor'],
  ['a member may be any account', admin, { has: 'user', id: '7' }, 'visitor'],
  ['a member may pass a flow', admin, { has: 'authentik-rule', id: 'mfa' }, 'visitor'],
  ['a person may have an approval', me, { has: 'approval', by: 'boss' }, 'visitor'],
  [
    'a person may log in with a second factor',
    me,
    { has: 'authentication-method', method: 'mfa' },
    'visitor',
  ],
  ['nobody is known to pass a check of the device', me, { has: 'posture', check: 'disk' }, 'visitor'],
  [
    'nobody is known to show a certificate',
    anonymous,
    { has: 'certificate', commonName: undefined, authority: 'ca' },
    'visitor',
  ],
  ['a fact about the door keeps its reason', me, allOf(mine, unknown('origin', 'app')), 'origin'],
];

describe('the result for a visitor', () => {
  it.each(rows)('%s', (_, visitor, admission, expected) => {
    const verdict = verdictFor(admission, visitor);
    expect(typeof verdict === 'object' ? verdict.unknown[0]?.reason : verdict).toBe(expected);
  });
});

const ofALogin: readonly Credential[] = [
  ...([{ has: 'identity' }, { has: 'account' }, { has: 'login', provider: 'idp' }] as const),
  ...([
    { has: 'email', address: 'me@example.dev' },
    { has: 'email-domain', domain: 'example.dev' },
  ] as const),
  { has: 'claim', provider: 'idp', name: 'groups', value: 'admins' },
  ...([
    { has: 'authentication-method', method: 'mfa' },
    { has: 'approval', by: 'boss' },
  ] as const),
  ...([
    { has: 'user', id: '7' },
    { has: 'group', id: 'a' },
    { has: 'authentik-rule', id: 'f' },
  ] as const),
];
const ofAMachine: readonly Credential[] = [
  ...([{ has: 'service-token', id: 'ci' }, { has: 'any-service-token' }] as const),
  ...([
    { has: 'bearer', configuration: 'c' },
    { has: 'session', audience: 'a' },
  ] as const),
  { has: 'audience', configuration: 'c', audience: 'a' },
];

describe('a login', () => {
  it.each(ofALogin)('may give a visitor who has none a credential: $has', (credential) => {
    expect(comesFromLogin(credential)).toBe(true);
    expect(verdictFor(credential, anonymous)).toBe('login');
  });

  it.each(ofAMachine)('gives nobody a credential of a machine or of a session: $has', (credential) => {
    expect(comesFromLogin(credential)).toBe(false);
    expect(verdictFor(credential, anonymous)).toBe('refused');
  });
});
