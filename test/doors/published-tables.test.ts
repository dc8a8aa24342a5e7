import { describe, expect, it } from 'vitest';
import type { Part } from '../../src/core/objects/part.ts';
import type { AccessPolicyPart } from '../../src/core/objects/parts/access-parts.ts';
import { type DoorVisitor, verdictFor } from '../../src/doors/admission/visitor.ts';
import { explain } from '../../src/doors/explanation.ts';
import { PartStore } from '../../src/doors/state/part-store.ts';
import { application, email, everyone, policy } from './parts.ts';

/**
 * The tables of Cloudflare's documents, row by row:
 * - https://developers.cloudflare.com/cloudflare-one/policies/access/app-paths/
 * - https://developers.cloudflare.com/cloudflare-one/policies/access/, "Actions" and "Order of execution"
 */

const visitor: DoorVisitor = { who: 'person', address: 'me@example.com' };

/** The domain `example.com` with all names below it, each behind the same tunnel. */
function home(...guards: readonly Part[]): readonly Part[] {
  const names = [
    ...['example.com', 'alpha.example.com', 'beta.example.com', 'test.example.com', 'alphatest.example.com'],
    ...['alpha.test.example.com', 'beta.test.example.com', 'dashboard.example.com'],
  ];
  const [content, rest] = ['t1.cfargotunnel.com', { path: undefined, audiences: undefined }];
  return [
    { part: 'zone', name: 'example.com', active: true },
    { part: 'tunnel', id: 't1', configuration: 'remote' },
    ...names.map(
      (name): Part => ({ part: 'record', zone: 'example.com', name, type: 'CNAME', content, proxied: true }),
    ),
    { part: 'tunnel-rule', tunnel: 't1', hostname: '*', service: 'http://app', hostHeader: 'app', ...rest },
    {
      ...{ part: 'origin', service: 'http://app', hosts: undefined, trustsForwarded: false },
      asks: { who: 'nobody' },
    },
    ...guards,
  ];
}

/** The answer of `gates why` for a URL: the verdict, and the Access objects that it names. */
function answerFor(parts: readonly Part[], url: string, by: DoorVisitor = visitor) {
  const [host = '', ...segments] = url.split('/');
  const request = { host, path: `/${segments.join('/')}` };
  const { verdict, layers } = explain(PartStore.of({ parts }), request, (admits) => verdictFor(admits, by));
  const access = layers.find(({ layer }) => layer === 'Access');
  return { verdict, weighed: access?.weighed.map(({ part }) => ('id' in part ? part.id : part.part)) ?? [] };
}

const paths: readonly (readonly [entry: string, covers: readonly string[], not: readonly string[]])[] = [
  ['*.example.com', ['alpha.example.com', 'beta.example.com'], ['example.com']],
  ['example.com', ['example.com', 'example.com/alpha', 'example.com/beta'], ['alpha.example.com']],
  ['example.com/*', ['example.com', 'example.com/alpha', 'example.com/beta'], ['alpha.example.com']],
  [
    '*.test.example.com',
    ['alpha.test.example.com', 'beta.test.example.com'],
    ['test.example.com', 'example.com'],
  ],
  ['*test.example.com', ['test.example.com', 'alphatest.example.com'], ['beta.test.example.com']],
  [
    'example.com/alpha/*',
    ['example.com/alpha/one', 'example.com/alpha/two'],
    ['example.com/alpha', 'example.com'],
  ],
  ['example.com/foo*/bar', ['example.com/foo/bar', 'example.com/food/bar', 'example.com/food/stuff/bar'], []],
];

describe('application paths, as Cloudflare publishes them', () => {
  const guard = (entry: string) => home(application('guard', [entry], []));

  it.each(paths)('%s covers the URLs in the table', (entry, covers) => {
    for (const url of covers)
      expect([url, answerFor(guard(entry), url)]).toEqual([url, { verdict: 'refused', weighed: ['guard'] }]);
  });

  it.each(paths)('%s does not cover the other URLs of the table', (entry, _, not) => {
    for (const url of not)
      expect([url, answerFor(guard(entry), url)]).toEqual([url, { verdict: 'admitted', weighed: [] }]);
  });

  it('the more specific path decides, and inherits no rule', () => {
    const mine = policy('mine', 'allow', [email('me@example.com')]);
    const yours = policy('yours', 'allow', [email('you@example.com')]);
    const eng = application('eng', ['dashboard.example.com/eng'], ['mine']);
    const both = home(eng, application('exec', ['dashboard.example.com/eng/exec'], ['yours']), mine, yours);
    expect(answerFor(both, 'dashboard.example.com/eng').verdict).toBe('admitted');
    expect(answerFor(both, 'dashboard.example.com/eng/exec')).toEqual({
      verdict: 'refused',
      weighed: ['exec', 'yours'],
    });
    expect(answerFor(home(eng, mine), 'dashboard.example.com/eng/exec').verdict).toBe('admitted');
  });
});

describe('the actions, as Cloudflare publishes them', () => {
  const at = (policies: readonly AccessPolicyPart[], by: DoorVisitor) => {
    const guard = application(
      'guard',
      ['example.com'],
      policies.map(({ id }) => id),
    );
    return answerFor(home(guard, ...policies), 'example.com', by).verdict;
  };
  const person = (address: string): DoorVisitor => ({ who: 'person', address });
  const anonymous: DoorVisitor = { who: 'anonymous' };
  const ending = (domain: string) => ({ email_domain: { domain } });

  it.each([
    ['Allow, include emails ending in', 'me@example.com', 'admitted'],
    ['Allow, include emails ending in', 'me@example.net', 'refused'],
  ])('%s @example.com: %s is %s', (_, address, verdict) => {
    expect(at([policy('a', 'allow', [ending('example.com')])], person(address))).toBe(verdict);
  });

  it.each([
    ['user-1@team.com', 'refused'],
    ['user-2@team.com', 'refused'],
    ['user-3@other.com', 'refused'],
    // The country of the visitor is unknown.
    ['user-3@team.com', 'unknown'],
  ])('Allow from Portugal, require @team.com, exclude two: %s is %s', (address, verdict) => {
    const [first, second] = ['user-1@team.com', 'user-2@team.com'].map(email);
    const team = policy('a', 'allow', [{ geo: { country_code: 'PT' } }], {
      require: [ending('team.com')],
      exclude: [first ?? everyone, second ?? everyone],
    });
    const found = at([team], person(address));
    expect(typeof found === 'object' ? 'unknown' : found).toBe(verdict);
  });

  it('two countries under Require admit nobody', () => {
    const [portugal, states] = ['PT', 'US'].map((code) => ({ geo: { country_code: code } }));
    const both = policy('a', 'allow', [everyone], { require: [portugal ?? everyone, states ?? everyone] });
    expect(at([both], person('me@example.com'))).toBe('refused');
  });

  it('Block everyone except user-1 blocks everybody else, before an Allow behind it', () => {
    const block = policy('b', 'deny', [everyone], { exclude: [email('user-1@team.com')] });
    const allow = policy('a', 'allow', [everyone]);
    expect(at([block, allow], person('user-1@team.com'))).toBe('admitted');
    expect(at([block, allow], person('user-2@team.com'))).toBe('refused');
  });

  it('Bypass for everyone asks nobody', () => {
    expect(at([policy('b', 'bypass', [everyone])], anonymous)).toBe('admitted');
  });

  it('an Allow policy asks an anonymous visitor for a login', () => {
    expect(at([policy('a', 'allow', [email('me@example.com')])], anonymous)).toBe('login');
  });
});

describe('the order of execution, as Cloudflare publishes it', () => {
  const token: Part = { part: 'service-token', id: 'c', valid: true };
  const policies = [
    policy('Allow A', 'allow', [email('a@example.com')]),
    policy('Block B', 'deny', [email('a@example.com'), email('e@example.com')]),
    policy('Service Auth C', 'non_identity', [{ service_token: { token_id: 'c' } }]),
    policy('Bypass D', 'bypass', [{ ip: { ip: '192.0.2.0/24' } }]),
    policy('Allow E', 'allow', [email('e@example.com'), email('f@example.com')]),
  ];
  const guard = application(
    'guard',
    ['example.com'],
    policies.map(({ id }) => id),
  );
  const at = (by: DoorVisitor) => answerFor(home(guard, token, ...policies), 'example.com', by);

  it('is Service Auth C > Bypass D > Allow A > Block B > Allow E', () => {
    expect(at({ who: 'anonymous' }).weighed).toEqual([
      ...['guard', 'Service Auth C', 'Bypass D', 'Allow A', 'Block B', 'Allow E'],
    ]);
  });

  it.each([
    [
      'a token that Service Auth C admits gets in, whatever stands before it',
      { who: 'service-token', id: 'c' },
      'admitted',
    ],
    ['Allow A ends the evaluation before Block B', { who: 'person', address: 'a@example.com' }, 'admitted'],
    ['Block B ends it before Allow E', { who: 'person', address: 'e@example.com' }, 'visitor'],
    [
      'Allow E admits whom none before it decided about',
      { who: 'person', address: 'f@example.com' },
      'admitted',
    ],
    ['whom no policy decides about is refused', { who: 'person', address: 'g@example.com' }, 'visitor'],
  ] as const)('%s', (_, by, expected) => {
    const { verdict } = at(by);
    // Bypass D depends on the network, which is unknown.
    expect(typeof verdict === 'object' ? verdict.unknown[0]?.reason : verdict).toBe(expected);
  });
});
