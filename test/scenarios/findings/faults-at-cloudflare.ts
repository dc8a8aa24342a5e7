import { type PlantedFault, row } from './planted-fault.ts';
import type { Saboteur } from './saboteur.ts';

const everyone = { include: [{ everyone: {} }] };

/** One fault in each row, planted by a person in Cloudflare's dashboard. */
export const faultsAtCloudflare: readonly PlantedFault[] = [
  row('a host without a gate', (home) => home.addHost('lab.example.dev'), 'open-door: host lab.example.dev'),
  row(
    'a wildcard record and a wildcard rule without a gate',
    async (home) => {
      const rule = { hostname: '*.example.dev', service: 'http://box.lan:80' };
      await home.rules((all) => [...all.slice(0, -1), rule, ...all.slice(-1)]);
      await home.addRecord('*.example.dev');
    },
    'open-door: host *.example.dev',
  ),
  row(
    'a guarded path that admits everybody',
    async (home) => {
      await home.changePolicy('gates:home/docs.example.dev/drafts', { decision: 'bypass', ...everyone });
      await home.rules((all) =>
        all.map((rule) => (rule.hostname === 'docs.example.dev' ? { ...rule, originRequest: {} } : rule)),
      );
    },
    'open-door: host docs.example.dev/drafts',
  ),
  row(
    'a policy for everyone',
    (home) => home.changePolicy('gates:home/proxmox.example.dev', everyone),
    'everyone-policy: Access policy gates:home/proxmox.example.dev',
  ),
  row(
    'a policy for a public mail provider',
    (home) =>
      home.changePolicy('gates:home/proxmox.example.dev', {
        include: [{ email_domain: { domain: 'gmail.com' } }],
      }),
    'mail-domain-policy: Access policy gates:home/proxmox.example.dev',
  ),
  row(
    'a policy for every service token',
    (home) =>
      home.changePolicy('gates:home/registry.example.dev', { include: [{ any_valid_service_token: {} }] }),
    'any-token-policy: Access policy gates:home/registry.example.dev',
  ),
  row(
    'a guarded host whose record leads past Cloudflare',
    (home) => home.lead('proxmox.example.dev', { type: 'A', content: '192.0.2.7', proxied: false }),
    'guard-bypassed: DNS record A proxmox.example.dev',
    'rule-without-name: tunnel rule proxmox.example.dev',
  ),
  row(
    'a guarded host whose record leads to an address',
    (home) => home.lead('proxmox.example.dev', { type: 'A', content: '192.0.2.7' }),
    'around-tunnel: DNS record A proxmox.example.dev',
    'rule-without-name: tunnel rule proxmox.example.dev',
  ),
  row(
    'the login page at an address of its own',
    (home) => home.lead('auth.example.dev', { type: 'A', content: '192.0.2.7', proxied: false }),
    'around-tunnel: DNS record A auth.example.dev',
    'rule-without-name: tunnel rule auth.example.dev',
  ),
  row(
    'preflight requests that pass without a login',
    (home) => home.changeApplication('proxmox.example.dev', { options_preflight_bypass: true }),
    'way-around: Access application proxmox.example.dev',
  ),
  row(
    'devices that pass without a login',
    (home) => home.changeApplication('proxmox.example.dev', { allow_authenticate_via_warp: true }),
    'way-around: Access application proxmox.example.dev',
  ),
  row(
    'a session cookie that scripts may read',
    (home) => home.changeApplication('proxmox.example.dev', { http_only_cookie_attribute: false }),
    'widened-setting: Access application proxmox.example.dev',
  ),
  row(
    'a tunnel rule that does not check the token of Access',
    async (home) => {
      await home.addHost('box.example.dev');
      await home.addApplication('box.example.dev');
    },
    'unchecked-token: tunnel rule box.example.dev',
  ),
  row(
    'a cache rule of somebody else that stores everything',
    async (home) => {
      const path = '/rulesets/phases/http_request_cache_settings/entrypoint';
      const { rules } = await home.zone('GET', path);
      const stores = {
        ...{ expression: 'http.host eq "grafana.example.dev"', description: 'faster' },
        ...{ action: 'set_cache_settings', action_parameters: { cache: true } },
      };
      return home.zone('PUT', path, { rules: [...(rules as readonly object[]), stores] });
    },
    'cached-door: host grafana.example.dev',
  ),
  row(
    'a zone without its cache rules',
    (home) => home.zone('PUT', '/rulesets/phases/http_request_cache_settings/entrypoint', { rules: [] }),
    'cached-door: host files.example.dev',
    'cached-door: host grafana.example.dev',
    'cached-door: host photos.example.dev',
  ),
  row(
    'a login of Access before the login page',
    (home) => home.addApplication('auth.example.dev'),
    'unchecked-token: tunnel rule auth.example.dev',
    'login-loop: host auth.example.dev',
  ),
  row(
    'a token that is disabled',
    async (home) => home.access('PUT', await home.token('gates:home/ci'), { enabled: false }),
    'expired-token: service token gates:home/ci',
  ),
  { ...row('a token that has expired', shortToken, 'expired-token: service token nas'), days: 41 },
  { ...row('a token that expires in two weeks', shortToken, 'expiring-token: service token nas'), days: 26 },
  row(
    'an application without policies',
    (home) => home.changeApplication('proxmox.example.dev', { policies: [] }),
    'empty-application: Access application proxmox.example.dev',
    'unused-policy: Access policy gates:home/proxmox.example.dev',
  ),
  row(
    'a tunnel rule that demands the token of an application that is gone',
    async (home) => {
      const access = { required: true, teamName: 'example', audTag: ['f'.repeat(64)] };
      await home.addHost('box.example.dev', { originRequest: { access } });
    },
    'missing-audience: tunnel rule box.example.dev',
  ),
  row(
    'a record that leads to a tunnel of the past',
    (home) =>
      home.addRecord('old.example.dev', { content: '00000000-0000-4000-8000-000000000000.cfargotunnel.com' }),
    'missing-tunnel: DNS record CNAME old.example.dev',
  ),
  row(
    'a record that lost its proxy',
    async (home) => home.zone('PATCH', await home.record('docs.example.dev'), { proxied: false }),
    'unproxied-name: DNS record CNAME docs.example.dev',
  ),
  row(
    'a record without a tunnel rule',
    (home) => home.addRecord('lost.example.dev'),
    'name-without-rule: DNS record CNAME lost.example.dev',
  ),
  row(
    'an alias of a name that is gone',
    (home) => home.addRecord('alias.example.dev', { content: 'gone.example.dev' }),
    'name-to-nowhere: DNS record CNAME alias.example.dev',
  ),
  row(
    'a rule behind another one for all paths of its host',
    (home) =>
      home.rules((all) =>
        all.flatMap((rule) =>
          rule.hostname === 'vault.example.dev'
            ? [rule, { ...rule, path: '^/admin', service: 'http://admin.lan:80' }]
            : [rule],
        ),
      ),
    'shadowed-rule: tunnel rule vault.example.dev ^/admin',
  ),
  row(
    'a second rule for a host',
    (home) =>
      home.rules((all) =>
        all.flatMap((rule) =>
          rule.hostname === 'vault.example.dev' && rule.path === undefined ? [rule, rule] : [rule],
        ),
      ),
    'shadowed-rule: tunnel rule vault.example.dev',
  ),
  row(
    'a rule without a record',
    (home) => home.addRules({ hostname: 'gone.example.dev', service: 'http://box.lan:80' }),
    'rule-without-name: tunnel rule gone.example.dev',
  ),
  row(
    'an application of a host that is gone',
    (home) => home.addApplication('gone.example.dev'),
    'application-without-host: Access application App of gone.example.dev',
  ),
  row(
    'a policy that nothing uses',
    (home) =>
      home.access('POST', '/policies', {
        name: 'Old friends',
        decision: 'allow',
        include: [{ email: { email: 'a@example.net' } }],
      }),
    'unused-policy: Access policy Old friends',
  ),
  row(
    'a token that no policy names',
    (home) => home.addToken('forgotten', '8760h'),
    'unused-token: service token forgotten',
  ),
  {
    ...row(
      'tokens that nobody has used',
      async () => {},
      'idle-token: service token gates:home/backup',
      'idle-token: service token gates:home/ci',
    ),
    days: 100,
  },
];

/** A token for 40 days, named by a policy. */
async function shortToken(home: Saboteur): Promise<void> {
  const { id } = await home.addToken('nas', '960h');
  await home.changePolicy('gates:home/registry.example.dev', {
    include: [...(await named(home)), { service_token: { token_id: id } }],
  });
}

async function named(home: Saboteur): Promise<readonly object[]> {
  const tokens = (await home.state()).serviceTokens.filter(({ name }) => /\/(ci|backup)$/.test(name));
  return tokens.map(({ id }) => ({ service_token: { token_id: id } }));
}
