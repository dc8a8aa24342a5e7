import { describe, expect, it } from 'vitest';
import type { DoorEffect } from '../../../src/core/objects/door.ts';
import type { DesiredObject, Observed } from '../../../src/core/objects/object.ts';
import type { AnyReconciler, Reconciler } from '../../../src/core/reconciler.ts';
import type { Draft } from '../../../src/plan/drafts/draft.ts';
import { keepAround } from '../../../src/plan/interim/around.ts';
import { takeAround } from '../../../src/plan/interim/new-outer.ts';
import { draftOf, knownOf } from '../support/drafts.ts';
import { live, thing } from '../support/fakes.ts';
import { at, livePanel, type Panel, panel } from '../support/panel.ts';
import { host } from '../support/plan-text.ts';

const other = 'b.example.dev';
const kinds = [panel, thing] as readonly unknown[] as readonly AnyReconciler[];
const guards = (part?: string, where = host): DoorEffect => ({
  host: where,
  step: 'guard',
  ...(part !== undefined && { part }),
});
const making = (key: string, want: Panel, doors: readonly DoorEffect[], more: Partial<Draft> = {}) =>
  draftOf(panel, { verb: 'create', key, id: key, want, doors, ...more });
const claims = (drafts: readonly Draft[]) =>
  drafts.map(({ id, want }) => [id, ...((want as Panel | undefined)?.claims ?? [])]);

describe('a new gate of a path', () => {
  const gone = (part: string, where = host): readonly DoorEffect[] => [
    { host: where, step: 'unguard', part },
  ];
  const below = livePanel('below', { admits: ['me'], path: '/a/b', gone: gone('/a/b') });
  const outer = making('outer', { admits: ['us'] }, [guards(undefined, other), guards('/a')]);
  const taken = (drafts: readonly Draft[], lives: readonly Observed[]) =>
    claims(takeAround(knownOf(kinds, { lives }), drafts));

  it('names what would fall to gates below it that stay', () => {
    const farther = livePanel('farther', {
      admits: ['me'],
      path: '/x',
      gone: [...gone('/x', other), ...gone('/a/c')],
    });
    expect(taken([outer], [below, farther])).toEqual([['outer', '/a/b/*', '/x/*']]);
    const divides = { ...outer, doors: [{ host, step: 'divide' as const, part: '/a' }] };
    expect(taken([divides], [below])).toEqual([['outer', '/a/b/*']]);
  });

  it('leaves what another one that stays elsewhere has by name, and what a deeper new one is to have', () => {
    const claiming = livePanel('claiming', { admits: ['me'], claims: ['/a/b/*'], gone: gone('/c') });
    const second = livePanel('second', { admits: ['me'], path: '/a/d', gone: gone('/a/d') });
    expect(taken([outer], [below, second, claiming])).toEqual([['outer', '/a/d/*']]);
    expect(taken([outer], [below, claiming])).toEqual([['outer']]);
    const within = livePanel('within', {
      admits: ['me'],
      path: '/a/b',
      claims: ['/a/b/*'],
      gone: gone('/a/b'),
    });
    expect(taken([outer], [within])).toEqual([['outer', '/a/b/*']]);
    const deeper = making('deeper', { admits: ['us'], claims: ['/a/b/*'] }, [guards('/a/b/c')]);
    expect(taken([outer, deeper], [below, second])).toEqual([
      ['outer', '/a/d/*'],
      ['deeper', '/a/b/*'],
    ]);
    const asideClaims = making('aside', { admits: ['us'], claims: ['/a/b/*'] }, [guards('/c')]);
    expect(taken([outer, asideClaims], [below])[0]).toEqual(['outer', '/a/b/*']);
  });

  it.each<[because: string, draft: Draft, lives?: readonly Observed[]]>([
    ['it is live', { ...outer, verb: 'update' }],
    ['it guards the whole host', { ...outer, doors: [guards()] }],
    ['it does not guard', { ...outer, doors: [{ host, step: 'route', part: '/a' }] }],
    ['nothing stays below it', outer, []],
    ['what stays lies beside it', outer, [livePanel('x', { admits: [], path: '/ab', gone: gone('/ab') })]],
    [
      'what stays lies at another host',
      outer,
      [livePanel('x', { admits: [], path: '/a/b', gone: gone('/a/b', other) })],
    ],
    [
      'what stays guards a host',
      outer,
      [livePanel('x', { admits: [], path: '/a/b', gone: [{ host, step: 'unguard' }] })],
    ],
    ['what stays belongs to others', outer, [{ ...below, owner: 'other' }]],
    [
      'its kind covers nothing',
      { ...outer, reconciler: { ...panel, gate: { around: panel.gate?.around } } as AnyReconciler },
    ],
    [
      'its kind has nothing around',
      { ...outer, reconciler: { ...panel, gate: { covered: panel.gate?.covered } } as AnyReconciler },
    ],
    ['its kind is no gate', { ...outer, reconciler: thing as AnyReconciler }],
  ])('names nothing more if %s', (_, draft, lives = [below]) => {
    expect(taken([draft], lives)).toEqual([['outer']]);
  });

  it('takes nothing of what the plan changes, or of another kind', () => {
    expect(taken([outer, draftOf(panel, { verb: 'prune', key: 'below', have: below })], [below])[0]).toEqual([
      'outer',
    ]);
    const plain = { ...panel, kind: 'cloudflare/frame' } as unknown as Reconciler<Panel>;
    const known = knownOf([panel, plain, { ...thing, kind: 'cloudflare/errand' }] as never, {
      lives: [
        live(plain, 'x', { admits: [], path: '/a/b', gone: gone('/a/b') }),
        live({ ...thing, kind: 'cloudflare/errand' }, 'y', { value: 'x' }),
      ],
    });
    expect(claims(takeAround(known, [outer]))).toEqual([['outer']]);
  });

  it('gets the name of what is left if its kind releases nothing', () => {
    const { released: _, ...forms } = panel.gate ?? {};
    const holding = { ...outer, reconciler: { ...panel, gate: forms } as AnyReconciler };
    expect(taken([holding], [below])).toEqual([['outer', '/a/b/*']]);
  });
});

describe('a gate around paths', () => {
  const had = (claims: readonly string[]): Panel => ({
    admits: ['me'],
    claims,
    gone: [{ host, step: 'unguard' }],
  });
  const have = livePanel('g', had(['/a/*']));
  const id = 'update cloudflare/panel:g panel-g';
  const change = (want: readonly string[], more: Partial<Draft> = {}) =>
    draftOf(panel, {
      verb: 'update',
      key: 'g',
      have,
      want: { admits: ['us'], claims: want },
      doors: [guards()],
      needs: ['first'],
      because: 'services.a',
      drift: ['admits', 'claims'],
      ...more,
    });
  const inner = (path: string, more: Partial<Draft> = {}) => making(path, at(path), [guards(path)], more);
  const leaving = (path: string) =>
    draftOf(panel, {
      verb: 'prune',
      key: path,
      id: path,
      have: livePanel(path, at(path)),
      doors: [{ host, step: 'unguard', part: path }],
    });
  const kept = (
    drafts: readonly Draft[],
    lives: readonly Observed[] = [have],
    wants: readonly DesiredObject[] = [],
  ) => keepAround(knownOf(kinds, { lives, wants }), drafts);
  const ids = (drafts: readonly Draft[]) => drafts.map((draft) => [draft.id, ...draft.needs]);

  it('takes what lies below a new path first, and releases what lies below an old one last', () => {
    const found = kept([
      change(['/b/*'], { leansOn: ['cloudflare/thing:x'], interim: host }),
      inner('/b'),
      inner('/b/c'),
      leaving('/a'),
      leaving('/a/x'),
    ]);
    expect(ids(found)).toEqual([
      ['take cloudflare/panel:g panel-g'],
      [id, 'first', 'take cloudflare/panel:g panel-g'],
      ['give cloudflare/panel:g panel-g', id, '/a', '/a/x'],
      ['/b', 'take cloudflare/panel:g panel-g'],
      ['/b/c', 'take cloudflare/panel:g panel-g'],
      ['/a'],
      ['/a/x'],
    ]);
    expect(claims(found.slice(0, 3)).map(([, ...all]) => all)).toEqual([
      ['/a/*', '/b/*'],
      ['/a/*', '/b/*'],
      ['/b/*'],
    ]);
    const [take, main, give, divided] = found;
    expect(take).toMatchObject({
      have,
      drift: ['claims'],
      because: 'services.a',
      doors: [{ host, step: 'guard', part: '/b/c' }],
      reason: 'takes what lies below the path, before the path has a gate of its own',
    });
    expect(
      [take, give].map((each) =>
        Object.keys(each ?? {}).filter((key) => ['leansOn', 'interim'].includes(key)),
      ),
    ).toEqual([[], []]);
    expect(main?.drift).toEqual(['admits']);
    expect(give).toMatchObject({
      drift: ['claims'],
      doors: [{ host, step: 'unguard', part: '/a/x' }],
      reason: 'releases what lies below the path: the file has no gate there any more',
    });
    expect(divided?.doors).toEqual([{ host, step: 'divide', part: '/b' }]);
  });

  it('takes and narrows at once if it admits everybody, who would otherwise get in there for a while', () => {
    const open = { ...have, spec: { ...(have.spec as Panel), gone: [guards()] } };
    const narrows = change(['/b/*'], { have: open });
    const [take, ...others] = kept([narrows, inner('/b')]);
    expect(ids([take as Draft, ...others])).toEqual([
      ['take cloudflare/panel:g panel-g', 'first'],
      ['/b', 'take cloudflare/panel:g panel-g'],
    ]);
    expect(take).toMatchObject({
      want: narrows.want,
      doors: [...narrows.doors, { host, step: 'guard', part: '/b' }],
    });
    expect(take?.drift).toEqual(expect.arrayContaining(['admits', 'claims']));
    const cover = change(['/b/*'], { have: open, id: 'cover cloudflare/panel:g' });
    expect(ids(kept([cover, inner('/b')])).map(([one]) => one)).toEqual([
      'take cloudflare/panel:g panel-g',
      cover.id,
      '/b',
    ]);
    const opens = change(['/b/*'], { have: open, doors: [{ host, step: 'unguard' }] });
    expect(ids(kept([opens, inner('/b')]))).toHaveLength(3);
  });

  it('is not changed beyond that, if nothing else differs', () => {
    const only = change(['/a/*', '/b/*'], { want: had(['/a/*', '/b/*']) });
    expect(ids(kept([only, inner('/b')]))).toEqual([
      ['take cloudflare/panel:g panel-g'],
      ['/b', 'take cloudflare/panel:g panel-g'],
    ]);
    const releases = change([], { want: had([]) });
    expect(ids(kept([releases, leaving('/a')]))).toEqual([['give cloudflare/panel:g panel-g', '/a'], ['/a']]);
    const stays = livePanel('/a', at('/a'));
    const [unchanged] = kept([releases], [have, stays]);
    expect(unchanged).toMatchObject({
      id: 'keep cloudflare/panel:g panel-g',
      verb: 'keep',
      drift: [],
      needs: [],
    });
  });

  it('keeps what lies below a path that stays', () => {
    const found = kept([change(['/b/*'])], [have, livePanel('/a', at('/a'))]);
    expect(claims(found)).toEqual([[id, '/a/*', '/b/*']]);
  });

  it('takes after it has released something', () => {
    const release = draftOf(panel, {
      verb: 'update',
      key: 'g',
      id: 'release cloudflare/panel:g panel-g',
      have,
      want: had([]),
    });
    const found = kept([release, change(['/b/*']), inner('/b')]);
    expect(ids(found)).toEqual([
      [release.id],
      ['take cloudflare/panel:g panel-g', release.id],
      [id, 'first', 'take cloudflare/panel:g panel-g'],
      ['/b', 'take cloudflare/panel:g panel-g'],
    ]);
    expect(claims(found.slice(1, 2))).toEqual([['take cloudflare/panel:g panel-g', '/b/*']]);
  });

  it('leaves what others of its kind have or are to have', () => {
    const claiming = livePanel('h', { admits: [], claims: ['/b/*'] });
    const standing = draftOf(panel, { verb: 'update', key: 'h', have: claiming, want: { admits: [] } });
    expect(ids(kept([change(['/b/*']), inner('/b'), standing])).map(([one]) => one)).toEqual([
      id,
      '/b',
      standing.id,
    ]);
    const wanted = draftOf(panel, {
      verb: 'update',
      key: 'h',
      have: livePanel('h', { admits: [] }),
      want: { admits: [], claims: ['/a/*'] },
    });
    expect(claims(kept([change([]), leaving('/a'), wanted])).slice(0, 1)).toEqual([[id]]);
    const elsewhere = { ...standing, address: { kind: thing.kind, key: 'h' } };
    expect(ids(kept([change(['/b/*']), inner('/b'), elsewhere]))[0]).toEqual([
      'take cloudflare/panel:g panel-g',
    ]);
  });

  it.each<[because: string, draft: Draft]>([
    ['it is made', change(['/b/*'], { verb: 'create' })],
    [
      'it has no live object',
      draftOf(panel, { verb: 'update', key: 'g', want: { admits: [], claims: ['/b/*'] }, doors: [guards()] }),
    ],
    ['it goes', draftOf(panel, { verb: 'update', key: 'g', have, doors: [guards()] })],
    ['it is a step to something else', change(['/b/*'], { id: 'demand cloudflare/panel:g panel-g' })],
    [
      'it is a cover that closes',
      change(['/b/*'], { id: 'cover cloudflare/panel:g', doors: [{ host, step: 'close' }] }),
    ],
    ['it guards another host', change(['/b/*'], { doors: [guards(undefined, other)] })],
    [
      'its kind has nothing around',
      change(['/b/*'], { reconciler: { ...panel, gate: {} } as AnyReconciler }),
    ],
    ['its kind is no gate', change(['/b/*'], { reconciler: thing as AnyReconciler })],
  ])('takes nothing first if %s', (_, draft) => {
    expect(kept([draft, inner('/b')])[0]).toEqual(draft);
  });

  it('takes it as a cover that admits people too', () => {
    const cover = change(['/b/*'], { id: 'cover cloudflare/panel:g' });
    expect(ids(kept([cover, inner('/b')]))[0]).toEqual(['take cloudflare/panel:g panel-g']);
  });

  it('divides a new path only if the outer one covers it', () => {
    const step = (lives: readonly Observed[], draft: Draft) =>
      kept([draft], lives)[0]?.doors.map((effect) => effect.step);
    const whole = livePanel('g', { admits: [], gone: [{ host, step: 'unguard' }] });
    const path = livePanel('g', at('/b'));
    expect(step([whole], inner('/b'))).toEqual(['divide']);
    expect(step([path], inner('/b/c'))).toEqual(['divide']);
    expect(step([path], inner('/bc'))).toEqual(['guard']);
    expect(step([], inner('/b'))).toEqual(['guard']);
    expect(
      step([livePanel('g', { admits: [], gone: [{ host: other, step: 'unguard' }] })], inner('/b')),
    ).toEqual(['guard']);
    expect(step([whole], making('x', at('/x'), [guards()]))).toEqual(['guard']);
    expect(step([whole], inner('/b', { verb: 'update', have: livePanel('/b', at('/b')) }))).toEqual([
      'guard',
    ]);
    const effects = [{ host, step: 'route', part: '/b' } as const, guards('/b')];
    expect(step([whole], inner('/b', { doors: effects }))).toEqual(['route', 'divide']);
    const changed = change([]);
    expect(kept([changed, inner('/b')])[1]?.doors).toEqual([{ host, step: 'divide', part: '/b' }]);
  });
});

describe('two new gates, of which one lies in the other', () => {
  const outer = making(
    'outer',
    { ...at('/a'), admits: ['us'], claims: ['/a/*', '/a/b/*'] },
    [{ host, step: 'unguard', part: '/x' }, guards('/a')],
    { needs: ['first'] },
  );
  const inner = making('inner', at('/a/b'), [{ host, step: 'route', part: '/a/b' }, guards('/a/b')]);
  const kept = (...drafts: readonly Draft[]) => keepAround(knownOf(kinds, {}), drafts);

  it('are made with the inner part of the outer one first', () => {
    const [first, rest, within, ...others] = kept(outer, inner);
    expect(others).toEqual([]);
    expect(first).toMatchObject({
      id: 'outer',
      want: { claims: ['/a/b/*'] },
      doors: [{ host, step: 'guard', part: '/a/b' }],
      needs: ['first'],
      reason: 'takes what lies below the path, before the path has a gate of its own',
    });
    expect(rest).toMatchObject({
      id: 'update cloudflare/panel:outer',
      verb: 'update',
      want: outer.want,
      drift: ['claims'],
      needs: ['first', 'outer'],
    });
    expect(rest?.doors).toEqual([
      { host, step: 'unguard', part: '/x' },
      { host, step: 'divide', part: '/a' },
    ]);
    expect([within?.needs, within?.doors.map(({ step }) => step)]).toEqual([['outer'], ['route', 'divide']]);
  });

  it.each<[because: string, drafts: readonly Draft[]]>([
    ['nothing lies inside', [outer]],
    ['the inner one is live', [outer, { ...inner, verb: 'keep' }]],
    [
      'the inner one admits everybody',
      [outer, { ...inner, doors: [{ host, step: 'unguard', part: '/a/b' }] }],
    ],
    ['the outer one guards the host', [{ ...outer, doors: [guards()] }, inner]],
    ['the outer one does not name it', [{ ...outer, want: { admits: [], claims: ['/c/*'] } }, inner]],
    ['the outer one has nothing else', [{ ...outer, want: { admits: [], claims: ['/a/b/*'] } }, inner]],
    [
      'their kind has nothing around',
      [{ ...outer, reconciler: { ...panel, gate: {} } as AnyReconciler }, inner],
    ],
    ['their kind is no gate', [{ ...outer, reconciler: thing as AnyReconciler }, inner]],
  ])('are made whole if %s', (_, drafts) => {
    expect(kept(...drafts).map(({ id }) => id)).toEqual(drafts.map(({ id }) => id));
  });
});
