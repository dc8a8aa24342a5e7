import { afterAll, beforeAll, vi } from 'vitest';
import type { Pass } from './stage.ts';

/** What was explored, in numbers. */
export class Tally {
  /** Ways from one state to another. */
  moves = 0;
  /** Those with something going wrong, one for each thing. */
  interrupted = 0;
  /** Of the worlds that they left, those that differ from each other, each seen to converge. */
  worlds = 0;
  passes = 0;
  /** Writes that arrived, after each of which the oracle judged. */
  judged = 0;
  /** How often each sort of trouble could have been played. */
  readonly #met = new Map<string, number>();

  /** How often this sort of trouble was met before; meets it once more. */
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

/** Time stands still while a file of tests runs, so that worlds with the same history are the same to the byte. */
export function standingTime(): void {
  beforeAll(() => {
    vi.useFakeTimers({ toFake: ['Date'] });
  });
  afterAll(() => {
    vi.useRealTimers();
  });
}

/** Counts all that a file of tests explores, in standing time, and prints it at the end. */
export function tallied(name: string): Tally {
  standingTime();
  const tally = new Tally();
  afterAll(() => {
    process.stdout.write(`${name}: ${tally}\n`);
  });
  return tally;
}
