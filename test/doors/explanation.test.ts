import { describe, expect, it } from 'vitest';
import type { Part } from '../../src/core/objects/part.ts';
import { nobody } from '../../src/doors/admission/admission.ts';
import { decideFor } from '../../src/doors/admission/decision.ts';
import { type DoorVisitor, holdsOf, verdictFor } from '../../src/doors/admission/visitor.ts';
import { combined, explain, type LayerVerdict } from '../../src/doors/explanation.ts';
import { PartStore } from '../../src/doors/state/part-store.ts';
import type { Snapshot } from '../../src/doors/state/snapshot.ts';
import type { Layer } from '../../src/doors/state/view.ts';
import {
  application,
  binding,
  catchAll,
  edgeRule,
  email,
  login,
  name,
  origin,
  policy,
  provider,
  record,
  rule,
  served,
  tunnel,
  zone,
} from './parts.ts';

const host = 'app.example.dev';
const anonymous: DoorVisitor = { who: 'anonymous' };
const me: DoorVisitor = { who: 'person', address: 'me@example.dev' };
const you: DoorVisitor = { who: 'person', address: 'you@example.net' };
const guard = [application('app', [host], ['mine']), policy('mine', 'allow', [email('me@example.dev')])];
const strict = rule(host, 'http://app.lan', { audiences: ['aud-other'] });
const foreign = edgeRule({ blocks: 'unknown', action: 'block' });
const theirs: Part = {
  ...{ part: 'worker-route', zone: 'example.dev', pattern: `${host}/*`, script: 'theirs', failsOpen: false },
};
const behindOutpost = [
  ...[zone, tunnel, name(host), rule(host, 'http://app.lan'), catchAll],
  origin('http://app.lan', { who: 'outpost', outpost: 'o1' }),
  provider('p', `https://${host}`),
  ...login('p', binding('p', 'family')),
];

const family: DoorVisitor = { who: 'person', groups: [{ id: 'family', name: 'family' }] };
const unproxied = [zone, record(host, '192.0.2.1', { proxied: false }), origin('http://192.0.2.1')];
function explained(state: readonly Part[] | Snapshot, path: string, visitor: DoorVisitor) {
  const store = PartStore.of('parts' in state ? state : { parts: state });
  return explain(store, { host, path }, (admits) => verdictFor(admits, visitor));
}

/** The verdicts of the layers, in their order, without those that pass a request on. */
function verdicts(state: readonly Part[] | Snapshot, path: string, visitor: DoorVisitor): readonly string[] {
  const { layers } = explained(state, path, visitor);
  return layers.flatMap(({ layer, verdict }) => (verdict === 'passes' ? [] : [`${layer}: ${verdict}`]));
}

const rule1 = `rule 1 of example.dev, GET ${host}/ lets the request past`;
const notAsked = 'Authentik: not met';
const afterAccess = ['cache: not reached', 'tunnel rule: not reached', 'origin: not reached', notAsked];

describe('the layers of a request', () => {
  it.each([
    { because: 'pass it on where nobody asks', state: served(host), who: anonymous, are: [notAsked] },
    {
      because: 'end at the login that lets somebody in',
      state: served(host, ...guard),
      who: anonymous,
      are: ['Access: login', ...afterAccess],
    },
    { because: 'pass on whom Access admits', state: served(host, ...guard), who: me, are: [notAsked] },
    {
      because: 'end where Access refuses',
      state: served(host, ...guard),
      who: you,
      are: ['Access: refuses', ...afterAccess],
    },
    {
      because: 'end at a name without a record, for the whole edge',
      state: [zone],
      who: me,
      are: ['name: refuses', 'edge rules: not reached', 'Access: not reached', ...afterAccess],
    },
    {
      because: 'leave out the edge at an unproxied name',
      state: [...unproxied, ...guard],
      who: anonymous,
      are: [
        ...['edge rules: not met', 'Access: not met', 'cache: not met', 'tunnel rule: not met'],
        notAsked,
      ],
    },
    {
      because: 'may have a copy, beside the origin',
      state: served(host),
      path: '/x.css',
      who: anonymous,
      are: ['cache: unknown', notAsked],
    },
    {
      because: 'have no copy for whom Access refuses',
      state: served(host, ...guard),
      path: '/x.css',
      who: you,
      are: ['Access: refuses', ...afterAccess],
    },
    {
      because: 'may have a copy of what the tunnel refuses',
      state: [zone, tunnel, name(host), strict, catchAll],
      path: '/x.css',
      who: anonymous,
      are: ['cache: unknown', 'tunnel rule: refuses', 'origin: not reached', notAsked],
    },
    {
      because: 'blame the layer that nobody knows, and none behind it',
      state: served(host, foreign),
      who: anonymous,
      are: ['edge rules: unknown', notAsked],
    },
    {
      because: 'show a Worker that runs',
      state: served(host, theirs),
      who: anonymous,
      are: ['Worker: unknown', notAsked],
    },
    {
      because: 'show a Worker behind a gate that refuses',
      state: served(host, theirs, ...guard),
      who: you,
      are: ['Access: refuses', 'Worker: not reached', ...afterAccess],
    },
    {
      because: 'show a Worker of which the list could not be read',
      state: { parts: served(host), unread: new Set(['worker-route'] as const) },
      who: anonymous,
      are: ['Worker: unknown', notAsked],
    },
    {
      because: 'end at the login of Authentik',
      state: behindOutpost,
      who: anonymous,
      are: ['Authentik: login'],
    },
    { because: 'pass on whom Authentik admits', state: behindOutpost, who: family, are: [] },
    {
      because: 'name Authentik if it decides by a group that nobody told',
      state: behindOutpost,
      who: me,
      are: ['Authentik: unknown'],
    },
    {
      because: 'name two layers if each has a fact of its own',
      state: served(host, foreign).filter(({ part }) => part !== 'origin'),
      who: anonymous,
      are: ['edge rules: unknown', 'origin: unknown', notAsked],
    },
    {
      because: 'name only the first one if too many choices matter',
      state: {
        parts: served(host),
        choices: Array.from({ length: 7 }, (_, n) => ({
          ...{ name: `record ${n}`, reason: 'not applied yet' },
          values: [[], [record(host, `192.0.2.${n}`)]],
        })),
      },
      who: anonymous,
      are: [
        ...['name: unknown', 'edge rules: not met', 'Access: not met', 'cache: not met'],
        ...['tunnel rule: not met', notAsked],
      ],
    },
  ])('$because', ({ state, path = '/', who, are }) => {
    expect(verdicts(state, path, who)).toEqual(are);
  });

  it('are in the order in which a request meets them', () => {
    expect(explained(served(host, theirs), '/', anonymous).layers.map(({ layer }) => layer)).toEqual([
      ...['name', 'edge rules', 'Access', 'Worker', 'cache', 'tunnel rule', 'origin', 'Authentik'],
    ]);
    expect(explained(served(host), '/', anonymous).layers.map(({ layer }) => layer)).not.toContain('Worker');
  });

  it('include a Worker of ours that passes on everybody whom Access admits', () => {
    const ours: readonly Part[] = [
      { part: 'worker', id: 'ours', audience: 'aud-app' },
      { ...theirs, script: 'ours' },
    ];
    const { layers } = explained(served(host, ...guard, ...ours), '/', me);
    expect(layers.find(({ layer }) => layer === 'Worker')?.verdict).toBe('passes');
  });

  it('name each fact once, at the first of them that depends on it', () => {
    const { layers } = explained(
      served(host, foreign).filter(({ part }) => part !== 'origin'),
      '/x.css',
      anonymous,
    );
    expect(layers.map(({ layer, unknown }) => [layer, unknown.map(({ reason }) => reason)])).toEqual([
      ['name', []],
      ['edge rules', ['foreign rule']],
      ['Access', []],
      ['cache', ['copies']],
      ['tunnel rule', []],
      ['origin', ['origin']],
      ['Authentik', []],
    ]);
  });

  it.each([
    { because: 'the name leads nowhere', state: [zone], is: ['name'] },
    { because: 'no rule leads on', state: [zone, tunnel, name(host), catchAll], is: ['tunnel rule'] },
    { because: 'somebody else gets in', state: served(host, ...guard), is: [] },
    { because: 'nobody has a copy', state: served(host), is: [] },
  ])('are closed only from the first that lets nobody past: $because', ({ state, is }) => {
    const { layers } = explained(state, '/', you);
    expect(layers.flatMap(({ layer, isClosed }) => (isClosed ? [layer] : []))).toEqual(is);
  });

  it('show what each decides by, with its own verdict on the visitor', () => {
    const { layers } = explained([...served(host, ...guard), foreign], '/', you);
    expect(
      layers.flatMap(({ weighed }) => weighed.map(({ layer, part, verdict }) => [layer, part.part, verdict])),
    ).toEqual([
      ['name', 'record', 'admitted'],
      ['edge rules', 'edge-rule', { unknown: [{ reason: 'foreign rule', about: rule1 }] }],
      ['Access', 'access-application', 'admitted'],
      ['Access', 'access-policy', 'refused'],
      ['tunnel rule', 'tunnel-rule', 'admitted'],
      ['origin', 'origin', 'admitted'],
    ]);
  });

  it('show an object once, for all readings of a path together', () => {
    const operation = (endpoint: string): Part => {
      return { part: 'operation', id: endpoint, zone: 'example.dev', host, method: 'GET', endpoint };
    };
    const tokenRule: Part = {
      ...{ part: 'token-rule', zone: 'example.dev', enabled: true, action: 'block', hosts: [host] },
      ...{ excluded: [], configuration: 'c1' },
    };
    const parts = served(host, operation('/a'), operation('/%61'), tokenRule);
    const { layers } = explained(parts, '/%61', anonymous);
    const rules = layers.find(({ layer }) => layer === 'edge rules')?.weighed ?? [];
    expect(rules.map(({ part, verdict }) => ['id' in part ? part.id : part.part, verdict])).toEqual([
      ['/%61', 'admitted'],
      ['token-rule', 'refused'],
      ['/a', 'admitted'],
    ]);
  });
});

describe('a layer', () => {
  it('shows an object once, for all values of a choice together', () => {
    const gate = [
      application('app', [host], ['p']),
      policy('p', 'non_identity', [{ service_token: { token_id: 'ci' } }]),
    ];
    const token = (valid: boolean): Part => ({ part: 'service-token', id: 'ci', valid });
    const choice = { name: 'write 1', reason: 'not applied yet', values: [[token(true)], [token(false)]] };
    const { layers } = explained({ parts: served(host, ...gate), choices: [choice] }, '/', {
      who: 'service-token',
      id: 'ci',
    });
    const access = layers.find(({ layer }) => layer === 'Access')?.weighed ?? [];
    expect(access.map(({ part, verdict }) => [part.part, verdict])).toEqual([
      ['access-application', 'admitted'],
      ['access-policy', 'admitted'],
    ]);
  });
});

describe('an explanation', () => {
  it.each([
    { who: anonymous, verdict: 'login', to: [] },
    { who: you, verdict: 'refused', to: [] },
    { who: me, verdict: 'admitted', to: [`http://app.lan for ${host}`, `copies of ${host}`] },
  ])('names what answers a visitor for certain, or may: $verdict', ({ who, verdict, to }) => {
    const found = explained(served(host, ...guard), '/x.css', who);
    expect([found.verdict, found.to]).toEqual([verdict, to]);
  });

  it('says whom the door admits, whoever asks', () => {
    const state = served(host, ...guard);
    const [mine, yours] = [me, you].map((visitor) => explained(state, '/', visitor).admits);
    expect(mine).toEqual(yours);
    expect(decideFor(mine ?? nobody, holdsOf(me))).toBe('admitted');
    expect(decideFor(mine ?? nobody, holdsOf(you))).toBe('refused');
  });

  it('says of which door nobody can know anything', () => {
    const choices = Array.from({ length: 7 }, (_, n) => ({
      ...{ name: `record ${n}`, reason: 'not applied yet' },
      values: [[], [record(host, `192.0.2.${n}`)]],
    }));
    const { verdict, layers } = explained({ parts: served(host), choices }, '/a', me);
    const facts = [{ reason: 'too many choices', about: `${host}/a` }];
    expect(verdict).toEqual({ unknown: facts });
    expect(layers[0]?.unknown).toEqual(facts);
  });
});

describe('the verdict of all layers together', () => {
  it.each<{ is: string; of: Partial<Record<Layer, LayerVerdict>> }>([
    { is: 'admitted', of: { name: 'passes', Access: 'passes', cache: 'passes', origin: 'passes' } },
    { is: 'admitted', of: { name: 'passes', Access: 'passes', cache: 'unknown', origin: 'passes' } },
    { is: 'unknown', of: { name: 'passes', Access: 'unknown', cache: 'passes', origin: 'passes' } },
    { is: 'refused', of: { name: 'passes', Access: 'unknown', cache: 'passes', origin: 'refuses' } },
    { is: 'refused', of: { name: 'passes', Access: 'refuses', cache: 'unknown', origin: 'not reached' } },
    { is: 'refused', of: { name: 'passes', Access: 'login', cache: 'unknown', origin: 'not reached' } },
    { is: 'refused', of: { name: 'passes', Access: 'passes', cache: 'passes', Authentik: 'login' } },
    { is: 'unknown', of: { name: 'passes', Access: 'passes', cache: 'unknown', origin: 'refuses' } },
    { is: 'unknown', of: { name: 'passes', Access: 'passes', cache: 'unknown', Authentik: 'login' } },
  ])('is $is: $of', ({ is, of }) => {
    const more = { unknown: [], isClosed: false, weighed: [] };
    const found = Object.entries(of).map(([layer, verdict]) => ({ layer: layer as Layer, verdict, ...more }));
    expect(combined(found)).toBe(is);
  });
});
