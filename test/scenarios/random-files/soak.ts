import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { noOrders, type OrdersSeen, ordersSeen, playInAnyOrder } from './any-order.ts';
import { Finding, playChain } from './chain.ts';
import { playPassing } from './passing.ts';
import type { World } from './play/played-world.ts';
import { type WritersTally, writersTally } from './second-writer.ts';

/** The task of one shard; a stopped shard continues where it was. */
export interface Task {
  /** The number of pairs of files, over all shards. */
  readonly pairs: number;
  /** The number of this shard, from 1, and of all shards. */
  readonly shard: readonly [index: number, of: number];
  /** The seed; by default that of the state, or a new one. */
  readonly seed: number | undefined;
  /** The folder of the states. */
  readonly folder: string;
  readonly manner: Manner;
}

/**
 * `orders`: each pair is also played in random orders of its changes, as `any-order.exhaustive.test.ts` does. `passing`: another
 * file is pushed before each one, as in `passing.exhaustive.test.ts`.
 */
export type Manner = 'plain' | 'orders' | 'passing';

const players = { plain: playChain, orders: playInAnyOrder, passing: playPassing } as const;

/** The progress of a shard, as in its file. */
export interface Progress {
  readonly seed: number;
  /** The number of played chains: every `of`-th one, starting with the shard's own number. */
  chains: number;
  pairs: number;
  milliseconds: number;
  /** The number of pairs by world, and their CPU time. */
  readonly worlds: Partial<Record<string, { pairs: number; cpuMilliseconds: number }>>;
  writers: WritersTally;
  /** The results of the random orders, if there are any. */
  orders?: OrdersSeen;
  readonly failures: { readonly chain: number; readonly message: string }[];
}

const worldOf = ({ lag, writer }: World) => `lag ${lag}, beside ${writer}`;

/**
 * Plays chain after chain until the shard has its share of pairs, or `stopped` returns true. A finding ends its chain
 * and is recorded. `tell` is called after every pair.
 */
export async function soak(
  task: Task,
  stopped: () => boolean,
  tell: (progress: Progress) => void,
): Promise<Progress> {
  const [index, of] = task.shard;
  const name = `shard-${index}-of-${of}`;
  const { manner } = task;
  const file = path.join(task.folder, `${manner === 'plain' ? '' : `${manner}-`}${name}.json`);
  const progress = await resumed(file, task.seed);
  const share = Math.ceil(task.pairs / of);
  await mkdir(task.folder, { recursive: true });
  while (progress.pairs < share && !stopped()) {
    const chain = index - 1 + progress.chains * of;
    const [begun, cpu] = [Date.now(), process.cpuUsage()];
    const [writers, orders] = [{ ...writersTally }, { ...ordersSeen }];
    let pairs = 0;
    let surroundings = '';
    try {
      await players[manner](progress.seed, chain, (world) => {
        pairs += 1;
        surroundings = worldOf(world);
        tell({ ...progress, pairs: progress.pairs + pairs });
        return !stopped();
      });
    } catch (error) {
      if (!(error instanceof Finding)) throw error;
      progress.failures.push({ chain, message: error.message });
    }
    // A half-played chain is played again from its start.
    if (stopped()) break;
    progress.chains += 1;
    progress.pairs += pairs;
    progress.milliseconds += Date.now() - begun;
    const { user, system } = process.cpuUsage(cpu);
    const { pairs: before = 0, cpuMilliseconds = 0 } = progress.worlds[surroundings] ?? {};
    progress.worlds[surroundings] = {
      pairs: before + pairs,
      cpuMilliseconds: cpuMilliseconds + Math.round((user + system) / 1000),
    };
    progress.writers = grown(progress.writers, writers, writersTally);
    if (manner === 'orders') progress.orders = grown(progress.orders ?? noOrders, orders, ordersSeen);
    await writeFile(`${file}.new`, `${JSON.stringify(progress, undefined, 1)}\n`);
    await rename(`${file}.new`, file);
  }
  return progress;
}

/** The counts with those that a chain has added. */
function grown<T extends Record<keyof T, number>>(counts: T, before: T, after: T): T {
  const sums = { ...counts };
  for (const name of Object.keys(counts) as (keyof T)[])
    sums[name] = (counts[name] + after[name] - before[name]) as T[keyof T];
  return sums;
}

async function resumed(file: string, seed: number | undefined): Promise<Progress> {
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (text === undefined) {
    return {
      ...{ seed: seed ?? Date.now() % 2 ** 31, chains: 0, pairs: 0, milliseconds: 0 },
      ...{ worlds: {}, writers: { runsBeside: 0, waited: 0, additions: 0, lost: 0 }, failures: [] },
    };
  }
  const progress = JSON.parse(text) as Progress;
  if (seed !== undefined && seed !== progress.seed) {
    throw new Error(`${file} is of seed ${progress.seed}: take that seed, or another folder`);
  }
  return progress;
}
