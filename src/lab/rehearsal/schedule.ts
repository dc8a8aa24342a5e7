import { createHash } from 'node:crypto';
import type { Origins } from '../../report/rehearsal/rehearsal.ts';
import { type Misfortune, writeTroubles } from './misfortune.ts';
import type { Ran } from './process.ts';

/** Runs in which some calls fail. */
const randomRuns = 20;

/** A way in which a rehearsed run goes wrong, and whether origins ask the outpost. */
export interface Trial {
  readonly misfortune: Misfortune;
  readonly origins: Origins;
}

/**
 * Everything that can go wrong in the undisturbed run `ran`: every write in every way, every read, and some runs in
 * which calls fail at random. The seed decides the order, so that any part of it is a fair sample.
 */
export function trialsOf(ran: Ran, worlds: readonly Origins[], seed: number): readonly Trial[] {
  const writes = Array.from({ length: ran.writes }, (_, index) => index + 1);
  const misfortunes: readonly Misfortune[] = [
    ...writes.flatMap((write) => writeTroubles.map((kind) => ({ kind, write }))),
    ...ran.reads.map((read) => ({ kind: 'unread' as const, ...read })),
    ...Array.from({ length: randomRuns }, (_, index) => ({ kind: 'random' as const, seed: seed + index })),
  ];
  return misfortunes
    .flatMap((misfortune) => worlds.map((origins): Trial => ({ misfortune, origins })))
    .map((trial, index) => ({ trial, place: placeOf(seed, index) }))
    .sort((left, right) => (left.place < right.place ? -1 : 1))
    .map(({ trial }) => trial);
}

function placeOf(seed: number, index: number): string {
  return createHash('sha256').update(`${seed}/${index}`).digest('hex');
}
