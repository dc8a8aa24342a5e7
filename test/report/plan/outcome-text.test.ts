import { describe, expect, it } from 'vitest';
import type { Plan } from '../../../src/core/change.ts';
import { UnsafeError } from '../../../src/core/errors.ts';
import { ref } from '../../../src/core/objects/reference.ts';
import type { Outcome } from '../../../src/core/outcome.ts';
import { doneLines, troubleLines } from '../../../src/report/plan/outcome-text.ts';
import { gate, live, planOf, thing, want } from '../../plan/support/fakes.ts';

const form = { color: false, width: 80, refused: false };

/** A plan in which three changes need `a`, one of them indirectly, and none needs `b`. */
const plan = planOf(
  [
    want(thing, 'a', { value: 'v' }),
    want(thing, 'first', { value: ref('cloudflare/thing:a') }, { because: 'services.first' }),
    want(thing, 'second', { value: ref('cloudflare/thing:first') }, { because: 'services.second' }),
    want(thing, 'third', { value: ref('cloudflare/thing:a') }, { because: 'services.first' }),
    want(thing, 'b', { value: 'v' }, { because: 'services.b' }),
    want(thing, 'next', { value: ref('cloudflare/thing:b') }, { because: 'services.next' }),
  ],
  [],
);

function outcomes(of: Plan, statuses: Readonly<Record<string, Outcome['status']>>): readonly Outcome[] {
  return of.changes.map(({ id, address }) => {
    const status = statuses[address.key] ?? 'done';
    const facts = { detail: address.key };
    return {
      change: id,
      address,
      status,
      ...(status === 'skipped' && { reason: 'stopped' }),
      ...(status === 'failed' && {
        error: new UnsafeError('It was not there', { hint: 'Look for it', facts }),
      }),
    };
  });
}

describe('a done change', () => {
  it('has its number', () => {
    const [change] = plan.changes;
    if (change === undefined) throw new Error('the plan is empty');
    expect(doneLines(change, { color: false, width: 80, place: '[1/5] ' })).toEqual([
      '[1/5] done     create cloudflare/thing a',
    ]);
  });
});

describe('an undone change', () => {
  it('appears below the failure that it waits for, once, even if it needs that indirectly', () => {
    const came = outcomes(plan, { a: 'failed', first: 'skipped', second: 'skipped', third: 'skipped' });
    expect(troubleLines(plan, came, form)).toEqual([
      'failed   create cloudflare/thing a: It was not there. Look for it',
      '         waiting for it: 3 changes of services.first, services.second',
    ]);
  });

  it('appears with others that failed for the same cause, wrapped below it', () => {
    const came = outcomes(plan, { a: 'failed', first: 'skipped', b: 'failed', next: 'skipped' });
    expect(troubleLines(plan, came, { ...form, width: 50 })).toEqual([
      'failed   create cloudflare/thing a, b: It was not',
      '         there. Look for it',
      '         waiting for it: 2 changes of',
      '         services.first, services.next',
    ]);
  });

  it('names its kind, even for a shared cause', () => {
    const mixed = planOf(
      [want(thing, 'a', { value: 'v' }), want(gate, 'g', { host: 'a.example.dev', admits: ['me'] })],
      [],
    );
    const lines = troubleLines(mixed, outcomes(mixed, { a: 'failed', g: 'failed' }), form);
    expect(lines.filter((line) => line.startsWith('failed'))).toEqual([
      'failed   create cloudflare/thing a: It was not there. Look for it',
      expect.stringContaining('gate g: It was not there. Look for it'),
    ]);
  });

  it('has its own reason if no change that it needs has failed', () => {
    expect(troubleLines(plan, outcomes(plan, { b: 'skipped' }), form)).toEqual([
      'skipped  1 change of services.b: stopped',
    ]);
  });

  it('that waits for a refusal is listed only for readers who have not seen the plan', () => {
    const refusing = planOf(
      [want(thing, 'a', { value: 'v' }), want(thing, 'next', { value: ref('cloudflare/thing:a') })],
      [live(thing, 'a', { value: 'v' }, { owner: 'work' })],
    );
    const came = outcomes(refusing, { a: 'skipped', next: 'skipped' });
    const line = 'skipped  1 change of services.next: waiting for refuse cloudflare/thing a';
    expect(troubleLines(refusing, came, form)).toEqual([line]);
    expect(troubleLines(refusing, came, { ...form, refused: true })).toEqual([
      'skipped  1 change of services.a: stopped',
      line,
    ]);
  });

  it('does not exist if everything was done', () => {
    expect(troubleLines(plan, outcomes(plan, {}), form)).toEqual([]);
  });
});
