import { afterAll, beforeAll, vi } from 'vitest';
import type { Pass } from './stage.ts';

/** The numbers of a suite. */
export class Tally {
  /** The moves from one state to another. */
  moves = 0;
  /** The disturbed moves, one for each trouble. */
  interrupted = 0;
  /** The different worlds that they left, each of which converged. */
  worlds = 0;
  passes = 0;
  /** The writes that arrived; the oracle judged after each. */
  judged = 0;
  /** The number of possible troubles, by sort. */
  readonly #met = new Map<string, number>();

  /** Counts a trouble of this sort, and returns how many came before. */
  meet(sort: string): number {
    const before = this.#met.get(sort) ?? 0;
    this.#met.set(sort, before + 1);
    return before;
  }

  add(pass: Pass): void {
    this.passes += 1;
    this.judged += pass.judged;
  }

  toString(): string {
    const [moves, interrupted, worlds, passes, judged] = [
      this.moves,
      this.interrupted,
      this.worlds,
      this.passes,
      this.judged,
    ].map((number) => number.toLocaleString('en'));
    return `${moves} moves, ${interrupted} times interrupted, ${worlds} different worlds left, ${passes} passes, ${judged} judged writes, zero exposures`;
  }
}

/** Time stands still while a test file runs, so that worlds with equal histories are equal to the byte. */
export function standingTime(): void {
  beforeAll(() => {
    vi.useFakeTimers({ toFake: ['Date'] });
  });
  afterAll(() => {
    vi.useRealTimers();
  });
}

/** Counts everything that a test file explores, in standing time, and prints it at the end. */
export function tallied(name: string): Tally {
  standingTime();
  const tally = new Tally();
  afterAll(() => {
    process.stdout.write(`${name}: ${tally}\n`);
  });
  return tally;
}
