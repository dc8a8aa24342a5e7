import { askAdmin } from '../stage/hand.ts';
import { type PlantedFault, row } from './planted-fault.ts';

/** One fault in each row, planted by a person in Authentik, or at the reverse proxy that asks it. */
export const faultsAtAuthentik: readonly PlantedFault[] = [
  row(
    'an origin that no longer asks the outpost',
    ({ sandbox }) =>
      askAdmin(sandbox, 'PUT', '/origins', {
        url: 'http://traefik.lan:80',
        kind: 'traefik',
        forwardAuth: ['photos.example.dev'],
      }),
    'unasked-login: host grafana.example.dev',
  ),
  row(
    'an origin that no longer asks for the login of its domain',
    ({ sandbox }) =>
      askAdmin(sandbox, 'PUT', '/origins', {
        url: 'http://traefik.lan:80',
        kind: 'traefik',
        forwardAuth: ['grafana.example.dev'],
      }),
    'open-door: host photos.example.dev',
  ),
  row(
    'a login that skips every path',
    (home) => home.authentik.patchProxy('grafana-example-dev', { skip_path_regex: '^/.*' }),
    'open-door: host grafana.example.dev',
  ),
  row(
    'a login without its only binding',
    async ({ authentik }) =>
      authentik.delete(`/policies/bindings/${(await authentik.bindingOf('grafana-example-dev')).pk}/`),
    'unbound-application: Authentik application grafana-example-dev',
  ),
  row(
    'a login whose only binding is off',
    ({ authentik }) => authentik.changeBinding('vault', { enabled: false }),
    'unbound-application: Authentik application vault',
  ),
  row(
    'a binding that is negated',
    ({ authentik }) => authentik.changeBinding('grafana-example-dev', { negate: true }),
    'negated-binding: Authentik application grafana-example-dev',
  ),
  row(
    'an open path without an anchor',
    (home) => home.authentik.patchProxy('grafana-example-dev', { skip_path_regex: '/metrics' }),
    'open-door: host grafana.example.dev/metrics',
    'loose-skip-path: proxy provider gates:home/grafana-example-dev',
  ),
  row(
    'a client that redirects to any host',
    async ({ authentik }) => {
      const { pk } = await authentik.providerOf('vault');
      const uris = [{ matching_mode: 'regex', url: 'https://.*example.dev/callback' }];
      return authentik.patch(`/providers/oauth2/${pk}/`, { redirect_uris: uris });
    },
    'loose-redirect: OAuth2 provider gates:home/vault',
  ),
  row(
    'a login of Access before that of Authentik',
    (home) => home.addApplication('grafana.example.dev'),
    'unchecked-token: tunnel rule grafana.example.dev',
    'double-login: host grafana.example.dev',
  ),
  row(
    'a proxy provider without an application',
    (home) => home.addProvider('orphan', 'orphan.example.dev', { alone: true }),
    'provider-without-application: proxy provider orphan',
  ),
  row(
    'a client without an application',
    async (home) =>
      home.authentik.post('/providers/oauth2/', {
        name: 'Old app',
        client_type: 'public',
        redirect_uris: [],
        ...(await home.flows()),
      }),
    'provider-without-application: OAuth2 provider Old app',
  ),
  row(
    'a provider that no outpost serves',
    (home) => home.addProvider('lonely', 'lonely.example.dev'),
    'unserved-provider: proxy provider lonely',
  ),
  row(
    'two providers for one host',
    async (home) => {
      const second = await home.addProvider('second', 'grafana.example.dev');
      return home.changeOutpost(({ providers }) => ({ providers: [...providers, second] }));
    },
    'equal-providers: host grafana.example.dev',
  ),
  row(
    'an outpost without the address of the login page',
    (home) => home.changeOutpost(({ config }) => ({ config: { ...config, authentik_host: '' } })),
    'outpost-address: outpost authentik Embedded Outpost',
  ),
  row(
    'an application of Authentik without anything',
    (home) => home.addAuthentikApplication('empty', {}),
    'application-without-provider: Authentik application empty',
  ),
  row(
    'an outpost that serves nobody',
    async (home) => {
      const [{ config } = { config: {} }] = (await home.state()).authentik.outposts;
      const pk = await home.addProvider('temporary', 'temporary.example.dev');
      const made = (await home.authentik.post('/outposts/instances/', {
        name: 'edge',
        type: 'proxy',
        providers: [pk],
        config,
      })) as { readonly pk: string };
      await home.authentik.delete(`/providers/proxy/${pk}/`);
      await home.authentik.delete('/core/applications/temporary/');
      return made;
    },
    'idle-outpost: outpost edge',
  ),
];
