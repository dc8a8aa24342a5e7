import { expect } from 'vitest';
import type { Exposure } from '../../../src/lab/sandbox/index.ts';
import { type Guard, type Moves, type Scene, type State, union } from '../moves/moves.ts';
import { type Deed, perform, possibleDeeds } from '../random-files/drift.ts';
import { copyOf } from '../stage/disk.ts';
import { unfinished } from '../stage/stage.ts';

const told = ({ host, path, principal, servedBy }: Exposure) => `${host}${path} ${principal} ${servedBy}`;

/**
 * The exposure, and those that show the same. A person who can log in nowhere yet visits as an anonymous one, and a client
 * that does not exist yet has no token. The oracle asks for files of the check only once the tunnel has a rule for them.
 */
function samePlaces(given: Exposure): readonly Exposure[] {
  const nobodyYet = ['anonymous', 'no token'].map((who) => given.principal.replace(/^[^,]*/, who));
  const paths = [given.path, ...(given.path.includes('/gates-cache') ? ['/below'] : [])];
  return [given.principal, ...nobodyYet].flatMap((principal) =>
    paths.map((path) => ({ ...given, principal, path })),
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

  /**
   * Makes one change or several, and applies the file. With a write, the first run is killed after it, and another one follows.
   * @returns false if the first run did not get as far as that write.
   */
  async play(deeds: Deed | readonly Deed[], after: State, killedAt?: number): Promise<boolean> {
    const { sandbox, tally, fileOf } = this.#moves;
    sandbox.restore(this.#scene.snapshot);
    const disk = await copyOf(this.#scene.disk);
    const made: string[] = [];
    for (const deed of [deeds].flat()) made.push(await perform(sandbox, deed));
    const done = made.join(', ');
    if (done.includes(': refused')) return false;
    const where = `${this.#before.name} → ${after.name}, ${done}${killedAt === undefined ? '' : `, killed at write ${killedAt}`}`;
    const atOnce = new Set((await this.#exposedTo(union(this.#before, after))).map(told));
    const isExcused = (each: Exposure) => samePlaces(each).some((place) => atOnce.has(told(place)));
    const killed = killedAt === undefined ? undefined : ({ write: killedAt, kind: 'kill' } as const);
    const disturbed = killed && (await this.#moves.process(disk, fileOf(after), killed));
    const first = await this.#moves.process(disk, fileOf(after));
    expect(unfinished(first.report), `${where}: first run`).toEqual([]);
    const meanwhile = sandbox.exposures().filter((each) => !isExcused(each));
    expect(meanwhile.map(told), `${where}: meanwhile`).toEqual([]);
    expect(await this.#exposedTo(after.guards), `${where}: afterwards`).toEqual([]);
    // A run reads the keys of a client before it makes a new one.
    if ([deeds].flat().some(({ what }) => what === 'delete a key pair'))
      await this.#moves.process(disk, fileOf(after));
    expect((await this.#moves.process(disk, fileOf(after))).writes, `${where}: second run`).toBe(0);
    tally.moves += 1;
    return disturbed?.report === undefined;
  }

  async #exposedTo(guards: readonly Guard[]): Promise<readonly Exposure[]> {
    await this.#moves.admin('DELETE', '/exposures');
    return this.#moves.judgedBy(guards);
  }
}
