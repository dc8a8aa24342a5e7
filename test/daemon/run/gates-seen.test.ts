import { describe, expect, it } from 'vitest';
import type { Change } from '../../../src/core/change.ts';
import { UnsafeError } from '../../../src/core/errors.ts';
import type { Outcome } from '../../../src/core/outcome.ts';
import { gatesSeen, tellNews } from '../../../src/daemon/run/gates-seen.ts';
import type { RunReport } from '../../../src/daemon/run/run-report.ts';
import type { GateSeen } from '../../../src/report/status/status.ts';
import { quietLog } from '../quiet-log.ts';

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

const report = (outcomes: readonly Outcome[], ...hosts: readonly string[]): RunReport => ({
  mistakes: [],
  outcomes,
  plan: { owner: 'home', changes: hosts.map(look), warnings: [], attributes: {}, unknown: [] },
});

const guarded: GateSeen = { host: 'a', verdict: 'guarded', since: before, at: before };

describe('the record of gate checks', () => {
  it('has for each gate since when its verdict holds, and how long the check took', () => {
    const seen = gatesSeen(report([outcome('a', { attributes: { milliseconds: '12' } })], 'a'), [guarded], {
      now,
      all: false,
    });
    expect(seen).toEqual([{ host: 'a', verdict: 'guarded', since: before, at, milliseconds: 12 }]);
  });

  it('begins anew when the verdict changes, and says why', () => {
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

  it('keeps unchecked gates, ordered by host, until a run checks all', () => {
    const made = report([outcome('b')], 'b');
    expect(gatesSeen(made, [guarded], { now, all: false }).map(({ host }) => host)).toEqual(['a', 'b']);
    expect(gatesSeen(made, [guarded], { now, all: true }).map(({ host }) => host)).toEqual(['b']);
  });

  it('keeps gates that wait for something else, even in a run that checks all', () => {
    const skipped = outcome('a', { status: 'skipped', reason: 'waits' });
    expect(gatesSeen(report([skipped], 'a'), [guarded], { now, all: true })).toEqual([guarded]);
  });

  it.each([
    { from: 'closed', to: 'covered', since: before, because: 'it is as shut as before' },
    { from: 'covered', to: 'closed', since: before, because: 'it is as shut as before' },
    { from: 'unproved', to: 'closed', since: at, because: 'it was open to people until now' },
    { from: 'guarded', to: 'open', since: at, because: 'strangers get by from now on' },
  ] as const)('counts from $since when it goes from $from to $to: $because', ({ from, to, since }) => {
    const error = new UnsafeError('The gate was not seen to work');
    const failed = outcome('a', { status: 'failed', error, attributes: { verdict: to } });
    const seen = gatesSeen(report([failed], 'a'), [{ ...guarded, verdict: from }], { now, all: false });
    expect(seen).toMatchObject([{ verdict: to, since }]);
  });

  it('has what the origin does and since when, even if this run did not ask it', () => {
    const asked = (origin: string) =>
      outcome('a', { attributes: { origin, ...(origin !== 'asks' && { originSeen: 'GET / got through' }) } });
    const silent = { verdict: 'silent', since: before, reason: 'GET / got through' } as const;
    const look = (item: Outcome, earlier: GateSeen) =>
      gatesSeen(report([item], 'a'), [earlier], { now, all: true })[0]?.origin;
    expect(look(asked('silent'), guarded)).toEqual({ ...silent, since: at });
    expect(look(asked('silent'), { ...guarded, origin: silent })).toEqual(silent);
    expect(look(outcome('a'), { ...guarded, origin: silent })).toEqual(silent);
    expect(look(asked('asks'), { ...guarded, origin: silent })).toEqual({ verdict: 'asks', since: at });
  });

  it('has nothing of a gate that was not checked after all, and nothing of other changes', () => {
    const skipped = outcome('a', { status: 'skipped', reason: 'waits' });
    const other = outcome('b', { change: 'create edge/proof:b' });
    expect(gatesSeen(report([skipped, other], 'a'), [guarded], { now, all: false })).toEqual([guarded]);
  });
});

describe('the log of gate checks', () => {
  const closed: GateSeen = { ...guarded, verdict: 'closed', reason: 'add the middleware' };
  const silent: GateSeen = {
    ...guarded,
    origin: { verdict: 'silent', since: at, reason: 'GET / got through' },
  };
  const asks: GateSeen = { ...guarded, origin: { verdict: 'asks', since: at } };
  const away: GateSeen = { ...guarded, origin: { verdict: 'unreachable', since: at } };
  const toldOf = (from: GateSeen | undefined, to: GateSeen) => {
    const log = quietLog();
    tellNews(log, from === undefined ? [] : [from], [to]);
    return log.lines.map(({ level, message, fields }) => [level, message, fields]);
  };

  it.each([
    { from: undefined, to: guarded, because: 'a gate that works is no news' },
    { from: closed, to: closed, because: 'it was told' },
    { from: undefined, to: asks, because: 'an origin that asks is no news' },
    { from: silent, to: silent, because: 'it was told' },
    { from: asks, to: away, because: 'that it is not reachable from here is no finding' },
    { from: away, to: asks, because: 'it was not known to do anything else' },
  ])('is empty: $because', ({ from, to }) => {
    expect(toldOf(from, to)).toEqual([]);
  });

  it('has a warning for a gate that is not confirmed any more, and an error when strangers get in', () => {
    const fields = { host: 'a', verdict: 'closed', reason: 'add the middleware' };
    expect(toldOf(guarded, closed)).toEqual([['warn', 'gate not confirmed', fields]]);
    expect(toldOf(undefined, closed)).toEqual([['warn', 'gate not confirmed', fields]]);
    expect(toldOf(closed, { ...closed, verdict: 'open' })).toMatchObject([
      ['error', 'gate not confirmed', {}],
    ]);
  });

  it('has a line when a gate works again', () => {
    expect(toldOf(closed, guarded)).toEqual([['info', 'gate confirmed', { host: 'a' }]]);
  });

  it('has a warning when the origin asks nobody, and a line when it asks again', () => {
    const fields = { host: 'a', verdict: 'silent', reason: 'GET / got through' };
    expect(toldOf(asks, silent)).toEqual([['warn', 'origin does not ask for a login', fields]]);
    expect(toldOf(silent, asks)).toEqual([['info', 'origin asks for a login', { host: 'a' }]]);
  });
});
