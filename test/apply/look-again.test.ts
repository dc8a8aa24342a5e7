import { describe, expect, it } from 'vitest';
import { lookAgain } from '../../src/apply/look-again.ts';
import type { ReadyChange } from '../../src/core/change.ts';
import type { Observed } from '../../src/core/objects/object.ts';
import type { AnyReconciler } from '../../src/core/reconciler.ts';
import { live, type Thing, thing } from '../plan/support/fakes.ts';

const change = (verb: ReadyChange<unknown>['verb'], have?: Observed<Thing>): ReadyChange<unknown> => ({
  id: 'x',
  verb,
  address: { kind: thing.kind, key: 'a' },
  want: verb === 'prune' ? undefined : { value: 'new' },
  have,
  drift: [],
});
const before = live(thing, 'a', { value: 'old' }, { id: 'before' });
const unmarked = { ...thing, traits: { unmarked: true } } as AnyReconciler;

interface Row {
  readonly because: string;
  readonly change: ReadyChange<unknown>;
  readonly there: readonly Observed[];
  readonly kind?: AnyReconciler;
  readonly ends: string;
}

const rows: readonly Row[] = [
  {
    because: 'a removal that was carried out is done',
    change: change('prune', before),
    there: [],
    ends: 'done',
  },
  {
    because: 'a removal that was not is tried again',
    change: change('prune', before),
    there: [before],
    ends: 'again prune',
  },
  {
    because: 'a create that was carried out is done',
    change: change('create'),
    there: [live(thing, 'a', { value: 'new' })],
    ends: 'done',
  },
  {
    because: 'a create that was not is tried again',
    change: change('create'),
    there: [],
    ends: 'again create',
  },
  {
    because: 'an update that was not is tried again',
    change: change('update', before),
    there: [before],
    ends: 'again update',
  },
  {
    because: 'an update whose object still differs is tried again, though an equal one stands beside it',
    change: change('update', before),
    there: [live(thing, 'a', { value: 'new' }, { id: 'after' }), before],
    ends: 'again update',
  },
  {
    because: 'an update whose object is gone, with an equal one in its place, is done',
    change: change('update', before),
    there: [live(thing, 'a', { value: 'new' }, { id: 'after' })],
    ends: 'done',
  },
  {
    because: 'an adoption whose object has no mark yet is tried again, whatever its name',
    change: change('adopt', { ...before, owner: undefined }),
    there: [live(thing, 'by hand', { value: 'new' }, { id: 'before', owner: undefined })],
    ends: 'again adopt',
  },
  {
    because: 'an adoption that set the mark is done',
    change: change('adopt', { ...before, owner: undefined }),
    there: [live(thing, 'a', { value: 'new' }, { id: 'before' })],
    ends: 'done',
  },
  {
    because: 'an update whose object vanished meanwhile makes it anew',
    change: change('update', before),
    there: [],
    ends: 'again create',
  },
  {
    because: 'a replacement that was made and lacks something is healed as its kind can',
    change: change('replace', before),
    there: [live(thing, 'a', { value: 'half' }, { id: 'after' })],
    ends: 'again update',
  },
  {
    because: 'one that its kind cannot heal is a failure for a person',
    change: change('create'),
    there: [live(thing, 'a', { value: 'stubborn' })],
    ends: 'failed it cannot be changed',
  },
  {
    because: 'an equal one of somebody else is not what we made',
    change: change('create'),
    there: [live(thing, 'a', { value: 'new' }, { owner: 'work' })],
    ends: 'failed undefined',
  },
  {
    because: 'a kind without a marker takes an equal one for its own',
    change: change('create'),
    there: [live(thing, 'a', { value: 'new' }, { owner: undefined })],
    kind: unmarked,
    ends: 'done',
  },
  {
    because: 'a kind that says nothing about drift is compared field by field, and updated',
    change: change('create'),
    there: [live(thing, 'a', { value: 'half' })],
    kind: { kind: thing.kind, title: 'thing', observe: async () => [] },
    ends: 'again update',
  },
];

describe('checking the live state after a write of unknown fate', () => {
  it.each(rows)('$because', ({ change: tried, there, kind, ends }) => {
    const result = lookAgain(tried, kind ?? (thing as AnyReconciler), there, 'home');
    if ('again' in result) expect(`again ${result.again.verb}`).toBe(ends);
    else {
      const { status, error } = result.outcome;
      expect(error === undefined ? status : `${status} ${(error as { hint?: string }).hint}`).toBe(ends);
    }
  });
});
