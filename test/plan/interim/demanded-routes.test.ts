import { describe, expect, it } from 'vitest';
import type { DoorEffect } from '../../../src/core/objects/door.ts';
import { ref } from '../../../src/core/objects/reference.ts';
import type { AnyReconciler, Reconciler } from '../../../src/core/reconciler.ts';
import type { Draft } from '../../../src/plan/drafts/draft.ts';
import { demandFirst, demandOfNewGates } from '../../../src/plan/interim/demands.ts';
import { draftOf, knownOf } from '../support/drafts.ts';
import { live, thing } from '../support/fakes.ts';
import { panel, wantPanel } from '../support/panel.ts';
import { host } from '../support/plan-text.ts';
import { type Way, way } from '../support/ways.ts';

const other = 'b.example.dev';

const pathWay: Reconciler<Way> = {
  ...way,
  route: {
    ...way.route,
    demanding: (have, { gate }) =>
      have.to === '503' || gate === undefined || gate === have.gate ? undefined : ({ ...have, gate } as Way),
  },
};
const kinds = [panel, pathWay, thing] as readonly unknown[] as readonly AnyReconciler[];
const guarded = wantPanel('g', { admits: [], does: [{ host, step: 'guard' }] });
const known = knownOf(kinds, { lives: [], wants: [guarded] });
const routing: readonly DoorEffect[] = [
  { host: other, step: 'route' },
  { host, step: 'route', via: 'homelab' },
];

describe('a route that demands less than the file asks for', () => {
  const have = live(pathWay, 'w', { host, to: 'old', gate: 'none' });
  const change = (more: Partial<Draft> = {}) =>
    draftOf(pathWay, {
      ...{
        verb: 'update',
        key: 'w',
        have,
        want: { host, to: 'app', gate: 'g' },
        needs: ['first'],
        doors: routing,
      },
      ...{ because: 'services.a', leansOn: ['cloudflare/thing:x'], ...more },
    });
  const demandId = 'demand cloudflare/way:w way-w';

  it('demands it again before its host is touched', () => {
    expect(demandFirst(known, [change()])).toMatchObject([
      {
        ...{
          id: demandId,
          want: { host, to: 'old', gate: 'g' },
          doors: [{ host, step: 'close' }],
          needs: [],
        },
        ...{ because: 'services.a', leansOn: ['cloudflare/thing:x'] },
        reason: 'demands a token of the gate again, before the gate is touched',
      },
      { ...change(), needs: ['first', demandId] },
    ]);
    const only = change({ want: { ...have.spec, gate: 'g' } });
    expect(demandFirst(known, [only]).map(({ id }) => id)).toEqual([demandId]);
    const { because: _, leansOn: __, ...bare } = change();
    const [demand] = demandFirst(known, [bare]);
    expect([Object.keys(demand ?? {}).includes('because'), demand?.leansOn]).toEqual([false, []]);
  });

  it('demands the new token with its new origin, if it demands another one by now', () => {
    const moving = {
      ...pathWay,
      route: {
        ...pathWay.route,
        demands: ({ gate }: Way) => gate !== undefined,
        leadsElsewhere: ({ to }: Way, wanted: { readonly to?: unknown }) => to !== wanted.to,
      },
    } as unknown as AnyReconciler;
    const elsewhere = change({ reconciler: moving });
    expect(demandFirst(known, [elsewhere])).toEqual([elsewhere]);
    const open = change({ reconciler: moving, have: { ...have, spec: { host, to: 'old' } } });
    expect(demandFirst(known, [open]).map(({ id }) => id)).toEqual([demandId, open.id]);
  });

  it('demands that of a new gate as soon as that is made', () => {
    const waiting = change({ want: { host, to: 'app', gate: ref('cloudflare/panel:g') } });
    expect(demandFirst(known, [waiting])).toEqual([waiting]);
    const [demand, later] = demandOfNewGates(known, [waiting]);
    expect(demand).toMatchObject({
      ...{ id: demandId, leansOn: ['cloudflare/panel:g'] },
      doors: routing.map((effect) => ({ ...effect, narrowing: true })),
      reason: 'demands a token of the new gate, whatever else waits at the host',
    });
    expect(later).toEqual({ ...waiting, needs: ['first', demandId] });
    expect(demandOfNewGates(known, [change()])).toEqual([change()]);
    const second = { ...waiting, id: 'second' };
    const another = { ...waiting, id: 'another', have: { ...have, id: 'another' } };
    expect(demandOfNewGates(known, [waiting, second, another]).map(({ id }) => id)).toEqual([
      ...[waiting.id, 'second', 'demand cloudflare/way:w another', 'another'],
    ]);
  });

  it.each<[because: string, draft: Draft]>([
    ['no gate guards its host', change({ doors: [{ host: other, step: 'route' }] })],
    ['it is closed meanwhile', change({ doors: [{ host, step: 'close' }] })],
    [
      'it is new',
      draftOf(pathWay, { verb: 'update', key: 'w', want: { host, to: 'app', gate: 'g' }, doors: routing }),
    ],
    ['it goes', draftOf(pathWay, { verb: 'update', key: 'w', have, doors: routing })],
    ['it is made anew', change({ verb: 'replace' })],
    ['it demands the token already', change({ want: { host, to: 'app', gate: 'none' } })],
    ['its kind demands nothing', change({ reconciler: { ...pathWay, route: {} } as AnyReconciler })],
    ['its kind leads nowhere', change({ reconciler: thing as AnyReconciler })],
  ])('demands nothing first if %s', (_, draft) => {
    expect(demandFirst(known, [draft])).toEqual([draft]);
  });

  it('demands nothing again that a cover has demanded', () => {
    const demand = change({ id: demandId, want: { host, to: 'old', gate: 'cover' } });
    expect(demandFirst(known, [demand, change()])[1]).toEqual(change());
  });
});
