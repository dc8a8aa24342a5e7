import { describe, expect, it } from 'vitest';
import type { DoorEffect } from '../../../src/core/objects/door.ts';
import type { Observed } from '../../../src/core/objects/object.ts';
import type { AnyReconciler, Reconciler } from '../../../src/core/reconciler.ts';
import { type Draft, inStrictSteps, isClosing, rewriting } from '../../../src/plan/drafts/draft.ts';
import { madeAnew, prunesOf, wantedByKind, wantedIn } from '../../../src/plan/drafts/draft-index.ts';
import { isWantedPart, standingDoors, withFinalSteps } from '../../../src/plan/drafts/known.ts';
import { draftOf, knownOf } from '../support/drafts.ts';
import { gate, live, place, type Thing, thing, want } from '../support/fakes.ts';
import { at, livePanel, type Panel, panel, wantPanel } from '../support/panel.ts';
import { host } from '../support/plan-text.ts';

const other = 'b.example.dev';

describe('an update by which a login asks for less and changes something else', () => {
  /** Its value may change at once, but its link only when nobody of before gets in any more. */
  const login: Reconciler<Thing> = {
    ...thing,
    login: {
      strictForm: ({ value }, have) => (value === have.spec.value ? undefined : { value: String(value) }),
    },
    doors: (asked, have) => [
      { host: `${have?.spec.value}-${have?.spec.link}`, step: 'guard' },
      { host: `${asked?.value}-${asked?.link}`, step: 'unguard' },
    ],
  };
  const have = live(login, 'l', { value: 'old', link: 'old' });
  const draft = (more: Partial<Draft> = {}) =>
    draftOf(login, {
      ...{ verb: 'update', key: 'l', have, want: { value: 'new', link: 'new' }, drift: ['value', 'link'] },
      ...{ needs: ['first'], leansOn: ['cloudflare/thing:x'], because: 'services.a', ...more },
    });

  it('is made in two steps: what keeps asking, and later the rest', () => {
    const [first, last, ...rest] = inStrictSteps(draft());
    expect(rest).toEqual([]);
    expect(first).toEqual({
      ...draft(),
      want: { value: 'new' },
      drift: ['value'],
      doors: [
        { host: 'old-old', step: 'guard' },
        { host: 'new-undefined', step: 'unguard' },
      ],
    });
    expect(last).toEqual({
      ...{
        id: 'loosen cloudflare/thing:l thing-l',
        verb: 'update',
        reconciler: login,
        address: have.address,
      },
      ...{ want: { value: 'new', link: 'new' }, have: { ...have, spec: { value: 'new', link: 'old' } } },
      ...{
        drift: ['link'],
        needs: ['first', draft().id],
        leansOn: ['cloudflare/thing:x'],
        because: 'services.a',
      },
      doors: [
        { host: 'new-old', step: 'guard' },
        { host: 'new-new', step: 'unguard' },
      ],
      reason: 'asks for less once nobody of before gets in any more',
    });
  });

  it('has no effect at doors, if its kind has none', () => {
    const { doors: _, ...inner } = login;
    const steps = inStrictSteps(draft({ reconciler: inner as AnyReconciler }));
    expect(steps.map(({ doors }) => doors)).toEqual([[], []]);
  });

  it.each<[because: string, draft: Draft]>([
    ['it is made anew', draft({ verb: 'replace' })],
    ['it is removed', draftOf(login, { verb: 'update', key: 'l', have })],
    ['it is new', draftOf(login, { verb: 'update', key: 'l', want: { value: 'new' } })],
    ['one step does it all', draft({ want: { value: 'old', link: 'new' } })],
    ['its kind has no such form', draft({ reconciler: { ...login, login: {} } as AnyReconciler })],
    ['its kind is no login', draft({ reconciler: thing as AnyReconciler })],
  ])('is made in one step if %s', (_, each) => {
    expect(inStrictSteps(each)).toEqual([each]);
  });
});

describe('a step that gives a live object another form', () => {
  const step = {
    reconciler: thing as AnyReconciler,
    have: live(thing, 't', { value: 'old' }),
    want: { value: 'new' },
  };
  const plain = { ...step, doors: [], reason: 'between' };

  it('names the fields that differ, and neither an entry nor objects that it does not know', () => {
    const made = rewriting('close', plain);
    expect(Object.keys(made)).not.toContain('because');
    expect(Object.keys(made)).not.toContain('leansOn');
    expect([made.id, made.drift]).toEqual(['close cloudflare/thing:t thing-t', ['value']]);
  });

  it('keeps the entry and the objects to which it refers', () => {
    const more = { because: 'services.a', leansOn: ['cloudflare/thing:x'] as const };
    expect(rewriting('close', { ...plain, ...more })).toMatchObject(more);
  });

  it('closes if one of its effects does', () => {
    const doors = [{ host, step: 'guard' } as const, { host, step: 'close' } as const];
    expect([isClosing({ doors }), isClosing({ doors: doors.slice(0, 1) }), isClosing({ doors: [] })]).toEqual(
      [...[true, false, false]],
    );
  });
});

describe('the drafts of a plan', () => {
  const [have, spec] = [live(thing, 'x', { value: 'x' }), { value: 'x' }];
  const drafts = [
    draftOf(thing, { verb: 'create', key: 'made', want: spec }),
    draftOf(thing, { verb: 'replace', key: 'exchanged', want: spec, have }),
    draftOf(thing, {
      ...{ verb: 'update', key: 'moved', want: spec, have },
      doors: [
        { host, step: 'guard' },
        { host: other, step: 'guard', anew: true },
      ],
    }),
    draftOf(gate, { verb: 'update', key: 'changed', want: spec, have, doors: [{ host, step: 'guard' }] }),
    draftOf(gate, { verb: 'keep', key: 'kept', have, want: spec }),
    draftOf(gate, { verb: 'prune', key: 'gone', have: { ...have, id: 'gone' } }),
    draftOf(gate, { verb: 'refuse', key: 'held', have: { ...have, id: 'held' } }),
    draftOf(place, { verb: 'prune', key: 'found-later' }),
  ];

  it('make some objects anew: also one that comes to answer elsewhere', () => {
    expect([...madeAnew(drafts)].map((id) => id.split(':')[1])).toEqual(['made', 'exchanged', 'moved']);
  });

  it('make an object anew that answers elsewhere, if a login changes there', () => {
    const moved = draftOf(panel, {
      verb: 'update',
      key: 'm',
      doors: [{ host, step: 'guard', anew: 'elsewhere' }],
    });
    const login = { ...thing, login: {} } as AnyReconciler;
    const changing = (at: string, more: Partial<Draft> = {}) =>
      draftOf(thing, {
        ...{ verb: 'update', key: 'l', reconciler: login },
        doors: [
          { host: 'c.example.dev', step: 'guard' },
          { host: at, step: 'guard' },
        ],
        ...more,
      });
    const isMade = (...others: readonly Draft[]) => madeAnew([moved, ...others]).has('cloudflare/panel:m');
    expect(isMade(changing(host))).toBe(true);
    expect([
      isMade(),
      isMade(changing(other)),
      isMade(changing(host, { reconciler: thing as AnyReconciler })),
    ]).toEqual([...[false, false, false]]);
    const itself = { ...moved, reconciler: { ...panel, login: {} } as AnyReconciler };
    expect(madeAnew([itself]).size).toBe(0);
  });

  it('ask for some objects, and remove others', () => {
    const wanted = ['made', 'exchanged', 'moved', 'changed', 'kept'];
    expect([...wantedIn(drafts)].map(([id]) => id.split(':')[1])).toEqual(wanted);
    expect([...wantedByKind(drafts)]).toEqual([
      [thing.kind, drafts.slice(0, 3)],
      [gate.kind, drafts.slice(3, 5)],
    ]);
    expect([...prunesOf(drafts)]).toEqual([['gone', drafts[5]]]);
  });
});

describe('an effect that depends on the rest of the plan', () => {
  const leaves: DoorEffect = { host, step: 'change', alone: 'unguard' };
  const finalIn = (...others: readonly Draft[]) =>
    withFinalSteps([
      draftOf(panel, { verb: 'prune', key: 'p', doors: [{ host: other, step: 'guard' }, leaves] }),
      ...others,
    ])[0]?.doors[1];
  const also = (effect: DoorEffect, verb: Draft['verb'] = 'update') =>
    draftOf(panel, { verb, key: 'q', doors: [effect] });

  it.each<[because: string, others: readonly Draft[]]>([
    ['nothing else', []],
    ['a check', [also({ host, step: 'prove' }, 'verify')]],
    ['a change at another host', [also({ host: 'c.example.dev', step: 'guard' })]],
    ['one that depends on the rest too', [also(leaves)]],
  ])('takes another step if the plan has, at its host, %s', (_, others) => {
    expect(finalIn(...others)).toEqual({ host, step: 'unguard' });
  });

  it.each<[because: string, others: readonly Draft[]]>([
    ['another change', [also({ host, step: 'guard' })]],
    [
      'a change for its domain',
      [also({ host: 'c.example.dev', step: 'guard' }), also({ host: '*.example.dev', step: 'guard' })],
    ],
  ])('keeps its step if the plan has, at its host, %s', (_, others) => {
    expect(finalIn(...others)).toEqual({ host, step: 'change' });
  });

  it('is the only one that changes', () => {
    const drafts = [also({ host, step: 'guard' }), draftOf(panel, { verb: 'keep', key: 'r' })];
    expect(withFinalSteps(drafts)).toEqual(drafts);
    expect(withFinalSteps([...drafts, also(leaves)]).slice(0, 2)).toEqual(drafts);
  });
});

describe('the removal of a live object', () => {
  const kinds = [panel, gate, place, thing] as readonly unknown[] as readonly AnyReconciler[];
  const doorsOf = (have: Observed, wants: readonly Parameters<typeof wantPanel>[] = []) =>
    standingDoors(knownOf(kinds, { lives: [have], wants: wants.map((each) => wantPanel(...each)) }), have);
  const guards = (...hosts: readonly string[]): Panel => ({
    admits: ['me'],
    does: hosts.map((each) => ({ host: each, step: 'guard' })),
  });
  const inside = (more: object = {}) =>
    ({ host: 'old', step: 'unguard', exchangedFor: 'cloudflare/panel:g', ...more }) as DoorEffect;
  const partOf = 'cloudflare/panel:g' as const;

  it('is an exchange at each host of the object that contained it', () => {
    const part = livePanel('p', { admits: [], gone: [inside(), inside({ narrows: true })] });
    expect(doorsOf(part, [['g', guards(host, other, host)]])).toEqual([
      { host, step: 'change' },
      { host: other, step: 'change' },
      { host, step: 'divide' },
      { host: other, step: 'divide' },
    ]);
  });

  it.each<[because: string, effect: DoorEffect, wants: readonly Parameters<typeof wantPanel>[]]>([
    ['that object goes too', inside(), [['h', guards(host)]]],
    ['that object guards nothing', inside(), [['g', guards()]]],
    ['it only guarded', inside({ step: 'guard' }), [['g', guards(host)]]],
  ])('is none if %s', (_, effect, wants) => {
    const { exchangedFor: __, ...plain } = effect;
    expect(doorsOf(livePanel('p', { admits: [], gone: [effect] }), wants)).toEqual([plain]);
  });

  it('comes before the check of the gate that it hides', () => {
    const hiding = (step: DoorEffect['step'], more: object = { first: true }) =>
      doorsOf(livePanel('p', { admits: [], gone: [{ host, step, ...more }] }), [['g', guards(host)]]);
    expect(hiding('unguard')).toEqual([{ host, step: 'vacate' }]);
    expect(hiding('unguard', {})).toEqual([{ host, step: 'unguard' }]);
    expect(hiding('unroute')).toEqual([{ host, step: 'unroute' }]);
    const alone = livePanel('p', { admits: [], gone: [{ host, step: 'unguard', first: true }] });
    expect(doorsOf(alone)).toEqual([{ host, step: 'unguard' }]);
    const proof = {
      address: { kind: 'edge/sight', key: host },
      host,
      spec: {},
      needs: [],
      because: '',
    } as const;
    const looked = (step: 'prove' | 'attest') =>
      standingDoors(knownOf(kinds, { lives: [alone], proofs: [{ ...proof, step }] }), alone);
    expect(looked('prove')).toEqual([{ host, step: 'vacate' }]);
    expect(looked('attest')).toEqual([{ host, step: 'unguard' }]);
  });

  it('guards the hosts of its whole, if it has no effect of its own yet', () => {
    const part = (more: object) => livePanel('p', { admits: [], ...more }, { partOf });
    expect(doorsOf(part({}), [['g', guards(host, other)]])).toEqual([
      { host, step: 'guard' },
      { host: other, step: 'guard' },
    ]);
    expect(doorsOf(part({ gone: [{ host: 'own', step: 'unguard' }] }), [['g', guards(host)]])).toEqual([
      { host: 'own', step: 'unguard' },
    ]);
    expect(doorsOf(part({}))).toEqual([]);
    expect(doorsOf(livePanel('p', { admits: [] }), [['g', guards(host)]])).toEqual([]);
  });

  it('has no effect, if its kind has none, or an unknown one', () => {
    expect(doorsOf(live(place, 'x', { status: 'x' }))).toEqual([]);
    expect(doorsOf(live({ ...place, kind: 'cloudflare/unknown' }, 'x', { status: 'x' }))).toEqual([]);
    const part = live(place, 'x', { status: 'x' }, { partOf: 'cloudflare/place:y' });
    const known = knownOf(kinds, { wants: [want(place, 'y', { status: 'y' })] });
    expect(standingDoors(known, part)).toEqual([]);
    expect([
      isWantedPart(known, part),
      isWantedPart(known, { ...part, partOf: 'cloudflare/place:z' }),
    ]).toEqual([...[true, false]]);
  });

  it('is that of a part that the file asks for, by its effects', () => {
    const known = knownOf(kinds, { wants: [wantPanel('g', guards(host))] });
    const part = (...gone: readonly DoorEffect[]) => livePanel('p', at('/p', { gone }));
    expect(isWantedPart(known, part({ host, step: 'unguard' }, inside()))).toBe(true);
    expect(isWantedPart(known, part(inside({ exchangedFor: 'cloudflare/panel:x' })))).toBe(false);
    expect(isWantedPart(known, part())).toBe(false);
  });
});

describe('what a plan knows of the file', () => {
  const kinds = [panel, place, thing] as readonly unknown[] as readonly AnyReconciler[];
  const leading = (...does: readonly DoorEffect[]): Panel => ({ admits: [], does });
  const known = knownOf(kinds, {
    wants: [
      want(place, 'x', { status: 'x' }),
      want({ ...place, kind: 'cloudflare/unknown' }, 'y', { status: 'y' }),
      wantPanel('r', leading({ host, step: 'route', via: 'one' }, { host, step: 'divide', via: 'two' })),
      wantPanel('n', leading({ host: other, step: 'publish' }, { host: other, step: 'unroute', via: 'x' })),
      wantPanel('g', leading({ host: 'c', step: 'guard' }, { host: 'd', step: 'divide' })),
    ],
    lives: [
      live(thing, 'a', { value: 'a' }),
      live(thing, 'b', { value: 'b' }, { uses: ['thing-a', 'thing-c'] }),
    ],
  });

  it('is where each host leads, and which hosts a gate guards', () => {
    expect([...known.routes]).toEqual([
      [host, new Set(['one', 'two'])],
      [other, new Set()],
    ]);
    expect([...known.guarded]).toEqual(['c']);
    expect([known.looked, known.undecided]).toEqual([new Set(), new Set()]);
  });

  it('is which live objects use another', () => {
    expect([...known.usersOf].map(([id, users]) => [id, users.map(({ id: each }) => each)])).toEqual([
      ['thing-a', ['thing-b']],
      ['thing-c', ['thing-b']],
    ]);
  });
});
