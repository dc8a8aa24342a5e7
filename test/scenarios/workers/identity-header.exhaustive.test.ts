import { describe, expect, it } from 'vitest';
import { foreignWorkers, IdentityHome, identityStates as states } from '../homes/identity-home.ts';
import { inTurn, isPlayed, isUncut } from '../stage/cut.ts';
import { copyOf } from '../stage/disk.ts';
import { unfinished } from '../stage/stage.ts';
import { standingTime, tallied } from '../stage/tally.ts';
import { misfortunes, type Trouble } from '../stage/trouble.ts';

standingTime();

const tally = tallied('a Worker that passes on the identity');

/** Each move with the forged headers that reach the application in the state before and in the state after it. */
const moves = [
  {
    name: 'a new host',
    before: 'absent',
    after: 'user',
    forgedBefore: ['x-remote'],
    forgedAfter: ['x-remote'],
  },
  {
    name: 'a host gets its Worker',
    before: 'plain',
    after: 'user',
    forgedBefore: ['x-user', 'x-remote'],
    forgedAfter: ['x-remote'],
  },
  {
    name: 'another header',
    before: 'user',
    after: 'remote',
    forgedBefore: ['x-remote'],
    forgedAfter: ['x-user'],
  },
  {
    name: 'other people',
    before: 'user',
    after: 'others',
    forgedBefore: ['x-remote'],
    forgedAfter: ['x-remote'],
  },
  {
    name: 'the Worker goes',
    before: 'user',
    after: 'plain',
    forgedBefore: ['x-remote'],
    forgedAfter: ['x-user', 'x-remote'],
  },
  { name: 'the host goes', before: 'user', after: 'absent', forgedBefore: ['x-remote'], forgedAfter: [] },
] as const;

describe.each(inTurn(moves))('$name', ({ before, after, forgedBefore, forgedAfter }) => {
  const headers = ['X-User', 'X-Remote'];
  const isOf = (state: readonly string[], forged: readonly string[]) =>
    forged.every((header) => state.includes(header));

  async function opened(): Promise<IdentityHome> {
    const home = await IdentityHome.open();
    await home.settle(states[before]);
    await home.guard(...headers);
    return home;
  }

  /** At each moment, the host is in the state before or after, or closed; and never before again once it was not. */
  function judge(home: IdentityHome, where: string): void {
    const wrong = [...home.forged()].filter(
      ([, forged]) => !isOf(forgedBefore, forged) && !isOf(forgedAfter, forged),
    );
    expect(wrong, where).toEqual([]);
  }

  async function disturbed(start: IdentityHome, trouble: Trouble, where: string): Promise<number> {
    const home = IdentityHome.at(start.sandbox, snapshot, await copyOf(start.disk));
    const pass = await home.run(states[after], trouble);
    tally.add(pass);
    judge(home, where);
    await home.settle(states[after], where);
    judge(home, `${where}, repaired`);
    await home.guard(...headers);
    await home.settle(states[after], where);
    for (const [, forged] of home.forged()) expect(isOf(forgedAfter, forged), where).toBe(true);
    const ours = after === 'absent' || after === 'plain' ? 0 : 2;
    expect(home.workers(), where).toEqual({ ours, theirs: foreignWorkers });
    return pass.writes;
  }
  let snapshot: ReturnType<IdentityHome['sandbox']['snapshot']>;

  it.each(misfortunes)('%s at any write lets no forged header pass that the files forbid', async (kind) => {
    const home = await opened();
    snapshot = home.sandbox.snapshot();
    for (let write = 1; ; write += 1) {
      if (!isPlayed({ write, kind })) continue;
      if ((await disturbed(home, { write, kind }, `${kind} at write ${write}`)) < write) break;
    }
  });

  // A check refuses every second read.
  it('any read that is refused does not either', async () => {
    const home = await opened();
    snapshot = home.sandbox.snapshot();
    const undisturbed = IdentityHome.at(home.sandbox, snapshot, await copyOf(home.disk));
    const { reads, report } = await undisturbed.run(states[after]);
    expect(unfinished(report)).toEqual([]);
    const troubles = [...new Set(reads.map((each) => each.read))].flatMap((read) =>
      reads.filter((each) => each.read === read).map((_, earlier) => ({ read, from: earlier + 1 })),
    );
    for (const trouble of troubles.filter((_, index) => isUncut || index % 2 === 0))
      await disturbed(home, trouble, `${trouble.read} refused from time ${trouble.from} on`);
  });

  it.each(['unanswered', 'challenged'] as const)('no more does a probe that is %s', async (probes) => {
    const home = await opened();
    snapshot = home.sandbox.snapshot();
    await disturbed(home, { probes }, probes);
  });

  it.each([5_000, 'random'])('no more does an edge that learns late: %s', async (delay) => {
    const lag = delay === 'random' ? ([0, 30_000] as const) : Number(delay);
    const home = await opened();
    const { report } = await home.run(states[after], undefined, lag);
    expect(unfinished(report)).toEqual([]);
    judge(home, String(delay));
  });
});
