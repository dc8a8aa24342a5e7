import { ConfigError } from '../../core/errors.ts';

/** Deeper than any branch: fetches everything that the copy lacks of it. */
const WHOLE = '--depth=2147483647';

/**
 * The commit of a branch that a person names by its hash, or by the beginning of it. `fetch` takes one option and
 * fetches the branch; `head` is its newest commit.
 * @throws ConfigError for a text that is not a hash, and for a commit that is not on the branch.
 */
export async function commitOnBranch(
  { wanted, head, branch }: { readonly wanted: string; readonly head: string; readonly branch: string },
  git: (args: readonly string[]) => Promise<Buffer>,
  fetch: (how: string) => Promise<void>,
): Promise<string> {
  if (!/^[0-9a-f]{7,64}$/i.test(wanted)) {
    throw new ConfigError('The revision is not a commit hash', {
      hint: `Write it as \`git log ${branch}\` does, with 7 digits at least`,
    });
  }
  await fetch(WHOLE);
  const commits = (await git(['rev-list', head])).toString('utf8').trim().split('\n');
  const [found, ...more] = commits.filter((commit) => commit.startsWith(wanted.toLowerCase()));
  if (found === undefined) {
    throw new ConfigError('The revision is not on the watched branch', {
      hint: `It has to be a commit that \`git log ${branch}\` shows: merge or push it first`,
    });
  }
  if (more.length > 0) {
    throw new ConfigError('More than one commit of the branch begins with this revision', {
      hint: 'Write more of its digits',
    });
  }
  return found;
}
