import { expect } from 'vitest';
import type { Exposure } from '../../../src/lab/sandbox/index.ts';
import { type Guard, type Moves, type Scene, type State, union } from '../moves/moves.ts';
import { type Deed, perform, possibleDeeds, possibleLosses } from '../random-files/drift.ts';
import { copyOf } from '../stage/disk.ts';
import { unfinished } from '../stage/stage.ts';
import type { Obstacle } from './obstacles.ts';

const told = ({ host, path, principal, servedBy }: Exposure) => `${host}${path} ${principal} ${servedBy}`;

/**
 * The exposure, and those that show the same. A person who can log in nowhere yet visits as an anonymous one, and a client
 * that does not exist yet has no token. Whoever passes a policy or a flow that nothing asks for yet visits as one who does not pass it.
 * The oracle asks for files of the check only once the tunnel has a rule for them.
 */
function samePlaces(given: Exposure): readonly Exposure[] {
  const visitors = withFewerPasses(given.principal).flatMap((principal) => [
    principal,
    ...['anonymous', 'no token'].map((who) => principal.replace(/^[^,]*/, who)),
  ]);
  const paths = [given.path, ...(given.path.includes('/gates-cache') ? ['/below'] : [])];
  return visitors.flatMap((principal) => paths.map((path) => ({ ...given, principal, path })));
}

function withFewerPasses(principal: string): readonly string[] {
  const [who = '', ...facts] = principal.split(', ');
  return facts.reduce<readonly string[]>(
    (found, fact) => [
      ...found.map((known) => `${known}, ${fact}`),
      ...(fact.startsWith('passes ') ? found : []),
    ],
    [who],
  );
}

/**
 * A home in which somebody changes one object by hand, so that the next run finds that and a new file. It does all at
 * once, the run after it nothing, and whoever gets in meanwhile got in as soon as the change was made.
 */
export class ChangedHome {
  readonly #moves: Moves;
  readonly #scene: Scene;
  readonly #before: State;

  private constructor(moves: Moves, scene: Scene, before: State) {
    this.#moves = moves;
    this.#scene = scene;
    this.#before = before;
  }

  /** The home in this state. A person joins these groups, so that the oracle sees whom a login admits. */
  static async of(moves: Moves, before: State, groups: readonly string[]): Promise<ChangedHome> {
    const scene = await moves.sceneOf(moves.sandbox.snapshot(), before);
    return new ChangedHome(moves, groups.length > 0 ? await moves.withMember(scene, groups) : scene, before);
  }

  /** All changes that are possible. */
  get deeds(): readonly Deed[] {
    this.#moves.sandbox.restore(this.#scene.snapshot);
    return possibleDeeds(this.#moves.sandbox);
  }

  /** All ways to take our mark from an object. */
  get losses(): readonly Deed[] {
    this.#moves.sandbox.restore(this.#scene.snapshot);
    return possibleLosses(this.#moves.sandbox);
  }

  /**
   * Makes one change or several, and applies the file. With a write, the first run is killed after it, and another one follows.
   * @returns false if the first run did not get as far as that write.
   */
  async play(deeds: Deed | readonly Deed[], after: State, killedAt?: number): Promise<boolean> {
    const all = [deeds].flat();
    const changed = await this.#change(after, () => this.#perform(all));
    if (changed === undefined) return false;
    const { disk, isExcused } = changed;
    const { tally, fileOf } = this.#moves;
    const where = `${changed.where}${killedAt === undefined ? '' : `, killed at write ${killedAt}`}`;
    const killed = killedAt === undefined ? undefined : ({ write: killedAt, kind: 'kill' } as const);
    const disturbed = killed && (await this.#moves.process(disk, fileOf(after), killed));
    const first = await this.#moves.process(disk, fileOf(after));
    expect(unfinished(first.report), `${where}: first run`).toEqual([]);
    this.#expectNobodyNew(isExcused, where);
    expect(await this.#exposedTo(after.guards), `${where}: afterwards`).toEqual([]);
    // A run reads the keys of a client before it makes a new one.
    if (all.some(({ what }) => what === 'delete a key pair')) await this.#moves.process(disk, fileOf(after));
    expect((await this.#moves.process(disk, fileOf(after))).writes, `${where}: second run`).toBe(0);
    tally.moves += 1;
    return disturbed?.report === undefined;
  }

  /**
   * Takes our mark from an object, and applies the file. What needs that object may wait for a person. If nothing waits, the file is in
   * force. The third run does nothing at the latest.
   */
  async lose(loss: Deed, after: State): Promise<void> {
    const changed = await this.#change(after, () => this.#perform([loss]));
    if (changed === undefined) return;
    const { disk, isExcused, where } = changed;
    const { tally, fileOf } = this.#moves;
    const runs = [];
    for (const run of ['first', 'second', 'third']) {
      const pass = await this.#moves.process(disk, fileOf(after));
      const left = unfinished(pass.report);
      expect(left.filter((text) => text.includes('Bug in gates')).join(), `${where}: ${run} run`).toBe('');
      this.#expectNobodyNew(isExcused, `${where}: ${run} run`);
      runs.push({ left, writes: pass.writes });
    }
    const { left, writes } = runs[2] ?? {};
    expect(writes, `${where}: writes of the third run`).toBe(0);
    const remain = left?.length === 0 ? await this.#exposedTo(after.guards) : [];
    expect(remain.filter((each) => !isExcused(each)).map(told), `${where}: afterwards`).toEqual([]);
    tally.moves += 1;
  }

  /**
   * Somebody places an object in the way while the file changes. Nobody new gets in, and the second run does nothing. Once the object is
   * gone, the file comes into force.
   */
  async obstruct({ name, place }: Obstacle, after: State): Promise<void> {
    const { tally, fileOf } = this.#moves;
    let remove: () => Promise<unknown> = async () => undefined;
    const changed = await this.#change(after, async () => {
      remove = await place(this.#moves);
      return `beside ${name}`;
    });
    if (changed === undefined) return;
    const { disk, isExcused, where } = changed;
    const refused = await this.#moves.process(disk, fileOf(after));
    const left = unfinished(refused.report);
    expect(left.filter((text) => text.includes('Bug in gates')).join(), where).toBe('');
    this.#expectNobodyNew(isExcused, where);
    expect((await this.#moves.process(disk, fileOf(after))).writes, `${where}: second run`).toBe(0);
    await remove();
    const { report } = await this.#moves.process(disk, fileOf(after));
    expect(unfinished(report), `${where}: without it`).toEqual([]);
    this.#expectNobodyNew(isExcused, `${where}: without it`);
    expect((await this.#moves.process(disk, fileOf(after))).writes, `${where}: last run`).toBe(0);
    expect((await this.#exposedTo(after.guards)).map(told), `${where}: afterwards`).toEqual([]);
    tally.moves += 1;
  }

  async #perform(deeds: readonly Deed[]): Promise<string> {
    const made: string[] = [];
    for (const deed of deeds) made.push(await perform(this.#moves.sandbox, deed));
    return made.join(', ');
  }

  /** Lets somebody make changes, and looks whom they let in. Undefined if the API rejects one. */
  async #change(after: State, make: () => Promise<string>) {
    this.#moves.sandbox.restore(this.#scene.snapshot);
    const disk = await copyOf(this.#scene.disk);
    const done = await make();
    if (done.includes(': refused')) return undefined;
    const atOnce = new Set((await this.#exposedTo(union(this.#before, after))).map(told));
    const isExcused = (each: Exposure) => samePlaces(each).some((place) => atOnce.has(told(place)));
    return { disk, isExcused, where: `${this.#before.name} → ${after.name}, ${done}` };
  }

  #expectNobodyNew(isExcused: (each: Exposure) => boolean, where: string): void {
    const meanwhile = this.#moves.sandbox.exposures().filter((each) => !isExcused(each));
    expect(meanwhile.map(told), `${where}: meanwhile`).toEqual([]);
  }

  async #exposedTo(guards: readonly Guard[]): Promise<readonly Exposure[]> {
    await this.#moves.admin('DELETE', '/exposures');
    return this.#moves.judgedBy(guards);
  }
}
