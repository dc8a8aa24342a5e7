import { isPending, type Plan } from '../../../src/core/change.ts';
import { describeError } from '../../../src/core/errors.ts';
import type { Outcome } from '../../../src/core/outcome.ts';
import {
  createSandbox,
  type Exposure,
  type LagOptions,
  parseLag,
  type Sandbox,
} from '../../../src/lab/sandbox/index.ts';
import { hostsOfCopiesLeft, withoutCopiesLeft } from '../copies/copies-left.ts';
import { isCopy, isHeldBack } from '../orders/random-order.ts';
import { askAdmin } from '../stage/hand.ts';
import { forgetHistory } from '../stage/history.ts';
import { lag as lagOfEnvironment } from '../stage/lag.ts';
import { copyOf, type Disk, newDisk, type Pass, runProcess, shapeOf, unfinished } from '../stage/stage.ts';
import type { SentCall, Trouble } from '../stage/trouble.ts';
import { losses } from '../writers/scenes.ts';
import {
  type Admission,
  admissionAt,
  admissionOf,
  both,
  everybody,
  guardsOf,
  lingering,
  loginHostOf,
  union,
  type Whom,
  wholeAt,
} from './admission.ts';
import { type Deed, perform } from './drift.ts';
import { excuses, type Hindrance, hindered, hostsOfUndone } from './excuses.ts';
import {
  clientOf,
  emptyFile,
  hosts,
  leansOnOrigin,
  plainHostOf,
  type RandomFile,
  type Revision,
  revised,
  textOf,
} from './file.ts';
import { settleNamed, whomOf } from './login.ts';
import {
  dividedDoors,
  hasPlainRecord,
  isUnlinked,
  loginOfDomain,
  type Neighbours,
  occupiedHost,
  openedLogins,
  othersIn,
  parentsIn,
  ruledHosts,
  type State,
  settle,
  stateOf,
} from './neighbours.ts';
import {
  additionOf,
  type Interleaving,
  inTurns,
  labHosts,
  OtherOwner,
  type SecondWriter,
  untroubled,
} from './second-writer.ts';
import type { Disturbance } from './trouble.ts';

/** The step from one file to the next: changes by hand before and meanwhile, and troubles on the way. */
export interface Step {
  readonly revision: Revision;
  readonly before: readonly Deed[];
  readonly troubles: readonly Disturbance[];
  /** Changes by hand after the first of the disturbed runs. */
  readonly meanwhile: readonly Deed[];
}

/** The world of a chain. */
export interface World {
  readonly neighbours: Neighbours;
  /** Hosts that Traefik does not send through the outpost. */
  readonly deaf: readonly string[];
  /** The delay of writes at the edge, unless the environment sets one: see `parseLag`. */
  readonly lag: 'none' | '5000' | 'random';
  readonly writer: SecondWriter;
}

/** The actions of the second writers in all chains of this process; each lost addition was reported. */
export interface WritersTally {
  runsBeside: number;
  waited: number;
  additions: number;
  lost: number;
}

/** Changes that the interlock held back in runs with another order, and copies that somebody new got meanwhile. */
export interface OrderTally {
  held: number;
  copies: number;
}

export const writersTally: WritersTally = { runsBeside: 0, waited: 0, additions: 0, lost: 0 };

/** Plays files one after another in one world, and checks the oracle's findings. */
export class Play {
  readonly #sandbox: Sandbox;
  readonly #world: World;
  readonly #lag: LagOptions;
  #owner: OtherOwner | undefined;
  #disk: Disk = newDisk();
  #before = emptyFile;
  #file = emptyFile;
  /** The people whom the current world may admit. */
  #admission: Admission = admissionOf(emptyFile);
  /** The people who log in at the domain, and its hosts. */
  #domain = { people: {} as Whom, hosts: new Set<string>() };
  /** The hosts of all files so far. */
  #known = new Set<string>();
  #others = '';
  /** Pairs `host principal` that a change by hand admitted. */
  #byHand = new Set<string>();
  /** Hosts that cannot be opened, and hosts whose changes wait for those. */
  #unchanged: ReadonlySet<string> = new Set();
  /** Hosts with another gate than in their file, since their next gate waits. */
  #leavers = new Set<string>();
  /** Hosts whose tunnel rule a person deleted. */
  #unruled = new Set<string>();
  /** Hosts at which a person deleted the application of a path: the people of the host reach the path too. */
  #fallen = new Set<string>();
  /** Hosts with copies that a run of this file purged when an earlier one could not, with the number of that call. */
  #copiesDropped = new Map<string, number>();
  /** The changes by hand and the runs since the last file. */
  #events: string[] = [];
  #step: Step | undefined;
  /** Reorders the plans of disturbed runs; undefined keeps the planner's order. */
  #reorder: ((plan: Plan) => Plan) | undefined;
  readonly orderTally: OrderTally = { held: 0, copies: 0 };
  /** The current world, kept until something happens. */
  #seen: State | undefined;

  private constructor(sandbox: Sandbox, of: World, seed: number) {
    this.#sandbox = sandbox;
    this.#world = of;
    // Even without a lag, time passes while a run waits: a rejected purge succeeds a minute later.
    this.#lag = lagOfEnvironment ?? parseLag(of.lag === 'none' ? 'revocations=0' : `${of.lag},seed=${seed}`);
    this.#owner = of.writer === 'owner' ? new OtherOwner() : undefined;
  }

  static async begin(of: World, seed: number): Promise<Play> {
    const sandbox = await createSandbox({ zones: ['example.dev'], callBudget: 100_000_000 });
    const play = new Play(sandbox, of, seed);
    await settle(sandbox, of.neighbours);
    await settleNamed(sandbox);
    const forwardAuth = [...hosts.filter((host) => !of.deaf.includes(host)), ...labHosts];
    await play.#admin('PUT', '/origins', { url: 'http://traefik.lan:80', kind: 'traefik', forwardAuth });
    await play.#pass(emptyFile);
    await play.#joinGroups();
    play.#owner?.choose(seed >>> 0);
    play.#others = othersIn(play.#state());
    await play.#settleOwner();
    return play;
  }

  /** Saves the world and the play, and returns a function that restores them any number of times. */
  async moment(): Promise<() => Promise<void>> {
    const snapshot = this.#sandbox.snapshot();
    const [disk, owner] = [await copyOf(this.#disk), await this.#owner?.copy()];
    const [before, file] = [this.#before, this.#file];
    const saved = structuredClone({
      ...{ admission: this.#admission, domain: this.#domain, known: this.#known, others: this.#others },
      ...{ byHand: this.#byHand, unchanged: this.#unchanged, leavers: this.#leavers },
      ...{ unruled: this.#unruled, fallen: this.#fallen, copiesDropped: this.#copiesDropped },
    });
    return async () => {
      this.#sandbox.restore(snapshot);
      this.#seen = undefined;
      [this.#disk, this.#owner] = [await copyOf(disk), await owner?.copy()];
      [this.#before, this.#file] = [before, file];
      const copy = structuredClone(saved);
      this.#admission = copy.admission;
      this.#domain = copy.domain;
      this.#known = copy.known;
      this.#others = copy.others;
      this.#byHand = copy.byHand;
      this.#unchanged = copy.unchanged;
      this.#leavers = copy.leavers;
      this.#unruled = copy.unruled;
      this.#fallen = copy.fallen;
      this.#copiesDropped = copy.copiesDropped;
    };
  }

  /**
   * The state. Undefined if it depends on its history: a host waits and keeps its objects, leftovers stay, or a person
   * has added an object at a call that a run of another length did not have.
   */
  async shape(): Promise<unknown> {
    const isOpen = this.#unchanged.size > 0 || !this.#file.prune || this.#world.writer === 'person';
    return isOpen ? undefined : shapeOf(this.#sandbox);
  }

  async step(each: Step, between?: Interleaving, reorder?: (plan: Plan) => Plan): Promise<void> {
    this.#step = each;
    this.#reorder = reorder;
    if (between !== undefined) this.#owner?.choose(between.pick);
    this.#events = [];
    this.#copiesDropped.clear();
    forgetHistory(this.#sandbox);
    this.#unruled = new Set();
    this.#before = this.#file;
    this.#file = revised(this.#before, this.#beside(each.revision));
    const asked = this.#asked();
    await this.#guard(union(this.#admission, asked));
    await this.#drift(each.before);
    await this.#guard(union(this.#admission, union(asked, this.#orphans())));
    for (const [index, trouble] of each.troubles.entries()) {
      await (index === 0 && between !== undefined && this.#world.writer !== 'nobody'
        ? this.#besideAnother(between, trouble)
        : this.#disturbed(trouble));
      this.#nobodyIn(`disturbed pass ${index + 1}`);
      if (index > 0 || each.meanwhile.length === 0) continue;
      await this.#drift(each.meanwhile);
      await this.#guard(union(this.#admission, union(asked, this.#orphans())));
    }
    await this.#pass(this.#file);
    this.#nobodyIn('undisturbed pass');
    await this.#settleOwner();
    this.#nobodyIn("the other owner's run");
    await this.#silent();
    this.#fallen = new Set([...this.#fallen].filter((host) => this.#unchanged.has(host)));
    this.#rememberHosts();
    this.#admission = this.#left(asked);
    await this.#guard(this.#admission);
    await this.#admin('DELETE', '/exposures');
    await this.#joinGroups();
    await this.#judge();
    this.#forgetMended();
    this.#nobodyIn('judged by the new file alone');
    this.#othersAsBefore();
  }

  async #disturbed({ misfortune, faults }: Disturbance): Promise<void> {
    for (const fault of faults) await this.#admin('POST', '/faults', fault);
    await this.#run('disturbed', this.#file, misfortune);
    await this.#admin('DELETE', '/faults');
  }

  /** Runs ours, and before one of its calls another writer: the other owner runs, or a person adds to a list. */
  async #besideAnother(between: Interleaving, { misfortune }: Disturbance): Promise<void> {
    if (this.#owner === undefined) return this.#besidePerson(between);
    const act = () =>
      this.#byOthers(async () => {
        const pass = await this.#owner?.run(this.#sandbox, this.#lag);
        writersTally.runsBeside += 1;
        if (pass?.report?.waitsFor !== undefined) writersTally.waited += 1;
        this.#events.push(`at call ${between.call} the other owner ran, ${pass?.writes} writes`);
      });
    await this.#run('disturbed', this.#file, { ...misfortune, ...before(between.call, act) });
  }

  /** The person's addition may be lost between our run's read and write of the list, which the run then reports. */
  async #besidePerson(between: Interleaving): Promise<void> {
    let [without, what] = [this.#others, ''];
    const edit = async (system: string, method: string, path: string, body?: unknown) => {
      const call = JSON.stringify({ actor: 'somebody', system, method, path, body });
      // The other writer must not make anything arrive at the edge any sooner.
      const reply = await this.#sandbox.fetch(`${this.#sandbox.urls.admin}/edit`, {
        method: 'POST',
        body: call,
      });
      const text = await reply.text();
      if (!reply.ok) throw new Error(`${method} ${path}: ${text}`);
      this.#seen = undefined;
      return text === '' ? undefined : JSON.parse(text);
    };
    const act = () =>
      this.#byOthers(async () => {
        const addition = await additionOf(between, { sandbox: this.#sandbox, state: this.#state(), edit });
        without = othersIn(this.#state());
        await addition.add();
        what = addition.what;
        this.#events.push(`at call ${between.call} by hand: added ${what}`);
      });
    const pass = await this.#run('disturbed', this.#file, before(between.call, act));
    if (what === '') return;
    writersTally.additions += 1;
    if (othersIn(this.#state()) !== without) return;
    if (losses(pass).length === 0) throw new Error(`${what} was lost, and the run did not say so`);
    writersTally.lost += 1;
    this.#others = without;
  }

  async #settleOwner(): Promise<void> {
    await this.#byOthers(async () => this.#owner?.settle(this.#sandbox, this.#lag));
  }

  /** Checks that foreign objects are unchanged, acts, and remembers the new ones. */
  async #byOthers(act: () => Promise<void>): Promise<void> {
    this.#othersAsBefore();
    await act();
    this.#seen = undefined;
    this.#others = othersIn(this.#state());
  }

  #othersAsBefore(): void {
    const others = othersIn(this.#state());
    if (others !== this.#others)
      throw new Error(`not ours, and changed:\n${differing(this.#others, others)}`);
  }

  /** The two files, and the events between them. */
  story(): string {
    const { troubles } = this.#step ?? {};
    return `${JSON.stringify(troubles)}
${textOf(this.#before)}
→
${textOf(this.#file)}
${this.#events.join('\n')}`;
  }

  /** Makes both owners use the same tunnel for the login page: otherwise their files would undo each other's rule. */
  #beside(revision: Revision): Revision {
    if (this.#owner === undefined) return revision;
    return { ...revision, tunnels: { ...revision.tunnels, traefik: 'homelab' } };
  }

  /** Hosts without a file so far that foreign objects serve, and one with a foreign gate. */
  #theirs(): readonly string[] {
    if (this.#world.neighbours.wildcard !== 'open') return [];
    const [before, now] = [this.#before, this.#file].map(
      ({ services }) => new Set(services.map(({ host }) => host)),
    );
    const stays = (host: string) => host !== occupiedHost && before?.has(host) && now?.has(host);
    return hosts.filter((host) => !this.#known.has(host) && !stays(host));
  }

  /**
   * Remembers hosts with a rule of ours, which stay closed afterwards. A host that waited without a rule was never
   * ours, since a plain record kept its name from a catch-all. Forgets a host whose name a plain record had, which a
   * catch-all gets once the record goes; and a host whose rule somebody removed after the file asked for it.
   */
  #rememberHosts(): void {
    const ruled = ruledHosts(this.#state());
    for (const { host } of this.#file.services) {
      if (host !== occupiedHost && ruled.has(host)) this.#known.add(host);
    }
    const plain = plainHostOf(this.#file);
    for (const host of this.#known) if (host === plain || this.#isGiven(host)) this.#known.delete(host);
  }

  /**
   * Forgets the changes by hand that the run has repaired. A run does not repair a gate that the file no longer has: the host
   * keeps it until the next gate is available, or because nothing is removed.
   */
  #forgetMended(): void {
    const gateAt = ({ services }: RandomFile, at: string) => {
      const { gate, inside } = services.find(({ host }) => host === at) ?? {};
      return JSON.stringify([gate, inside]);
    };
    const isLeft = (host: string) =>
      this.#leavers.has(host) || gateAt(this.#before, host) !== gateAt(this.#file, host);
    this.#leavers = new Set([...this.#unchanged].filter(isLeft));
    const left = new Set(
      [...this.#leavers, ...this.#loginsLeft()].flatMap((host) => [host, loginHostOf(clientOf({ host }))]),
    );
    this.#byHand = new Set([...this.#byHand].filter((entry) => left.has(entry.split(' ')[0] ?? '')));
  }

  /** Hosts at which an unwanted login answers before the wanted one. */
  #loginsLeft(): readonly string[] {
    const { prune, services } = this.#file;
    const asked = services.filter(({ gate }) => gate.type !== 'forwardAuth').map(({ host }) => host);
    return prune ? [] : asked.filter((host) => !isUnlinked(this.#state(), host));
  }

  #isGiven(host: string): boolean {
    return this.#unruled.has(host) && this.#file.services.every((service) => service.host !== host);
  }

  /** Hosts of the file that cannot be opened: the origin does not ask, or they have a foreign application. */
  #waiting(): ReadonlySet<string> {
    const { deaf, neighbours: near } = this.#world;
    const opened = openedLogins(this.#state());
    return new Set(
      this.#file.services
        .filter((service) => {
          if (service.host === occupiedHost) return near.accessOn !== 'none';
          // A login that leaves is not repaired, and answers until it is gone: a person must remove it.
          if (opened.has(service.host) && service.gate.type === 'domain') return true;
          return deaf.includes(service.host) && leansOnOrigin(service);
        })
        .map(({ host }) => host),
    );
  }

  #hindrance(): Hindrance {
    const servesAll = this.#world.neighbours.wildcard === 'open';
    return { waiting: this.#waiting(), servesAll, prune: this.#file.prune };
  }

  /**
   * The people of the file. Without pruning, the domain's people, the hosts behind its login, and the parents of groups
   * accumulate.
   */
  #asked(): Admission {
    const { prune, domain, services } = this.#file;
    if (prune) this.#domain = { people: {}, hosts: new Set() };
    const parents = [...(prune ? [] : parentsIn(this.#state())), ...this.#file.parents];
    const standing = prune ? {} : whomOf(loginOfDomain(this.#state()), parents);
    this.#domain.people = both(this.#domain.people, both(standing, whomOf(domain, parents)));
    for (const { host, gate } of [...(prune ? [] : this.#before.services), ...services]) {
      if (gate.type === 'domain') this.#domain.hosts.add(host);
    }
    const { people, hosts: behind } = this.#domain;
    return union(admissionOf(this.#file, parents, people), admissionAt(behind, people));
  }

  /**
   * The people at hosts whose own login a person removed: the outpost uses the login of the domain there, until the
   * host gets the gate of the new file.
   */
  #orphans(): Admission {
    const state = this.#state();
    const orphans = this.#before.services.filter(
      ({ host, gate }) => gate.type === 'forwardAuth' && isUnlinked(state, host),
    );
    return admissionAt(
      orphans.map(({ host }) => host),
      this.#domain.people,
    );
  }

  /** The people whom the world admits once the file has been applied as far as possible. */
  #left(asked: Admission): Admission {
    const before = this.#admission;
    if (!this.#file.prune) return union(before, asked);
    const { services } = this.#file;
    const state = this.#state();
    // The name of a waiting host may still be a plain record of an earlier file, with its old target.
    const plain = [...this.#unchanged].filter((host) => hasPlainRecord(state, host));
    const behind = services.flatMap(({ host, gate }) => (gate.type === 'domain' ? [host] : []));
    // The login of a domain changes for all its hosts at once, or waits for one of them.
    const domain = this.#unchanged.has('*.example.dev')
      ? whomOf(loginOfDomain(state), this.#file.parents)
      : {};
    const besides = union(admissionAt(behind, domain), admissionAt(plain, everybody));
    return lingering(before, union(asked, besides), this.#unchanged);
  }

  async #drift(list: readonly Deed[]): Promise<void> {
    // Without pruning, unwanted objects are not repaired either.
    if (!this.#file.prune) return;
    if (list.length === 0) return;
    const ruled = ruledHosts(this.#state());
    const divided = dividedDoors(this.#state());
    await this.#byOthers(async () => {
      for (const each of list) this.#events.push(`by hand: ${await perform(this.#sandbox, each)}`);
    });
    const left = ruledHosts(this.#state());
    for (const host of ruled) if (!left.has(host)) this.#unruled.add(host);
    const stillDivided = dividedDoors(this.#state());
    for (const door of divided) if (!stillDivided.has(door)) this.#fallen.add(door.replace(/\/.*/, ''));
    for (const { host, principal } of this.#sandbox.exposures())
      this.#byHand.add(`${host} ${nameOf(principal)}`);
    await this.#admin('DELETE', '/exposures');
  }

  async #run(how: string, file: RandomFile, trouble?: Trouble): Promise<Pass> {
    this.#seen = undefined;
    const mixed = this.#owner === undefined ? trouble : { ...inTurns, ...trouble };
    const replanned = how === 'disturbed' ? this.#reorder : undefined;
    const reordered = replanned === undefined ? mixed : { ...untroubled, ...mixed, replanned };
    const copiesLeft = hostsOfCopiesLeft(this.#disk);
    const pass = await runProcess(this.#sandbox, this.#disk, textOf(file), reordered, undefined, this.#lag);
    if (replanned !== undefined) this.orderTally.held += unfinished(pass.report).filter(isHeldBack).length;
    const stillLeft = hostsOfCopiesLeft(this.#disk);
    const purge = this.#sandbox
      .calls()
      .findLast(({ path, status }) => path.endsWith('/purge_cache') && status === 200);
    for (const host of copiesLeft) if (!stillLeft.has(host)) this.#copiesDropped.set(host, purge?.n ?? 0);
    if (trouble === undefined) await this.#sandbox.arrive();
    this.#seen = undefined;
    const { outcomes = [] } = pass.report ?? {};
    const place = ({ change }: Outcome) => pass.ended.indexOf(change);
    const inOrder = outcomes.toSorted((left, right) => place(left) - place(right));
    const done = inOrder.map(({ status, change, reason, error }) =>
      [`  ${status} ${change}`, reason ?? [], error === undefined ? [] : describeError(error)]
        .flat()
        .join(': '),
    );
    this.#events.push(`${how} pass, ${pass.writes} writes:`, ...done);
    return pass;
  }

  /** Checks that an undisturbed run makes every possible change. */
  async #pass(file: RandomFile): Promise<Pass> {
    const pass = await this.#run('undisturbed', file);
    const { report } = pass;
    if (report?.plan === undefined) {
      const waits = report?.waitsFor === undefined ? '' : `waits for ${JSON.stringify(report.waitsFor)}`;
      throw new Error(`no plan: ${waits}${report?.mistakes.map(({ message }) => message).join('\n')}`);
    }
    const hindrance = this.#hindrance();
    this.#unchanged = new Set([...hindrance.waiting, ...hostsOfUndone(report.plan, report.outcomes)]);
    const unexcused = excuses(report.plan, report.outcomes, hindrance);
    if (unexcused.length > 0) throw new Error(`not done:\n${unexcused.join('\n')}`);
    return pass;
  }

  /** Checks that another run writes nothing and plans nothing, except changes that wait. */
  async #silent(): Promise<void> {
    const pass = await this.#pass(this.#file);
    if (pass.writes > 0) {
      const sent = this.#sandbox.calls().filter(({ write }) => write);
      const lines = sent.slice(-pass.writes).map(({ method, path, status }) => `${method} ${path} ${status}`);
      throw new Error(`the second undisturbed pass writes ${pass.writes} times:\n${lines.join('\n')}`);
    }
    const hindrance = this.#hindrance();
    const { plan } = pass.report ?? {};
    const wanted = (plan?.changes ?? []).filter(isPending);
    const excused = plan && hindered(plan, new Set(wanted.map(({ id }) => id)), hindrance);
    const pending = wanted.filter(({ id }) => excused?.has(id) !== true);
    if (pending.length > 0 && hindrance.waiting.size === 0) {
      throw new Error(`still wanted:\n${pending.map(({ id }) => id).join('\n')}`);
    }
  }

  #nobodyIn(when: string): void {
    const exposures = withoutCopiesLeft(this.#sandbox.exposures(), this.#disk, this.#copiesDropped);
    const isLate = (exposure: Exposure) => this.#reorder !== undefined && isCopy(exposure);
    if (exposures.some(isLate)) this.orderTally.copies += 1;
    const found = exposures.filter((exposure) => {
      const { host, principal } = exposure;
      if (isLate(exposure) || this.#isGiven(host)) return false;
      const openedTo = [nameOf(principal), 'anonymous'];
      return !openedTo.some((name) => this.#byHand.has(`${host} ${name}`));
    });
    if (found.length > 0) {
      const calls = new Map(this.#sandbox.calls().map((call) => [call.n, call]));
      const lines = found.slice(0, 10).map((exposure) => {
        const { method, path } = calls.get(exposure.n) ?? {};
        return `${JSON.stringify(exposure)} after ${method} ${path}`;
      });
      throw new Error(`EXPOSED, ${when}: ${found.length}\n${lines.join('\n')}`);
    }
  }

  async #guard(admission: Admission): Promise<void> {
    const whole = wholeAt(union(admission, admissionAt(this.#theirs(), everybody)), this.#fallen);
    const guards = guardsOf(whole).filter(
      // With a foreign application in front, ours stays frozen in its current state, and two gates decide.
      ({ host }) => host !== occupiedHost || this.#world.neighbours.accessOn === 'none',
    );
    await this.#admin('DELETE', '/guards');
    await this.#admin('PUT', '/guards', [...guards, ...(this.#owner?.guards ?? [])]);
  }

  /** Lets the oracle judge this moment. */
  async #judge(): Promise<void> {
    await this.#admin('POST', '/clock', { advance: '0s' });
  }

  /** Adds a person for each group who is in no other; the sandbox already has one outside all groups. */
  async #joinGroups(): Promise<void> {
    const { authentik } = this.#state();
    for (const [username, group] of [
      ['ana', 'family'],
      ['root', 'admins'],
      ['gil', 'guests'],
    ]) {
      const pk = authentik.groups.find(({ name }) => name === group)?.pk;
      const person = authentik.users.find((user) => user.username === username);
      const groups = pk === undefined ? [] : [pk];
      if (person !== undefined && String(person.groups) === String(groups)) continue;
      await this.#admin('POST', '/edit', {
        ...{ actor: 'somebody', system: 'authentik' },
        ...(person === undefined
          ? { method: 'POST', path: '/api/v3/core/users/', body: { username, name: username, groups } }
          : { method: 'PATCH', path: `/api/v3/core/users/${person.pk}/`, body: { groups } }),
      });
    }
  }

  /** The current state, read once until something happens. */
  #state(): State {
    this.#seen ??= stateOf(this.#sandbox);
    return this.#seen;
  }

  #admin(method: string, path: string, body?: unknown): Promise<unknown> {
    this.#seen = undefined;
    return askAdmin(this.#sandbox, method, path, body);
  }
}

/** Acts once, before that call of a run. */
function before(n: number, act: () => Promise<void>) {
  return {
    meddle: async (call: SentCall, send: () => Promise<Response>) => {
      if (call.n === n) await act();
      return send();
    },
  };
}

/** The names without further words. */
function nameOf(principal: string): string {
  return principal.replace(/, .*/, '');
}

function differing(before: string, after: string): string {
  const [was, is] = [before.split('\n'), after.split('\n')];
  const lines = (sign: string, these: readonly string[], those: readonly string[]) =>
    these.filter((line) => !those.includes(line)).map((line) => `${sign} ${line}`);
  return [...lines('-', was, is), ...lines('+', is, was)].slice(0, 40).join('\n');
}
