import type { Pass } from '../../stage/stage.ts';
import type { SentCall, Trouble } from '../../stage/trouble.ts';
import { losses } from '../../writers/scenes.ts';
import type { Revision } from '../file.ts';
import { additionOf, type Interleaving, OtherOwner, writersTally } from '../second-writer.ts';
import type { Disturbance } from '../trouble.ts';
import type { Chronicle } from './chronicle.ts';
import { expectAsBefore } from './judge.ts';
import { withoutReportedLosses } from './losses.ts';
import { othersIn } from './others.ts';
import type { PlayedWorld } from './played-world.ts';

type Run = (trouble: Trouble) => Promise<Pass>;

/** Everybody else who writes: another owner, or a person. Nobody but them changes the objects that are not ours. */
export class OtherWriters {
  readonly #world: PlayedWorld;
  readonly #chronicle: Chronicle;
  #owner: OtherOwner | undefined;
  /** The objects that are not ours. */
  #objects = '';

  constructor(world: PlayedWorld, chronicle: Chronicle) {
    this.#world = world;
    this.#chronicle = chronicle;
    this.#owner = world.of.writer === 'owner' ? new OtherOwner() : undefined;
  }

  get hasOwner(): boolean {
    return this.#owner !== undefined;
  }

  get guards(): readonly object[] {
    return this.#owner?.guards ?? [];
  }

  async begin(pick: number): Promise<void> {
    this.choose(pick);
    this.#objects = othersIn(this.#world.state());
    await this.settle();
  }

  choose(pick: number): void {
    this.#owner?.choose(pick);
  }

  /** Saves the writers, and returns a function that restores them any number of times. */
  async moment(): Promise<() => Promise<void>> {
    const [owner, objects] = [await this.#owner?.copy(), this.#objects];
    return async () => {
      [this.#owner, this.#objects] = [await owner?.copy(), objects];
    };
  }

  /** Makes both owners use the same tunnel for the login page: otherwise their files would undo each other's rule. */
  beside(revision: Revision): Revision {
    if (this.#owner === undefined) return revision;
    return { ...revision, tunnels: { ...revision.tunnels, traefik: 'homelab' } };
  }

  async settle(): Promise<void> {
    await this.act(async () => this.#owner?.settle(this.#world.sandbox, this.#world.lag));
  }

  /** Checks that foreign objects are unchanged, acts, and remembers the new ones. */
  async act(act: () => Promise<void>): Promise<void> {
    this.expectAsBefore();
    await act();
    this.#world.changed();
    this.#objects = othersIn(this.#world.state());
  }

  expectAsBefore(): void {
    expectAsBefore(this.#objects, othersIn(this.#world.state()));
  }

  /** Runs ours, and before one of its calls another writer: the other owner runs, or a person adds to a list. */
  async runBeside(between: Interleaving, { misfortune }: Disturbance, run: Run): Promise<void> {
    if (this.#owner === undefined) return this.#besidePerson(between, run);
    return this.#besideOwner(between, (act) => run({ ...misfortune, ...act }));
  }

  async #besideOwner(between: Interleaving, run: Run): Promise<void> {
    let before = '';
    const act = this.#acting(async () => {
      before = this.#objects;
      const pass = await this.#owner?.run(this.#world.sandbox, this.#world.lag);
      writersTally.runsBeside += 1;
      if (pass?.report?.waitsFor !== undefined) writersTally.waited += 1;
      this.#chronicle.tell(`at call ${between.call} the other owner ran, ${pass?.writes} writes`);
    });
    const pass = await run(atCall(between.call, act.begin));
    await act.ended();
    if (before === '') return;
    const [after, now] = [this.#objects, othersIn(this.#world.state())];
    this.#objects = withoutReportedLosses({ before, after, now }, pass);
  }

  /** The person's addition may be lost between our run's read and write of the list, which the run then reports. */
  async #besidePerson(between: Interleaving, run: Run): Promise<void> {
    const world = this.#world;
    let [without, what] = [this.#objects, ''];
    const edit = world.edit.bind(world);
    const act = this.#acting(async () => {
      const addition = await additionOf(between, { sandbox: world.sandbox, state: world.state(), edit });
      without = othersIn(world.state());
      await addition.add();
      what = addition.what;
      this.#chronicle.tell(`at call ${between.call} by hand: added ${what}`);
    });
    const pass = await run(atCall(between.call, act.begin));
    await act.ended();
    if (what === '') return;
    writersTally.additions += 1;
    if (othersIn(world.state()) !== without) return;
    if (losses(pass).length === 0) throw new Error(`${what} was lost, and the run did not say so`);
    writersTally.lost += 1;
    this.#objects = without;
  }

  /** The act of another writer, which may end after our run. */
  #acting(act: () => Promise<void>) {
    let acting = Promise.resolve();
    const begin = () => {
      acting = this.act(act);
      return acting;
    };
    return { begin, ended: () => acting };
  }
}

/** Acts once, before that call of a run. */
function atCall(n: number, act: () => Promise<void>) {
  return {
    meddle: async (call: SentCall, send: () => Promise<Response>) => {
      if (call.n === n) await act();
      return send();
    },
  };
}
