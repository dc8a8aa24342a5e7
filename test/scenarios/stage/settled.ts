import { createHash } from 'node:crypto';
import type { Sandbox } from '../../../src/lab/sandbox/index.ts';
import { contentsOf, type Disk } from './stage.ts';

/** Worlds from which the rest was seen to go well. A process knows nothing else: equal worlds go on alike. */
export class Settled {
  readonly #worlds = new Set<string>();

  /** Plays the rest from what is there, unless it was seen to go well from the same; whether it was played. */
  async once(sandbox: Sandbox, disk: Disk, rest: () => Promise<void>): Promise<boolean> {
    const world = worldOf(sandbox, disk);
    if (this.#worlds.has(world)) return false;
    await rest();
    this.#worlds.add(world);
    return true;
  }
}

/**
 * All that the next process can meet, as a digest: what is there, and what is on its disk. Nobody reads what was
 * logged.
 */
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
