import { describe, expect, it } from 'vitest';
import { createSandbox, type Exposure } from '../../../src/lab/sandbox/index.ts';
import { authentik, behind, clientGuard, home, plain } from '../homes/authentik-home.ts';
import { Moves, type Scene, type State, union } from '../moves/moves.ts';
import { type Deed, perform, possibleDeeds } from '../random-files/drift.ts';
import { inTurn } from '../stage/cut.ts';
import { copyOf, unfinished } from '../stage/stage.ts';
import { tallied } from '../stage/tally.ts';

const tally = tallied('changes by hand before a change of the file');

/** The home without the hosts that no move changes. */
const fileOf = (of: Pick<State, 'service'>) => home(of).replace(/^ {2}(machines|beside): .*\n/gm, '');

const states = [...plain, ...authentik].filter(({ service }) => service !== undefined);
const pairs = states.flatMap((before) => states.map((after) => ({ before, after })));

const told = ({ host, path, principal, servedBy }: Exposure) => `${host}${path} ${principal} ${servedBy}`;

/**
 * Somebody changes one object by hand, and the next run finds that and a new file. It does all at once, the run after it
 * nothing, and whoever gets in meanwhile got in as soon as the change was made.
 */
class ChangedHome {
  readonly #moves: Moves;
  readonly #scene: Scene;

  private constructor(moves: Moves, scene: Scene) {
    this.#moves = moves;
    this.#scene = scene;
  }

  static async of(before: State): Promise<ChangedHome> {
    const sandbox = await createSandbox({ zones: ['example.dev'], callBudget: 100_000_000 });
    const moves = new Moves(sandbox, fileOf, [clientGuard], tally);
    await moves.sendThroughOutpost(behind);
    return new ChangedHome(
      moves,
      await moves.withMember(await moves.sceneOf(sandbox.snapshot(), before), ['family']),
    );
  }

  get deeds(): readonly Deed[] {
    this.#moves.sandbox.restore(this.#scene.snapshot);
    return possibleDeeds(this.#moves.sandbox);
  }

  async play(deed: Deed, before: State, after: State): Promise<void> {
    const { sandbox } = this.#moves;
    sandbox.restore(this.#scene.snapshot);
    const disk = await copyOf(this.#scene.disk);
    const done = await perform(sandbox, deed);
    if (done.includes(': refused')) return;
    const where = `${before.name} → ${after.name}, ${done}`;
    const atOnce = new Set((await this.#exposedTo(union(before, after))).map(told));
    // A person who can log in nowhere yet visits as an anonymous one.
    const isExcused = (each: Exposure) =>
      atOnce.has(told(each)) ||
      atOnce.has(told({ ...each, principal: each.principal.replace(/^[^,]*/, 'anonymous') }));
    const first = await this.#moves.process(disk, fileOf(after));
    expect(unfinished(first.report), `${where}: first run`).toEqual([]);
    const meanwhile = sandbox.exposures().filter((each) => !isExcused(each));
    expect(meanwhile.map(told), `${where}: meanwhile`).toEqual([]);
    expect(await this.#exposedTo(after.guards), `${where}: afterwards`).toEqual([]);
    expect((await this.#moves.process(disk, fileOf(after))).writes, `${where}: second run`).toBe(0);
    tally.moves += 1;
  }

  async #exposedTo(guards: Parameters<Moves['judgedBy']>[0]): Promise<readonly Exposure[]> {
    await this.#moves.admin('DELETE', '/exposures');
    return this.#moves.judgedBy(guards);
  }
}

describe('a change by hand before a change of the file', () => {
  it.each(inTurn(pairs))('$before.name → $after.name', async ({ before, after }) => {
    const changed = await ChangedHome.of(before);
    const { deeds } = changed;
    expect(deeds.length).toBeGreaterThan(5);
    for (const deed of deeds) await changed.play(deed, before, after);
  });
});
