import { GitFailure } from './git-failure.ts';

/** Clocks of those who commit differ; seconds. */
const SLACK = 24 * 60 * 60;

/**
 * Whether a head descends from the one that was read before; undefined where that cannot be told. The copy is
 * shallow, so the commits since the earlier one are fetched, and no more: `fetch` takes one option and brings
 * the branch.
 */
export async function descendsFrom(
  { revision, before }: { readonly revision: string; readonly before: string },
  git: (args: readonly string[]) => Promise<Buffer>,
  fetch: (how: string) => Promise<void>,
): Promise<boolean | undefined> {
  try {
    const committed = await git(['log', '-1', '--format=%ct', before]);
    await fetch(`--shallow-since=${Number(committed.toString('utf8')) - SLACK}`);
    const line = await git(['rev-list', revision]);
    return line.toString('utf8').split('\n').includes(before);
  } catch (failure) {
    if (!(failure instanceof GitFailure)) throw failure;
    // All of the branch is older than the head that it had.
    return failure.said.includes('no commits selected for shallow') ? false : undefined;
  }
}
