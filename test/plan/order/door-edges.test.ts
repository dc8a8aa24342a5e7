import { describe, expect, it } from 'vitest';
import type { DoorEffect } from '../../../src/core/objects/door.ts';
import type { AnyReconciler } from '../../../src/core/reconciler.ts';
import type { Draft } from '../../../src/plan/drafts/draft.ts';
import { doorEdges, takesPathFromEverybody } from '../../../src/plan/order/door-edges.ts';
import type { NeedEdge } from '../../../src/plan/order/need-edge.ts';
import { draftOf } from '../support/drafts.ts';
import { thing } from '../support/fakes.ts';
import { livePanel, panel } from '../support/panel.ts';
import { host } from '../support/plan-text.ts';

const other = 'b.example.dev';
const edges = (found: Iterable<NeedEdge>) => [...found].map((edge) => edge.join(' '));

describe('the steps at a host', () => {
  const step = (id: string, effect: Partial<DoorEffect>, verb: Draft['verb'] = 'update') =>
    draftOf(panel, { verb, key: id, id, doors: [{ host, step: 'guard', ...effect }] });
  const found = (...drafts: readonly Draft[]) => edges(doorEdges(drafts));

  it('come in the order of the doors, each at its own host', () => {
    const steps = [
      step('route', { step: 'route' }),
      step('guard', {}),
      step('elsewhere', { host: other, step: 'close' }),
    ];
    expect(found(...steps)).toEqual(['route guard door']);
    expect(found(step('one', {}), step('two', {}))).toEqual([]);
    expect(
      edges(doorEdges(steps, (later, earlier, at) => `${later} ${earlier} ${at}` === `route guard ${host}`)),
    ).toEqual([]);
  });

  it('wait less long for a route that only demands a token', () => {
    const [closing, guard, publish] = [
      step('close', { step: 'close' }),
      step('guard', {}),
      step('publish', { step: 'publish' }),
    ];
    expect(found(step('demand', { step: 'route', narrowing: true }), closing, guard, publish)).toEqual([
      ...[
        'demand close door',
        'guard close door',
        'publish demand door',
        'publish close door',
        'publish guard door',
      ],
    ]);
  });

  it('are taken at each host of a domain, unless a draft names the host itself', () => {
    const domain = step('domain', { host: '*.example.dev' });
    const both = {
      ...step('both', { step: 'route' }),
      doors: [
        { host: '*.example.dev', step: 'close' },
        { host, step: 'route' },
      ],
    } as Draft;
    expect(
      found(domain, step('route', { step: 'route' }), step('far', { host: 'a.example.com', step: 'route' })),
    ).toEqual(['route domain door']);
    expect(found(both, step('guard', {}))).toEqual(['both guard door']);
    expect(found(domain, step('wide', { host: '*.example.dev', step: 'route' }))).toEqual([
      'wide domain door',
    ]);
  });

  it('put up an inner gate before the outer one, and remove it after', () => {
    const [outer, inner] = [{ part: '/a' }, { part: '/a/b' }];
    expect(found(step('outer', outer), step('inner', inner))).toEqual(['outer inner door']);
    expect(
      found(step('outer', { ...outer, step: 'divide' }), step('inner', { ...inner, step: 'divide' })),
    ).toEqual(['outer inner door']);
    expect(
      found(step('outer', { ...outer, step: 'unguard' }), step('inner', { ...inner, step: 'unguard' })),
    ).toEqual(['inner outer door']);
    expect(
      found(step('outer', { ...outer, step: 'route' }), step('inner', { ...inner, step: 'route' })),
    ).toEqual([]);
    expect(found(step('one', { part: '/a' }), step('two', { part: '/ab' }))).toEqual([]);
    expect(found(step('whole', {}), step('inner', inner))).toEqual([]);
  });

  it('remove what comes last after all else that is removed, whatever its path', () => {
    const leaves = (id: string, effect: Partial<DoorEffect> = {}) => step(id, { step: 'unguard', ...effect });
    const last = leaves('rule', { last: true });
    expect(found(last, leaves('path', { part: '/a' }), leaves('host'))).toEqual([
      'rule path door',
      'rule host door',
    ]);
    expect(found(last, leaves('other', { last: true }))).toEqual([]);
  });

  it('do not remove one part of a gate, if another one cannot be removed', () => {
    const leaves = (id: string, verb: Draft['verb'] = 'prune') => step(id, { step: 'vacate' }, verb);
    expect(found(leaves('held', 'refuse'), leaves('going'))).toEqual(['going held door']);
    expect(found(leaves('held', 'refuse'), leaves('too', 'refuse'))).toEqual([]);
    expect(found(leaves('one'), leaves('two'))).toEqual([]);
  });

  it('check a gate once more without its cover, whatever is refused besides', () => {
    const leaves = (id: string, verb: Draft['verb'] = 'prune') => step(id, { step: 'unguard' }, verb);
    expect(
      found(step('again', { step: 'confirm' }, 'verify'), leaves('cover'), leaves('wide', 'refuse')),
    ).toEqual(['again cover door']);
  });

  it('lead a path nowhere new, as long as the gate around it is refused', () => {
    const refusal = (effect: Partial<DoorEffect> = {}, verb: Draft['verb'] = 'refuse') =>
      step('gate', { step: 'change', ...effect }, verb);
    const path = (effect: Partial<DoorEffect> = {}) =>
      step('path', { step: 'divide', part: '/a', via: 'x', ...effect });
    const { via: _, ...own } = path().doors[0] as DoorEffect;
    expect(found(refusal(), path())).toEqual(['gate path door', 'path gate door']);
    expect(found(refusal(), { ...path(), doors: [own] })).toEqual(['gate path door']);
    expect(found(refusal({}, 'update'), path())).toEqual(['gate path door']);
    expect(found(refusal({ part: '/b' }), path())).toEqual(['gate path door']);
    expect(found(refusal({ step: 'vacate' }), path())).toEqual(['gate path door']);
    expect(found(refusal(), path({ step: 'guard' }))).toEqual(['gate path door']);
  });
});

describe('a path whose gate admits everybody', () => {
  const have = livePanel('p', { admits: ['all'], gone: [{ host, step: 'guard', part: '/a' }] });
  const narrows = (verb: Draft['verb'], more: Partial<Draft> = {}) =>
    draftOf(panel, { verb, key: 'p', have, doors: [{ host, step: 'guard', part: '/a' }], ...more });

  it.each(['prune', 'update'] as const)('is taken from everybody: %s', (verb) => {
    expect(takesPathFromEverybody(narrows(verb))).toBe(true);
  });

  it.each<[because: string, draft: Draft]>([
    ['is made anew', narrows('replace')],
    ['is new', draftOf(panel, { verb: 'update', key: 'p', doors: narrows('update').doors })],
    ['has no effect', narrows('update', { doors: [], reconciler: thing as AnyReconciler })],
    [
      'guards people',
      narrows('update', {
        have: livePanel('p', { admits: ['me'], gone: [{ host, step: 'unguard', part: '/a' }] }),
      }),
    ],
    [
      'guards the host',
      narrows('update', { have: livePanel('p', { admits: ['all'], gone: [{ host, step: 'guard' }] }) }),
    ],
    [
      'comes to admit others',
      narrows('update', {
        doors: [
          { host, step: 'guard', part: '/a' },
          { host, step: 'change', part: '/a' },
        ],
      }),
    ],
  ])('is not, if the gate %s', (_, draft) => {
    expect(takesPathFromEverybody(draft)).toBe(false);
  });
});
