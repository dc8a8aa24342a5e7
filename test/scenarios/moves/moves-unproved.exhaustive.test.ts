import { describe, expect, it } from 'vitest';
import { isPending } from '../../../src/core/change.ts';
import { createSandbox } from '../../../src/lab/sandbox/index.ts';
import { authentik, behind, clientGuard, home, plain } from '../homes/authentik-home.ts';
import { Beginning } from '../stage/beginning.ts';
import { inTurn, playedAt } from '../stage/cut.ts';
import { copyOf, type Disk } from '../stage/disk.ts';
import { Settled } from '../stage/settled.ts';
import { shapeOf } from '../stage/shape.ts';
import { unfinished } from '../stage/stage.ts';
import { tallied } from '../stage/tally.ts';
import { type Guard, host, Moves, type State, union } from './moves.ts';

const others = behind.filter((name) => name !== host);
const before = plain.filter(({ name }) => ['none', 'me', 'public'].includes(name));
const after = authentik.filter(({ name }) => ['admins', 'family, with open paths'].includes(name));

const moves = before.flatMap((from) => after.map((to) => ({ from, to })));

/**
 * The people whom the door may admit while the new gate is unconfirmed: those of its previous gate; otherwise nobody,
 * since the host is hidden. Paths that the file opens need no check; a host that was public is closed by then.
 */
function untilProved(from: State, to: State): readonly Guard[] {
  return union(from, to).map(({ admit, ...guard }, index) => ({
    ...guard,
    admit: { ...admit, public: to.guards[index]?.admit.public === true },
  }));
}

const tally = tallied('hosts whose gate cannot be seen');

/**
 * The origin does not send the host through the outpost, and each write also fails, in ways that change from write to
 * write: the host stays closed until the origin is right. Then one run opens it.
 */
describe('a host that its origin does not send through the outpost', () => {
  it.each(inTurn(moves))('$from.name → $to.name', async ({ from, to }) => {
    const sandbox = await createSandbox({ zones: ['example.dev'], callBudget: 100_000_000 });
    const stage = new Moves(sandbox, home, [clientGuard], tally);
    const file = home(to);
    await stage.sendThroughOutpost(behind);
    const scene = await stage.sceneOf(sandbox.snapshot(), from);
    const proved = await stage.process(await copyOf(scene.disk), file);
    expect(unfinished(proved.report)).toEqual([]);
    const undisturbed = await shapeOf(sandbox);

    const start = async () => {
      sandbox.restore(scene.snapshot);
      await stage.sendThroughOutpost(others);
      await stage.guard(union(from, to));
      return copyOf(scene.disk);
    };
    const [beginning, settled] = [new Beginning(), new Settled()];
    const { writes, report } = await stage.process(await start(), file, undefined, beginning);
    expect(unfinished(report).join('\n')).toContain('does not send the host through the outpost');

    const waits = async (disk: Disk, where: string) => {
      const waiting = await stage.process(disk, file);
      expect(waiting.writes, `${where}: waits`).toBe(0);
      expect(waiting.report?.plan?.changes.filter(isPending), where).not.toEqual([]);
      expect(await stage.judgedBy(untilProved(from, to)), `${where}: closed`).toEqual([]);

      await stage.sendThroughOutpost(behind);
      const opened = await stage.process(disk, file);
      expect(unfinished(opened.report), where).toEqual([]);
      expect(await shapeOf(sandbox), where).toEqual(undisturbed);
      const again = await stage.process(disk, file);
      expect(again.writes, where).toBe(0);
      expect(again.report?.plan?.changes.filter(isPending), where).toEqual([]);
      expect(await stage.judgedBy(to.guards), where).toEqual([]);
    };
    for (const { write, kind } of playedAt(writes)) {
      const where = `${from.name} → ${to.name}, ${kind} at write ${write}`;
      const disk = await start();
      await stage.process(disk, file, { write, kind }, beginning);
      expect(stage.sandbox.exposures(), where).toEqual([]);
      const isNew = await settled.once(sandbox, disk, async () => {
        await stage.process(disk, file);
        expect(stage.sandbox.exposures(), where).toEqual([]);
        await settled.once(sandbox, disk, () => waits(disk, where));
      });
      if (isNew) tally.worlds += 1;
      tally.interrupted += 1;
    }
    tally.moves += 1;
  });
});
