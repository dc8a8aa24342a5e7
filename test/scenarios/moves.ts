import { expect } from 'vitest';
import { isPending } from '../../src/core/change.ts';
import type { Exposure, Sandbox, Snapshot } from '../../src/sandbox/index.ts';
import { askAdmin } from './hand.ts';
import { copyOf, type Disk, newDisk, runProcess, shapeOf, unfinished } from './stage.ts';

/** One host as a file may have it, and who gets through then, in the oracle's words. */
export interface State {
  readonly name: string;
  readonly service: string | undefined;
  readonly guards: readonly Guard[];
}

export interface Admitted {
  readonly public?: boolean;
  readonly emails?: readonly string[];
  readonly tokens?: readonly string[];
  readonly groups?: readonly string[];
}

export interface Guard {
  readonly host: string;
  readonly path?: string;
  /** Slug of an application: who gets a code for it, instead of who gets through to the host. */
  readonly client?: string;
  readonly admit: Admitted;
}

export const host = 'app.example.dev';
const paths = ['/health', '/health/**', '/open', '/open/**', '/admin/**'] as const;
export type Inside = Partial<Record<(typeof paths)[number], readonly [gate: string, admit: Admitted]>>;

/** A state of the host: its gate, whom that admits, and the paths inside that have gates of their own. */
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
      admit: (inside[path] ?? inside[`${path}/**` as '/health/**'])?.[1] ?? admit,
    })),
  ];
  return { name, service, guards };
}

/** Whom either file admits: nobody else may get through while one follows the other. */
export function union(before: Pick<State, 'guards'>, after: Pick<State, 'guards'>): readonly Guard[] {
  return before.guards.map((guard, index) => {
    const other = after.guards[index]?.admit ?? {};
    return {
      ...guard,
      admit: {
        public: guard.admit.public === true || other.public === true,
        emails: [...(guard.admit.emails ?? []), ...(other.emails ?? [])],
        tokens: [...(guard.admit.tokens ?? []), ...(other.tokens ?? [])],
        groups: [...(guard.admit.groups ?? []), ...(other.groups ?? [])],
      },
    };
  });
}

export const misfortunes = ['kill', 'lose-reply', 'drop', 'refuse'] as const;

/** The world and the disk once a file has been applied. */
export interface Scene {
  readonly snapshot: Snapshot;
  readonly disk: Disk;
}

/** Moves of one host from state to state, on one sandbox, by files that `fileOf` writes. */
export class Moves {
  readonly sandbox: Sandbox;
  readonly fileOf: (state: State) => string;
  /** Hold in every state. */
  readonly #always: readonly Guard[];
  /** Interrupted moves so far. */
  explored = 0;

  constructor(sandbox: Sandbox, fileOf: (state: State) => string, always: readonly Guard[] = []) {
    this.sandbox = sandbox;
    this.fileOf = fileOf;
    this.#always = always;
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

  /** Traefik asks the outpost about these hosts, and about no others. */
  sendThroughOutpost(hosts: readonly string[]): Promise<unknown> {
    const origin = { url: 'http://traefik.lan:80', kind: 'traefik', forwardAuth: hosts };
    return this.admin('PUT', '/origins', origin);
  }

  async guard(guards: readonly Guard[]): Promise<void> {
    await this.admin('DELETE', '/guards');
    await this.admin('PUT', '/guards', [...guards, ...this.#always]);
  }

  /** Who gets in at this moment whom these guards do not admit, and who got in before. */
  async judgedBy(guards: readonly Guard[]): Promise<readonly Exposure[]> {
    await this.guard(guards);
    const record = { type: 'TXT', name: 'judge', content: 'now', ttl: 300 };
    const { result } = (await this.byHand('POST', this.records, record)) as {
      readonly result: { readonly id: string };
    };
    await this.byHand('DELETE', `${this.records}/${result.id}`, undefined);
    return this.sandbox.exposures();
  }

  async sceneOf(first: Snapshot, of: State): Promise<Scene> {
    this.sandbox.restore(first);
    const disk = newDisk();
    const pass = await runProcess(this.sandbox, disk, this.fileOf(of));
    expect(unfinished(pass.report), of.name).toEqual([]);
    return { snapshot: this.sandbox.snapshot(), disk };
  }

  /** From one state to another, undisturbed and then with every write of the way going wrong in every way. */
  async explore(scene: Scene, before: State, after: State): Promise<void> {
    const { sandbox } = this;
    const file = this.fileOf(after);
    const start = async (): Promise<Disk> => {
      sandbox.restore(scene.snapshot);
      await this.guard(union(before, after));
      return copyOf(scene.disk);
    };
    const { writes, report } = await runProcess(sandbox, await start(), file);
    expect(unfinished(report), `${before.name} → ${after.name}`).toEqual([]);
    const undisturbed = await shapeOf(sandbox);
    expect(sandbox.exposures(), `${before.name} → ${after.name}`).toEqual([]);
    for (let write = 1; write <= writes; write += 1) {
      for (const kind of misfortunes) {
        const where = `${before.name} → ${after.name}, ${kind} at write ${write}`;
        const disk = await start();
        await runProcess(sandbox, disk, file, { write, kind });
        await runProcess(sandbox, disk, file);
        const third = await runProcess(sandbox, disk, file);
        expect(third.writes, where).toBe(0);
        expect(third.report?.plan?.changes.filter(isPending), where).toEqual([]);
        expect(await shapeOf(sandbox), where).toEqual(undisturbed);
        expect(sandbox.exposures(), where).toEqual([]);
        expect(await this.judgedBy(after.guards), `${where}, judged by the new file alone`).toEqual([]);
        this.explored += 1;
      }
    }
  }
}
