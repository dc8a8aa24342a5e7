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
  guardsOf,
  lingering,
  loginHostOf,
  union,
  wholeAt,
} from './admission.ts';
import { type Deed, perform } from './drift.ts';
import { excuses, type Hindrance, hostsOfUndone, isLeftOfDomain } from './excuses.ts';
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
import {
  dividedDoors,
  groupsOfDomain,
  hasPlainRecord,
  isUnlinked,
  type Neighbours,
  occupiedHost,
  openedLogins,
  othersIn,
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

/** From one file to the next: what people do before and meanwhile, and what goes wrong on the way. */
export interface Step {
  readonly revision: Revision;
  readonly before: readonly Deed[];
  readonly troubles: readonly Disturbance[];
  /** After the first of those passes. */
  readonly meanwhile: readonly Deed[];
}

/** The world that a chain is played in. */
export interface World {
  readonly neighbours: Neighbours;
  /** Hosts that Traefik does not send through the outpost. */
  readonly deaf: readonly string[];
  /** How long what is written takes to the edge, unless the environment says it: see `parseLag`. */
  readonly lag: 'none' | '5000' | 'random';
  readonly writer: SecondWriter;
}

/** What the second writers of all chains of this process did; each addition that was lost was reported. */
export interface WritersTally {
  runsBeside: number;
  waited: number;
  additions: number;
  lost: number;
}

/** Changes that the interlock held back in runs with a plan of another order, and the copies that somebody new got meanwhile. */
export interface OrderTally {
  held: number;
  copies: number;
}

export const writersTally: WritersTally = { runsBeside: 0, waited: 0, additions: 0, lost: 0 };

/** Files one after the other in one world, and what the oracle has to say of each. */
export class Play {
  readonly #sandbox: Sandbox;
  readonly #world: World;
  readonly #lag: LagOptions;
  #owner: OtherOwner | undefined;
  #disk: Disk = newDisk();
  #before = emptyFile;
  #file = emptyFile;
  /** Whom the world as it is may let in. */
  #admission: Admission = admissionOf(emptyFile);
  /** Who logs in at the domain, and where. */
  #domain = { groups: new Set<string>(), hosts: new Set<string>() };
  /** Hosts that were in a file until now. */
  #known = new Set<string>();
  #others = '';
  /** `host principal` that a person's change let in. */
  #byHand = new Set<string>();
  /** Hosts that cannot be opened, and hosts where what is to be done waits for what happens at those. */
  #unchanged: ReadonlySet<string> = new Set();
  /** Hosts that have another gate than their file says, since what they go over to waits. */
  #leavers = new Set<string>();
  /** Hosts whose tunnel rule a person deleted. */
  #unruled = new Set<string>();
  /** Hosts where a person deleted the application at a path: whom the host admits gets to the path too. */
  #fallen = new Set<string>();
  /** Hosts whose copies a run of this file dropped that one before was refused to, with the call that did. */
  #copiesDropped = new Map<string, number>();
  /** What people and passes did since the last file. */
  #events: string[] = [];
  #step: Step | undefined;
  /** Makes the plans of disturbed runs from the planner's; undefined: they are the planner's. */
  #reorder: ((plan: Plan) => Plan) | undefined;
  readonly orderTally: OrderTally = { held: 0, copies: 0 };
  /** The world as it is, while nothing happens. */
  #seen: State | undefined;

  private constructor(sandbox: Sandbox, of: World, seed: number) {
    this.#sandbox = sandbox;
    this.#world = of;
    // Without any lag, time goes by all the same while a run waits: a purge that is refused goes through a minute later.
    this.#lag = lagOfEnvironment ?? parseLag(of.lag === 'none' ? 'revocations=0' : `${of.lag},seed=${seed}`);
    this.#owner = of.writer === 'owner' ? new OtherOwner() : undefined;
  }

  static async begin(of: World, seed: number): Promise<Play> {
    const sandbox = await createSandbox({ zones: ['example.dev'], callBudget: 100_000_000 });
    const play = new Play(sandbox, of, seed);
    await settle(sandbox, of.neighbours);
    const forwardAuth = [...hosts.filter((host) => !of.deaf.includes(host)), ...labHosts];
    await play.#admin('PUT', '/origins', { url: 'http://traefik.lan:80', kind: 'traefik', forwardAuth });
    await play.#pass(emptyFile);
    await play.#joinGroups();
    play.#owner?.choose(seed >>> 0);
    play.#others = othersIn(play.#state());
    await play.#settleOwner();
    return play;
  }

  /** Takes the world and the play back to this moment, as often as it is called. */
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
   * What is there. Undefined where that depends on how it came to be: a host waits and has what it had, leftovers stay, or a person
   * has added what a run of another length did not meet.
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

  /** A run of ours, and before one of its calls another writes: an owner has a run, or a person adds to a list. */
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

  /** What the person adds may be lost where our run had read the list and not yet written it: it says so then. */
  async #besidePerson(between: Interleaving): Promise<void> {
    let [without, what] = [this.#others, ''];
    const edit = async (system: string, method: string, path: string, body?: unknown) => {
      const call = JSON.stringify({ actor: 'somebody', system, method, path, body });
      // Nothing arrives at the edge any sooner by it.
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

  /** What others have is as it was, and as this leaves it from then on. */
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

  /** The two files, and what happened between. */
  story(): string {
    const { troubles } = this.#step ?? {};
    return `${JSON.stringify(troubles)}
${textOf(this.#before)}
→
${textOf(this.#file)}
${this.#events.join('\n')}`;
  }

  /** The other owner's file names the tunnel of the login page as well: two files that differ there undo each other's rule. */
  #beside(revision: Revision): Revision {
    if (this.#owner === undefined) return revision;
    return { ...revision, tunnels: { ...revision.tunnels, traefik: 'homelab' } };
  }

  /** Hosts of no file yet that others serve, and one where others have their own gate. */
  #theirs(): readonly string[] {
    if (this.#world.neighbours.wildcard !== 'open') return [];
    const [before, now] = [this.#before, this.#file].map(
      ({ services }) => new Set(services.map(({ host }) => host)),
    );
    const stays = (host: string) => host !== occupiedHost && before?.has(host) && now?.has(host);
    return hosts.filter((host) => !this.#known.has(host) && !stays(host));
  }

  /**
   * A host that was a service's stays closed, from when a rule of ours stood there: one that waited without (a plain
   * record kept its name from whatever answers for all) was never ours. Not where a plain record had its name, which
   * falls to whatever answers for all once the record goes; nor where somebody removed our rule after the file asked
   * for the host.
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
   * The run closes what a person opened, whatever the file asks for. Not so a gate that its host leaves and has to keep until
   * the next one can be had, or keeps because nothing is removed: nobody asks for it any more.
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

  /** Hosts of which a login that the file does not ask for stands before the one that it asks for. */
  #loginsLeft(): readonly string[] {
    const { prune, services } = this.#file;
    const asked = services.filter(({ gate }) => gate.type !== 'forwardAuth').map(({ host }) => host);
    return prune ? [] : asked.filter((host) => !isUnlinked(this.#state(), host));
  }

  #isGiven(host: string): boolean {
    return this.#unruled.has(host) && this.#file.services.every((service) => service.host !== host);
  }

  /** Hosts of the file that cannot be opened: the origin does not ask, or others have an application there. */
  #waiting(): ReadonlySet<string> {
    const { deaf, neighbours: near } = this.#world;
    const opened = openedLogins(this.#state());
    return new Set(
      this.#file.services
        .filter((service) => {
          if (service.host === occupiedHost) return near.accessOn !== 'none';
          // A login that goes is not mended, and answers until it has gone: a person has to remove it.
          if (opened.has(service.host) && service.gate.type === 'domain') return true;
          return deaf.includes(service.host) && leansOnOrigin(service);
        })
        .map(({ host }) => host),
    );
  }

  #hindrance(): Hindrance {
    return { waiting: this.#waiting(), servesAll: this.#world.neighbours.wildcard === 'open' };
  }

  /** Whom the file admits; where nothing is removed, the domain's groups pile up, and so do the hosts behind its login. */
  #asked(): Admission {
    const { prune, domain, services } = this.#file;
    if (prune) this.#domain = { groups: new Set(), hosts: new Set() };
    const standing = prune ? [] : groupsOfDomain(this.#state());
    for (const group of [...standing, ...domain]) this.#domain.groups.add(group);
    for (const { host, gate } of [...(prune ? [] : this.#before.services), ...services]) {
      if (gate.type === 'domain') this.#domain.hosts.add(host);
    }
    const groups = [...this.#domain.groups];
    return union(admissionOf(this.#file, groups), admissionAt(this.#domain.hosts, groups));
  }

  /**
   * A host whose own login a person removed falls to that of the domain, which the outpost has for every host of it,
   * until the host gets the gate of the new file.
   */
  #orphans(): Admission {
    const state = this.#state();
    const orphans = this.#before.services.filter(
      ({ host, gate }) => gate.type === 'forwardAuth' && isUnlinked(state, host),
    );
    return admissionAt(
      orphans.map(({ host }) => host),
      [...this.#domain.groups],
    );
  }

  /** Whom the world lets in once the file has been applied as far as it can be. */
  #left(asked: Admission): Admission {
    const before = this.#admission;
    if (!this.#file.prune) return union(before, asked);
    const { services } = this.#file;
    const state = this.#state();
    // The name of a host that waits may still be a plain record's, of a file before, and lead to where that led.
    const plain = [...this.#unchanged].filter((host) => hasPlainRecord(state, host));
    const behind = services.flatMap(({ host, gate }) => (gate.type === 'domain' ? [host] : []));
    // The login of a domain changes for all its hosts at once, or waits for one of them.
    const domain = this.#unchanged.has('*.example.dev') ? groupsOfDomain(state) : [];
    const besides = union(admissionAt(behind, domain), admissionAt(plain));
    return lingering(before, union(asked, besides), this.#unchanged);
  }

  async #drift(list: readonly Deed[]): Promise<void> {
    // What the file no longer asks for is not mended either where nothing is removed.
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
    const inOrder = outcomes.toSorted((one, other) => place(one) - place(other));
    const done = inOrder.map(({ status, change, reason, error }) =>
      [`  ${status} ${change}`, reason ?? [], error === undefined ? [] : describeError(error)]
        .flat()
        .join(': '),
    );
    this.#events.push(`${how} pass, ${pass.writes} writes:`, ...done);
    return pass;
  }

  /** An undisturbed pass does all that can be done. */
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

  /** Another pass writes nothing and wants nothing, but for what waits. */
  async #silent(): Promise<void> {
    const pass = await this.#pass(this.#file);
    if (pass.writes > 0) {
      const sent = this.#sandbox.calls().filter(({ write }) => write);
      const lines = sent.slice(-pass.writes).map(({ method, path, status }) => `${method} ${path} ${status}`);
      throw new Error(`the second undisturbed pass writes ${pass.writes} times:\n${lines.join('\n')}`);
    }
    const { waiting, servesAll } = this.#hindrance();
    const pending = (pass.report?.plan?.changes ?? []).filter(
      (change) => isPending(change) && !(servesAll && isLeftOfDomain(change)),
    );
    if (pending.length > 0 && waiting.size === 0) {
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
    const whole = wholeAt(union(admission, admissionAt(this.#theirs())), this.#fallen);
    const guards = guardsOf(whole).filter(
      // With an application of others before it, ours is frozen as it happens to be, and two gates decide.
      ({ host }) => host !== occupiedHost || this.#world.neighbours.accessOn === 'none',
    );
    await this.#admin('DELETE', '/guards');
    await this.#admin('PUT', '/guards', [...guards, ...(this.#owner?.guards ?? [])]);
  }

  /** Has the oracle look at this moment. */
  async #judge(): Promise<void> {
    await this.#admin('POST', '/clock', { advance: '0s' });
  }

  /** Somebody in each group and in no other, beside whom the sandbox has outside of all. */
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

  /** As it is now, read once until something happens. */
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

/** Without what they say besides. */
function nameOf(principal: string): string {
  return principal.replace(/, .*/, '');
}

function differing(before: string, after: string): string {
  const [was, is] = [before.split('\n'), after.split('\n')];
  const lines = (sign: string, these: readonly string[], those: readonly string[]) =>
    these.filter((line) => !those.includes(line)).map((line) => `${sign} ${line}`);
  return [...lines('-', was, is), ...lines('+', is, was)].slice(0, 40).join('\n');
}
