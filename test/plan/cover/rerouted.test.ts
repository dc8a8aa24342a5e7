import { describe, expect, it } from 'vitest';
import { type AddressId, addressId } from '../../../src/core/objects/address.ts';
import type { DoorEffect } from '../../../src/core/objects/door.ts';
import type { AnyReconciler, Reconciler } from '../../../src/core/reconciler.ts';
import { reroutedAt, withRerouted } from '../../../src/plan/cover/elsewhere.ts';
import type { Draft } from '../../../src/plan/drafts/draft.ts';
import { draftOf, knownOf } from '../support/drafts.ts';
import { live, type Route, thing } from '../support/fakes.ts';
import { closed, lane, old, pipe, removal, unroutes, worldOf } from '../support/lanes.ts';
import { livePanel, panel } from '../support/panel.ts';
import { host, wantRoute } from '../support/plan-text.ts';

const other = 'b.example.dev';
const none: ReadonlyMap<AddressId, Draft> = new Map();

describe('a route that comes to lead to another origin', () => {
  const change = (more: Partial<Draft> = {}) =>
    draftOf(lane, {
      ...{ verb: 'update', key: 'old', have: old, want: { ...old.spec, to: 'next' }, needs: ['before'] },
      ...{
        doors: [
          { host: other, step: 'route' },
          { host, step: 'route', via: 'old' },
        ],
        drift: ['to'],
        ...more,
      },
    });

  it('is closed first, and then opens to the new one', () => {
    const draft = change();
    const found = reroutedAt(worldOf([old]), host, [draft], none);
    expect(found).toMatchObject([
      {
        close: {
          ...{ id: 'close cloudflare/route:old route-old', want: closed, doors: [{ host, step: 'close' }] },
          reason: 'answers 503 until its gate admits its new people',
        },
        open: {
          ...{ id: draft.id, want: draft.want, have: { id: 'route-old', spec: closed }, drift: ['to'] },
          needs: ['before', 'close cloudflare/route:old route-old'],
        },
        isPath: false,
      },
    ]);
    const [{ close, open } = {}] = found;
    const before = { added: [removal()], instead: new Map([['x', removal()]]) };
    const all = withRerouted(before, found);
    expect(all.added).toEqual([removal(), close]);
    expect([...all.instead]).toEqual([
      ['x', removal()],
      [draft.id, open],
    ]);
  });

  it('is closed at its old origin too if new gates of its host and of a path hide one of somebody else', () => {
    const wild = livePanel(
      'w',
      { admits: [], gone: [{ host: '*.example.dev', step: 'unguard' }] },
      { owner: 'other' },
    );
    const gate = (key: string, ...doors: readonly DoorEffect[]) =>
      draftOf(panel, { verb: 'create', key, doors });
    const [whole, path] = [
      gate('g', { host, step: 'guard' }),
      gate('p', { host, step: 'guard', part: '/a' }),
    ];
    const route = change({ want: { ...old.spec, gate: 'g' } });
    const closings = (...gates: readonly Draft[]) =>
      reroutedAt(worldOf([old, wild]), host, [route, ...gates], none).map(({ close }) => close.id);
    expect(closings(whole, path)).toEqual(['close cloudflare/route:old route-old']);
    expect(closings(whole)).toEqual([]);
    expect(closings(draftOf(thing, { verb: 'create', key: 'x', doors: path.doors }), whole)).toEqual([]);
    expect(closings(draftOf(panel, { verb: 'update', key: 'p', doors: path.doors }), whole)).toEqual([]);
    expect(reroutedAt(worldOf([old]), host, [route, whole, path], none)).toEqual([]);
    const shut = { ...old, spec: closed };
    const reopening = change({ have: shut, want: route.want });
    expect(reroutedAt(worldOf([shut, wild]), host, [reopening, whole, path], none)).toEqual([]);
  });

  describe('that stays, while Authentik leads on to another origin behind it', () => {
    const path: Reconciler<Route> = {
      ...lane,
      doors: () => [unroutes({ part: '^/a$' })],
    };
    const behind = draftOf(pipe, {
      ...{ verb: 'update', key: 'behind', have: live(pipe, 'behind', old.spec), want: old.spec },
      doors: [{ host, step: 'guard' }],
    });
    const keptAs = (reconciler: Reconciler<Route>, verb: Draft['verb'] = 'keep', isLive = true) => {
      const draft = draftOf(reconciler, {
        verb,
        key: 'old',
        ...(isLive && { have: live(reconciler, 'old', old.spec) }),
        want: old.spec,
      });
      const known = knownOf([reconciler, pipe] as readonly unknown[] as readonly AnyReconciler[], {
        wants: [wantRoute()],
        lives: [],
      });
      return reroutedAt(known, host, [behind], new Map([[addressId(draft.address), draft]]));
    };

    it('is closed meanwhile at a path', () => {
      expect(keptAs(path)).toMatchObject([
        {
          close: { id: 'close cloudflare/route:old route-old' },
          replaces: 'keep cloudflare/route:old route-old',
          open: {
            ...{ id: 'update cloudflare/route:old route-old', verb: 'update', drift: ['to'] },
            ...{ have: { spec: closed }, needs: ['close cloudflare/route:old route-old'] },
            doors: [{ host, step: 'route', via: 'old', part: '^/a$' }],
          },
          isPath: true,
        },
      ]);
    });

    it.each<[because: string, rerouted: readonly unknown[]]>([
      ['it is the route of the whole host', keptAs({ ...path, doors: () => [unroutes()] })],
      ['it is closed', keptAs({ ...path, doors: () => [unroutes({ part: '^/a$', live: false })] })],
      ['it is at another host', keptAs({ ...path, doors: () => [unroutes({ host: other, part: '^/a$' })] })],
      ['gates does not keep it', keptAs(path, 'refuse')],
      ['nothing is live', keptAs(path, 'keep', false)],
      ['nothing can close it', keptAs({ ...path, kind: pipe.kind, route: pipe.route as object })],
    ])('stays open if %s', (_, rerouted) => {
      expect(rerouted).toEqual([]);
    });
  });

  it('is known as the route of a path', () => {
    const path = change({ doors: [{ host, step: 'route', part: '^/a$' }] });
    const [found] = reroutedAt(worldOf([old]), host, [path], none);
    expect(found?.isPath).toBe(true);
  });

  it.each<[because: string, draft: Draft]>([
    ['another host', change({ doors: [{ host: other, step: 'route' }] })],
    ['a gate', change({ doors: [{ host, step: 'guard' }] })],
    ['a removal', change({ verb: 'prune' })],
    [
      'a new route',
      draftOf(lane, { verb: 'update', key: 'old', want: old.spec, doors: [{ host, step: 'route' }] }),
    ],
    [
      'a route without a new form',
      draftOf(lane, { verb: 'update', key: 'old', have: old, doors: [{ host, step: 'route' }] }),
    ],
    ['the same origin', change({ want: old.spec })],
    ['a kind whose routes all lead to one origin', change({ reconciler: panel as AnyReconciler })],
    ['a kind that leads nowhere', change({ reconciler: thing as AnyReconciler })],
    [
      'a kind that cannot close',
      change({ reconciler: pipe as AnyReconciler, have: live(pipe, 'old', old.spec) }),
    ],
  ])('is not closed for %s', (_, draft) => {
    expect(reroutedAt(worldOf([old]), host, [draft], none)).toEqual([]);
  });
});
