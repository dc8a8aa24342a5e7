import type { Plan } from '../../../../src/core/change.ts';
import { hostsOfCopiesLeft, withoutCopiesLeft } from '../../copies/copies-left.ts';
import { isCopy, isHeldBack } from '../../orders/random-order.ts';
import { forgetHistory } from '../../stage/history.ts';
import { copyOf, type Disk, newDisk, type Pass, runProcess, shapeOf, unfinished } from '../../stage/stage.ts';
import type { SentCall, Trouble } from '../../stage/trouble.ts';
import { losses } from '../../writers/scenes.ts';
import { type Admission, admissionAt, everybody, guardsOf, union, wholeAt } from '../admission.ts';
import { type Deed, perform } from '../drift.ts';
import { emptyFile, type RandomFile, type Revision, revised, textOf } from '../file.ts';
import { occupiedHost } from '../neighbours.ts';
import {
  additionOf,
  type Interleaving,
  inTurns,
  OtherOwner,
  untroubled,
  writersTally,
} from '../second-writer.ts';
import type { Disturbance } from '../trouble.ts';
import { admissionLeft, askedOf, nobodyAdmitted, orphansOf } from './admitted.ts';
import {
  type Files,
  foreignHosts,
  forgetMended,
  hindranceOf,
  noAllowances,
  noteByHand,
  rememberHosts,
  unexcused,
  watchRemovals,
} from './allowances.ts';
import { Chronicle } from './chronicle.ts';
import { hostsOfUndone } from './excuses.ts';
import { expectAsBefore, expectDone, expectNobodyIn, expectSilence, planOfPass } from './judge.ts';
import { withoutReportedLosses } from './losses.ts';
import { type Asking, movedHosts } from './moved-hosts.ts';
import { othersIn } from './others.ts';
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
  #owner: OtherOwner | undefined;
  #disk: Disk = newDisk();
  #files: Files = { before: emptyFile, file: emptyFile };
  #admitted = nobodyAdmitted();
  #allowed = noAllowances();
  /** The objects that are not ours. */
  #others = '';
  /** Reorders the plans of disturbed runs; undefined keeps the planner's order. */
  #reorder: ((plan: Plan) => Plan) | undefined;
  readonly orderTally: OrderTally = { held: 0, copies: 0 };

  private constructor(world: PlayedWorld) {
    this.#world = world;
    this.#owner = world.of.writer === 'owner' ? new OtherOwner() : undefined;
  }

  static async begin(of: World, seed: number): Promise<Play> {
    const world = await PlayedWorld.begin(of, seed);
    const play = new Play(world);
    await play.#pass(emptyFile);
    await world.joinGroups();
    play.#owner?.choose(seed >>> 0);
    play.#others = othersIn(world.state());
    await play.#settleOwner();
    return play;
  }

  /** Saves the world and the play, and returns a function that restores them any number of times. */
  async moment(): Promise<() => Promise<void>> {
    const restore = this.#world.moment();
    const [disk, owner] = [await copyOf(this.#disk), await this.#owner?.copy()];
    const [files, others] = [this.#files, this.#others];
    const saved = structuredClone({ admitted: this.#admitted, allowed: this.#allowed });
    return async () => {
      restore();
      [this.#disk, this.#owner] = [await copyOf(disk), await owner?.copy()];
      [this.#files, this.#others] = [files, others];
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
    if (between !== undefined) this.#owner?.choose(between.pick);
    [this.#allowed.copiesDropped, this.#allowed.unruled] = [new Map(), new Set()];
    forgetHistory(this.#world.sandbox);
    const { file: before } = this.#files;
    const file = revised(before, this.#beside(each.revision));
    const passed = await this.#passBy(file, each);
    this.#files = { before, file };
    const asked = askedOf(this.#admitted, this.#files, this.#world);
    await this.#disturb(each, asked, between, passed);
    await this.#pass(this.#files.file);
    this.#nobodyIn('undisturbed pass');
    await this.#settleOwner();
    this.#nobodyIn("the other owner's run");
    await this.#silent();
    await this.#settleAt(asked);
    this.#nobodyIn('judged by the new file alone');
    this.#othersAsBefore();
  }

  /** Begins to apply the file that passes by. With pruning alone: what it leaves behind would keep hosts of the next one closed. */
  async #passBy(next: RandomFile, { passing, troubles }: Step): Promise<Passed | undefined> {
    const { file: before } = this.#files;
    const file = passing === undefined ? next : revised(before, this.#beside(passing));
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
    const admission = passed?.before ?? this.#admitted.admission;
    const orphans = () => orphansOf(this.#admitted, this.#files, this.#world);
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
    await guard(admission);
    await this.#drift(each.before);
    await guard(union(admission, orphans()));
    for (const [index, trouble] of each.troubles.entries()) {
      await (index === 0 && between !== undefined && this.#world.of.writer !== 'nobody'
        ? this.#besideAnother(between, trouble)
        : this.#disturbed(trouble));
      this.#nobodyIn(`disturbed pass ${index + 1}`);
      if (index > 0 || each.meanwhile.length === 0) continue;
      await this.#drift(each.meanwhile);
      await guard(union(admission, orphans()));
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

  /** Runs ours, and before one of its calls another writer: the other owner runs, or a person adds to a list. */
  async #besideAnother(between: Interleaving, { misfortune }: Disturbance): Promise<void> {
    if (this.#owner === undefined) return this.#besidePerson(between);
    let before = '';
    const act = this.#acting(async () => {
      before = this.#others;
      const pass = await this.#owner?.run(this.#world.sandbox, this.#world.lag);
      writersTally.runsBeside += 1;
      if (pass?.report?.waitsFor !== undefined) writersTally.waited += 1;
      this.#chronicle.tell(`at call ${between.call} the other owner ran, ${pass?.writes} writes`);
    });
    const pass = await this.#run('disturbed', this.#files.file, {
      ...misfortune,
      ...atCall(between.call, act.begin),
    });
    await act.ended();
    if (before === '') return;
    const [after, now] = [this.#others, othersIn(this.#world.state())];
    this.#others = withoutReportedLosses({ before, after, now }, pass);
  }

  /** The person's addition may be lost between our run's read and write of the list, which the run then reports. */
  async #besidePerson(between: Interleaving): Promise<void> {
    const world = this.#world;
    let [without, what] = [this.#others, ''];
    const edit = world.edit.bind(world);
    const act = this.#acting(async () => {
      const addition = await additionOf(between, { sandbox: world.sandbox, state: world.state(), edit });
      without = othersIn(world.state());
      await addition.add();
      what = addition.what;
      this.#chronicle.tell(`at call ${between.call} by hand: added ${what}`);
    });
    const pass = await this.#run('disturbed', this.#files.file, atCall(between.call, act.begin));
    await act.ended();
    if (what === '') return;
    writersTally.additions += 1;
    if (othersIn(world.state()) !== without) return;
    if (losses(pass).length === 0) throw new Error(`${what} was lost, and the run did not say so`);
    writersTally.lost += 1;
    this.#others = without;
  }

  async #settleOwner(): Promise<void> {
    await this.#byOthers(async () => this.#owner?.settle(this.#world.sandbox, this.#world.lag));
  }

  /** The act of another writer, which may end after our run. */
  #acting(act: () => Promise<void>) {
    let acting = Promise.resolve();
    const begin = () => {
      acting = this.#byOthers(act);
      return acting;
    };
    return { begin, ended: () => acting };
  }

  /** Checks that foreign objects are unchanged, acts, and remembers the new ones. */
  async #byOthers(act: () => Promise<void>): Promise<void> {
    this.#othersAsBefore();
    await act();
    this.#world.changed();
    this.#others = othersIn(this.#world.state());
  }

  #othersAsBefore(): void {
    expectAsBefore(this.#others, othersIn(this.#world.state()));
  }

  /** Makes both owners use the same tunnel for the login page: otherwise their files would undo each other's rule. */
  #beside(revision: Revision): Revision {
    if (this.#owner === undefined) return revision;
    return { ...revision, tunnels: { ...revision.tunnels, traefik: 'homelab' } };
  }

  async #drift(list: readonly Deed[]): Promise<void> {
    // Without pruning, unwanted objects are not repaired either.
    if (!this.#files.file.prune) return;
    if (list.length === 0) return;
    const { sandbox } = this.#world;
    const noteRemovals = watchRemovals(this.#world);
    await this.#byOthers(async () => {
      for (const each of list) this.#chronicle.tell(`by hand: ${await perform(sandbox, each)}`);
    });
    noteRemovals(this.#allowed);
    noteByHand(this.#allowed, sandbox.exposures());
    await this.#world.admin('DELETE', '/exposures');
  }

  async #run(how: string, file: RandomFile, trouble?: Trouble): Promise<Pass> {
    const { sandbox, lag } = this.#world;
    this.#world.changed();
    const mixed = this.#owner === undefined ? trouble : { ...inTurns, ...trouble };
    const replanned = how === 'disturbed' ? this.#reorder : undefined;
    const reordered = replanned === undefined ? mixed : { ...untroubled, ...mixed, replanned };
    const copiesLeft = hostsOfCopiesLeft(this.#disk);
    const pass = await runProcess(sandbox, this.#disk, textOf(file), reordered, undefined, lag);
    if (replanned !== undefined) this.orderTally.held += unfinished(pass.report).filter(isHeldBack).length;
    this.#noteDropped(copiesLeft);
    if (trouble === undefined) await sandbox.arrive();
    this.#world.changed();
    this.#chronicle.tellRun(how, pass);
    return pass;
  }

  /** Notes the copies that the run has purged. */
  #noteDropped(copiesLeft: ReadonlySet<string>): void {
    const stillLeft = hostsOfCopiesLeft(this.#disk);
    const dropped = [...copiesLeft].filter((host) => !stillLeft.has(host));
    if (dropped.length === 0) return;
    const calls = this.#world.sandbox.calls();
    const purge = calls.findLast(({ path, status }) => path.endsWith('/purge_cache') && status === 200);
    const noted = dropped.map((host) => [host, purge?.n ?? 0] as const);
    this.#allowed.copiesDropped = new Map([...this.#allowed.copiesDropped, ...noted]);
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

  /** Checks that another run writes nothing and plans nothing, except changes that wait. */
  async #silent(): Promise<void> {
    const pass = await this.#pass(this.#files.file);
    expectSilence(pass, hindranceOf(this.#files.file, this.#world), this.#world.sandbox);
  }

  #nobodyIn(when: string): void {
    const { sandbox } = this.#world;
    const exposures = withoutCopiesLeft(sandbox.exposures(), this.#disk, this.#allowed.copiesDropped);
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
    await this.#world.admin('PUT', '/guards', [...guards, ...(this.#owner?.guards ?? [])]);
  }
}

/** True if a check has failed and closed its host. */
function closesHost({ report }: Pass): boolean {
  return (report?.outcomes ?? []).some(
    ({ error }) => error?.message.includes('the host now answers 503') === true,
  );
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
