import { systemClock } from '../../src/clients/state/clock.ts';
import type { Fetch } from '../../src/conformance/authentik/person.ts';
import { releaseOf } from '../../src/conformance/authentik/server.ts';
import type { Clock } from '../../src/core/world.ts';
import { AUTHENTIK_VERSIONS, type AuthentikVersion, createSandbox } from '../../src/lab/sandbox/index.ts';
import { ofThisTurn } from '../support/turn.ts';
import { eagerClock } from '../support/world.ts';
import { connectTo, type LiveServer } from './live-server.ts';
import { delayed } from './slow-proxy.ts';

/** The environment's choice: a server, or a sandbox for each release; `delay` slows each call, in milliseconds. */
export type Choice = (
  | { readonly url: string; readonly token: string }
  | { readonly releases: readonly AuthentikVersion[] }
) & {
  readonly delay: number;
};

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The server that the environment names. `GATES_LIVE_RELEASE=all` plays every release and reaches no server, whatever
 * else is set. So do `newest`, with that release alone (the quick suite), and `older`, with the others (the exhaustive
 * suite; a check plays one of them). Otherwise `AUTHENTIK_URL` and `AUTHENTIK_TOKEN` name a server; without them the suite plays
 * `GATES_LIVE_RELEASE`, by default the newest. `GATES_LIVE_DELAY` adds a slow proxy.
 */
export function chosenBy(env: Environment): Choice {
  const { AUTHENTIK_URL: url = '', AUTHENTIK_TOKEN: token = '', GATES_LIVE_RELEASE: release = '' } = env;
  const some = severalReleases(release);
  if (some !== undefined) return { releases: some, delay: 0 };
  if (url !== '' && token === '') throw new Error('AUTHENTIK_URL is set without AUTHENTIK_TOKEN');
  if (url === '' && token !== '') throw new Error('AUTHENTIK_TOKEN is set without AUTHENTIK_URL');
  if (url !== '' && release !== '') {
    throw new Error('GATES_LIVE_RELEASE is for the sandbox: a server has the release it has');
  }
  const delay = Number(env.GATES_LIVE_DELAY ?? 0);
  if (!Number.isInteger(delay) || delay < 0) throw new Error('GATES_LIVE_DELAY is milliseconds, as in 4000');
  if (url !== '') return { url: url.replace(/\/+$/, '').replace(/\/api\/v3$/, ''), token, delay };
  const known = AUTHENTIK_VERSIONS.find((version) => version === (release || AUTHENTIK_VERSIONS.at(-1)));
  if (known === undefined) {
    throw new Error(`GATES_LIVE_RELEASE is one of ${AUTHENTIK_VERSIONS.join(', ')}, or all`);
  }
  return { releases: [known], delay };
}

function severalReleases(choice: string): readonly AuthentikVersion[] | undefined {
  if (choice === 'all') return AUTHENTIK_VERSIONS;
  if (choice === 'newest') return AUTHENTIK_VERSIONS.slice(-1);
  if (choice === 'older') return ofThisTurn(AUTHENTIK_VERSIONS.slice(0, -1));
  return undefined;
}

/** Opens the servers. Rejects, before any write, if the suite cannot run against one. */
export async function openServers(env: Environment): Promise<readonly LiveServer[]> {
  const { delay, ...choice } = chosenBy(env);
  const direct =
    'url' in choice
      ? [await openAt(choice, (input, init) => globalThis.fetch(input, init))]
      : await Promise.all(choice.releases.map((release) => playedAs(release)));
  return delay === 0 ? direct : Promise.all(direct.map((server) => delayed(server, delay)));
}

/** A server whose stories use `clock`; by default, the system's. */
export async function openAt(
  { url, token }: { readonly url: string; readonly token: string },
  fetch: Fetch,
  clock: Clock = systemClock,
): Promise<LiveServer> {
  const { signal } = new AbortController();
  const release = await releaseOf({ url, token, fetch, signal });
  const connect = connectTo({ url, signal }, clock);
  return { name: url, url, token, release, fetch, clock, signal, connect };
}

async function playedAs(release: AuthentikVersion): Promise<LiveServer> {
  const sandbox = await createSandbox({ zones: ['example.dev'], authentikVersion: release });
  const first = sandbox.snapshot();
  const at = { url: sandbox.urls.authentik, token: sandbox.authentikToken };
  const server = await openAt(at, (input, init) => sandbox.authentik(new Request(input, init)), eagerClock());
  return { ...server, name: `sandbox ${release}`, rewind: () => sandbox.restore(first) };
}
