import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { Finding, playChain } from './chain.ts';
import { type World, type WritersTally, writersTally } from './play.ts';

/** What one shard has to do; where it was stopped before, it goes on. */
export interface Task {
  /** As many pairs of files, over all shards. */
  readonly pairs: number;
  /** Which of how many, from 1. */
  readonly shard: readonly [index: number, of: number];
  /** Undefined: that of the state, or a new one. */
  readonly seed: number | undefined;
  /** Folder of the states. */
  readonly folder: string;
}

/** What a shard has done, as its file says. */
export interface Progress {
  readonly seed: number;
  /** Chains that were played: every `of`-th, from that of the shard's own number on. */
  chains: number;
  pairs: number;
  milliseconds: number;
  /** How many pairs were played in which worlds, and the CPU time of it. */
  readonly worlds: Partial<Record<string, { pairs: number; cpuMilliseconds: number }>>;
  writers: WritersTally;
  readonly failures: { readonly chain: number; readonly message: string }[];
}

const worldOf = ({ lag, writer }: World) => `lag ${lag}, beside ${writer}`;

/**
 * Plays chain after chain until the shard has its share of pairs, or `stopped` says so. What is found ends its chain and
 * is noted. `tell` is called after every pair.
 */
export async function soak(
  task: Task,
  stopped: () => boolean,
  tell: (progress: Progress) => void,
): Promise<Progress> {
  const [index, of] = task.shard;
  const file = path.join(task.folder, `shard-${index}-of-${of}.json`);
  const progress = await resumed(file, task.seed);
  const share = Math.ceil(task.pairs / of);
  await mkdir(task.folder, { recursive: true });
  while (progress.pairs < share && !stopped()) {
    const chain = index - 1 + progress.chains * of;
    const [begun, cpu] = [Date.now(), process.cpuUsage()];
    const writers = { ...writersTally };
    let pairs = 0;
    let name = '';
    try {
      await playChain(progress.seed, chain, (world) => {
        pairs += 1;
        name = worldOf(world);
        tell({ ...progress, pairs: progress.pairs + pairs });
        return !stopped();
      });
    } catch (error) {
      if (!(error instanceof Finding)) throw error;
      progress.failures.push({ chain, message: error.message });
    }
    // Half a chain is played again, whole.
    if (stopped()) break;
    progress.chains += 1;
    progress.pairs += pairs;
    progress.milliseconds += Date.now() - begun;
    const { user, system } = process.cpuUsage(cpu);
    const { pairs: before = 0, cpuMilliseconds = 0 } = progress.worlds[name] ?? {};
    progress.worlds[name] = {
      pairs: before + pairs,
      cpuMilliseconds: cpuMilliseconds + Math.round((user + system) / 1000),
    };
    progress.writers = grown(progress.writers, writers);
    await writeFile(`${file}.new`, `${JSON.stringify(progress, undefined, 1)}\n`);
    await rename(`${file}.new`, file);
  }
  return progress;
}

/** With what was counted since. */
function grown(progress: WritersTally, before: WritersTally): WritersTally {
  const { runsBeside, waited, additions, lost } = writersTally;
  return {
    runsBeside: progress.runsBeside + runsBeside - before.runsBeside,
    waited: progress.waited + waited - before.waited,
    additions: progress.additions + additions - before.additions,
    lost: progress.lost + lost - before.lost,
  };
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
