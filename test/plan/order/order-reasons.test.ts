import { expect, it } from 'vitest';
import type { NeedReason } from '../../../src/core/change.ts';
import { addressId } from '../../../src/core/objects/address.ts';
import type { Draft } from '../../../src/plan/drafts/draft.ts';
import { order } from '../../../src/plan/order/order.ts';
import { gate, live, thing } from '../support/fakes.ts';

const host = 'a.example.dev';
const idOf = (key: string) => addressId({ kind: thing.kind, key });

function draft(verb: Draft['verb'], key: string, more: Partial<Draft> = {}): Draft {
  const base = { id: key, verb, reconciler: thing, address: { kind: thing.kind, key } };
  return { ...base, drift: [], doors: [], needs: [], ...more } as Draft;
}

const asking = (strictness: number) => ({ ...thing, login: { strictness: () => strictness } });
const guarding = { doors: [{ host, step: 'guard' }] } as const;
const have = (key: string, extra: object = {}) => ({ have: live(thing, key, { value: 'v' }, extra) });

/** Rows with the later change first, so that only the reason can put it behind. */
const rows: readonly (readonly [
  NeedReason,
  because: string,
  later: Draft,
  earlier: Draft,
  others: readonly Draft[],
])[] = [
  [
    'reference',
    'what refers comes after what is made',
    draft('create', 'later', { leansOn: [idOf('earlier')] }),
    draft('create', 'earlier', { want: {} }),
    [],
  ],
  [
    'use',
    'what is used goes after what uses it',
    draft('prune', 'later', have('later')),
    draft('prune', 'earlier', have('earlier', { uses: ['thing-later'] })),
    [],
  ],
  [
    'part',
    'what a part belongs to is made after the part is put right',
    draft('create', 'later'),
    draft('prune', 'earlier', have('earlier', { partOf: idOf('later') })),
    [],
  ],
  [
    'outlasts',
    'what has to stay as long as something else goes after it',
    draft('prune', 'later', have('later', { outlives: [idOf('earlier')] })),
    draft('prune', 'earlier', have('earlier')),
    [],
  ],
  [
    'revival',
    'what puts a login to work again comes after its parts are put right',
    draft('update', 'later', have('later')),
    draft('prune', 'earlier', { ...have('earlier', { partOf: idOf('login') }), ...guarding }),
    [draft('keep', 'login', have('login', { uses: ['thing-later'] }))],
  ],
  [
    'strictness',
    'what admits somebody else comes after the login asks for more',
    draft('create', 'later', guarding),
    draft('update', 'earlier', { ...have('earlier'), want: {}, reconciler: asking(-1) }),
    [draft('keep', 'login', { ...have('login', { uses: ['thing-earlier'] }), leansOn: [idOf('later')] })],
  ],
  [
    'strictness',
    'a login asks for less after the removal of what is part of it',
    draft('update', 'later', { ...have('later'), want: {}, reconciler: asking(1) }),
    draft('prune', 'earlier', {
      ...have('earlier', { partOf: idOf('login') }),
      doors: [{ host, step: 'change' }],
    }),
    [draft('keep', 'login', have('login', { uses: ['thing-later'] }))],
  ],
  [
    'strictness',
    'what uses a login that asks for more changes after it, also if it would revive it otherwise',
    draft('prune', 'later', {
      ...have('later', { uses: ['thing-earlier'], partOf: idOf('login') }),
      ...guarding,
    }),
    draft('update', 'earlier', { ...have('earlier'), want: {}, reconciler: asking(-1) }),
    [draft('keep', 'login', have('login', { uses: ['thing-earlier'] }))],
  ],
  [
    'door',
    'a name comes after the gate',
    draft('create', 'later', { doors: [{ host, step: 'publish' }] }),
    draft('create', 'earlier', guarding),
    [],
  ],
  [
    'door',
    'a part of a replaced gate that can go waits for one that cannot',
    draft('prune', 'later', { ...have('later'), doors: [{ host, step: 'vacate' }] }),
    draft('refuse', 'earlier', { ...have('earlier'), doors: [{ host, step: 'vacate' }] }),
    [],
  ],
  [
    'series',
    'what the planner has put one behind the other',
    draft('update', 'later', { needs: ['earlier'] }),
    draft('update', 'earlier'),
    [],
  ],
];

it.each(rows)('a change waits with its reason: %s: %s', (reason, _, later, earlier, others) => {
  const ordered = order([later, earlier, ...others], [thing.kind, gate.kind]);
  const places = ordered.map(({ draft: { id } }) => id);
  expect(places.indexOf('earlier')).toBeLessThan(places.indexOf('later'));
  const found = ordered.find(({ draft: { id } }) => id === 'later');
  expect([found?.needs, found?.needReasons]).toEqual([['earlier'], [reason]]);
});

it('a change has one reason for each earlier change, ordered by id; of several reasons, the first counts, and a series before a door', () => {
  const both = draft('create', 'later', {
    ...{ leansOn: [idOf('b')], needs: ['c', 'b', 'a'], doors: [{ host, step: 'route' }] },
  });
  const others = [
    draft('create', 'a', guarding),
    draft('create', 'b', { ...guarding, want: {} }),
    draft('update', 'c'),
    draft('create', 'd', guarding),
  ];
  const found = order([both, ...others], [thing.kind]).find(({ draft: { id } }) => id === 'later');
  expect([found?.needs, found?.needReasons]).toEqual([
    ['a', 'b', 'c', 'd'],
    ['series', 'reference', 'series', 'door'],
  ]);
});
