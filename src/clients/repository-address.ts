import path from 'node:path';
import { ConfigError } from '../core/errors.ts';

/** Where the repository is, apart from what opens it. */
export interface RepositoryAddress {
  /** What git is given: free of credentials. */
  readonly url: string;
  /** Value of the Authorization header; absent where the repository needs none. */
  readonly authorization?: string;
  /** Every form in which a credential might come back in git's own words. */
  readonly secrets: readonly string[];
}

/** GitHub, GitLab and Gitea accept any user name beside a token; deploy tokens bring theirs in the URL. */
const TOKEN_USER = 'x-access-token';

/**
 * Reads `GATES_REPOSITORY`: `http(s)://…`, `file://…` or a path. Credentials are taken out of the URL; a
 * token, when there is one, takes the place of the URL's password.
 *
 * Throws ConfigError for a form that git must not be given or that this version does not speak.
 */
export function parseRepository(repository: string, token?: string): RepositoryAddress {
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(repository)?.[1]?.toLowerCase();
  if (scheme === undefined) return parsePath(repository);
  if (scheme === 'file') return { url: repository, secrets: [] };
  if (scheme === 'http' || scheme === 'https') return parseHttp(repository, token);
  throw unsupported();
}

function parsePath(repository: string): RepositoryAddress {
  const looksLikeSsh = /^[^/]+:/.test(repository);
  if (repository === '' || looksLikeSsh) throw unsupported();
  return { url: path.resolve(repository), secrets: [] };
}

function parseHttp(repository: string, token: string | undefined): RepositoryAddress {
  if (!URL.canParse(repository)) throw unsupported();
  const url = new URL(repository);
  const user = decodeURIComponent(url.username);
  const password = token ?? decodeURIComponent(url.password);
  const inUrl = [url.username, url.password, user, decodeURIComponent(url.password)];
  url.username = '';
  url.password = '';
  if (user === '' && password === '') return { url: url.href, secrets: [] };
  const pair = Buffer.from(`${user === '' ? TOKEN_USER : user}:${password}`).toString('base64');
  const onlyUser = password === '';
  const secrets = [pair, password, ...(onlyUser ? inUrl : inUrl.filter((part) => part !== user))];
  return {
    url: url.href,
    authorization: `Basic ${pair}`,
    secrets: [...new Set(secrets)].filter((secret) => secret !== ''),
  };
}

function unsupported(): ConfigError {
  return new ConfigError('The repository is not one that gates can read', {
    hint: 'Set GATES_REPOSITORY to https://…, http://…, file://… or a path; with a token in GATES_GIT_TOKEN',
  });
}
