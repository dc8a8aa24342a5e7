import type { AuthentikState, OutpostRow } from '../../state/authentik-state.ts';
import type { OutpostApp, OutpostLoad } from '../../state/login-rows.ts';
import { now, type World } from '../../state/world.ts';
import { durationMs } from '../api/duration.ts';
import { EMBEDDED } from './outposts.ts';

/**
 * The providers that the outpost of this name runs now (default: the embedded one); undefined if it does not exist.
 * They lag `settle` behind the writes: a worker of the server notifies outposts (facts §2.8).
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

/** Notes the new load of every outpost after a write, if outposts take time to load it. */
export function noteLoads(world: World): void {
  const { authentik: state, settle } = world;
  if (settle === 0) return;
  const due = now(world) - settle;
  for (const outpost of state.outposts) {
    const loads = state.outpostLoads[outpost.pk] ?? [];
    const load = loadOf(state, outpost);
    if (JSON.stringify(loads.at(-1)?.load) === JSON.stringify(load)) continue;
    const settled = loads.findLastIndex(({ at }) => at <= due);
    state.outpostLoads[outpost.pk] = [...loads.slice(Math.max(0, settled)), { at: now(world), load }];
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

/** A provider as an outpost loads it. A provider without an application is not served (facts §2.8). */
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
