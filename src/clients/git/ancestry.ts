import { GitFailure } from './failure.ts';

/** Seconds by which the clocks of committers may differ. */
const SLACK = 24 * 60 * 60;
/** The most commits that are searched if their times do not help. */
const DEPTH = 100;

/**
 * True if a head descends from the one that was read before; undefined if gates cannot tell. The copy is shallow, so
 * only the commits since the earlier one are fetched: `fetch` takes one option and fetches the branch.
 */
export async function descendsFrom(
  { revision, before }: { readonly revision: string; readonly before: string },
  git: (args: readonly string[]) => Promise<Buffer>,
  fetch: (how: string) => Promise<void>,
): Promise<boolean | undefined> {
  try {
    const committed = await git(['log', '-1', '--format=%ct', before]);
    await fetchSince(Number(committed.toString('utf8')) - SLACK, fetch);
    const commits = await git(['rev-list', revision]);
    return commits.toString('utf8').split('\n').includes(before);
  } catch (failure) {
    if (!(failure instanceof GitFailure)) throw failure;
    return undefined;
  }
}

async function fetchSince(seconds: number, fetch: (how: string) => Promise<void>): Promise<void> {
  try {
    await fetch(`--shallow-since=${seconds}`);
  } catch (failure) {
    // The head claims to be older than the one before it: an old commit again, or one with a wrong date.
    if (!(failure instanceof GitFailure) || !failure.said.includes('no commits selected')) throw failure;
    await fetch(`--depth=${DEPTH}`);
  }
}
