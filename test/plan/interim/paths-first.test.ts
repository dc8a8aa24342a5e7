import { describe, expect, it } from 'vitest';
import type { DoorEffect } from '../../../src/core/objects/door.ts';
import type { DesiredObject, Observed } from '../../../src/core/objects/object.ts';
import type { AnyReconciler } from '../../../src/core/reconciler.ts';
import type { Draft } from '../../../src/plan/drafts/draft.ts';
import { closePathsFirst } from '../../../src/plan/interim/close-first.ts';
import { draftOf, knownOf } from '../support/drafts.ts';
import { live, thing } from '../support/fakes.ts';
import { livePanel, panel, wantPanel } from '../support/panel.ts';
import { host } from '../support/plan-text.ts';
import { type Way, way } from '../support/ways.ts';

const other = 'b.example.dev';
const kinds = [panel, way, thing] as readonly unknown[] as readonly AnyReconciler[];
const guarded = wantPanel('g', { admits: [], does: [{ host, step: 'guard' }] });
const worldOf = (lives: readonly Observed[], wants: readonly DesiredObject[] = [guarded]) =>
  knownOf(kinds, { lives, wants });

describe('the route of a path below a gate that admits everybody until now', () => {
  const everybody = livePanel('g', {
    admits: ['all'],
    gone: [
      { host: other, step: 'unguard' },
      { host, step: 'guard' },
    ],
  });
  const main = live(way, 'h', { host, to: 'app', gate: 'panel-g' });
  const narrows = draftOf(panel, { verb: 'update', key: 'g', have: everybody, want: { admits: ['me'] } });
  const path: Way = { host, to: 'app', part: '^/a$', gate: 'p' };
  const dividing: readonly DoorEffect[] = [
    { host, step: 'guard' },
    { host, step: 'divide', via: 'homelab' },
  ];
  const route = (more: Partial<Draft> = {}) =>
    draftOf(way, { verb: 'create', key: 'w', want: path, doors: dividing, ...more });
  const stepsIn = (drafts: readonly Draft[], lives: readonly Observed[] = [everybody, main]) =>
    closePathsFirst(worldOf(lives), drafts);

  it('is made closed, and opens with the other routes', () => {
    const [, close, open, ...rest] = stepsIn([narrows, route({ because: 'services.a', needs: ['first'] })]);
    expect(rest).toEqual([]);
    expect(close).toMatchObject({
      ...{ id: 'close cloudflare/way:w', want: { ...path, to: '503' }, doors: [{ host, step: 'close' }] },
      ...{ reason: 'answers 503 until the gate of its host asks for a login', interim: host },
    });
    expect(open).toMatchObject({
      ...{ id: 'update cloudflare/way:w', verb: 'update', want: path, drift: ['to'], because: 'services.a' },
      ...{
        doors: [{ host, via: 'homelab', part: '^/a$', step: 'route' }],
        needs: ['first', 'close cloudflare/way:w'],
      },
    });
    expect(Object.keys(open ?? {})).not.toContain('have');
    const [, , unnamed] = stepsIn([narrows, route()]);
    expect(Object.keys(unnamed ?? {})).not.toContain('because');
  });

  it.each<[because: string, drafts: readonly Draft[], lives?: readonly Observed[]]>([
    ['the gate stays', [{ ...narrows, verb: 'keep' }, route()]],
    ['the gate is new', [draftOf(panel, { verb: 'update', key: 'g', want: {} }), route()]],
    ['no route demands its token', [narrows, route()], [everybody]],
    [
      'the gate guards already',
      [{ ...narrows, have: livePanel('g', { admits: [], gone: [{ host, step: 'unguard' }] }) }, route()],
    ],
    [
      'the gate guards only a path',
      [
        { ...narrows, have: livePanel('g', { admits: [], gone: [{ host, step: 'guard', part: '/x' }] }) },
        route(),
      ],
    ],
    [
      'the gate is one of another host',
      [{ ...narrows, have: livePanel('g', { admits: [], gone: [{ host: other, step: 'guard' }] }) }, route()],
    ],
    ['the gate affects no door', [{ ...narrows, reconciler: thing as AnyReconciler }, route()]],
    ['the route exists', [narrows, route({ verb: 'update' })]],
    ['the route goes', [narrows, draftOf(way, { verb: 'create', key: 'w', doors: dividing })]],
    ['the route leads to the host', [narrows, route({ doors: [{ host, step: 'route', via: 'homelab' }] })]],
    ['it is the gate of the path', [narrows, route({ doors: [{ host, step: 'divide' }] })]],
    [
      'the path is one of another host',
      [narrows, route({ doors: [{ host: other, step: 'divide', via: 'homelab' }] })],
    ],
    [
      'no kind knows its closed form',
      [narrows, route({ reconciler: { ...way, route: {} } as AnyReconciler })],
    ],
    ['its kind leads nowhere', [narrows, route({ reconciler: thing as AnyReconciler })]],
  ])('is made open if %s', (_, drafts, lives) => {
    expect(stepsIn(drafts, lives)).toEqual(drafts);
  });

  it('opens without an effect, if its kind has none', () => {
    const { doors: _, ...silent } = way;
    expect(stepsIn([narrows, route({ reconciler: silent as AnyReconciler })])[2]?.doors).toEqual([]);
  });
});

describe('the route of a path inside the path of a gate that goes', () => {
  const gone = livePanel('old', { admits: ['you'], gone: [{ host, step: 'unguard', part: '/a' }] });
  const goes = draftOf(panel, { verb: 'prune', key: 'old', have: gone });
  const gateAt = (part: string, more: Partial<Draft> = {}) =>
    draftOf(panel, { verb: 'create', key: 'new', doors: [{ host, step: 'guard', part }], ...more });
  const route = draftOf(way, {
    ...{ verb: 'create', key: 'w', want: { host, to: 'app', part: '^/a/b$' } },
    doors: [{ host, step: 'divide', via: 'homelab' }],
  });
  const routed: DesiredObject = {
    ...{ address: { kind: way.kind, key: 'h' }, spec: { host, to: 'app' }, because: 'services.a' },
  };
  const stepsOf = (drafts: readonly Draft[], lives: readonly Observed[] = []) =>
    closePathsFirst(worldOf([gone, ...lives], [guarded, routed]), drafts);
  const routeOf = (more: Partial<Way>) =>
    live(way, 'old', { host, to: 'app', part: '^/a', gate: gone.attributes.id ?? '', ...more });

  it('is made closed, if only the gate is left of that path', () => {
    const made = ['close', 'update'];
    const verbs = (lives: readonly Observed[] = []) =>
      stepsOf([goes, gateAt('/a/b'), route], lives)
        .slice(2)
        .map(({ id }) => id.split(' ', 1)[0]);
    expect(verbs()).toEqual(made);
    expect(verbs([routeOf({ via: 'elsewhere' })])).toEqual(made);
    expect(verbs([routeOf({ to: '503' })])).toEqual(made);
    expect(verbs([live(way, 'h', { host, to: 'app', gate: gone.attributes.id ?? '' })])).toEqual(made);
  });

  it.each<[because: string, drafts: readonly Draft[], lives?: readonly Observed[]]>([
    ['the old path has a route still', [goes, gateAt('/a/b'), route], [routeOf({})]],
    ['the old gate stays', [{ ...goes, verb: 'keep' }, gateAt('/a/b'), route]],
    ['it lies beside the old path', [goes, gateAt('/ab'), route]],
    ['its gate exists', [goes, gateAt('/a/b', { verb: 'update' }), route]],
    [
      'its gate is one of another host',
      [goes, gateAt('', { doors: [{ host: other, step: 'guard', part: '/a/b' }] }), route],
    ],
    [
      'the old gate guarded nothing',
      [
        { ...goes, have: { ...gone, spec: { admits: [], gone: [{ host, step: 'guard', part: '/a' }] } } },
        gateAt('/a/b'),
        route,
      ],
    ],
  ])('is made open if %s', (_, drafts, lives) => {
    expect(stepsOf(drafts, lives)).toEqual(drafts);
  });
});
