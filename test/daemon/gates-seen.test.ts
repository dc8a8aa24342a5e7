import { describe, expect, it } from 'vitest';
import type { Change } from '../../src/core/change.ts';
import { UnsafeError } from '../../src/core/errors.ts';
import type { Outcome } from '../../src/core/outcome.ts';
import { gatesSeen, type PassReport } from '../../src/daemon/pass-report.ts';
import type { GateSeen } from '../../src/report/status.ts';

const now = new Date('2026-11-25T10:00:00.000Z');
const at = now.toISOString();
const before = '2026-11-25T08:00:00.000Z';

function look(host: string): Change {
  return {
    id: `verify edge/proof:${host}`,
    verb: 'verify',
    phase: 'prove',
    address: { kind: 'edge/proof', key: host },
    drift: [],
    needs: [],
    doors: [],
  };
}

const outcome = (host: string, more: Partial<Outcome> = {}): Outcome => ({
  change: `verify edge/proof:${host}`,
  address: { kind: 'edge/proof', key: host },
  status: 'done',
  ...more,
});

const report = (outcomes: readonly Outcome[], ...hosts: readonly string[]): PassReport => ({
  mistakes: [],
  outcomes,
  plan: { owner: 'home', changes: hosts.map(look), warnings: [], attributes: {}, unknown: [] },
});

const guarded: GateSeen = { host: 'a', verdict: 'guarded', since: before, at: before };

describe('what was seen of the gates', () => {
  it('says of a gate since when it is so, and how long the look took', () => {
    const seen = gatesSeen(report([outcome('a', { attributes: { milliseconds: '12' } })], 'a'), [guarded], {
      now,
      all: false,
    });
    expect(seen).toEqual([{ host: 'a', verdict: 'guarded', since: before, at, milliseconds: 12 }]);
  });

  it('begins anew where the verdict is another, and says why', () => {
    const error = new UnsafeError('The gate was not seen to work', { hint: 'add the middleware' });
    const seen = gatesSeen(report([outcome('a', { status: 'failed', error })], 'a'), [guarded], {
      now,
      all: false,
    });
    expect(seen).toEqual([
      {
        host: 'a',
        verdict: 'unproved',
        since: at,
        at,
        reason: 'The gate was not seen to work. add the middleware',
      },
    ]);
  });

  it('keeps what it did not look at, in order of the hosts, until a pass looks at all', () => {
    const made = report([outcome('b')], 'b');
    expect(gatesSeen(made, [guarded], { now, all: false }).map(({ host }) => host)).toEqual(['a', 'b']);
    expect(gatesSeen(made, [guarded], { now, all: true }).map(({ host }) => host)).toEqual(['b']);
  });

  it('says nothing of a gate that was not looked at after all, and nothing of other changes', () => {
    const skipped = outcome('a', { status: 'skipped', reason: 'waits' });
    const other = outcome('b', { change: 'create edge/proof:b' });
    expect(gatesSeen(report([skipped, other], 'a'), [guarded], { now, all: false })).toEqual([guarded]);
  });
});
