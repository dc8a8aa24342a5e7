import path from 'node:path';
import { ConfigError } from '../../core/errors.ts';

/** The place of the repository, without the credentials for it. */
export interface RepositoryAddress {
  /** The address that git gets, without credentials. */
  readonly url: string;
  /** The transports that git may use for it. */
  readonly protocols: 'file' | 'http:https' | 'ssh';
  /** The server that answers, for an address over ssh. */
  readonly ssh?: SshPlace;
  /** Value of the Authorization header; absent if the repository needs none. */
  readonly authorization?: string;
  /** Every form in which git's output might contain a credential. */
  readonly secrets: readonly string[];
}

export interface SshPlace {
  readonly host: string;
  /** Absent: ssh's default. */
  readonly port?: string;
}

/** GitHub, GitLab and Gitea accept any user name with a token; deploy tokens bring theirs in the URL. */
const TOKEN_USER = 'x-access-token';

/** `git@forge.example:home.git`. Text after `::` would make git call a program of that name. */
const SHORT_SSH = /^(?:[\w.][\w.+-]*@)?(\[[\da-f:.]+\]|[a-z\d_][\w.-]*):(?![:/]{2})(?!:)[^\p{Cc}]+$/iu;

/**
 * Reads `GATES_REPOSITORY`: `http(s)://…`, `ssh://…`, `user@host:path`, `file://…` or a path. Credentials are removed
 * from the URL; a token replaces the URL's password.
 *
 * Throws ConfigError for a form that is unsafe to give to git or that gates does not support.
 */
export function parseRepository(repository: string, token?: string): RepositoryAddress {
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(repository)?.[1]?.toLowerCase();
  if (scheme === undefined) return parseShort(repository);
  if (scheme === 'file') return { url: repository, protocols: 'file', secrets: [] };
  if (scheme === 'http' || scheme === 'https') return parseHttp(repository, token);
  if (scheme === 'ssh') return parseSsh(repository);
  throw unsupported();
}

function parseShort(repository: string): RepositoryAddress {
  const host = SHORT_SSH.exec(repository)?.[1];
  if (host !== undefined) {
    return { url: repository, protocols: 'ssh', ssh: { host: host.replace(/[[\]]/g, '') }, secrets: [] };
  }
  if (repository === '' || /^[^/]+:/.test(repository)) throw unsupported();
  return { url: path.resolve(repository), protocols: 'file', secrets: [] };
}

function parseSsh(repository: string): RepositoryAddress {
  if (!URL.canParse(repository)) throw unsupported();
  const { hostname, port, username, password, pathname } = new URL(repository);
  if (password !== '') {
    throw new ConfigError('The address of the repository holds a password, and ssh takes none', {
      hint: 'Take it out of GATES_REPOSITORY and set GATES_GIT_SSH_KEY_FILE',
    });
  }
  const host = decodeURIComponent(hostname).replace(/[[\]]/g, '');
  // Git passes both to ssh, which would read a word that begins with a dash as an option.
  const isPlain = !host.startsWith('-') && !decodeURIComponent(username).startsWith('-');
  if (host === '' || !isPlain || pathname.length < 2) throw unsupported();
  return {
    url: repository,
    protocols: 'ssh',
    ssh: { host, ...(port === '' ? {} : { port }) },
    secrets: [],
  };
}

function parseHttp(repository: string, token: string | undefined): RepositoryAddress {
  if (!URL.canParse(repository)) throw unsupported();
  const url = new URL(repository);
  const user = decodeURIComponent(url.username);
  const password = token ?? decodeURIComponent(url.password);
  const inUrl = [url.username, url.password, user, decodeURIComponent(url.password)];
  url.username = '';
  url.password = '';
  const place = { url: url.href, protocols: 'http:https' as const };
  if (user === '' && password === '') return { ...place, secrets: [] };
  const pair = Buffer.from(`${user === '' ? TOKEN_USER : user}:${password}`).toString('base64');
  const onlyUser = password === '';
  const secrets = [pair, password, ...(onlyUser ? inUrl : inUrl.filter((part) => part !== user))];
  return {
    ...place,
    authorization: `Basic ${pair}`,
    secrets: [...new Set(secrets)].filter((secret) => secret !== ''),
  };
}

function unsupported(): ConfigError {
  return new ConfigError('The repository is not one that gates can read', {
    hint: 'Set GATES_REPOSITORY to https://…, http://…, ssh://…, user@host:path, file://… or a path; with a token in GATES_GIT_TOKEN, or for ssh a key in GATES_GIT_SSH_KEY_FILE',
  });
}
