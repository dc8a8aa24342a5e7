import { describe, expect, it } from 'vitest';
import type { AddressId } from '../../../src/core/objects/address.ts';
import type { DoorEffect } from '../../../src/core/objects/door.ts';
import { ref } from '../../../src/core/objects/reference.ts';
import type { AnyReconciler, Reconciler } from '../../../src/core/reconciler.ts';
import type { Draft } from '../../../src/plan/drafts/draft.ts';
import {
  comesBeforePart,
  enlargingEdges,
  partEdges,
  strictnessEdges,
} from '../../../src/plan/order/login-edges.ts';
import type { NeedEdge } from '../../../src/plan/order/need-edge.ts';
import { draftOf } from '../support/drafts.ts';
import { live, place, type Thing, thing } from '../support/fakes.ts';
import { host } from '../support/plan-text.ts';

const other = 'b.example.dev';
/** Logins and their parts, of which each says by its value how much less it asks. */
const login: Reconciler<Thing> = {
  ...thing,
  login: { strictness: (asked, { spec }) => Number(asked?.value ?? spec.value) },
};
const edges = (found: Iterable<NeedEdge>) => [...found].map((edge) => edge.join(' '));
const change = (key: string, value: string, more: Partial<Draft> = {}) =>
  draftOf(login, {
    verb: 'update',
    key,
    id: key,
    have: live(login, key, { value: '0' }),
    want: { value },
    ...more,
  });
const guards: readonly DoorEffect[] = [
  { host, step: 'guard' },
  { host: other, step: 'divide' },
];
const partOf = 'cloudflare/thing:whole' as const;

describe('a login that somebody disabled', () => {
  const whole = change('whole', '0', {
    have: live(login, 'whole', { value: '0' }, { uses: ['else', 'thing-flow'] }),
    leansOn: ['cloudflare/thing:new', 'cloudflare/thing:wide'],
  });
  const flow = change('flow', '0');
  const part = (verb: Draft['verb'], more: Partial<Draft> = {}) =>
    draftOf(login, {
      verb,
      key: 'part',
      id: 'part',
      have: live(login, 'part', { value: '0' }, { partOf }),
      ...more,
    });
  const made = (verb: Draft['verb'], more: Partial<Draft> = {}) =>
    draftOf(login, { verb, key: 'new', id: 'new', want: { value: '0' }, doors: guards, ...more });
  const found = (...drafts: readonly Draft[]) => edges(partEdges(drafts));

  it('is mended after its parts: the one that somebody added, and the one that is missing', () => {
    for (const verb of ['prune', 'update'] as const)
      expect(found({ ...whole, verb: 'keep' }, flow, part(verb))).toEqual(['flow part revival']);
    for (const verb of ['create', 'refuse'] as const)
      expect(found(whole, flow, made(verb))).toEqual(['flow new revival']);
  });

  it.each<[because: string, drafts: readonly Draft[]]>([
    ['nothing that it uses changes', [whole, part('prune'), made('create')]],
    ['that is only kept', [whole, { ...flow, verb: 'keep' }, part('prune'), made('create')]],
    ['that asks for more', [whole, { ...flow, want: { value: '-1' } }, part('prune'), made('create')]],
    ['it goes', [{ ...whole, verb: 'prune' }, flow, part('prune'), made('create')]],
    [
      'it is new',
      [draftOf(login, { verb: 'update', key: 'whole', want: { value: '0' } }), flow, part('prune')],
    ],
    ['the part stays', [whole, flow, part('keep')]],
    [
      'the part is one of another login',
      [
        whole,
        flow,
        part('prune', { have: live(login, 'part', { value: '0' }, { partOf: 'cloudflare/thing:else' }) }),
      ],
    ],
    ['it is no part', [whole, flow, part('prune', { have: live(login, 'part', { value: '0' }) })]],
    [
      'the part admits others',
      [whole, flow, part('prune', { doors: [...guards, { host, step: 'change' }] })],
    ],
    ['the new part stands', [whole, flow, made('update')]],
    ['the new part has no effect', [whole, flow, made('create', { doors: [] })]],
    [
      'the new part admits others',
      [
        whole,
        flow,
        made('create', {
          doors: [
            { host, step: 'guard' },
            { host, step: 'change' },
          ],
        }),
      ],
    ],
    [
      'the new part is none of it',
      [whole, flow, made('create', { address: { kind: login.kind, key: 'else' } })],
    ],
    ['the new part is made of that', [whole, flow, made('create', { leansOn: ['cloudflare/thing:flow'] })]],
    [
      'that was a part of the new one',
      [
        whole,
        change('flow', '0', {
          have: live(login, 'flow', { value: '0' }, { partOf: 'cloudflare/thing:new' }),
        }),
        made('create'),
      ],
    ],
  ])('does not wait if %s', (_, drafts) => {
    expect(found(...drafts)).toEqual([]);
  });

  it('waits for a refused part, though that is made of what changes', () => {
    expect(found(whole, flow, made('refuse', { leansOn: ['cloudflare/thing:flow'] }))).toEqual([
      'flow new revival',
    ]);
  });
});

describe('a login that comes to ask for more or less', () => {
  const own = (value: string, more: Partial<Draft> = {}) => change('whole', value, more);
  const part = (value: string, more: Partial<Draft> = {}) =>
    change('part', value, { have: live(login, 'part', { value }, { partOf }), ...more });
  const using = (verb: Draft['verb'], more: Partial<Draft> = {}) =>
    draftOf(login, {
      verb,
      key: 'user',
      id: 'user',
      have: live(login, 'user', { value: '0' }, { uses: ['x', 'thing-whole'] }),
      ...more,
    });
  const found = (...drafts: readonly Draft[]) => edges(strictnessEdges(drafts));

  it('asks for more before everything else of it, and for less after', () => {
    expect(found(own('-1'), part('0'), using('update'))).toEqual([
      'user whole strictness',
      'part whole strictness',
    ]);
    expect(found(own('1'), part('0'), using('update'))).toEqual([
      'whole user strictness',
      'whole part strictness',
    ]);
    expect(found(own('1'), part('2'))).toEqual(['part whole strictness', 'part whole strictness']);
    expect(found(own('1'), part('1'))).toEqual([]);
    expect(found(own('0'), part('0'), using('update'))).toEqual([]);
  });

  it.each(['adopt', 'prune'] as const)('counts what has the verb %s', (verb) => {
    expect(found(own('-1', { verb }), using('update'))).toEqual(['user whole strictness']);
  });

  it.each<[because: string, drafts: readonly Draft[]]>([
    ['it is new', [draftOf(login, { verb: 'update', key: 'whole', want: { value: '-1' } }), part('0')]],
    ['it is kept', [own('-1', { verb: 'keep' }), part('0')]],
    ['it is replaced', [own('-1', { verb: 'replace' }), part('0')]],
    ['its kind is no login', [own('-1', { reconciler: thing as AnyReconciler }), part('0')]],
    [
      'its kind asks nothing',
      [own('-1', { reconciler: { ...thing, login: {} } as AnyReconciler }), part('0')],
    ],
    ['the other one is kept', [own('-1'), using('keep')]],
    ['the other one is only checked', [own('-1'), using('verify')]],
    ['the other one has nothing to do with it', [own('-1'), change('else', '0')]],
    [
      'the other one is a part of another login',
      [
        own('-1'),
        change('part', '0', {
          have: live(login, 'part', { value: '0' }, { partOf: 'cloudflare/thing:else' }),
        }),
      ],
    ],
  ])('is made in any order if %s', (_, drafts) => {
    expect(found(...drafts)).toEqual([]);
  });

  it('holds up what would admit somebody while it cannot be read, or must not change', () => {
    const unread = draftOf(login, { verb: 'refuse', key: 'whole', id: 'whole', want: { value: '0' } });
    const user = using('update', { leansOn: ['cloudflare/thing:whole'] });
    expect(found(unread, user)).toEqual(['user whole strictness']);
    expect(found(own('-1', { verb: 'refuse' }), using('update'))).toEqual(['user whole strictness']);
    for (const draft of [
      own('0', { verb: 'refuse' }),
      draftOf(login, { verb: 'refuse', key: 'whole', id: 'whole' }),
      draftOf(login, { verb: 'create', key: 'whole', id: 'whole', want: { value: '-1' } }),
      { ...unread, reconciler: thing as AnyReconciler },
    ])
      expect(found(draft, user)).toEqual([]);
  });

  it('does not hold up what takes something away, if it is refused', () => {
    expect(found(own('-1'), using('prune'))).toEqual(['user whole strictness']);
    expect(found(own('-1', { verb: 'refuse' }), using('prune'))).toEqual([]);
  });

  const makes = (verb: Draft['verb'], leansOn: readonly AddressId[], more: Partial<Draft> = {}) =>
    draftOf(thing, { verb, key: 'new', id: 'new', want: { value: '0' }, leansOn, ...more });
  it('comes before the objects that refer to it, and before those that they need and the plan makes, unless these are made of it', () => {
    const user = using('update', {
      have: live(login, 'user', { value: '0' }),
      leansOn: ['cloudflare/thing:whole', 'cloudflare/thing:new'],
    });
    for (const verb of ['create', 'refuse'] as const)
      expect(found(own('-1'), user, makes(verb, []))).toEqual([
        'user whole strictness',
        'new whole strictness',
      ]);
    expect(found(own('-1'), user, makes('update', []))).toEqual(['user whole strictness']);
    expect(found(own('-1', { leansOn: ['cloudflare/thing:new'] }), makes('create', []))).toEqual([
      'new whole strictness',
    ]);
    const named = own('-1', {
      want: { value: '-1', link: ref('cloudflare/thing:new') },
      leansOn: ['cloudflare/thing:new'],
    });
    expect(
      found(
        { ...named, reconciler: { ...login, login: { strictness: () => -1 } } as AnyReconciler },
        makes('create', []),
      ),
    ).toEqual([]);
    expect(found(own('-1'), makes('create', []))).toEqual([]);
    const loose = own('1');
    expect(found(loose, makes('create', ['cloudflare/thing:whole']))).toEqual([]);
    expect(found(loose, makes('refuse', ['cloudflare/thing:whole']))).toEqual(['whole new strictness']);
    const inside = own('1', {
      have: live(login, 'whole', { value: '0' }, { partOf: 'cloudflare/thing:new' }),
    });
    expect(found(inside, makes('create', ['cloudflare/thing:x']))).toEqual([]);
    expect(found(inside, makes('refuse', ['cloudflare/thing:x']))).toEqual(['whole new strictness']);
  });

  it('comes before a part only if that does not make it work', () => {
    const precedes = (value: string, link: Thing['link'] | ReturnType<typeof ref>) =>
      comesBeforePart(own(value, { want: { value, link } }), 'cloudflare/thing:part');
    expect([
      precedes('-1', 'x'),
      precedes('0', 'x'),
      precedes('1', 'x'),
      precedes('-1', ref('cloudflare/thing:part')),
    ]).toEqual([...[true, false, false, false]]);
  });
});

describe('an object that enlarges others', () => {
  const nest = { ...thing, kind: 'cloudflare/nest', login: { enlarges: [thing.kind] } } as Reconciler<Thing>;
  const enlarging = (verb: Draft['verb'], more: Partial<Draft> = {}) =>
    draftOf(nest, { verb, key: 'n', id: 'nest', ...more });
  const made = (id: string, more: Partial<Draft> = {}) =>
    draftOf(thing, { verb: 'create', key: id, id, want: { value: 'x' }, ...more });
  const found = (...drafts: readonly Draft[]) => edges(enlargingEdges(drafts));

  it('goes before they and others of its kind are made, and is made after them', () => {
    const alike = draftOf(nest, { verb: 'create', key: 'm', id: 'alike', want: {} });
    expect(found(enlarging('prune'), made('a'), alike)).toEqual([
      'a nest door',
      'alike nest door',
      'alike a door',
    ]);
    expect(found(enlarging('create', { want: {} }), made('a'))).toEqual(['nest a door']);
  });

  it('does not wait for removals, for another kind, or for a closing and all that it needs', () => {
    const closing = made('cover', {
      doors: [
        { host, step: 'guard' },
        { host, step: 'close' },
      ],
      leansOn: ['cloudflare/thing:policy'],
    });
    const policy = made('policy', { leansOn: ['cloudflare/thing:list', 'cloudflare/thing:none'] });
    expect(found(enlarging('prune'), closing, policy, made('list'))).toEqual([]);
    const changed = made('list', { verb: 'update' });
    expect(found(enlarging('prune'), closing, policy, changed)).toEqual(['list nest door']);
    expect(found(enlarging('prune'), draftOf(thing, { verb: 'prune', key: 'a' }))).toEqual([]);
    expect(found(enlarging('prune'), draftOf(place, { verb: 'create', key: 'a', want: {} }))).toEqual([]);
    expect(found(enlarging('create', { want: {} }), enlarging('create', { id: 'two', want: {} }))).toEqual(
      [],
    );
    expect(
      found(enlarging('prune', { reconciler: { ...nest, login: {} } as AnyReconciler }), made('a')),
    ).toEqual([]);
  });
});
