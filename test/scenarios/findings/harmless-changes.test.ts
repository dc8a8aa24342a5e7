import { beforeAll, expect, it } from 'vitest';
import { findingsIn, namesOf } from './found-faults.ts';
import { type HealthyHome, healthyHome, homeFile } from './healthy-home.ts';
import { row } from './planted-fault.ts';
import type { Saboteur } from './saboteur.ts';

let home: HealthyHome;
let healthy: ReturnType<HealthyHome['sandbox']['snapshot']>;

beforeAll(async () => {
  home = await healthyHome();
  healthy = home.sandbox.snapshot();
});

const rule = { hostname: 'box.example.dev', service: 'http://box.lan:80' };

/** A host with an Access application for everyone, whose tunnel checks its token. */
async function guardedHost(saboteur: Saboteur, more: object): Promise<void> {
  const policies = [{ name: 'all', decision: 'allow', include: [{ everyone: {} }] }];
  const { aud } = await saboteur.addApplication(rule.hostname, { policies, ...more });
  const access = { required: true, teamName: 'example', audTag: [String(aud)] };
  await saboteur.addHost(rule.hostname, { originRequest: { access } });
}

const me = { name: 'me', decision: 'allow', include: [{ email: { email: 'me@example.dev' } }] };

const cacheRules = '/rulesets/phases/http_request_cache_settings/entrypoint';

const oidc = {
  ...{ name: 'Company', type: 'oidc' },
  config: {
    ...{ client_id: 'id', client_secret: 'secret', auth_url: 'https://sso.example.net/a' },
    ...{ token_url: 'https://sso.example.net/t', certs_url: 'https://sso.example.net/c' },
  },
};

it.each([
  row('another host for the same person', (saboteur) => guardedHost(saboteur, { policies: [me] })),
  row('everyone of a company whose login is the only one', async (saboteur) => {
    const { id } = await saboteur.access('POST', '/identity_providers', oidc);
    await guardedHost(saboteur, { allowed_idps: [id] });
  }),
  row('an alias for a program, whose target comes and goes', (saboteur) =>
    saboteur.addRecord('_acme-challenge.example.dev', { content: 'proof.example.dev', proxied: false }),
  ),
  row('an alias of a name that has only a text', async (saboteur) => {
    await saboteur.addRecord('text.example.dev', { type: 'TXT', content: '"hello"', proxied: false });
    await saboteur.addRecord('alias.example.dev', { content: 'text.example.dev', proxied: false });
  }),
  row('an alias of a name elsewhere', (saboteur) =>
    saboteur.addRecord('shop.example.dev', { content: 'shops.example.net', proxied: false }),
  ),
  row('a tile without a login', (saboteur) =>
    saboteur.addAuthentikApplication('router', { meta_launch_url: 'http://192.0.2.1/' }),
  ),
  row('a cache rule for another host', (saboteur) =>
    saboteur.zone('GET', cacheRules).then(({ rules }) =>
      saboteur.zone('PUT', cacheRules, {
        rules: [
          ...(rules as readonly object[]),
          {
            ...{ expression: 'http.host eq "docs.example.dev"', description: 'faster' },
            ...{ action: 'set_cache_settings', action_parameters: { cache: true } },
          },
        ],
      }),
    ),
  ),
])('$fault is no fault', async ({ plant }) => {
  home.sandbox.restore(healthy);
  await plant(home.sandbox);
  expect(namesOf(await findingsIn(home, homeFile))).toEqual([]);
});

it('everyone is a fault where the same application also offers a public login', async () => {
  home.sandbox.restore(healthy);
  await row('', async (saboteur) => {
    const company = await saboteur.access('POST', '/identity_providers', oidc);
    const pin = await saboteur.access('POST', '/identity_providers', {
      name: 'PIN',
      type: 'onetimepin',
      config: {},
    });
    await guardedHost(saboteur, { allowed_idps: [company.id, pin.id] });
  }).plant(home.sandbox);
  const { findings } = await findingsIn(home, homeFile);
  expect(findings.map(({ says }) => says)).toEqual([
    'The policy "all" admits everybody who can receive an email',
  ]);
});

it('a rule group that a policy names leaves open whether a token is used', async () => {
  home.sandbox.restore(healthy);
  await row('', async (saboteur) => {
    const { id } = await saboteur.access('POST', '/groups', { name: 'g', include: [{ everyone: {} }] });
    await saboteur.addToken('perhaps', '8760h');
    await saboteur.changePolicy('gates:home/proxmox.example.dev', { include: [{ group: { id } }] });
  }).plant(home.sandbox);
  const document = await findingsIn(home, homeFile);
  expect(namesOf(document)).toEqual([]);
  expect(document.unanswered.map(({ rules }) => rules)).toEqual([['unused-token']]);
});
