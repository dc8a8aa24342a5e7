import type { ForgeName, ForgePlace } from '../../clients/forge/forge.ts';
import { ConfigError } from '../../core/errors.ts';

/** Forges with a known name; others need --forge, or the CI job that runs on them. */
const known: ReadonlyMap<string, ForgeName> = new Map([
  ['github.com', 'github'],
  ['gitlab.com', 'gitlab'],
  ['codeberg.org', 'gitea'],
  ['gitea.com', 'gitea'],
]);

const ASK =
  'Set GATES_FORGE (for a comment: --forge) to github, gitlab, gitea or forgejo, and GATES_REPOSITORY to the address of the repository; or GATES_FORGE_URL, where it is cloned from another';

/**
 * The place where a forge shows the commits of a repository, from its clone address: https, or ssh with the assumption
 * that its host is that of the forge.
 * @throws ConfigError for another address, and for an unknown host if no forge is given.
 */
export function forgeOfRepository(address: string, named: ForgeName | 'forgejo' | undefined): ForgePlace {
  return placeOfAddress(address, named === 'forgejo' ? 'gitea' : named);
}

/**
 * The place of the pull request: `GATES_REPOSITORY`, or else the current job of GitHub Actions, GitLab CI or the
 * Actions of Gitea and Forgejo.
 * @throws ConfigError if there is neither, or if `--forge` says something else.
 */
export function forgePlace(
  environment: NodeJS.ProcessEnv,
  repository: string | undefined,
  named: ForgeName | 'forgejo' | undefined,
): ForgePlace {
  if (repository !== undefined) return forgeOfRepository(repository, named);
  const forge = named === 'forgejo' ? 'gitea' : named;
  const place = placeOfJob(environment);
  if (place === undefined) throw new ConfigError('It is not known where the pull request is', { hint: ASK });
  if (forge !== undefined && forge !== place.forge) {
    throw new ConfigError('This job does not run on the forge that --forge names', {
      hint: 'Leave --forge out, or set GATES_REPOSITORY to the address of the repository',
    });
  }
  return place;
}

function placeOfJob(environment: NodeJS.ProcessEnv): ForgePlace | undefined {
  const { CI_API_V4_URL, CI_PROJECT_ID, GITHUB_API_URL, GITHUB_REPOSITORY } = environment;
  if (CI_API_V4_URL && CI_PROJECT_ID) {
    return { forge: 'gitlab', api: bare(CI_API_V4_URL), repository: CI_PROJECT_ID };
  }
  if (!GITHUB_API_URL || !GITHUB_REPOSITORY) return undefined;
  const api = bare(GITHUB_API_URL);
  // Gitea and Forgejo set GitHub's variables, but their API's address has another form.
  return { forge: api.endsWith('/api/v1') ? 'gitea' : 'github', api, repository: GITHUB_REPOSITORY };
}

/** The web address of `git@host:owner/name.git` and `ssh://git@host:22/owner/name.git`. */
function asHttps(address: string): string {
  const ssh = /^ssh:\/\/(?:[^@/]+@)?(\[[^\]]+\]|[^/:]+)(?::\d+)?\/(.+)$/i.exec(address);
  const short = /^[^@/:]+@([^/:]+):(?!\/\/)\/?(.+)$/.exec(address);
  const [, host, path] = ssh ?? short ?? [];
  return host === undefined ? address : `https://${host}/${path}`;
}

function placeOfAddress(cloned: string, named: ForgeName | undefined): ForgePlace {
  const address = asHttps(cloned);
  if (!/^https?:\/\//i.test(address) || !URL.canParse(address)) {
    throw new ConfigError('This is not the address of a repository on a forge', {
      hint: 'Set GATES_REPOSITORY to https://…, as it is cloned, or GATES_FORGE_URL where that is another; in a job of the forge itself, leave both out',
    });
  }
  const { protocol, host, pathname } = new URL(address);
  const forge = named ?? known.get(host);
  if (forge === undefined) throw new ConfigError('It is not known what forge this is', { hint: ASK });
  const parts = pathname
    .replace(/\.git\/?$/, '')
    .split('/')
    .filter((part) => part !== '')
    .map(decodeURIComponent);
  if (parts.length < 2) {
    throw new ConfigError('GATES_REPOSITORY names no repository', { hint: 'It ends in owner/name' });
  }
  const root = `${protocol}//${host}`;
  if (forge === 'gitlab') return { forge, api: `${root}/api/v4`, repository: parts.join('/') };
  const repository = parts.slice(-2).join('/');
  if (forge === 'github') {
    return { forge, api: host === 'github.com' ? 'https://api.github.com' : `${root}/api/v3`, repository };
  }
  // Gitea may be below a path of its host.
  const below = parts.slice(0, -2).map((part) => `/${encodeURIComponent(part)}`);
  return { forge, api: `${root}${below.join('')}/api/v1`, repository };
}

function bare(address: string): string {
  return address.replace(/\/+$/, '');
}
