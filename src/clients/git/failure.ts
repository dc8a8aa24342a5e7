import {
  ConfigError,
  type GatesError,
  RejectedError,
  UnreachableError,
  UnsafeError,
} from '../../core/errors.ts';
import type { RepositoryAddress } from './repository-address.ts';
import { scanHint } from './ssh.ts';

/** The failed end of git. `said` is its unchanged standard error. */
export class GitFailure extends Error {
  readonly reason: 'missing' | 'timeout' | 'aborted' | 'too-large' | 'failed';
  readonly said: string;

  constructor(reason: GitFailure['reason'], said: string, cause: unknown) {
    super('git did not end well', { cause });
    this.name = 'GitFailure';
    this.reason = reason;
    this.said = said;
  }
}

/** The request to git, for the advice. */
export interface GitRequest {
  readonly branch: string;
  readonly address: RepositoryAddress;
  /** Path of the ssh key. */
  readonly sshKey?: string;
  /** The most that a fetch may bring, for people. */
  readonly limit: string;
}

interface Meaning {
  readonly said: RegExp;
  readonly error: new (...args: ConstructorParameters<typeof ConfigError>) => GatesError;
  readonly message: string;
  readonly hint: (request: GitRequest) => string;
}

const UP = 'It is tried again; look whether the forge is up and reachable from here';
const OWN_REPOSITORY = 'Keep gates.yaml in a small repository of its own';

/** Git's own words and ssh's (under `LC_ALL=C`), the most specific first, and their meaning to the operator. */
const MEANINGS: readonly Meaning[] = [
  {
    said: /remote host identification has changed/i,
    error: UnsafeError,
    message: 'The host of the repository shows another key than the one that is known',
    hint: ({ address }) =>
      `Nothing was sent. Unless the forge has announced a new key, somebody may be in between. ${scan(address)}`,
  },
  {
    said: /host key verification failed|host key is known for/i,
    error: ConfigError,
    message: 'The host of the repository is not among the known hosts',
    hint: ({ address }) => scan(address),
  },
  {
    said: /unprotected private key file|bad permissions/i,
    error: ConfigError,
    message: 'Others may read the ssh key, so ssh does not use it',
    hint: ({ sshKey = 'KEY' }) => `Run chmod 600 ${sshKey}`,
  },
  {
    said: /load key .*(passphrase|invalid format|error in libcrypto)/i,
    error: ConfigError,
    message: 'The ssh key cannot be used',
    hint: () =>
      'GATES_GIT_SSH_KEY_FILE has to name a private key without a passphrase: nobody is there to type one',
  },
  {
    said: /(load key|identity file|no such identity).*(no such file|permission denied|not accessible)/i,
    error: ConfigError,
    message: 'The ssh key cannot be read',
    hint: ({ sshKey = 'GATES_GIT_SSH_KEY_FILE' }) =>
      `Check that ${sshKey} is there and that the user of the daemon may read it`,
  },
  {
    said: /permission denied \(|too many authentication failures/i,
    error: RejectedError,
    message: 'The repository refused the ssh key',
    hint: ({ sshKey = 'KEY' }) =>
      `Add the public half, which ssh-keygen -y -f ${sshKey} prints, to the repository as a deploy key that may read. A key with a passphrase cannot be used; the user of the address is git at most forges`,
  },
  {
    said: /no user exists for uid/i,
    error: ConfigError,
    message: 'ssh does not run for a user without a name',
    hint: () => 'Run the daemon as a user of /etc/passwd, or read the repository over https',
  },
  {
    said: /ssh: (command )?not found|cannot run ssh/i,
    error: ConfigError,
    message: 'The program ssh is not there',
    hint: () => 'Install the client of OpenSSH, or read the repository over https',
  },
  {
    said: /couldn't find remote ref/i,
    error: ConfigError,
    message: 'The branch is not in the repository',
    hint: ({ branch }) => `Push to ${branch}, or set GATES_BRANCH`,
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
    said: /repository .*not found|does not appear to be a git repository|returned error: (404|410)|project you were looking for could not be found|cannot find repository/i,
    error: ConfigError,
    message: 'There is no repository at this address, or gates may not see it',
    hint: ({ address }) =>
      `Look whether it was deleted, renamed or made private, at ${LOOK_AT[address.protocols]}`,
  },
  {
    said: /could not resolve|failed to connect|couldn't connect|connection (refused|reset|timed out|closed)|no route to host|network is unreachable|timed out|timeout, server|kex_exchange|returned error: (5\d\d|429)|hung up|early eof|rpc failed|operation too slow|unable to access/i,
    error: UnreachableError,
    message: 'The repository cannot be reached',
    hint: () => UP,
  },
];

const LOOK_AT: Readonly<Record<RepositoryAddress['protocols'], string>> = {
  file: 'GATES_REPOSITORY',
  'http:https': 'GATES_REPOSITORY and at GATES_GIT_TOKEN',
  ssh: 'GATES_REPOSITORY and at the deploy key of GATES_GIT_SSH_KEY_FILE',
};

/** The meaning of a failure; undefined if its words do not show that the other side caused it. */
export function explainGit(
  failure: unknown,
  request: GitRequest,
  redact: (text: string) => string,
): GatesError | undefined {
  if (!(failure instanceof GitFailure)) return undefined;
  if (failure.reason === 'missing') {
    return new ConfigError('The program git is not there', { hint: 'Install git, or put it on PATH' });
  }
  if (failure.reason === 'timeout') {
    return new UnreachableError('The repository did not answer in time', {
      hint: `${UP}. ${OWN_REPOSITORY}, if this one is large`,
    });
  }
  if (failure.reason === 'too-large') {
    return new ConfigError('The newest revision is too large to fetch', {
      hint: `gates fetches at most ${request.limit}. ${OWN_REPOSITORY}`,
    });
  }
  const meaning = MEANINGS.find(({ said }) => said.test(failure.said));
  if (meaning === undefined) return undefined;
  const facts = { detail: redact(verdict(failure.said, meaning.said)) };
  return new meaning.error(meaning.message, { hint: meaning.hint(request), facts });
}

/** The error for a failure that remains after the copy was created again. */
export function unexplainedGit(failure: unknown, redact: (text: string) => string): GatesError {
  const words = failure instanceof GitFailure ? verdict(failure.said) : String(failure);
  return new UnreachableError('The repository cannot be read', {
    hint: 'It is tried again; see whether the state directory can be written and git works by hand',
    facts: { detail: redact(words) },
  });
}

/** The line with the reason: git's last word is often advice, and ssh frames its own. */
function verdict(text: string, meant?: RegExp): string {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  const line =
    lines.find((candidate) => meant?.test(candidate)) ??
    lines.find((candidate) => candidate.startsWith('fatal:')) ??
    lines.at(-1) ??
    '';
  return line.replace(/^(fatal|error): |^[@\s]+|[@.\s]+$/g, '');
}

function scan(address: RepositoryAddress): string {
  return address.ssh === undefined ? 'Look at GATES_GIT_KNOWN_HOSTS_FILE' : scanHint(address.ssh);
}
