import { expect } from 'vitest';
import { isPending } from '../../../src/core/change.ts';
import { sandboxEdge } from '../../support/sandbox-edge.ts';
import { type Admitted, type Guard, host, type Scene, type State, state } from '../moves/moves.ts';
import { copyOf, type Disk, newDisk } from '../stage/disk.ts';
import { Settled } from '../stage/settled.ts';
import { shapeOf } from '../stage/shape.ts';
import { type Pass, unfinished } from '../stage/stage.ts';
import type { Tally } from '../stage/tally.ts';
import { brokenOff, probeTroubles, type Trouble, troubleName } from '../stage/trouble.ts';
import { EveryGateMoves, everyGateHome, gates } from './every-gate-home.ts';

const me = 'me@example.dev';
const admins: Admitted = { groups: ['admins'] };
const people = (...emails: readonly string[]) => `{ cloudflare: { emails: [${emails.join(', ')}] } }`;
const asks = (...groups: readonly string[]) => `{ authentik: { groups: [${groups.join(', ')}] } }`;

/** One state for each gate that keeps somebody out. */
export const guardedGates: readonly State[] = Object.values(gates).filter(
  ({ name }) => name !== gates.none.name && name !== gates.public.name,
);

/** States that differ from each other in the people of a gate, in the origin, in the tunnel, or in two of these. */
export const changes: readonly State[] = [
  state('me', people(me), { emails: [me] }),
  state('me and you', people(me, 'you@example.dev'), { emails: [me, 'you@example.dev'] }),
  state('me, by another tunnel', people(me), { emails: [me] }, {}, 'away'),
  state('me and you, by another tunnel', people(me, 'you@example.dev'), { emails: [me] }, {}, 'away'),
  state('admins', asks('admins'), admins, {}, 'traefik'),
  state('admins and family', asks('admins', 'family'), admins, {}, 'traefik'),
  state('admins, at another origin', asks('admins'), admins, {}, 'moved'),
  state('admins and family, at another origin', asks('admins', 'family'), admins, {}, 'moved'),
  state('admins, by another tunnel', asks('admins'), admins, {}, 'behind'),
];

/** A home with any gate and two tunnels. */
export function outageHome(of: Pick<State, 'service'>): string {
  return everyGateHome(of)
    .replace('tunnels: { homelab: {} }', 'tunnels: { homelab: {}, second: { create: true } }')
    .replace(
      'origins:\n',
      `origins:
  moved: { tunnel: homelab, url: "http://moved.lan:80", forwardAuth: true }
  behind: { tunnel: second, url: "http://moved.lan:80", forwardAuth: true }
  away: { tunnel: second, url: "http://other.lan:80" }
`,
    )
    .replace(
      'services:\n',
      'services:\n  anchor: { host: anchor.example.dev, origin: away, gate: { public: { reason: keeps the second tunnel } } }\n',
    );
}

/** An outage that lasts for one run. */
export interface Outage {
  readonly name: string;
  readonly trouble: Trouble;
}

const authentikAway: Outage = {
  name: 'Authentik does not answer',
  trouble: {
    meddle: ({ system }, send) => (system === 'authentik' ? Promise.reject(brokenOff()) : send()),
  },
};

/** True for a read of a single object or of published keys, which is no list. */
const isOfOne = /\/([0-9a-f-]{32,36}|\d+|core\/applications\/[^/]+|check_access|jwks)\/?$/;

/** The outages to play: of Authentik, of the way of the probe, and of each list that an undisturbed run reads. */
export function outagesOf({ reads }: Pick<Pass, 'reads'>): readonly Outage[] {
  const troubles = [
    ...probeTroubles.map((probes) => ({ probes })),
    ...[...new Set(reads.map(({ read }) => read))]
      .filter((read) => !isOfOne.test(read))
      .map((read) => ({ read, from: 1 })),
  ];
  return [authentikAway, ...troubles.map((trouble) => ({ name: troubleName(trouble), trouble }))];
}

/** The answers that visitors get at the host. */
interface Visited {
  /** The visitors who reach the origin. */
  readonly admitted: readonly string[];
  /** The answers to everybody at the root and at an operation: status, answering system, and target. */
  readonly answers: readonly string[];
}

/** A person in both groups, whom each gate for people admits, and a machine. */
const visitors = [me, 'token gates:home/ci'];
/** The name of the host's application at Authentik. */
const slug = host.replaceAll('.', '-');
/** The changes that may wait for the next run although the change of the file is made. */
const isLeftOver = /without its cover|one may still use it/;

/** Guards that make every admission visible; the second one makes the person known to the oracle. */
const nobody: readonly Guard[] = [
  { host, admit: {} },
  { host: 'nowhere.example.dev', admit: { emails: [me] } },
];

/** A change of the file, and the changes of its undisturbed run. */
export interface Undisturbed {
  readonly after: State;
  readonly start: Visited;
  readonly end: Visited;
  readonly pass: Pass;
  readonly shape: unknown;
  readonly settled: Settled;
}

/** A host that is open, guarded and at rest, and the disturbed runs on it. */
export class OutageHome {
  readonly moves: EveryGateMoves;
  #scene: Scene | undefined;

  private constructor(moves: EveryGateMoves) {
    this.moves = moves;
  }

  static async open(before: State, tally: Tally): Promise<OutageHome> {
    const moves = await EveryGateMoves.open(tally);
    const moved = { url: 'http://moved.lan:80', kind: 'traefik', forwardAuth: [host] };
    await moves.admin('PUT', '/origins', moved);
    const disk = newDisk();
    const pass = await moves.process(disk, outageHome(before));
    expect(unfinished(pass.report), before.name).toEqual([]);
    const home = new OutageHome(moves);
    await home.#join('me', ['admins', 'family']);
    home.#scene = moves.sceneNow(disk);
    return home;
  }

  /** Adds a person for each group who is in no other one. */
  async withMembers(): Promise<void> {
    const disk = await this.begin();
    for (const group of ['admins', 'family']) await this.#join(`one of ${group}`, [group]);
    this.#scene = this.moves.sceneNow(disk);
  }

  async #join(username: string, groups: readonly string[]): Promise<void> {
    const { results } = (await this.moves.byHand('GET', '/api/v3/core/groups/', undefined, 'authentik')) as {
      readonly results: readonly { readonly pk: string; readonly name: string }[];
    };
    const joined = results.filter(({ name }) => groups.includes(name)).map(({ pk }) => pk);
    const email = `${username.replaceAll(' ', '-')}@example.dev`;
    const person = { username, name: username, email, groups: joined };
    await this.moves.byHand('POST', '/api/v3/core/users/', person, 'authentik');
  }

  async undisturbed(after: State): Promise<Undisturbed> {
    const disk = await this.begin();
    const start = await this.#visit();
    const { pass, end } = await this.run(after, disk);
    expect(unfinished(pass.report), after.name).toEqual([]);
    this.moves.tally.moves += 1;
    return { after, start, end, pass, shape: await shapeOf(this.moves.sandbox), settled: new Settled() };
  }

  /** Makes a run from the start, and returns who is refused at some write, and the final answers to visitors. */
  async run(
    after: State,
    disk: Disk,
    trouble?: Trouble,
  ): Promise<{ readonly pass: Pass; readonly end: Visited; readonly shut: ReadonlySet<string> }> {
    const { moves } = this;
    await moves.guard(nobody);
    const last = moves.sandbox.calls().at(-1)?.n ?? 0;
    const pass = await moves.process(disk, outageHome(after), trouble);
    const came = moves.sandbox.exposures();
    const writes = moves.sandbox.calls(last).filter(({ write }) => write);
    const isIn = (visitor: string, at: number) =>
      came.some(
        (item) => item.n === at && item.host === host && item.path === '/' && item.principal === visitor,
      );
    const shut = visitors.filter((visitor) => writes.some(({ n }) => !isIn(visitor, n)));
    return { pass, end: await this.#visit(), shut: new Set(shut) };
  }

  /**
   * Makes a disturbed run: people whom both files admit get in as before, unless the host already is as the new file
   * says; and the next run does the rest.
   */
  async disturb(
    { after, start, end, shape, settled }: Undisturbed,
    trouble: Trouble,
    where: string,
  ): Promise<Awaited<ReturnType<OutageHome['run']>>> {
    const disk = await this.begin();
    const found = await this.run(after, disk, trouble);
    const both = start.admitted.filter((visitor) => end.admitted.includes(visitor));
    expect(found.end.admitted, where).toEqual(expect.arrayContaining(both));
    expect([start.answers, end.answers], where).toContainEqual(found.end.answers);
    const left = unfinished(found.pass.report);
    // The host is closed for changes of the same run, or was opened again.
    const isShut = both.some((visitor) => found.shut.has(visitor));
    const isReopened = left.some((line) => line.includes('is open as before'));
    const ofHost = left.filter(
      (line) => (line.includes(host) || line.includes(slug)) && !isLeftOver.test(line),
    );
    if (isShut && !isReopened) expect(ofHost, `${where}: kept out meanwhile`).toEqual([]);
    if (JSON.stringify(await shapeOf(this.moves.sandbox)) !== JSON.stringify(shape)) {
      const { unknown = [] } = found.pass.report?.plan ?? {};
      expect([...left, ...unknown], `${where}: reported`).not.toEqual([]);
    }
    for (const line of left) expect(line, where).toMatch(/: .{10}/);
    const { sandbox, tally } = this.moves;
    const isNew = await settled.once(sandbox, disk, () => this.#converges({ after, shape }, disk, where));
    if (isNew) tally.worlds += 1;
    tally.interrupted += 1;
    return found;
  }

  /** Makes a run in which one write is rejected; then the next one does the rest. */
  async fail(undisturbed: Undisturbed, write: number): Promise<Awaited<ReturnType<OutageHome['run']>>> {
    const disk = await this.begin();
    const found = await this.run(undisturbed.after, disk, { write, kind: 'reject' });
    await this.#converges(undisturbed, disk, `write ${write} refused`);
    return found;
  }

  async #converges({ after, shape }: Pick<Undisturbed, 'after' | 'shape'>, disk: Disk, where: string) {
    const next = await this.moves.process(disk, outageHome(after));
    expect(unfinished(next.report), `${where}: next run`).toEqual([]);
    expect(await shapeOf(this.moves.sandbox), `${where}: next run`).toEqual(shape);
    const last = await this.moves.process(disk, outageHome(after));
    expect(last.report?.plan?.changes.filter(isPending), `${where}: run after that`).toEqual([]);
  }

  /** Restores the world of the start; a copy of its disk. */
  async begin(): Promise<Disk> {
    if (this.#scene === undefined) throw new Error('nothing has been applied yet');
    this.moves.sandbox.restore(this.#scene.snapshot);
    return copyOf(this.#scene.disk);
  }

  async #visit(): Promise<Visited> {
    const { moves } = this;
    await moves.admin('DELETE', '/exposures');
    const found = await moves.judgedBy(nobody);
    const came = found.filter((item) => item.host === host && item.path === '/');
    const { signal } = new AbortController();
    const answers = ['/', '/v1/items'].map(async (path) => {
      const { status, headers } = await sandboxEdge(moves.sandbox).get(
        { host, path, nameServers: [] },
        signal,
      );
      const { location, 'x-sandbox-served-by': by } = headers;
      return `${status} ${by} ${location === undefined ? '' : new URL(location, `https://${host}`).host}`;
    });
    return {
      admitted: visitors.filter((visitor) => came.some(({ principal }) => principal === visitor)),
      answers: await Promise.all(answers),
    };
  }
}
