import { ConfigError, type GatesError, RejectedError, UnreachableError } from '../core/errors.ts';

/** How git ended when it did not end well. `said` is its standard error, as it came. */
export class GitFailure extends Error {
  readonly reason: 'missing' | 'timeout' | 'aborted' | 'failed';
  readonly said: string;

  constructor(reason: GitFailure['reason'], said: string, cause: unknown) {
    super('git did not end well', { cause });
    this.name = 'GitFailure';
    this.reason = reason;
    this.said = said;
  }
}

interface Meaning {
  readonly said: RegExp;
  readonly error: new (...args: ConstructorParameters<typeof ConfigError>) => GatesError;
  readonly message: string;
  readonly hint: (branch: string) => string;
}

const UP = 'It is tried again; look whether the forge is up and reachable from here';

/** Git's own words (under `LC_ALL=C`), the most specific first, and what they mean to who runs the daemon. */
const MEANINGS: readonly Meaning[] = [
  {
    said: /couldn't find remote ref/i,
    error: ConfigError,
    message: 'The branch is not in the repository',
    hint: (branch) => `Push to ${branch}, or set GATES_BRANCH`,
  },
  {
    said: /redirection|returned error: 30\d/i,
    error: ConfigError,
    message: 'The repository has moved',
    hint: () => 'Set GATES_REPOSITORY to its new address: a token is not sent after a redirect',
  },
  {
    said: /authentication failed|could not read (username|password)|returned error: 40[13]/i,
    error: RejectedError,
    message: 'The repository refused the credentials',
    hint: () =>
      'Set GATES_GIT_TOKEN to a token that may read the repository, and see that it has not expired',
  },
  {
    said: /dubious ownership/i,
    error: ConfigError,
    message: 'Git does not trust the repository: it belongs to another user',
    hint: () => 'Run the daemon as the owner of the repository, or let it fetch over https',
  },
  {
    said: /repository .*not found|does not appear to be a git repository|returned error: 404/i,
    error: ConfigError,
    message: 'There is no repository at this address, or the token may not see it',
    hint: () => 'Look at GATES_REPOSITORY and GATES_GIT_TOKEN',
  },
  {
    said: /could not resolve|failed to connect|couldn't connect|connection (refused|reset|timed out)|timed out|returned error: (5\d\d|429)|hung up|early eof|rpc failed|operation too slow|unable to access/i,
    error: UnreachableError,
    message: 'The repository cannot be reached',
    hint: () => UP,
  },
];

/** What a failure means, or undefined when its words are none that the other side causes. */
export function explainGit(
  failure: unknown,
  branch: string,
  redact: (text: string) => string,
): GatesError | undefined {
  if (!(failure instanceof GitFailure)) return undefined;
  if (failure.reason === 'missing') {
    return new ConfigError('The program git is not there', { hint: 'Install git, or put it on PATH' });
  }
  if (failure.reason === 'timeout') {
    return new UnreachableError('The repository did not answer in time', { hint: UP });
  }
  const meaning = MEANINGS.find(({ said }) => said.test(failure.said));
  if (meaning === undefined) return undefined;
  const facts = { detail: redact(verdict(failure.said)) };
  return new meaning.error(meaning.message, { hint: meaning.hint(branch), facts });
}

/** For a failure that stays after the copy was made anew. */
export function unexplainedGit(failure: unknown, redact: (text: string) => string): GatesError {
  const said = failure instanceof GitFailure ? verdict(failure.said) : String(failure);
  return new UnreachableError('The repository cannot be read', {
    hint: 'It is tried again; see whether the state directory can be written and git works by hand',
    facts: { detail: redact(said) },
  });
}

/** The line that says why: git's last word is often advice. */
function verdict(text: string): string {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  return (lines.find((line) => line.startsWith('fatal:')) ?? lines.at(-1) ?? '').replace(/^fatal: /, '');
}
