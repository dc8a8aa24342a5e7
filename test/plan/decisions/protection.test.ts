import { describe, expect, it } from 'vitest';
import type { Protection } from '../../../src/core/objects/protection.ts';
import { live, planOf, steps, thing, want } from '../support/fakes.ts';

const carrier = 'cloudflare/thing:a';
const protection: Protection = { entry: 'record', carrier };
const kept = live(thing, 'a', { value: 'v' }, { protection });

describe('a protected object that the file does not name', () => {
  it('is refused with the way to remove it, whatever is allowed', () => {
    for (const allow of [[], ['prune', 'change']] as const) {
      const { changes } = planOf([], [kept], { allow });
      expect(changes).toMatchObject([
        { verb: 'refuse', reason: expect.stringContaining('put it back with `protect: false`') },
      ]);
    }
  });

  it('keeps what it needs, and its parts, which are not refused themselves', () => {
    const needed = live(thing, 'needed', { value: 'v' });
    const part = live(thing, 'part', { value: 'v' }, { protection, uses: [kept.id] });
    const holder = live(thing, 'a', { value: 'v' }, { protection, uses: [needed.id] });
    expect(steps(planOf([], [needed, part, holder]))).toEqual(['refuse thing a']);
  });

  it('does not stop the removal of its parts while the file names it', () => {
    const part = live(thing, 'part', { value: 'v' }, { protection });
    const plan = planOf([want(thing, 'a', { value: 'v' })], [kept, part]);
    expect(steps(plan)).toEqual(['prune thing part']);
  });

  it('does not stop unfinished business, or a wanted object in its place', () => {
    const unfinished = live(thing, 'a', { value: 'v' }, { protection, unfinished: true });
    expect(steps(planOf([], [unfinished]))).toEqual(['prune thing a']);
    const replaced = live(
      thing,
      'not-b',
      { value: 'v' },
      {
        protection: { entry: 'record', carrier: 'cloudflare/thing:not-b' },
      },
    );
    const inPlace = want(thing, 'b', { value: 'v' });
    expect(steps(planOf([inPlace], [replaced]))).toEqual(['prune thing not-b', 'create thing b']);
    const waiting = { ...inPlace, mustExist: 'it waits' };
    expect(steps(planOf([waiting], [replaced]))).toEqual(['refuse thing not-b', 'refuse thing b']);
  });
});

it('a wanted object with `protect` is not replaced', () => {
  const spec = { value: 'v', link: 'x' };
  const have = live(thing, 'a', { value: 'v', link: 'y' }, { protection });
  expect(steps(planOf([want(thing, 'a', spec)], [have]))).toEqual(['replace thing a']);
  expect(planOf([want(thing, 'a', spec, { protect: 'record' })], [have]).changes).toMatchObject([
    { verb: 'refuse', reason: expect.stringContaining('`protect: true`') },
  ]);
});
