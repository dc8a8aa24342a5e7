import { AUTHENTIK_VERSIONS, type AuthentikVersion, createSandbox } from '../../src/sandbox/index.ts';
import { createPerson, type Endpoint, type Fetch, type Person } from './person.ts';

/** The Authentik that the suite is run against, and a superuser's way to its API. */
export interface LiveServer extends Endpoint {
  /** `sandbox 2025.12`, or the address of the server. */
  readonly name: string;
  /** Year and month, `2025.12`. */
  readonly release: string;
  /** Puts the sandbox back to its first moment, before each story: fresh keys would take it most of its time. */
  readonly rewind?: () => void;
}

/** What the environment asks for: a server, or the sandbox as these releases. */
export type Choice =
  | { readonly url: string; readonly token: string }
  | { readonly releases: readonly AuthentikVersion[] };

type Environment = Readonly<Record<string, string | undefined>>;

/** Flows that every server has from its first start on; the stories refer to them and never change them. */
export const stockFlows = [
  'default-provider-authorization-implicit-consent',
  'default-provider-authorization-explicit-consent',
  'default-provider-invalidation-flow',
  'default-invalidation-flow',
] as const;

/**
 * `GATES_LIVE_RELEASE=all` (as in the quick suite) plays every release and reaches no server, whatever else is set;
 * else `AUTHENTIK_URL` and `AUTHENTIK_TOKEN` name a server, and without them the newest release is played, or the one
 * that `GATES_LIVE_RELEASE` names.
 */
export function chosenBy(env: Environment): Choice {
  const { AUTHENTIK_URL: url = '', AUTHENTIK_TOKEN: token = '', GATES_LIVE_RELEASE: release = '' } = env;
  if (release === 'all') return { releases: AUTHENTIK_VERSIONS };
  if (url !== '' && token === '') throw new Error('AUTHENTIK_URL is set without AUTHENTIK_TOKEN');
  if (url === '' && token !== '') throw new Error('AUTHENTIK_TOKEN is set without AUTHENTIK_URL');
  if (url !== '' && release !== '') {
    throw new Error('GATES_LIVE_RELEASE is for the sandbox: a server has the release it has');
  }
  if (url !== '') return { url: url.replace(/\/+$/, '').replace(/\/api\/v3$/, ''), token };
  const known = AUTHENTIK_VERSIONS.find((version) => version === (release || AUTHENTIK_VERSIONS.at(-1)));
  if (known === undefined) {
    throw new Error(`GATES_LIVE_RELEASE is one of ${AUTHENTIK_VERSIONS.join(', ')}, or all`);
  }
  return { releases: [known] };
}

/** Rejects, before anything is written, when the server is not one that the suite can be run against. */
export async function openServers(env: Environment): Promise<readonly LiveServer[]> {
  const choice = chosenBy(env);
  if (!('url' in choice)) return Promise.all(choice.releases.map(playedAs));
  return [await openAt(choice, (input, init) => globalThis.fetch(input, init))];
}

export async function openAt(
  { url, token }: { readonly url: string; readonly token: string },
  fetch: Fetch,
): Promise<LiveServer> {
  const release = await releaseOf(createPerson({ url, token, fetch }));
  return { name: url, url, token, release, fetch };
}

async function playedAs(release: AuthentikVersion): Promise<LiveServer> {
  const sandbox = await createSandbox({ zones: ['example.dev'], authentikVersion: release });
  const first = sandbox.snapshot();
  return {
    name: `sandbox ${release}`,
    url: sandbox.urls.authentik,
    token: sandbox.authentikToken,
    release,
    fetch: (input, init) => sandbox.authentik(new Request(input, init)),
    rewind: () => sandbox.restore(first),
  };
}

/** The release of a server that has what the stories lean on. */
async function releaseOf(person: Person): Promise<string> {
  const { user } = await person.get('/core/users/me/');
  if (!(user as { readonly is_superuser: boolean }).is_superuser) {
    throw new Error(
      'The token has to be that of a superuser: others are made, and taken away, by its stories',
    );
  }
  const flows = new Set((await person.list('/flows/instances/')).map(({ slug }) => slug));
  const missing = stockFlows.filter((slug) => !flows.has(slug));
  if (missing.length > 0) throw new Error(`The server lacks the stock flow ${missing.join(', ')}`);
  const { version_current: current } = await person.get('/admin/version/');
  return String(current).split('.').slice(0, 2).join('.');
}
