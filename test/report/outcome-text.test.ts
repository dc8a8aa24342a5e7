import { describe, expect, it } from 'vitest';
import type { Plan } from '../../src/core/change.ts';
import type { Outcome } from '../../src/core/outcome.ts';
import { ref } from '../../src/core/reference.ts';
import { skippedLines } from '../../src/report/outcome-text.ts';
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
