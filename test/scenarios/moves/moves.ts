import { expect } from 'vitest';
import type { AdmitRule, Exposure, Sandbox, Snapshot } from '../../../src/lab/sandbox/index.ts';
import type { Beginning } from '../stage/beginning.ts';
import { type Disk, newDisk } from '../stage/disk.ts';
import { askAdmin } from '../stage/hand.ts';
import { type Pass, runProcess, unfinished } from '../stage/stage.ts';
import { Tally } from '../stage/tally.ts';
import type { Trouble } from '../stage/trouble.ts';

export { misfortunes } from '../stage/trouble.ts';

/** A state of one host in a file, and its visitors in the oracle's words. */
export interface State {
  readonly name: string;
  readonly service: string | undefined;
  /** The target of the host; undefined if the file does not have the host. */
  readonly origin?: string | undefined;
  readonly guards: readonly Guard[];
}

export interface Admitted {
  readonly public?: boolean;
  /** Admits everybody who has logged in. */
  readonly people?: boolean;
  readonly emails?: readonly string[];
  readonly tokens?: readonly string[];
  readonly groups?: readonly string[];
  /** Groups that the person must be in, and not only a group that lies in one of them. */
  readonly members?: readonly string[];
  /** User names in Authentik. */
  readonly users?: readonly string[];
  /** Admits valid tokens for this audience (absent: the client's id), signed by that client, at these operations. */
  readonly bearer?: { readonly audience?: string; readonly client: string };
  readonly operations?: readonly string[];
  readonly rules?: readonly AdmitRule[];
}

export interface Guard {
  readonly host: string;
  readonly path?: string;
  /** The slug of an application: the oracle checks who gets a code for it, instead of who reaches the host. */
  readonly client?: string;
  readonly admit: Admitted;
  /** The people whom the earlier file admits to its origin. */
  readonly served?: readonly { readonly by: string; readonly admit: Admitted }[];
}

/** The origins of the homes. */
const addresses: Readonly<Record<string, string>> = {
  app: 'http://app.lan:80',
  next: 'http://next.lan:80',
  other: 'http://other.lan:80',
  traefik: 'http://traefik.lan:80',
};

export const host = 'app.example.dev';
const paths = ['/health', '/health/**', '/open', '/open/**', '/admin/**'];
export type Inside = Readonly<Record<string, readonly [gate: string, admit: Admitted]>>;

/** A state of the host: its gate, its people, and the inner paths with their own gates. */
export function state(
  name: string,
  gate: string | undefined,
  admit: Admitted,
  inside: Inside = {},
  origin = 'app',
): State {
  const exceptions = Object.entries(inside).map(([path, [innerGate]]) => `      ${path}: ${innerGate}`);
  const service =
    gate === undefined
      ? undefined
      : [
          `  app:`,
          `    host: ${host}`,
          `    origin: ${origin}`,
          `    gate: ${gate}`,
          ...(exceptions.length > 0 ? ['    paths:', ...exceptions] : []),
        ].join('\n');
  const guards = [
    { host, admit },
    ...paths.map((path) => ({
      host,
      path,
      admit: (inside[path] ?? inside[`${path}/**`])?.[1] ?? admit,
    })),
  ];
  return { name, service, origin: gate === undefined ? undefined : addresses[origin], guards };
}

/**
 * The union of both files' guards: nobody else may get in between them. People of the later file alone may not reach
 * the origin of the earlier one.
 */
export function union(before: Admitting, after: Admitting): readonly Guard[] {
  return unionOf([before, after]);
}

type Admitting = Pick<State, 'guards' | 'origin'>;

/** Everybody whom one of two states admits. */
function either(before: Admitted, after: Admitted): Admitted {
  return {
    public: before.public === true || after.public === true,
    people: before.people === true || after.people === true,
    emails: [...(before.emails ?? []), ...(after.emails ?? [])],
    tokens: [...(before.tokens ?? []), ...(after.tokens ?? [])],
    groups: [...(before.groups ?? []), ...(after.groups ?? [])],
    members: [...(before.members ?? []), ...(after.members ?? [])],
    users: [...(before.users ?? []), ...(after.users ?? [])],
    rules: [...(before.rules ?? []), ...(after.rules ?? [])],
    ...bearersOf(before, after),
  };
}

/** The same of several files, which have the same places. */
export function unionOf(states: readonly [Admitting, ...Admitting[]]): readonly Guard[] {
  const origins = new Set(states.map(({ origin }) => origin));
  const isMoved = origins.size > 1 && !origins.has(undefined);
  return states[0].guards.map((guard, index) => {
    const admitted = (of: readonly Admitting[]) =>
      of.map(({ guards }) => guards[index]?.admit ?? {}).reduce(either);
    const served = (by = '') => ({ by, admit: admitted(states.filter(({ origin }) => origin === by)) });
    return { ...guard, ...(isMoved && { served: [...origins].map(served) }), admit: admitted(states) };
  });
}

/**
 * The audience to ask for. The oracle knows only one audience at a host: with two different ones, or with one state
 * that admits everybody, it is asked about the end alone.
 */
function bearersOf(before: Admitted, after: Admitted): Pick<Admitted, 'bearer' | 'operations'> {
  if (before.public === true || after.public === true) return {};
  const { bearer, operations } = before.bearer === undefined ? after : before;
  const said = ({ bearer: one, operations: where }: Admitted) => JSON.stringify([one, where]);
  if (before.bearer !== undefined && after.bearer !== undefined && said(before) !== said(after)) return {};
  return bearer === undefined ? {} : { bearer, ...(operations !== undefined && { operations }) };
}

/** The world and the disk after a file has been applied. */
export interface Scene {
  readonly snapshot: Snapshot;
  readonly disk: Disk;
  /** People whom a foreign object admits at first: they may get in until the host is closed or guarded, never again. */
  readonly open?: true;
}

/** Moves of one host from state to state, on one sandbox, with files from `fileOf`. */
export class Moves {
  readonly sandbox: Sandbox;
  readonly fileOf: (state: State) => string;
  /** Guards that hold in every state. */
  readonly #always: readonly Guard[];
  readonly tally: Tally;

  constructor(
    sandbox: Sandbox,
    fileOf: (state: State) => string,
    always: readonly Guard[] = [],
    tally = new Tally(),
  ) {
    this.sandbox = sandbox;
    this.fileOf = fileOf;
    this.#always = always;
    this.tally = tally;
  }

  admin(method: string, path: string, body?: unknown): Promise<unknown> {
    return askAdmin(this.sandbox, method, path, body);
  }

  byHand(method: string, path: string, body: unknown, system = 'cloudflare'): Promise<unknown> {
    return this.admin('POST', '/edit', { actor: 'somebody', system, method, path, body });
  }

  get records(): string {
    return `/zones/${this.sandbox.zones[0]?.id}/dns_records`;
  }

  /** Makes Traefik ask the outpost about these hosts, and about no others. */
  sendThroughOutpost(hosts: readonly string[]): Promise<unknown> {
    const origin = { url: 'http://traefik.lan:80', kind: 'traefik', forwardAuth: hosts };
    return this.admin('PUT', '/origins', origin);
  }

  async guard(guards: readonly Guard[]): Promise<void> {
    await this.admin('DELETE', '/guards');
    await this.admin('PUT', '/guards', [...guards, ...this.#always]);
  }

  /** The people who get in now against these guards, and those who got in before. */
  async judgedBy(guards: readonly Guard[]): Promise<readonly Exposure[]> {
    await this.guard(guards);
    const record = { type: 'TXT', name: 'judge', content: 'now', ttl: 300 };
    const { result } = (await this.byHand('POST', this.records, record)) as {
      readonly result: { readonly id: string };
    };
    await this.byHand('DELETE', `${this.records}/${result.id}`, undefined);
    return this.sandbox.exposures();
  }

  /** Runs a process on the sandbox, and counts it. */
  async process(disk: Disk, file: string, trouble?: Trouble, beginning?: Beginning): Promise<Pass> {
    const pass = await runProcess(this.sandbox, disk, file, trouble, beginning);
    this.tally.add(pass);
    return pass;
  }

  async sceneOf(first: Snapshot, of: State): Promise<Scene> {
    this.sandbox.restore(first);
    const disk = newDisk();
    const pass = await this.process(disk, this.fileOf(of));
    expect(unfinished(pass.report), of.name).toEqual([]);
    // The people of the state leave copies in Cloudflare's cache before the move begins.
    await this.judgedBy(of.guards);
    return this.sceneNow(disk);
  }

  /** The scene with a person in these groups; they alone are admitted, and leave copies in Cloudflare's cache. */
  async withMember(
    { disk, snapshot, ...scene }: Scene,
    groups: readonly string[],
    username = 'member',
  ): Promise<Scene> {
    this.sandbox.restore(snapshot);
    const { results } = (await this.byHand('GET', '/api/v3/core/groups/', undefined, 'authentik')) as {
      readonly results: readonly { readonly pk: string; readonly name: string }[];
    };
    const joined = results.filter(({ name }) => groups.includes(name)).map(({ pk }) => pk);
    expect(joined).toHaveLength(groups.length);
    const person = { username, name: 'Member', groups: joined };
    await this.byHand('POST', '/api/v3/core/users/', person, 'authentik');
    return { ...scene, ...this.sceneNow(disk) };
  }

  /** The current state without its history, which nobody reads and every copy would include. */
  sceneNow(disk: Disk): Scene {
    const world = JSON.parse(this.sandbox.snapshot());
    const authentik = { ...world.authentik, events: [] };
    return { snapshot: JSON.stringify({ ...world, authentik, calls: [], exposures: [], audit: [] }), disk };
  }
}
