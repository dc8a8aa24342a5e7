import { describe, expect, it } from 'vitest';
import type { DoorEffect } from '../../../src/core/objects/door.ts';
import type { DesiredObject, Observed } from '../../../src/core/objects/object.ts';
import type { AnyReconciler, Reconciler } from '../../../src/core/reconciler.ts';
import { type Draft, draftId } from '../../../src/plan/drafts/draft.ts';
import { heirsOf, isRelease, releaseFirst, routesTo } from '../../../src/plan/interim/releases.ts';
import { draftOf, knownOf } from '../support/drafts.ts';
import { live, thing, want } from '../support/fakes.ts';
import { livePanel, type Panel, panel } from '../support/panel.ts';
import { host } from '../support/plan-text.ts';
import { way } from '../support/ways.ts';

const other = 'b.example.dev';

/** Panels of which one at a path answers for what lies below it, as long as nobody claims that. */
const nested: Reconciler<Panel> = {
  ...panel,
  gate: {
    released: panel.gate?.released as never,
    heirs: ({ spec }, { claims = [] }, siblings) =>
      siblings.filter(({ spec: { path } }) =>
        spec.claims?.some((claim) => !claims.includes(claim) && claim.startsWith(`${path}/`)),
      ),
  },
};
const kinds = [nested, way, thing] as readonly unknown[] as readonly AnyReconciler[];
const effects: readonly DoorEffect[] = [
  { host, step: 'unguard', part: '/x' },
  { host: other, step: 'change' },
];
const held: Panel = { admits: ['me'], claims: ['/a/p', '/b'], gone: effects };
const outer = livePanel('g', held);
const give = (verb: Draft['verb'] = 'update', more: Partial<Draft> = {}) =>
  draftOf(nested, {
    ...{
      verb,
      key: 'g',
      have: outer,
      want: { admits: ['you'], claims: ['/b'], does: effects },
      needs: ['first'],
    },
    ...{ doors: effects, drift: ['admits', 'claims'], because: 'services.a', ...more },
  });
const take = (verb: Draft['verb'] = 'create', more: Partial<Draft> = {}) =>
  draftOf(nested, {
    verb,
    key: 't',
    want: { admits: ['us'], claims: ['/a/p'] },
    doors: [{ host, step: 'guard' }],
    ...more,
  });
const releaseId = 'release cloudflare/panel:g panel-g';
const steps = (
  drafts: readonly Draft[],
  lives: readonly Observed[] = [outer],
  wants: readonly DesiredObject[] = [],
) => releaseFirst(knownOf(kinds, { lives, wants }), drafts);
const needs = (drafts: readonly Draft[]) => drafts.map((draft) => [draft.id, ...draft.needs]);

describe('an object that another one is to have a part of', () => {
  it('releases it first, and makes its other changes later', () => {
    const [release, later, taker, ...rest] = steps([give(), take()]);
    expect(rest).toEqual([]);
    expect(release).toMatchObject({
      ...{
        id: releaseId,
        verb: 'update',
        have: outer,
        want: { ...held, claims: ['/b'] },
        drift: ['claims'],
      },
      ...{ needs: [], because: 'services.a', reason: 'releases what t takes over', doors: [] },
    });
    expect(later).toEqual({ ...give(), needs: ['first', releaseId] });
    expect(taker).toEqual({ ...take(), needs: [releaseId] });
    expect([release, later].map((each) => each !== undefined && isRelease(each))).toEqual([true, false]);
  });

  it('only releases it, if nothing else changes, at each host where it guards', () => {
    const wanted = { admits: ['me'], claims: ['/b'], does: effects, gone: effects };
    const had = livePanel('g', { ...held, does: effects });
    const { because: _, ...unnamed } = give('update', { want: wanted, have: had });
    const [release, ...rest] = steps(
      [unnamed, take(), take('update', { address: { kind: nested.kind, key: 's' }, id: 's' })],
      [had],
    );
    expect(release).toMatchObject({
      reason: 'releases what t and s takes over',
      doors: [
        { host, step: 'guard' },
        { host: other, step: 'guard' },
      ],
    });
    expect(Object.keys(release ?? {})).not.toContain('because');
    expect(needs(rest)).toEqual([
      [take().id, releaseId],
      ['s', releaseId],
    ]);
  });

  it.each(['update', 'replace', 'prune'] as const)(
    'releases it before it is to be changed otherwise: %s',
    (verb) => {
      expect(needs(steps([give(verb), take()]))).toEqual([
        [releaseId],
        [give(verb).id, 'first', releaseId],
        [take().id, releaseId],
      ]);
    },
  );

  it.each(['create', 'update', 'replace', 'adopt'] as const)(
    'releases it for what has the verb %s',
    (verb) => {
      expect(needs(steps([give(), take(verb)]))[0]).toEqual([releaseId]);
    },
  );

  it.each<[because: string, drafts: readonly Draft[]]>([
    ['nobody takes anything', [give()]],
    ['it stays', [give('keep'), take()]],
    ['its change is refused', [give('refuse'), take()]],
    ['the other one stays', [give(), take('keep')]],
    ['the other one is refused', [give(), take('refuse')]],
    [
      'the other one takes something else',
      [give(), take('create', { want: { admits: [], claims: ['/c'] } })],
    ],
    [
      'the other one goes',
      [give(), draftOf(nested, { verb: 'update', key: 't', have: livePanel('t', { admits: [] }) })],
    ],
    [
      'the other one is of another kind',
      [give(), draftOf(way, { verb: 'create', key: 't', want: { claims: ['/a/p'] } })],
    ],
    ['it takes it itself', [give(), give('update', { id: 'again', want: { admits: [], claims: ['/a/p'] } })]],
    ['it does not exist', [draftOf(nested, { verb: 'update', key: 'g', want: { admits: [] } }), take()]],
    [
      'nothing of its kind belongs to one alone',
      [give('update', { reconciler: thing as AnyReconciler }), take()],
    ],
  ])('releases nothing if %s', (_, drafts) => {
    expect(steps(drafts)).toEqual(drafts);
  });

  it('releases nothing again that an earlier step releases', () => {
    const cover = give('update', {
      id: 'cover cloudflare/panel:g',
      doors: [{ host, step: 'close' }],
      want: { admits: ['probe'], claims: ['/a/p', '/b'] },
    });
    const removal = give('prune');
    const [covered, taker, removed] = steps([cover, take(), removal]);
    expect(covered).toMatchObject({
      id: cover.id,
      want: { admits: ['probe'], claims: ['/b'] },
      needs: ['first'],
    });
    expect(needs([taker, removed].flatMap((each) => each ?? []))).toEqual([
      [take().id, cover.id],
      [removal.id, 'first'],
    ]);
    const [, , changed] = steps([cover, take(), give()]);
    expect(changed).toEqual(give());
    // A cover that stands alone has released what the object used.
    const emptied = give('update', { have: { ...outer, uses: [] } });
    expect(steps([cover, take(), emptied])[2]).toEqual(emptied);
    const plain = { ...give('update', { id: 'other' }), needs: [] };
    expect(needs(steps([plain, take(), give()])).map(([id]) => id)).toEqual([
      releaseId,
      'other',
      take().id,
      releaseId,
      give().id,
    ]);
  });

  it.each<[because: string, more: Partial<Draft>]>([
    ['admits the probe alone', { doors: [{ host, step: 'close' }] }],
    ['admits people too', {}],
    ['is made', { verb: 'create', have: undefined as never }],
  ])('is not taken by a cover that did not have it: it %s', (_, more) => {
    const cover = give('update', {
      ...{ id: 'cover cloudflare/panel:g', have: livePanel('g', { admits: ['me'], claims: ['/b'] }) },
      ...{ want: { admits: ['probe'], claims: ['/a/p', '/b'] }, ...more },
    });
    const [covered, taker, ...rest] = steps([cover, take()]);
    expect(covered).toEqual({ ...cover, want: { admits: ['probe'], claims: ['/b'] } });
    expect(taker).toEqual({ ...take(), needs: [cover.id] });
    expect(rest).toEqual([]);
    const refusedCover = { ...cover, verb: 'refuse' as const };
    expect(steps([refusedCover, take()])).toEqual([refusedCover, take()]);
  });

  it('is a cover that admits people too: it releases first, and keeps the rest', () => {
    const cover = give('update', {
      id: 'cover cloudflare/panel:g',
      want: { admits: ['me', 'probe'], claims: ['/a/p', '/b'] },
    });
    const [release, covered] = steps([cover, take()]);
    expect(release?.id).toBe(releaseId);
    expect(covered).toMatchObject({
      id: cover.id,
      want: { admits: ['me', 'probe'], claims: ['/b'] },
      needs: ['first', releaseId],
    });
    const whole = give('update', {
      id: 'cover cloudflare/panel:g',
      want: { admits: ['me', 'probe'], claims: ['/b'] },
    });
    expect(steps([whole, take()])[1]?.want).toEqual(whole.want);
  });
});

describe('the route of a gate that answers for a part between a release and its taker', () => {
  const inner = livePanel('p', { admits: ['me'], path: '/a' }, { uses: ['policy'] });
  const open = live(way, 'w', { host, to: 'app', gate: inner.id, part: '^/a$' });
  const staying = [want(nested, 'p', inner.spec as never), want(way, 'w', open.spec)];
  const keep = (more: Partial<Draft> = {}) =>
    draftOf(way, { verb: 'keep', key: 'w', have: open, want: open.spec, because: 'services.w', ...more });
  const lives = [outer, inner, open];
  const closeId = 'close cloudflare/way:w way-w';
  const opens = 'update cloudflare/way:w way-w';

  it('is closed before the release, and opens after it', () => {
    const [release, , , close, update, ...rest] = steps([give(), take(), keep()], lives, staying);
    expect(rest).toEqual([]);
    expect(release?.needs).toEqual([closeId]);
    expect(close).toMatchObject({
      ...{ id: closeId, want: { ...open.spec, to: '503' }, doors: [{ host, step: 'close' }], interim: host },
      ...{
        because: 'services.w',
        reason: 'answers 503 while another gate takes over what lies below its path',
      },
    });
    expect(update).toMatchObject({
      id: opens,
      verb: 'update',
      want: open.spec,
      drift: ['to'],
      needs: [closeId],
    });
    expect(update?.doors).toEqual([{ host, via: 'homelab', part: '^/a$', step: 'route' }]);
  });

  it('opens with its other changes, or is removed', () => {
    const changed = draftOf(way, {
      verb: 'update',
      key: 'w',
      have: open,
      want: { ...open.spec, to: 'next' },
      needs: ['before'],
    });
    const { because: _, ...quiet } = changed;
    const [close, update] = steps([give(), take(), quiet], lives, staying).slice(3);
    expect([close?.id, Object.keys(close ?? {}).includes('because')]).toEqual([closeId, false]);
    expect(update).toMatchObject({ id: opens, needs: ['before', closeId], drift: ['to'] });
    const removal = draftOf(way, { verb: 'prune', key: 'w', have: open });
    expect(needs(steps([give(), take(), removal], lives).slice(3))).toEqual([
      [closeId],
      [removal.id, closeId],
    ]);
  });

  it.each<[because: string, draft: Draft]>([
    [
      'it is closed before its removal',
      draftOf(way, { verb: 'prune', key: 'w', have: open, needs: [closeId] }),
    ],
    ['another step changes it', keep({ verb: 'update', id: 'demand cloudflare/way:w way-w' })],
    ['it is another route', keep({ have: { ...open, id: 'other' } })],
    ['it leads to the whole host', keep({ want: { host, to: 'app' } })],
    ['no kind knows its closed form', keep({ reconciler: { ...way, route: {} } as AnyReconciler })],
    [
      'no kind knows its doors',
      keep({ reconciler: { kind: way.kind, title: way.title, route: way.route } as AnyReconciler }),
    ],
  ])('is not closed if %s', (_, draft) => {
    expect(steps([give(), take(), draft], lives, staying).slice(3)).toEqual([draft]);
  });

  const everybody = take('create', { doors: [{ host, step: 'unguard' }] });
  const change = (more: Partial<Draft> = {}) =>
    draftOf(nested, { verb: 'update', key: 'p', have: inner, want: inner.spec, ...more });
  it.each<[because: string, drafts: readonly Draft[], closes: boolean]>([
    ['admits everybody', [everybody], false],
    [
      'admits everybody at some hosts',
      [
        {
          ...everybody,
          doors: [
            { host, step: 'unguard' },
            { host: other, step: 'guard' },
          ],
        },
      ],
      true,
    ],
    [
      'admits everybody, beside one that does not',
      [everybody, take('create', { id: 's', address: { kind: nested.kind, key: 's' } })],
      true,
    ],
    ['admits everybody, while the gate changes', [everybody, change()], true],
    ['admits everybody, while the gate stays', [everybody, change({ verb: 'keep' })], false],
    [
      'admits everybody, while a policy of the gate changes',
      [
        everybody,
        draftOf(thing, {
          verb: 'update',
          key: 'x',
          have: live(thing, 'x', { value: 'x' }, { id: 'policy' }),
        }),
      ],
      true,
    ],
    [
      'admits everybody, while something else changes',
      [everybody, draftOf(thing, { verb: 'update', key: 'x', have: live(thing, 'x', { value: 'x' }) })],
      false,
    ],
    [
      'admits everybody, while something is made',
      [everybody, draftOf(thing, { verb: 'create', key: 'x' })],
      false,
    ],
  ])('depends on whom the taker admits: it %s', (_, drafts, closes) => {
    const found = steps([give(), ...drafts, keep()], lives, staying);
    expect(found.some(({ id }) => id === closeId)).toBe(closes);
  });

  it.each<[because: string, lives: readonly Observed[], closes: boolean]>([
    ['the heir has no route, and so gives no token', [outer, inner], true],
    ['the heir gives a token, which this route refuses', lives, false],
    ['nothing answers meanwhile', [outer], false],
  ])('may be that of the taker, whose people send its token themselves: %s', (_, around, closes) => {
    const own = livePanel('t', { admits: ['us'] });
    const route = live(way, 'r', { host, to: 'app', gate: own.id, part: '^/a/' });
    const drafts = [
      ...[give(), take('update', { have: own })],
      draftOf(way, { verb: 'keep', key: 'r', have: route, want: route.spec }),
    ];
    const [release, ...rest] = steps(drafts, [...around, own, route], staying);
    const ids = [release, ...rest].map((draft) => draft?.id);
    expect(ids.includes('close cloudflare/way:r way-r')).toBe(closes);
    expect(release?.needs.includes('close cloudflare/way:r way-r')).toBe(closes);
  });

  it('is found by the token of the gate', () => {
    const known = knownOf(kinds, {
      lives: [
        open,
        live(way, 'v', { ...open.spec, gate: 'x' }),
        { ...open, id: 'theirs', owner: 'other' },
        live(thing, 't', { value: 'x' }),
      ],
    });
    expect(routesTo(known, inner)).toEqual([open]);
    const all = knownOf(kinds, { lives: [outer, inner, livePanel('q', { admits: [], path: '/q' })] });
    expect(heirsOf(all, outer, { claims: ['/b'] })).toEqual([inner]);
    expect(heirsOf(all, undefined, { claims: [] })).toEqual([]);
    expect(heirsOf(all, outer, undefined)).toEqual([]);
    expect(heirsOf(all, open, { to: '503' })).toEqual([]);
    expect(
      heirsOf(knownOf(kinds, {}), { ...outer, address: { kind: 'cloudflare/unknown', key: 'x' } }, {}),
    ).toEqual([]);
  });

  describe('and that the file does not name', () => {
    const main = [want(way, 'h', { host, to: 'app', gate: 'panel-g' })];
    const removal = draftId('prune', { address: inner.address, have: inner });
    const routeRemoval = 'prune cloudflare/way:w way-w';
    const heldIn = (
      drafts: readonly Draft[],
      wants: readonly DesiredObject[] = main,
      all: readonly Observed[] = lives,
    ) =>
      steps([give(), take(), ...drafts], all, wants).flatMap(({ id, verb }) =>
        verb === 'refuse' ? [id] : [],
      );
    const named = [...main, want(nested, 'p', inner.spec as never)];

    it('keeps the release waiting, because nothing removes the gate', () => {
      const found = steps([give(), take()], lives, main);
      expect(needs(found)).toEqual([
        [releaseId, removal],
        [give().id, 'first', releaseId],
        [take().id, releaseId],
        [removal],
      ]);
      expect(found[3]?.reason).toContain(
        'it stays, and would admit people below p whom no file has admitted there',
      );
    });

    it('keeps it waiting, if the file names the gate, and that or something that it uses changes', () => {
      expect(heldIn([change()], named)).toEqual([routeRemoval]);
      expect(heldIn([], named)).toEqual([]);
      expect(heldIn([change({ verb: 'keep' })], named)).toEqual([]);
    });

    it('does not count what the taker itself takes, unless it comes to admit others', () => {
      const taking = (step: DoorEffect['step']) =>
        draftOf(nested, {
          verb: 'update',
          key: 'p',
          have: inner,
          want: { admits: ['me'], path: '/a', claims: ['/a/p'] },
          doors: [
            { host: other, step: 'guard' },
            { host, step },
          ],
        });
      const held = (step: DoorEffect['step']) =>
        steps([give(), taking(step)], lives, named).flatMap(({ id, verb }) =>
          verb === 'refuse' ? [id] : [],
        );
      expect([held('guard'), held('change')]).toEqual([[], [routeRemoval]]);
    });

    it.each<
      [because: string, drafts: readonly Draft[], wants: readonly DesiredObject[], all?: readonly Observed[]]
    >([
      ['the route goes', [draftOf(way, { verb: 'prune', key: 'w', have: open })], main],
      ['the file names the route', [], [...main, want(way, 'w', open.spec)]],
      ['the file leads the host nowhere', [], []],
      [
        'the file leads the host by another carrier',
        [],
        [want(way, 'h', { host, to: 'app', via: 'elsewhere' })],
      ],
      ['the gate belongs to somebody else', [], main, [outer, { ...inner, owner: 'other' }, open]],
      ['it has no open route', [], main, [outer, inner, live(way, 'w', { ...open.spec, to: '503' })]],
    ])('delays nothing if %s', (_, drafts, wants, all) => {
      expect(heldIn(drafts, wants, all)).toEqual([]);
    });
  });
});
