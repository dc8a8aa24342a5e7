import { describe, expect, it } from 'vitest';
import type { Change, Plan } from '../../src/core/change.ts';
import { checksAlone } from '../../src/plan/selection.ts';
import { opening, planOf, proof, standingObjects } from './support/plan-text.ts';

const change = (key: string, verb: Change['verb'], want?: object): Change => ({
  id: `${verb} edge/sight:${key}`,
  verb,
  phase: 'prove',
  address: { kind: 'edge/sight', key },
  drift: [],
  doors: [],
  needs: [],
  ...(want !== undefined && { want }),
});

const plan: Plan = {
  owner: 'home',
  changes: [
    change('stands', 'verify', { covered: false, opened: false }),
    change('covered', 'verify', { covered: true, opened: false }),
    change('opened', 'verify', { covered: false, opened: true }),
    change('both', 'verify', { covered: true, opened: true }),
    change('unsaid', 'verify', {}),
    change('nothing', 'verify'),
    change('no look', 'update', { covered: false, opened: false }),
  ],
  warnings: ['of the file'],
  attributes: { 'edge/sight:a': { id: '1' } },
  unknown: [{ kind: 'edge/sight', reason: '403' }],
};

describe('the remaining checks of a plan', () => {
  it('are at unchanged hosts that are neither covered nor opened', () => {
    expect(checksAlone(plan)).toEqual({ ...plan, changes: plan.changes.slice(0, 1) });
  });
  it('are the checks of a watch if nothing else is to be done', () => {
    const watched = planOf({
      wants: opening,
      lives: standingObjects,
      proofs: [proof],
      options: { watch: true },
    });
    expect(checksAlone(watched).changes.map(({ id }) => id)).toEqual(['verify edge/sight:a.example.dev']);
  });
  it('are none if the host is opened in the same run', () => {
    const opened = planOf({ wants: opening, proofs: [proof], options: { watch: true } });
    expect(opened.changes.some(({ verb }) => verb === 'verify')).toBe(true);
    expect(checksAlone(opened).changes).toEqual([]);
  });
});
