import { expect } from 'vitest';
import { createSandbox, type Sandbox, type Snapshot } from '../../../src/lab/sandbox/index.ts';
import { placeLdapOutpost } from '../homes/ldap-outpost.ts';
import { type Guard, union } from '../moves/moves.ts';
import { copyOf, type Disk, newDisk } from '../stage/disk.ts';
import { askAdmin } from '../stage/hand.ts';
import { shapeOf } from '../stage/shape.ts';
import { type Pass, runProcess, unfinished } from '../stage/stage.ts';
import { AlteredLists, type Choice, type ListRead } from './altered-lists.ts';
import { type EveryGateFile, throughOutpost } from './every-gate-file.ts';

/** A world, the disk of its daemon, and the applied file. */
export interface ListedScene {
  readonly snapshot: Snapshot;
  readonly disk: Disk;
  readonly lists: AlteredLists;
  readonly file: EveryGateFile | undefined;
}

/** The end of an undisturbed run, and the lists that it reads. */
export interface Undisturbed {
  readonly shape: unknown;
  readonly reads: readonly ListRead[];
  readonly writes: number;
}

export interface ListTally {
  runs: number;
  altered: number;
  /** Worlds with more or other objects after the altered run than after an undisturbed one. */
  differing: number;
}

const untouched: Choice = () => undefined;

/** A home with every gate whose API returns lagging or shifted lists. */
export class ListedHouse {
  readonly sandbox: Sandbox;
  readonly tally: ListTally = { runs: 0, altered: 0, differing: 0 };
  private constructor(sandbox: Sandbox) {
    this.sandbox = sandbox;
  }

  static async open(): Promise<ListedHouse> {
    const house = new ListedHouse(
      await createSandbox({ zones: ['example.dev'], plan: 'enterprise', callBudget: 100_000_000 }),
    );
    await house.admin('PUT', '/origins', {
      url: 'http://traefik.lan:80',
      kind: 'traefik',
      forwardAuth: throughOutpost,
    });
    await placeLdapOutpost(house.sandbox);
    return house;
  }

  admin(method: string, path: string, body?: unknown): Promise<unknown> {
    return askAdmin(this.sandbox, method, path, body);
  }

  emptyScene(): ListedScene {
    const lists = new AlteredLists(this.sandbox);
    return { snapshot: this.#snapshot(), disk: newDisk(), lists, file: undefined };
  }

  /** The state once the file has been applied undisturbed. */
  async sceneAfter(scene: ListedScene, file: EveryGateFile): Promise<ListedScene> {
    const { disk, lists } = await this.#begin(scene, file);
    expect(unfinished((await this.#run(disk, file, lists)).report)).toEqual([]);
    return { snapshot: this.#snapshot(), disk, lists, file };
  }

  async undisturbed(scene: ListedScene, file: EveryGateFile): Promise<Undisturbed> {
    const { disk, lists } = await this.#begin(scene, file);
    const reads: ListRead[] = [];
    const { report, writes } = await this.#run(disk, file, lists, untouched, (read) => reads.push(read));
    expect(unfinished(report)).toEqual([]);
    return { shape: await this.#shape(), reads, writes };
  }

  /**
   * Makes a run with altered lists, then two without. Nobody gets in whom the files do not admit, no secret changes,
   * the first undisturbed run ends as usual, and the second has nothing to do.
   */
  async play(
    scene: ListedScene,
    file: EveryGateFile,
    { choose, end, where }: { readonly choose: Choice; readonly end: Undisturbed; readonly where: string },
  ): Promise<void> {
    const { disk, lists } = await this.#begin(scene, file);
    const before = this.#secrets(disk);
    const altered = lists.altered;
    await this.#run(disk, file, lists, choose);
    this.tally.altered += lists.altered - altered;
    if (JSON.stringify(await this.#shape()) !== JSON.stringify(end.shape)) this.tally.differing += 1;
    expect(this.sandbox.exposures(), where).toEqual([]);
    const first = await this.#run(disk, file, lists);
    expect(unfinished(first.report), where).toEqual([]);
    expect(await this.#shape(), where).toEqual(end.shape);
    const second = await this.#run(disk, file, lists);
    expect([second.writes, unfinished(second.report)], where).toEqual([0, []]);
    expect(this.sandbox.exposures(), where).toEqual([]);
    expect(this.#secrets(disk), where).toEqual(expect.objectContaining(before));
    const watch = await runProcess(this.sandbox, disk, file.text, 'watch');
    expect(unfinished(watch.report), where).toEqual([]);
    this.tally.runs += 1;
  }

  async #begin(
    { snapshot, disk, lists, file: before }: ListedScene,
    file: EveryGateFile,
  ): Promise<Pick<ListedScene, 'disk' | 'lists'>> {
    this.sandbox.restore(snapshot);
    await this.admin('DELETE', '/guards');
    await this.admin('PUT', '/guards', unionByHost(before?.guards ?? [], file.guards));
    return { disk: await copyOf(disk), lists: lists.copy() };
  }

  async #run(
    disk: Disk,
    file: EveryGateFile,
    lists: AlteredLists,
    choose: Choice = untouched,
    onRead?: (read: ListRead) => void,
  ): Promise<Pass> {
    const pass = await runProcess(this.sandbox, disk, file.text, lists.meddling(choose, onRead));
    expect(pass.report?.mistakes.filter(({ severity }) => severity === 'error')).toEqual([]);
    return pass;
  }

  /** The state without the client ids that Authentik generates, since they depend on the first write. */
  async #shape(): Promise<unknown> {
    return JSON.parse(JSON.stringify(await shapeOf(this.sandbox)).replaceAll(/[0-9a-f]{40}/g, 'client'));
  }

  #snapshot(): Snapshot {
    const world = JSON.parse(this.sandbox.snapshot());
    const authentik = { ...world.authentik, events: [] };
    return JSON.stringify({ ...world, authentik, calls: [], exposures: [], audit: [] });
  }

  /** The secrets by purpose: in the vault, in delivered files, and in the live systems. */
  #secrets({ vault, sinks }: Disk): Readonly<Record<string, unknown>> {
    const { serviceTokens, authentik } = JSON.parse(this.sandbox.snapshot()) as {
      readonly serviceTokens: readonly {
        readonly id: string;
        readonly clientId: string;
        readonly secret: string;
      }[];
      readonly authentik: {
        readonly providers: readonly { readonly name: string; readonly client_secret?: string }[];
      };
    };
    const kept = [...vault.entries].map(([name, { id, clientId, clientSecret, token }]) => [
      `vault ${name}`,
      { id, clientId, clientSecret, token },
    ]);
    return Object.fromEntries([
      ...kept,
      ...[...sinks.files].map(([file, lines]) => [`file ${file}`, lines]),
      ...serviceTokens.map(({ id, clientId, secret }) => [`live ${id}`, { clientId, secret }]),
      ...authentik.providers.map(({ name, client_secret: secret }) => [`client ${name}`, secret]),
    ]);
  }
}

/** The guards of either file, by host. */
function unionByHost(before: readonly Guard[], after: readonly Guard[]): readonly Guard[] {
  const hosts = new Set([...before, ...after].map(({ host }) => host));
  const at = (guards: readonly Guard[], host: string) => guards.filter((guard) => guard.host === host);
  return [...hosts].flatMap((host) => {
    const [one, other] = [at(before, host), at(after, host)];
    if (one.length === 0) return other;
    return other.length === 0 ? one : union({ guards: one }, { guards: other });
  });
}
