import { describe, expect, it } from 'vitest';
import type { Part } from '../../src/core/objects/part.ts';
import { type Admission, anyOf, everybody } from '../../src/doors/admission/admission.ts';
import { decideFor } from '../../src/doors/admission/decision.ts';
import { admittedByAccess, admittedByOwnToken, type Course } from '../../src/doors/course.ts';
import { coursesIn } from '../../src/doors/courses.ts';
import { Inquiry } from '../../src/doors/inquiry.ts';
import { PartStore } from '../../src/doors/state/part-store.ts';
import {
  application,
  catchAll,
  email,
  everyone,
  holding,
  me,
  name,
  openFacts,
  origin,
  policy,
  record,
  rule,
  served,
  stranger,
  tunnel,
  you,
  zone,
} from './parts.ts';

const host = 'app.example.dev';
const gate = (...policies: readonly Part[]) => [
  application(
    'a',
    [host],
    policies.flatMap((part) => ('id' in part && part.id !== undefined ? [part.id] : [])),
  ),
  ...policies,
];
const courses = (parts: readonly Part[], path = '/') =>
  coursesIn(new Inquiry(PartStore.of({ parts })), { host, path });
const verdicts = (admission: Admission) =>
  [stranger, me, you].map((holds) => {
    const verdict = decideFor(admission, holds);
    return typeof verdict === 'string' ? verdict : 'unknown';
  });

const allowed = policy('p', 'allow', [email('me@example.dev')]);
const bypass = policy('p', 'bypass', [everyone]);
const listed = { ip_list: { id: 'l' } };

describe('the people whom a gate of Access lets past', () => {
  const past = (course: Course) => admittedByAccess(course, new Set(['opened']), 'tunnel rule');

  it.each([
    { because: 'people who log in', parts: gate(allowed), are: ['refused', 'admitted', 'refused'] },
    { because: 'nobody, where no application is', parts: [], are: ['refused', 'refused', 'refused'] },
    {
      because: 'nobody, where the application asks nothing',
      parts: gate(bypass),
      are: ['refused', 'refused', 'refused'],
    },
    {
      because: 'nobody, where it asks only what gates cannot know',
      parts: gate(policy('p', 'bypass', [listed])),
      are: ['refused', 'refused', 'refused'],
    },
    {
      because: 'everybody, where the file opens the path',
      parts: [application('opened', [host], ['p']), bypass],
      are: ['admitted', 'admitted', 'admitted'],
    },
    {
      because: 'everybody but one, where that one is excluded',
      parts: gate(policy('p', 'bypass', [everyone], { exclude: [{ ip: { ip: '192.0.2.0/24' } }] })),
      are: ['admitted', 'admitted', 'admitted'],
    },
    {
      because: 'nobody from elsewhere, where it asks for a network besides a list',
      parts: gate(policy('p', 'bypass', [everyone], { require: [listed, { ip: { ip: '192.0.2.0/24' } }] })),
      are: ['refused', 'refused', 'refused'],
    },
  ])('are $because', ({ parts, are }) => {
    expect(verdicts(anyOf(...courses(served(host, ...parts)).map(past)))).toEqual(are);
  });

  it('are those of a list or of a network, if it asks for one of both', () => {
    const parts = gate(policy('p', 'bypass', [listed, { ip: { ip: '192.0.2.0/24' } }]));
    const admits = anyOf(...courses(served(host, ...parts)).map(past));
    expect(decideFor(admits, holding({ has: 'network', range: '192.0.2.0/24' }))).toBe('admitted');
    expect(verdicts(admits)).toEqual(['unknown', 'unknown', 'unknown']);
  });

  it('are those whom the tunnel refuses too, as far as Access', () => {
    const parts = [zone, tunnel, name(host), rule(host, 'http_status:503'), catchAll, ...gate(allowed)];
    const through = (layer: 'Access' | 'tunnel rule') =>
      verdicts(anyOf(...courses(parts).map((course) => admittedByAccess(course, new Set(), layer))));
    expect(through('Access')).toEqual(['refused', 'admitted', 'refused']);
    expect(through('tunnel rule')).toEqual(['refused', 'refused', 'refused']);
  });

  it('are none of those who get a copy', () => {
    const copies = courses(served(host, ...gate(allowed)), '/x.css').filter(
      (each) => each.copies !== undefined,
    );
    expect(copies.map(({ to }) => to)).toEqual([`copies of ${host}`]);
    expect(copies.map(past)).toEqual([{ any: [] }]);
  });
});

describe('the people who send a token of their own', () => {
  const strict = (...parts: readonly Part[]) => [
    ...[zone, tunnel, name(host), rule(host, 'http://app.lan', { audiences: ['aud-b'] }), catchAll],
    ...[origin('http://app.lan'), application('b', ['b.example.dev'], ['q']), ...parts],
    policy('q', 'allow', [email('me@example.dev')]),
  ];
  const sent = (parts: readonly Part[], access?: Admission) =>
    verdicts(anyOf(...courses(parts).map((course) => admittedByOwnToken(course, access))));

  it.each([
    {
      because: 'the people of the application whose token the tunnel takes',
      parts: strict(...gate(bypass)),
      are: ['refused', 'admitted', 'refused'],
    },
    {
      because: 'nobody where Access adds one that the tunnel takes',
      parts: strict(application('b', [host], ['q'])),
      are: ['refused', 'refused', 'refused'],
    },
    {
      because: 'nobody where the tunnel takes none',
      parts: served(host, ...gate(bypass)),
      are: ['refused', 'refused', 'refused'],
    },
  ])('are $because', ({ parts, are }) => {
    expect(sent(parts)).toEqual(are);
  });

  it('are asked by Access too, unless that does not matter', () => {
    const parts = strict(...gate(policy('p', 'bypass', [{ ip: { ip: '192.0.2.0/24' } }])));
    expect(sent(parts)).toEqual(['refused', 'refused', 'refused']);
    expect(sent(parts, everybody)).toEqual(['refused', 'admitted', 'refused']);
  });

  it('are none of those who get a copy', () => {
    const copies = courses(strict(...gate(bypass)), '/x.css').filter((each) => each.copies !== undefined);
    expect(copies.map((course) => admittedByOwnToken(course))).toEqual([{ any: [] }]);
  });
});

describe('a course', () => {
  const leads = (...parts: readonly Part[]) => [
    ...new Set(
      courses([zone, tunnel, ...parts]).map(
        ({ by, to }) => `${typeof by === 'string' ? by : by.rule} › ${to}`,
      ),
    ),
  ];
  const copies = `other › copies of ${host}`;

  it.each([
    {
      by: 'the rule for the host',
      parts: [name(host), rule(host, 'http://a.lan')],
      are: [`http://a.lan for ${host} › http://a.lan for ${host}`, copies],
    },
    {
      by: 'the rule for the host, which names another one',
      parts: [name(host), rule(host, 'http://a.lan', { hostHeader: 'b.lan' })],
      are: ['http://a.lan for b.lan › http://a.lan for b.lan', copies],
    },
    {
      by: 'a rule for a domain',
      parts: [name(host), rule('*.example.dev', 'http://a.lan')],
      are: [`other › http://a.lan for ${host}`, copies],
    },
    {
      by: 'the name',
      parts: [record(host, '192.0.2.1', { proxied: false })],
      are: [`name › http://192.0.2.1 for ${host}`],
    },
    {
      by: 'the name, through the edge',
      parts: [record(host, '192.0.2.1')],
      are: [`name › http://192.0.2.1 for ${host}`, copies],
    },
  ])('leads on by $by', ({ parts, are }) => {
    expect(leads(...parts, catchAll)).toEqual(are);
  });
});

it('names the tunnel and the request if the rules of a tunnel are unknown', () => {
  const local: Part = { part: 'tunnel', id: 't1', configuration: 'local' };
  expect(openFacts([zone, local, name(host)], { host, path: '/a' }, stranger)).toEqual([
    `rules of a tunnel: t1, ${host}/a`,
  ]);
});
