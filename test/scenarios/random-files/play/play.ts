import type { Plan } from '../../../../src/core/change.ts';
import { hostsOfCopiesLeft, withoutCopiesLeft } from '../../copies/copies-left.ts';
import { isCopy, isHeldBack } from '../../orders/random-order.ts';
import { copyOf, type Disk, newDisk } from '../../stage/disk.ts';
import { forgetHistory } from '../../stage/history.ts';
import { shapeOf } from '../../stage/shape.ts';
import { type Pass, runProcess, unfinished } from '../../stage/stage.ts';
import type { Trouble } from '../../stage/trouble.ts';
import { type Admission, admissionAt, everybody, guardsOf, union, wholeAt } from '../admission.ts';
import { type Deed, perform } from '../drift.ts';
import { emptyFile, type RandomFile, type Revision, revised } from '../file.ts';
import { textOf } from '../file-text.ts';
import { occupiedHost } from '../neighbours.ts';
import { type Interleaving, inTurns, untroubled } from '../second-writer.ts';
import type { Disturbance } from '../trouble.ts';
import { admissionLeft, askedOf, nobodyAdmitted, orphansOf } from './admitted.ts';
import {
  type Files,
  foreignHosts,
  forgetMended,
  hindranceOf,
  noAllowances,
  noteByHand,
  noteCopiesOfOthers,
  noteDropped,
  rememberHosts,
  unexcused,
  watchRemovals,
  withoutCopiesOfOthers,
} from './allowances.ts';
import { Chronicle } from './chronicle.ts';
import { hostsOfUndone } from './excuses.ts';
import { closesHost, expectDone, expectNobodyIn, expectSilence, planOfPass } from './judge.ts';
import { type Asking, movedHosts } from './moved-hosts.ts';
import { OtherWriters } from './other-writers.ts';
import { PlayedWorld, type World } from './played-world.ts';

/** The step from one file to the next: changes by hand before and meanwhile, and troubles on the way. */
export interface Step {
  readonly revision: Revision;
  readonly before: readonly Deed[];
  readonly troubles: readonly Disturbance[];
  /** Changes by hand after the first of the disturbed runs. */
  readonly meanwhile: readonly Deed[];
  /** Another file that is pushed before this one: its run is disturbed as the first of this one, and never completed. */
  readonly passing?: Revision;
}

/** A file whose run was never completed, and the people of before. */
interface Passed extends Asking {
  readonly before: Admission;
}

/** Changes that the interlock held back in runs with another order, and copies that somebody new got meanwhile. */
export interface OrderTally {
  held: number;
  copies: number;
}

/** Plays files one after another in one world, and checks the oracle's findings. */
export class Play {
  readonly #world: PlayedWorld;
  readonly #chronicle = new Chronicle();
  readonly #writers: OtherWriters;
  #disk: Disk = newDisk();
  #files: Files = { before: emptyFile, file: emptyFile };
  #admitted = nobodyAdmitted();
  #allowed = noAllowances();
  /** Reorders the plans of disturbed runs; undefined keeps the planner's order. */
  #reorder: ((plan: Plan) => Plan) | undefined;
  readonly orderTally: OrderTally = { held: 0, copies: 0 };

  private constructor(world: PlayedWorld) {
    this.#world = world;
    this.#writers = new OtherWriters(world, this.#chronicle);
  }

  static async begin(of: World, seed: number): Promise<Play> {
    const world = await PlayedWorld.begin(of, seed);
    const play = new Play(world);
    await play.#pass(emptyFile);
    await world.joinGroups();
    await play.#writers.begin(seed >>> 0);
    return play;
  }

  /** Saves the world and the play, and returns a function that restores them any number of times. */
  async moment(): Promise<() => Promise<void>> {
    const restore = this.#world.moment();
    const [disk, writers, files] = [await copyOf(this.#disk), await this.#writers.moment(), this.#files];
    const saved = structuredClone({ admitted: this.#admitted, allowed: this.#allowed });
    return async () => {
      restore();
      await writers();
      [this.#disk, this.#files] = [await copyOf(disk), files];
      const copy = structuredClone(saved);
      [this.#admitted, this.#allowed] = [copy.admitted, copy.allowed];
    };
  }

  /**
   * The state. Undefined if it depends on its history: a host waits and keeps its objects, leftovers stay, or a person
   * has added an object at a call that a run of another length did not have.
   */
  async shape(): Promise<unknown> {
    const isOpen =
      this.#allowed.unchanged.size > 0 || !this.#files.file.prune || this.#world.of.writer === 'person';
    return isOpen ? undefined : shapeOf(this.#world.sandbox);
  }

  /** The two files, and the events between them. */
  story(): string {
    return this.#chronicle.story(this.#files);
  }

  async step(each: Step, between?: Interleaving, reorder?: (plan: Plan) => Plan): Promise<void> {
    this.#chronicle.begin(each.troubles);
    this.#reorder = reorder;
    if (between !== undefined) this.#writers.choose(between.pick);
    noteCopiesOfOthers(this.#allowed, this.#world);
    [this.#allowed.copiesDropped, this.#allowed.unruled] = [new Map(), new Set()];
    forgetHistory(this.#world.sandbox);
    const { file: before } = this.#files;
    const file = revised(before, this.#writers.beside(each.revision));
    const passed = await this.#passBy(file, each);
    this.#files = { before, file };
    const asked = askedOf(this.#admitted, this.#files, this.#world);
    await this.#disturb(each, asked, between, passed);
    await this.#pass(this.#files.file);
    this.#nobodyIn('undisturbed pass');
    await this.#writers.settle();
    this.#nobodyIn("the other owner's run");
    // Another run writes nothing and plans nothing, except changes that wait.
    const again = await this.#pass(this.#files.file);
    expectSilence(again, hindranceOf(this.#files.file, this.#world), this.#world.sandbox);
    await this.#settleAt(asked);
    this.#nobodyIn('judged by the new file alone');
    this.#writers.expectAsBefore();
  }

  /** Begins to apply the file that passes by. With pruning alone: what it leaves behind would keep hosts of the next one closed. */
  async #passBy(next: RandomFile, { passing, troubles }: Step): Promise<Passed | undefined> {
    const { file: before } = this.#files;
    const file = passing === undefined ? next : revised(before, this.#writers.beside(passing));
    if (passing === undefined || ![before, file, next].every(({ prune }) => prune)) return undefined;
    this.#files = { before, file };
    const { admission } = this.#admitted;
    const people = askedOf(this.#admitted, this.#files, this.#world);
    const all = union(admission, people);
    await this.#guard(all, [
      { file: before, people: admission },
      { file, people },
    ]);
    await this.#disturbed(troubles[0] ?? { faults: [] });
    this.#nobodyIn('the file that passes by');
    this.#admitted.admission = all;
    return { file, people, before: admission };
  }

  /** The changes by hand and the disturbed runs: meanwhile, the world may admit the people of all files. */
  async #disturb(
    each: Step,
    asked: Admission,
    between: Interleaving | undefined,
    passed: Passed | undefined,
  ): Promise<void> {
    const admitted = this.#admitted;
    const admission = passed?.before ?? admitted.admission;
    const guard = (people: Admission) => {
      const earlier = passed === undefined ? people : union(people, passed.people);
      const all = union(earlier, asked);
      const { before, file } = this.#files;
      // Without pruning, the gate of a path stays with its people, and with the origin of any file before.
      const after = before.prune && file.prune ? asked : all;
      return this.#guard(all, [
        { file: before, people },
        ...(passed === undefined ? [] : [passed]),
        { file, people: after },
      ]);
    };
    const reguard = () => guard(union(admission, orphansOf(admitted, this.#files, this.#world)));
    await guard(admission);
    await this.#drift(each.before, reguard);
    for (const [index, trouble] of each.troubles.entries()) {
      await (index === 0 && between !== undefined && this.#world.of.writer !== 'nobody'
        ? this.#writers.runBeside(between, trouble, (beside) =>
            this.#run('disturbed', this.#files.file, beside),
          )
        : this.#disturbed(trouble));
      this.#nobodyIn(`disturbed pass ${index + 1}`);
      if (index > 0 || each.meanwhile.length === 0) continue;
      await this.#drift(each.meanwhile, reguard);
    }
  }

  /** From now on, the world may admit only the people of the new file, and those that had to stay. */
  async #settleAt(asked: Admission): Promise<void> {
    const allowed = this.#allowed;
    allowed.fallen = new Set([...allowed.fallen].filter((host) => allowed.unchanged.has(host)));
    rememberHosts(allowed, this.#files.file, this.#world);
    const { file } = this.#files;
    const { unchanged } = allowed;
    this.#admitted.admission = admissionLeft(this.#admitted, asked, { file, unchanged }, this.#world);
    await this.#guard(this.#admitted.admission);
    await this.#world.admin('DELETE', '/exposures');
    await this.#world.joinGroups();
    await this.#world.judge();
    forgetMended(allowed, this.#files, this.#world);
  }

  async #disturbed({ misfortune, faults }: Disturbance): Promise<void> {
    for (const fault of faults) await this.#world.admin('POST', '/faults', fault);
    await this.#run('disturbed', this.#files.file, misfortune);
    await this.#world.admin('DELETE', '/faults');
  }

  async #drift(list: readonly Deed[], reguard: () => Promise<void>): Promise<void> {
    // Without pruning, unwanted objects are not repaired either.
    if (!this.#files.file.prune || list.length === 0) return reguard();
    const { sandbox } = this.#world;
    const noteRemovals = watchRemovals(this.#world);
    // The oracle knows groups by their names. Whoever is in a renamed one leaves copies before that.
    const renames = ({ what }: Deed) => Number(what === 'rename a group');
    const inOrder = list.toSorted((left, right) => renames(left) - renames(right));
    await this.#writers.act(async () => {
      for (const each of inOrder) this.#chronicle.tell(`by hand: ${await perform(sandbox, each)}`);
    });
    noteRemovals(this.#allowed);
    await this.#noteByHand();
    await reguard();
    // Whom the login of the domain now lets in leaves copies, which others find.
    await this.#world.judge();
    await this.#noteByHand();
  }

  async #noteByHand(): Promise<void> {
    noteByHand(this.#allowed, this.#world.sandbox.exposures());
    await this.#world.admin('DELETE', '/exposures');
  }

  async #run(how: string, file: RandomFile, trouble?: Trouble): Promise<Pass> {
    const { sandbox, lag } = this.#world;
    this.#world.changed();
    const mixed = this.#writers.hasOwner ? { ...inTurns, ...trouble } : trouble;
    const replanned = how === 'disturbed' ? this.#reorder : undefined;
    const reordered = replanned === undefined ? mixed : { ...untroubled, ...mixed, replanned };
    const copiesLeft = hostsOfCopiesLeft(this.#disk);
    const pass = await runProcess(sandbox, this.#disk, textOf(file), reordered, undefined, lag);
    if (replanned !== undefined) this.orderTally.held += unfinished(pass.report).filter(isHeldBack).length;
    const left = hostsOfCopiesLeft(this.#disk);
    noteDropped(this.#allowed, new Set([...copiesLeft].filter((host) => !left.has(host))), sandbox);
    if (trouble === undefined) await sandbox.arrive();
    this.#world.changed();
    this.#chronicle.tellRun(how, pass);
    return pass;
  }

  /** Checks that an undisturbed run makes every possible change. */
  async #pass(file: RandomFile): Promise<Pass> {
    const first = await this.#run('undisturbed', file);
    // A check that fails closes the host if it was open to everybody, and the next run puts it under a cover.
    const pass = closesHost(first) ? await this.#run('undisturbed', file) : first;
    const plan = planOfPass(pass);
    const hindrance = hindranceOf(this.#files.file, this.#world);
    const undone = hostsOfUndone(plan, pass.report?.outcomes ?? []);
    this.#allowed.unchanged = new Set([...hindrance.waiting, ...undone]);
    expectDone(plan, pass, hindrance);
    return pass;
  }

  #nobodyIn(when: string): void {
    const { sandbox } = this.#world;
    const found = withoutCopiesLeft(sandbox.exposures(), this.#disk, this.#allowed.copiesDropped);
    const exposures = withoutCopiesOfOthers(found, this.#allowed, this.#world);
    const late = this.#reorder === undefined ? [] : exposures.filter(isCopy);
    if (late.length > 0) this.orderTally.copies += 1;
    const others = exposures.filter((exposure) => !late.includes(exposure));
    expectNobodyIn(when, unexcused(others, this.#allowed, this.#files.file), sandbox);
  }

  /** Places the guards. With files, each origin of a moving host admits the people of its own files alone. */
  async #guard(admission: Admission, files: readonly Asking[] = []): Promise<void> {
    const { neighbours } = this.#world.of;
    const foreign = admissionAt(foreignHosts(this.#allowed, this.#files, neighbours), everybody);
    const allowed = (asked: Admission) => wholeAt(union(asked, foreign), this.#allowed.fallen);
    const served = movedHosts(
      files.map(({ file, people }) => ({ file, people: allowed(people) })),
      this.#allowed.unchanged,
    );
    const guards = guardsOf(allowed(admission), served).filter(
      // With a foreign application in front, ours stays frozen in its current state, and two gates decide.
      ({ host }) => host !== occupiedHost || neighbours.accessOn === 'none',
    );
    await this.#world.admin('DELETE', '/guards');
    await this.#world.admin('PUT', '/guards', [...guards, ...this.#writers.guards]);
  }
}
