import { PartStore } from '../../../../src/doors/state/part-store.ts';
import type { World } from '../../../../src/lab/sandbox/state/world.ts';
import { peopled } from './people.ts';
import { snapshotOf } from './reading.ts';
import { type Asked, requestsIn } from './requests.ts';
import { worldsOf } from './worlds.ts';

/** A world, the state that gates knows of it, and the questions about it. */
export interface Case {
  readonly world: World;
  readonly store: PartStore;
  readonly asked: readonly Question[];
  readonly story: readonly string[];
}

export interface Question extends Asked {
  /** The index of the visitor, modulo their number. */
  readonly visitor: number;
}

/** The cases of one seed. In one of eight worlds, nobody has checked the origins. */
export async function casesOf(seed: number, questions: number): Promise<readonly Case[]> {
  const pick = numbersFrom(seed);
  const cases: Case[] = [];
  for (const { world: left, file, story } of await worldsOf(seed)) {
    const world = peopled(left, pick);
    const store = PartStore.of(await snapshotOf(world, file, { tellsOrigins: pick() % 8 !== 0 }));
    const asked = requestsIn(world, questions, pick).map((each) => ({ ...each, visitor: pick() }));
    cases.push({ world, store, asked, story });
  }
  return cases;
}

/** Random numbers that depend on the seed alone. */
function numbersFrom(seed: number): () => number {
  let state = Math.imul(seed, 0x9e3779b9) >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state >>> 8;
  };
}
