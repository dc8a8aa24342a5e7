import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  type Admission,
  allOf,
  anyOf,
  everybody,
  negated,
  nobody,
  unknown,
} from '../../src/doors/admission/admission.ts';
import { admissionWords } from '../../src/why/admission-words.ts';
import { partWords } from '../../src/why/part-words.ts';
import { unknownWords } from '../../src/why/unknown-words.ts';

const address = (mail: string): Admission => ({ has: 'email', address: mail });
const group = (name: string): Admission => ({ has: 'group', id: `authentik/group:${name}` });
const claim = (value: string): Admission => ({ has: 'claim', provider: 'idp', name: 'gates_groups', value });
const token: Admission = { has: 'service-token', id: 'cloudflare/service-token:ci' };
const identity: Admission = { has: 'identity' };
const account: Admission = { has: 'account' };
const login: Admission = { has: 'login', provider: 'idp' };
const session: Admission = { has: 'session', audience: 'a' };

const rows: readonly (readonly [string, Admission, readonly string[]])[] = [
  ['everybody', everybody, ['everybody']],
  ['nobody', nobody, ['nobody']],
  ['a person, not the login that a person implies', allOf(identity, address('me@x.dev')), ['me@x.dev']],
  ['two people', allOf(identity, anyOf(address('a@x.dev'), address('b@x.dev'))), ['a@x.dev', 'b@x.dev']],
  ['a group by its claim', allOf(login, claim('admins')), ['group admins']],
  ['a group, not the account that a member has', allOf(account, group('admins')), ['group admins']],
  ['an account', account, ['everybody with an account at Authentik']],
  [
    'what an earlier policy decided is not said again',
    anyOf(token, allOf(negated(token), identity, address('me@x.dev'))),
    ['service token ci', 'me@x.dev'],
  ],
  [
    'a Block policy',
    allOf(identity, negated(address('me@x.dev'))),
    ['everybody who can log in at Access and not me@x.dev'],
  ],
  ['no session from before', anyOf(session, address('me@x.dev')), ['me@x.dev']],
  ['what makes no difference is left out', anyOf(group('a'), allOf(group('a'), token)), ['group a']],
  ['an origin that decides by itself', unknown('origin', 'http://a.lan'), ['whoever the origin admits']],
  [
    'an origin that decides by itself, behind a gate',
    allOf(anyOf(address('a@x.dev'), address('b@x.dev')), unknown('origin', 'http://a.lan')),
    ['a@x.dev, b@x.dev (if the origin admits them)'],
  ],
  [
    'an origin beside another doubt',
    allOf(address('a@x.dev'), unknown('origin', ''), unknown('copies', 'GET x')),
    [
      'perhaps a@x.dev (unknown: whether the origin asks anybody, and whom it admits; whether Cloudflare has a copy of the answer)',
    ],
  ],
  ["gates' probe", { has: 'service-token', id: 'cloudflare/service-token:probe' }, ["gates' probe"]],
  [
    'a group that two layers ask for, once',
    allOf(login, claim('admins'), account, group('admins')),
    ['group admins'],
  ],
  [
    'a fact that gates does not know',
    anyOf(address('me@x.dev'), unknown('copies', 'GET x')),
    ['me@x.dev', 'perhaps everybody (unknown: whether Cloudflare has a copy of the answer)'],
  ],
];

describe('the visitors of a door, in words', () => {
  it.each(rows)('%s', (_, admission, expected) => {
    expect(admissionWords(admission)).toEqual(expected);
  });
});

describe('the unknown facts, in words', () => {
  it('include each reason of decision 34', () => {
    const decision = readFileSync('docs/decisions/0034-one-model-of-the-doors.md', 'utf8');
    const reasons = [...decision.matchAll(/^\| `([^`]+)` \|/gm)].map(([, reason = '']) => reason);
    expect(reasons.filter((reason) => reason !== 'visitor' && unknownWords[reason] === undefined)).toEqual(
      [],
    );
  });
});

describe('a binding, in words', () => {
  const bound = {
    part: 'binding',
    application: 'app',
    group: undefined,
    enabled: true,
    negated: false,
  } as const;

  it.each([
    [{ ...bound, group: 'authentik/group:admins' }, 'binding: group admins'],
    [{ ...bound, user: 'authentik/user:ada' }, 'binding: user ada'],
    [{ ...bound, user: 'authentik/user:ada', negated: true }, 'binding: not user ada'],
    [bound, 'binding: a policy'],
    [{ ...bound, policy: 'authentik/policy:office' }, 'binding: policy office'],
  ])('names whom it is about: %#', (part, words) => {
    expect(partWords(part)).toBe(words);
  });
});
