import { expect } from 'vitest';
import { isPending } from '../../../src/core/change.ts';
import type { Exposure } from '../../../src/lab/sandbox/index.ts';
import { withoutCopiesLeft } from '../copies/copies-left.ts';
import { Beginning } from '../stage/beginning.ts';
import { isUncut } from '../stage/cut.ts';
import { copyOf, type Disk } from '../stage/disk.ts';
import { Settled, worldOf } from '../stage/settled.ts';
import { shapeOf } from '../stage/shape.ts';
import { type Pass, unfinished } from '../stage/stage.ts';
import type { Tally } from '../stage/tally.ts';
import {
  chiefMisfortunes,
  type Misfortune,
  misfortunes,
  probeTroubles,
  sortOf,
  type Trouble,
  troubleName,
} from '../stage/trouble.ts';
import { type Moves, type Scene, type State, union } from './moves.ts';

export interface Way {
  readonly scene: Scene;
  readonly before: State;
  readonly after: State;
  /**
   * The troubles to play. `all`: every possible one. Or one misfortune of each sort at every write, if all troubles are
   * played elsewhere between the same gates. Or none.
   */
  readonly goesWrong: 'all' | 'writes' | 'nothing';
}

/**
 * Plays a move undisturbed, and then with one trouble in one process: each write, each read, each check through the
 * edge. Then the next process does the rest, the one after it nothing, all end in the same state, and nobody gets in
 * meanwhile whom neither file admits.
 */
export async function explore(moves: Moves, way: Way): Promise<void> {
  const name = `${way.before.name} → ${way.after.name}`;
  const exploration = new Exploration(moves, way);
  const { report: _, ...sent } = await exploration.disturb(undefined, name);
  moves.tally.moves += 1;
  if (way.goesWrong === 'nothing') return;
  const troubles =
    isUncut || way.goesWrong === 'all' ? troublesOn(sent) : atWrites(sent.writes, chiefMisfortunes);
  const played = isUncut ? troubles : troubles.filter((trouble) => isSampled(trouble, sent, moves.tally));
  for (const trouble of played) {
    await exploration.disturb(trouble, `${name}, ${troubleName(trouble)}`);
    moves.tally.interrupted += 1;
  }
}

/**
 * True if a check plays this trouble. Each test file plays the first trouble of its kind at each sort of call, such as
 * "killed at POST /access/apps", and every 80th after it. All files together play each kind at each sort of call, with
 * a twentieth of the troubles.
 */
function isSampled(trouble: Trouble, { sorts }: Pick<Pass, 'sorts'>, tally: Tally): boolean {
  const sort = 'write' in trouble ? `${trouble.kind} at ${sorts[trouble.write - 1]}` : toldOfSort(trouble);
  return tally.meet(sort) % 80 === 0;
}

/** The trouble without its number in the process; the first read of a path differs from a read during the writes. */
function toldOfSort(trouble: Trouble): string {
  return 'read' in trouble
    ? `${sortOf(trouble.read)} ${trouble.from > 1 ? 'again' : 'first'}`
    : troubleName(trouble);
}

/** Plays the move from one state to the other and, from the resulting world, back. */
export async function thereAndBack(moves: Moves, from: State, to: State): Promise<void> {
  const first = moves.sandbox.snapshot();
  const goesWrong = 'all';
  await explore(moves, { scene: await moves.sceneOf(first, from), before: from, after: to, goesWrong });
  await explore(moves, { scene: await moves.sceneOf(first, to), before: to, after: from, goesWrong });
}

/** All troubles of the calls that were sent, one at a time. */
function troublesOn({ writes, reads, probes }: Omit<Pass, 'report'>): readonly Trouble[] {
  const distinct = [...new Set(reads.map(({ read }) => read))];
  const atReads = distinct.flatMap((read) => {
    const times = reads.filter((other) => other.read === read);
    const before = times.filter(({ after }) => after === 0).length;
    // A read during the writes has another purpose than the first one, from which the plan was made.
    const again = before > 0 && before < times.length ? [before + 1] : [];
    return [1, ...again].map((from) => ({ read, from }));
  });
  return [
    ...atWrites(writes, misfortunes),
    ...atReads,
    ...(probes > 0 ? probeTroubles.map((kind) => ({ probes: kind })) : []),
  ];
}

function atWrites(writes: number, kinds: readonly Misfortune['kind'][]): readonly Trouble[] {
  return Array.from({ length: writes }, (_, index) => index + 1).flatMap((write) =>
    kinds.map((kind) => ({ write, kind })),
  );
}

class Exploration {
  readonly #moves: Moves;
  readonly #way: Way;
  readonly #file: string;
  readonly #beginning = new Beginning();
  /** The end of the undisturbed move. */
  #end: unknown;
  readonly #settled = new Settled();
  /** The writes until whose closing everybody may get in: those at which the host was open and is open again. */
  #openings: readonly number[] = [];

  constructor(moves: Moves, way: Way) {
    this.#moves = moves;
    this.#way = way;
    this.#file = moves.fileOf(way.after);
  }

  async disturb(trouble: Trouble | undefined, where: string): Promise<Pass> {
    const disk = await this.#start();
    const pass = await this.#moves.process(disk, this.#file, trouble, this.#beginning);
    if (trouble === undefined) expect(unfinished(pass.report), where).toEqual([]);
    if (isOpenAgain(pass)) this.#openings = [...this.#openings, this.#reopening(disk)];
    this.#end ??= await shapeOf(this.#moves.sandbox);
    expect(this.#exposures(disk), where).toEqual([]);
    const isNew = await this.#settled.once(this.#moves.sandbox, disk, () => this.#settles(disk, where));
    if (isNew) this.#moves.tally.worlds += 1;
    return pass;
  }

  async #start(): Promise<Disk> {
    const { scene, before, after } = this.#way;
    this.#moves.sandbox.restore(scene.snapshot);
    await this.#moves.guard(scene.open === true ? after.guards : union(before, after));
    this.#openings = [0];
    return copyOf(scene.disk);
  }

  async #settles(disk: Disk, where: string): Promise<void> {
    const { sandbox } = this.#moves;
    const found = worldOf(sandbox, disk);
    const second = await this.#moves.process(disk, this.#file);
    expect(this.#exposures(disk), where).toEqual([]);
    // A third process, in the world that the second found, repeats the second.
    if (worldOf(sandbox, disk) === found) return this.#rests(second, disk, where);
    await this.#settled.once(sandbox, disk, async () => {
      await this.#rests(await this.#moves.process(disk, this.#file), disk, where);
    });
  }

  /** Checks that nothing was left to do, that the end is the usual one, and that the new file admits all who get in. */
  async #rests(last: Pass, disk: Disk, where: string): Promise<void> {
    expect(last.writes, where).toBe(0);
    expect(last.report?.plan?.changes.filter(isPending), where).toEqual([]);
    expect(await shapeOf(this.#moves.sandbox), where).toEqual(this.#end);
    if (this.#way.scene.open === true) await this.#moves.admin('DELETE', '/exposures');
    const { guards } = this.#way.after;
    const found = withoutCopiesLeft(await this.#moves.judgedBy(guards), disk);
    expect(found, `${where}, judged by the new file alone`).toEqual([]);
  }

  #exposures(disk: Disk): readonly Exposure[] {
    const { sandbox } = this.#moves;
    const found = withoutCopiesLeft(sandbox.exposures(), disk);
    if (this.#way.scene.open !== true) return found;
    const open = new Set(found.map(({ n }) => n));
    const closed = this.#writes().filter((n) => !open.has(n));
    return found.filter(({ n }) => {
      const since = Math.max(...this.#openings.filter((opening) => opening <= n));
      return closed.some((at) => at > since && at < n);
    });
  }

  /** The first of the writes that ended the run with the host open. */
  #reopening(disk: Disk): number {
    const open = new Set(withoutCopiesLeft(this.#moves.sandbox.exposures(), disk).map(({ n }) => n));
    const writes = this.#writes();
    return writes[writes.findLastIndex((n) => !open.has(n)) + 1] ?? Number.POSITIVE_INFINITY;
  }

  #writes(): readonly number[] {
    return this.#moves.sandbox.calls().flatMap(({ n, write }) => (write ? [n] : []));
  }
}

/** True if the run undid a closing after a failure (decision 38): everybody gets in whom the earlier file admits. */
function isOpenAgain({ report }: Pass): boolean {
  return unfinished(report).some((line) => line.includes('is open as before'));
}
