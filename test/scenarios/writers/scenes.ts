import { expect } from 'vitest';
import type { Snapshot } from '../../../src/lab/sandbox/index.ts';
import type { Guard } from '../moves/moves.ts';
import { copyOf, type Disk, newDisk } from '../stage/disk.ts';
import type { Pass } from '../stage/stage.ts';
import { type OwnedFile, SharedHouse, undone } from './shared-house.ts';

export interface Scene {
  readonly snapshot: Snapshot;
  readonly alpha: Disk;
  readonly beta: Disk;
}

const beside: readonly Guard[] = ['alpha', 'beta'].map((owner) => ({
  host: `beside-${owner}.example.dev`,
  admit: { groups: ['family'] },
}));

/** Worlds in which two owners have applied their files, and the runs that continue from there. */
export class Scenes {
  readonly house: SharedHouse;
  readonly #first: Snapshot;
  readonly #known = new Map<string, Scene>();

  private constructor(house: SharedHouse) {
    this.house = house;
    this.#first = house.snapshot();
  }

  static async open(): Promise<Scenes> {
    return new Scenes(await SharedHouse.open(['alpha.example.dev', 'beta.example.dev']));
  }

  /** The world after both owners have applied these files. */
  async sceneOf(one: OwnedFile, other: OwnedFile): Promise<Scene> {
    const name = `${one.name}, ${other.name}`;
    const known = this.#known.get(name);
    if (known !== undefined) return known;
    const { house } = this;
    await house.restore(this.#first);
    await house.guard([]);
    const disks = { alpha: newDisk(), beta: newDisk() };
    expect(undone((await house.run(disks.alpha, one.text)).report), name).toEqual([]);
    expect(undone((await house.run(disks.beta, other.text)).report), name).toEqual([]);
    const scene = { snapshot: house.snapshot(), ...disks };
    this.#known.set(name, scene);
    return scene;
  }

  async begin(scene: Scene, guards: readonly Guard[]): Promise<Record<'alpha' | 'beta', Disk>> {
    await this.house.restore(scene.snapshot);
    await this.house.guard([...guards, ...beside]);
    return { alpha: await copyOf(scene.alpha), beta: await copyOf(scene.beta) };
  }

  /** Runs until nothing is left to do. */
  async settle(disk: Disk, text: string, where: string): Promise<void> {
    let pass = await this.house.run(disk, text);
    for (let again = 0; again < 3 && pass.writes > 0; again += 1) pass = await this.house.run(disk, text);
    expect(undone(pass.report), where).toEqual([]);
    expect(pass.writes, where).toBe(0);
  }
}

export function losses({ report }: Pass): readonly string[] {
  return (report?.interferences ?? []).flatMap(({ severity, text }) => (severity === 'loss' ? [text] : []));
}
