import { describe, expect, it } from 'vitest';
import type { Plan } from '../../src/core/change.ts';
import type { Outcome } from '../../src/core/outcome.ts';
import { ref } from '../../src/core/reference.ts';
import { outcomeLines, skippedLines } from '../../src/report/outcome-text.ts';
import { live, planOf, thing, want } from '../plan/fakes.ts';

const form = { color: false, width: 80, refused: false };

/** `a`, which three others need, one of them by way of another; `b` for itself. */
const plan = planOf(
  [
    want(thing, 'a', { value: 'v' }),
    want(thing, 'first', { value: ref('cloudflare/thing:a') }, { because: 'services.first' }),
    want(thing, 'second', { value: ref('cloudflare/thing:first') }, { because: 'services.second' }),
    want(thing, 'third', { value: ref('cloudflare/thing:a') }, { because: 'services.first' }),
    want(thing, 'b', { value: 'v' }, { because: 'services.b' }),
  ],
  [],
);

function outcomes(of: Plan, statuses: Readonly<Record<string, Outcome['status']>>): readonly Outcome[] {
  return of.changes.map(({ id, address }) => ({
    change: id,
    address,
    status: statuses[address.key] ?? 'done',
    ...(statuses[address.key] === 'skipped' && { reason: 'stopped' }),
  }));
}

describe('an outcome', () => {
  const [change] = plan.changes;
  if (change === undefined) throw new Error('the plan is empty');

  it('says what was done, behind its number', () => {
    const [done] = outcomes(plan, {});
    if (done === undefined) throw new Error('there is no outcome');
    expect(outcomeLines(change, done, { color: false, width: 80, place: '[1/5] ' })).toEqual([
      '[1/5] done     create cloudflare/thing a',
    ]);
  });

  it('says why it failed, wrapped below what failed', () => {
    const error = new Error('a reason that is longer than what is left of the line');
    const failed: Outcome = { change: change.id, address: change.address, status: 'failed', error };
    expect(outcomeLines(change, failed, { color: false, width: 60, place: '[1/5] ' })).toEqual([
      '[1/5] failed   create cloudflare/thing a: a reason that is',
      '               longer than what is left of the line',
    ]);
  });
});

describe('what was skipped', () => {
  it('stands once for the change that failed, whatever way it was needed', () => {
    const came = outcomes(plan, { a: 'failed', first: 'skipped', second: 'skipped', third: 'skipped' });
    expect(skippedLines(plan, came, form)).toEqual([
      'skipped  3 changes of services.first, services.second: waiting for create',
      '         cloudflare/thing a',
    ]);
  });

  it('has a reason of its own where nothing that it needs has failed', () => {
    expect(skippedLines(plan, outcomes(plan, { b: 'skipped' }), form)).toEqual([
      'skipped  1 change of services.b: stopped',
    ]);
  });

  it('waits for what is refused, which is told only to whoever has not seen the plan', () => {
    const refusing = planOf(
      [want(thing, 'a', { value: 'v' }), want(thing, 'next', { value: ref('cloudflare/thing:a') })],
      [live(thing, 'a', { value: 'v' }, { owner: 'work' })],
    );
    const came = outcomes(refusing, { a: 'skipped', next: 'skipped' });
    const line = 'skipped  1 change of services.next: waiting for refuse cloudflare/thing a';
    expect(skippedLines(refusing, came, form)).toEqual([line]);
    expect(skippedLines(refusing, came, { ...form, refused: true })).toEqual([
      'skipped  1 change of services.a: stopped',
      line,
    ]);
  });

  it('is nothing where all was done', () => {
    expect(skippedLines(plan, outcomes(plan, {}), form)).toEqual([]);
  });
});
