import { createHash } from 'node:crypto';
import type { Sandbox } from '../../../src/lab/sandbox/index.ts';
import { contentsOf, type Disk } from './disk.ts';

/**
 * The worlds from which the rest has succeeded. A process knows nothing else, so equal worlds continue the same way.
 */
export class Settled {
  readonly #worlds = new Set<string>();

  /** Plays the rest from the current world, unless it has succeeded from an equal one; true if it was played. */
  async once(sandbox: Sandbox, disk: Disk, rest: () => Promise<void>): Promise<boolean> {
    const world = worldOf(sandbox, disk);
    if (this.#worlds.has(world)) return false;
    await rest();
    this.#worlds.add(world);
    return true;
  }
}

/** A digest of everything that the next process can read: the world, and its disk. Nobody reads logs. */
export function worldOf(sandbox: Sandbox, disk: Disk): string {
  const {
    calls: _calls,
    exposures: _exposures,
    audit: _audit,
    budget: _budget,
    authentik: { events: _events, ...authentik },
    ...world
  } = JSON.parse(sandbox.snapshot());
  return createHash('sha256')
    .update(JSON.stringify([world, authentik]))
    .update(contentsOf(disk))
    .digest('base64');
}
