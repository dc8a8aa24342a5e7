import type { AuthentikState, OutpostApp, OutpostLoad, OutpostRow } from '../../state/authentik-state.ts';
import { now, type World } from '../../state/world.ts';
import { durationMs } from '../api/duration.ts';
import { EMBEDDED } from './outposts.ts';

/**
 * What the outpost of this name runs now, the embedded one where no name is given; undefined when there is none. It
 * lags `settle` behind what was written: a server tells its outposts by a worker (facts §2.8).
 */
export function runningOutpost(world: World, name: string | undefined): OutpostLoad | undefined {
  const { authentik: state, settle } = world;
  const outpost = state.outposts.find((row) =>
    name === undefined ? row.managed === EMBEDDED : row.name === name,
  );
  if (outpost?.type !== 'proxy') return undefined;
  const wanted = loadOf(state, outpost);
  if (settle === 0) return wanted;
  const due = now(world) - settle;
  const known = state.outpostLoads[outpost.pk]?.findLast(({ at }) => at <= due);
  return known?.load ?? { ...wanted, host: '', browserHost: '', apps: [] };
}

/** Notes what every outpost is told to run after a write, where picking it up takes time. */
export function noteLoads(world: World): void {
  const { authentik: state, settle } = world;
  if (settle === 0) return;
  const due = now(world) - settle;
  for (const outpost of state.outposts) {
    const told = state.outpostLoads[outpost.pk] ?? [];
    const load = loadOf(state, outpost);
    if (JSON.stringify(told.at(-1)?.load) === JSON.stringify(load)) continue;
    const settled = told.findLastIndex(({ at }) => at <= due);
    state.outpostLoads[outpost.pk] = [...told.slice(Math.max(0, settled)), { at: now(world), load }];
  }
}

function loadOf(state: AuthentikState, outpost: OutpostRow): OutpostLoad {
  const { authentik_host: host, authentik_host_browser: browserHost } = outpost.config;
  return {
    name: outpost.name,
    embedded: outpost.managed === EMBEDDED,
    host: typeof host === 'string' ? host : '',
    browserHost: typeof browserHost === 'string' ? browserHost : '',
    apps: state.providers
      .filter(({ pk }) => outpost.providers.includes(pk))
      .toSorted((left, right) => (left.name < right.name ? -1 : 1))
      .flatMap((provider) => appOf(state, provider)),
  };
}

/** A provider without an application is not served (facts §2.8). */
function appOf(state: AuthentikState, provider: AuthentikState['providers'][number]): OutpostApp[] {
  const { proxy, pk } = provider;
  const application = state.applications.find((row) => row.provider === pk);
  if (proxy === null || application === undefined) return [];
  const mapped = state.scopeMappings.filter((row) => provider.property_mappings.includes(row.pk));
  return [
    {
      provider: pk,
      providerName: provider.name,
      application: application.slug,
      clientId: provider.client_id,
      cookieSecret: proxy.cookie_secret,
      mode: proxy.mode,
      externalHost: proxy.external_host,
      host: /^https?:\/\/([^/?#]*)/i.exec(proxy.external_host)?.[1] ?? '',
      internalHost: proxy.internal_host,
      skipped: proxy.skip_path_regex.split('\n').filter((line) => line !== ''),
      cookieDomain: proxy.cookie_domain,
      interceptHeaderAuth: proxy.intercept_header_auth,
      basicAuth: proxy.basic_auth_enabled
        ? { user: proxy.basic_auth_user_attribute, password: proxy.basic_auth_password_attribute }
        : null,
      scopes: [...new Set(mapped.map(({ scope_name }) => scope_name))].sort(),
      sessionMs: durationMs(provider.access_token_validity),
    },
  ];
}
