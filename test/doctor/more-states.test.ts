import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { file } from '../cli/house.ts';
import { findsOf, type Row } from './finding-row.ts';
import { type State, troubles, unasked, type Ward, ward } from './ward.ts';

let house: Ward;
beforeAll(async () => {
  house = await ward();
});

const deep = `${file}  deep: { host: a.b.example.dev, origin: app, gate: { public: { reason: documentation } } }\n`;
const shielded = `${file.replace('services:', 'clients: { api: { grantTypes: [client_credentials], signingKey: own, groups: [admins] } }\nservices:')}  api:
    host: api.example.dev
    origin: app
    gate: { jwt: { at: edge, keys: { client: api }, audience: api, from: [{ header: authorization }], operations: ["GET /v1/items"] } }
`;
const ldap = file
  .replace('service: auth }', 'service: auth, ldapOutpost: directory }')
  .replace('services:', 'clients: { films: { ldap: { baseDn: "dc=films" }, groups: [admins] } }\nservices:');
const withRecords = (count: number) =>
  `${file}dns:\n  example.dev:\n${Array.from({ length: count }, (_, n) => `    - { name: n${n}, type: TXT, content: x }\n`).join('')}`;
const records = (count: number) => (state: State) => {
  const [one] = state.records;
  while (state.records.length < count) {
    const n = state.records.length;
    state.records.push({ ...one, id: `${n}`, type: 'TXT', name: `other${n}.example.dev`, comment: null });
  }
};
const policies = (count: number) => (state: State) => {
  const one = state.policies.find(({ appId }: { appId: unknown }) => appId === null);
  while (state.policies.length < count) {
    const n = state.policies.length;
    state.policies.push({ ...one, id: `${n}`, name: `other ${n}` });
  }
};
const oneLogin = file.replace('{ team: example }', '{ team: example, identityProvider: authentik }');
const managedRules = (state: State) => {
  const rule = {
    id: 'r',
    action: 'execute',
    action_parameters: { id: 'e' },
    expression: 'true',
    enabled: true,
  };
  const phase = 'http_request_firewall_managed';
  const lastUpdated = new Date().toISOString();
  const about = { name: 'default', description: '', version: 1, lastUpdated };
  state.rulesets = [
    ...(state.rulesets ?? []),
    { id: 'm', zoneId: state.zones[0].id, phase, ...about, rules: [{ ...rule, lastUpdated }] },
  ];
};
const day = 86_400_000;
const written =
  (actor: string, ago = 60_000) =>
  (state: State) => {
    const [{ id, zoneId }] = state.records;
    const when = new Date(Date.now() - ago).toISOString();
    const path = `/zones/${zoneId}/dns_records/${id}`;
    state.audit.push({ id: 'x', actor, system: 'cloudflare', method: 'PATCH', path, status: 200, when });
  };
/** Makes somebody change the rules of the tunnel a minute ago, and gates have a host there since `since`. */
const routed = (since: number) => (state: State) => {
  const [{ id }] = state.tunnels;
  const [when, createdOn] = [60_000, since].map((ago) => new Date(Date.now() - ago).toISOString());
  for (const record of state.records) record.createdOn = createdOn;
  const path = `/accounts/${state.account.id}/cfd_tunnel/${id}/configurations`;
  state.audit.push({ id: 'x', actor: 'ann', system: 'cloudflare', method: 'PUT', path, status: 200, when });
};
const changedGroup = (pk: number) => (state: State) => {
  const group = state.authentik.groups.find(({ name }: State) => name === 'admins');
  state.authentik.events.push({
    pk: group.pk,
    user: { pk, username: 'ann', email: '' },
    action: 'model_updated',
    app: 'authentik.events.middleware',
    context: {
      model: { app: 'authentik_core', model_name: 'group', pk: group.pk.replaceAll('-', ''), name: 'admins' },
    },
    created: new Date().toISOString(),
  });
};
const ours = (apps: State) => apps.find(({ tags }: State) => tags.includes('gates-home'));
const proxy = (changes: object) => (state: State) =>
  Object.assign(state.authentik.providers.find((row: State) => row.proxy !== null).proxy, changes);

/** Replaces the superuser of the token by an account whose role has these permissions. */
const withRole =
  (permissions: readonly string[]) =>
  ({ authentik: { users, groups, roles, tokens } }: State) => {
    const user = users.find(({ pk }: State) => pk === tokens[0].user);
    for (const group of groups) group.is_superuser = false;
    const role = { ...roles[0], pk: '00000000-0000-4000-8000-00000000aaaa', name: 'gates', permissions };
    roles.push(role);
    Object.assign(user, { roles: [role.pk], superuser: false });
  };

describe('the doctor finds each state, and nothing else', () => {
  it.each<Row>([
    {
      because: 'Always Use HTTPS is off',
      change: ({ zones: [zone] }) => Object.assign(zone, { alwaysUseHttps: false }),
      finds: ['always-use-https'],
      says: 'Always Use HTTPS is off',
      todo: 'Edge Certificates',
    },
    {
      because: 'a host is deeper than every certificate',
      text: deep,
      finds: ['certificate-depth'],
      says: 'No certificate has this host',
      todo: 'advanced certificate',
    },
    {
      because: 'a zone with a gate jwt at the edge is not entitled',
      text: shielded,
      finds: ['api-shield'],
      says: 'not entitled to API Shield',
      todo: 'at: origin',
    },
    {
      because: 'a zone is nearly full',
      change: records(185),
      finds: ['quota'],
      says: '185 DNS records are there, the file asks for 0 more, and 200 may be there',
      todo: 'larger plan',
    },
    {
      because: 'what the file asks for does not fit beside what others have',
      change: records(190),
      text: withRecords(11),
      finds: ['quota'],
      says: 'the file asks for 11 more',
      todo: 'larger plan',
    },
    {
      because: 'the account is nearly full of reusable policies',
      change: policies(460),
      finds: ['quota'],
      says: 'reusable Access policies are there, the file asks for 0 more, and 500 may be there',
      todo: 'ask Cloudflare to raise the limit',
    },
    {
      because: 'managed rules may stop Access where it redeems logins',
      change: managedRules,
      text: oneLogin,
      finds: ['managed-rules'],
      says: 'Managed rules run at the login host',
      todo: 'phases: [http_request_firewall_managed]',
    },
    {
      because: 'a comment is too long for the plan',
      text: `${file}dns: { example.dev: [{ name: x, type: TXT, content: y, comment: "${'c'.repeat(95)}" }] }\n`,
      finds: ['comment-length'],
      says: 'has 106 characters with the marker of gates, and the plan takes 100',
      todo: 'shorter',
    },
    {
      because: 'somebody changes a record of ours in the dashboard',
      change: written('ann'),
      finds: ['second-writer'],
      says: 'Changed DNS record CNAME',
      todo: 'Terraform',
    },
    {
      because: 'another token changes a record of ours',
      change: (state) => {
        written('terraform')(state);
        state.apiTokens.push({ id: 't2', value: 'v2', actor: 'terraform', status: 'active' });
      },
      finds: ['second-writer'],
      says: 'Changed DNS record CNAME',
      todo: 'let one of the two go',
    },
    {
      because: 'somebody changes the rules of a tunnel that leads to a host of ours',
      change: routed(day),
      finds: ['second-writer'],
      says: 'gates changes back what is its own there',
      todo: 'let one of the two go',
    },
    {
      because: 'somebody changes a group of ours',
      change: changedGroup(99),
      finds: ['second-writer'],
      says: 'Changed group admins',
      todo: 'Put the change into the file',
    },
    {
      because: 'a provider of a domain has no cookie domain',
      change: proxy({ mode: 'forward_domain', cookie_domain: '' }),
      finds: ['cookie-domain'],
      says: 'answers for no host',
      todo: '`gates apply` puts it right',
    },
    {
      because: 'a cookie domain is beside its host',
      change: proxy({ mode: 'forward_domain', cookie_domain: 'ample.dev' }),
      finds: ['cookie-domain'],
      says: 'is not above https://grafana.example.dev',
      todo: '`gates apply` puts it right',
    },
    {
      because: 'somebody let devices in at an application of ours',
      change: ({ apps }) =>
        Object.assign(ours(apps).settings, { allow_authenticate_via_warp: true, allow_iframe: true }),
      finds: ['widened', 'widened'],
      says: 'allow_authenticate_via_warp was set by hand',
      todo: '`gates apply` sets it back',
    },
    {
      because: 'the organization lets devices in',
      change: ({ organization }) =>
        Object.assign(organization, { details: { allow_authenticate_via_warp: true } }),
      finds: ['widened'],
      says: 'people come in by their device alone',
      todo: 'set it back unless you need it',
    },
    {
      because: 'a policy of ours asks nobody for a second factor',
      change: ({ policies }) => Object.assign(policies[0].settings, { mfa_config: { mfa_disabled: true } }),
      finds: ['widened'],
      says: 'mfa_config was set by hand',
      todo: 'set it back unless you need it',
    },
    {
      because: 'a provider of ours trusts another one',
      change: ({ authentik: { providers } }) => {
        const [one] = providers.filter((row: State) => row.proxy !== null);
        one.jwt_federation_providers = [one.pk];
      },
      finds: ['widened'],
      says: 'jwt_federation_providers was set by hand',
      todo: '`gates apply` sets it back',
    },
    {
      because: 'a session at the outpost lasts for years',
      change: ({ authentik: { providers } }) => {
        const [one] = providers.filter((row: State) => row.proxy !== null);
        one.access_token_validity = 'days=3650';
      },
      finds: ['widened'],
      says: 'a session at the outpost lasts `days=3650`',
      todo: 'set it back unless you need it',
    },
  ])('$because', (row) => findsOf(house, row));

  it('another state folder of the owner made an object', async () => {
    const { records, policies } = JSON.parse(house.sandbox.snapshot());
    const ids = new Set([...records, ...policies].slice(1).map(({ id }: { readonly id: string }) => id));
    const document = await house.examine(() => {}, { recordedIds: async () => ids });
    const [found] = document.findings.filter(({ check }) => check === 'state folders');
    expect([found?.code, found?.about]).toEqual(['second-writer', 'owner home']);
    expect(found?.text).toContain('another gates of this owner, with another state folder, made them');
  });

  it('the API of Authentik is asked through Cloudflare', async () => {
    const document = await house.examine(() => {}, { authentikUrl: 'https://auth.example.dev' });
    expect(troubles(document)).toEqual(['authentik-url']);
  });
});

describe('the doctor finds nothing', () => {
  it.each<{ because: string; change: (state: State) => void; text?: string }>([
    { because: 'where our own token wrote', change: (state) => written(state.apiTokens[0].actor)(state) },
    { because: 'where the change was more than a day ago', change: written('ann', 1.05 * day) },
    { because: 'where somebody set up the tunnel before gates had a host there', change: routed(30_000) },
    {
      because: 'where our own account wrote in Authentik',
      change: (state) => changedGroup(state.authentik.tokens[0].user)(state),
    },
    {
      because: 'where the deep host has a certificate of its own',
      change: ({ zones: [zone] }) => Object.assign(zone, { certificates: [['*.b.example.dev']] }),
      text: deep,
    },
    {
      because: 'where the zone is entitled',
      change: ({ zones: [zone] }) => Object.assign(zone, { apiShield: true }),
      text: shielded,
    },
    {
      because: 'where the provider of a domain has the domain as its cookie',
      change: proxy({ mode: 'forward_domain', cookie_domain: '.example.dev' }),
    },
  ])('$because', async ({ change, text }) => {
    expect(troubles(await house.examine(change, text === undefined ? {} : { text }))).toEqual([]);
  });
});

describe('a check without the permission that it needs', () => {
  it('is unknown, names the permission, and is no problem', async () => {
    const document = await house.examine(({ apiTokens: [token] }) =>
      Object.assign(token, {
        permissions: [
          'Zone Read',
          'DNS Write',
          'Cache Settings Write',
          'Cloudflare Tunnel Write',
          'Access: Apps and Policies Write',
          'Access: Service Tokens Write',
          'Access: Organizations, Identity Providers, and Groups Read',
        ],
      }),
    );
    expect(troubles(document)).toEqual([]);
    expect(unasked(document)).toEqual([
      'edge/bots',
      'cloudflare/writers',
      'edge/https',
      'edge/before-tunnel',
    ]);
    for (const { state, hint } of document.findings)
      if (state === 'unknown') expect(hint).toContain('Give it "');
  });

  it('does not matter if the account has the permissions of docs/first-hour.md', async () => {
    const page = readFileSync(new URL('../../docs/first-hour.md', import.meta.url), 'utf8');
    const listed = [...page.matchAll(/"(authentik_[a-z0-9_]+\.[a-z0-9_]+)"/g)].map(([, name = '']) => name);
    expect(listed.length).toBeGreaterThan(20);
    const document = await house.examine(withRole(listed));
    expect(troubles(document)).toEqual([]);
    expect(unasked(document)).toEqual(['authentik/token-end', 'authentik/writers']);
  });

  it('at Authentik is a warning if Authentik cannot name the users of a group to this account', async () => {
    const page = readFileSync(new URL('../../docs/first-hour.md', import.meta.url), 'utf8');
    const listed = [...page.matchAll(/"(authentik_[a-z0-9_]+\.[a-z0-9_]+)"/g)].map(([, name = '']) => name);
    const document = await house.examine((state: State) => {
      withRole(listed)(state);
      const match = { system: 'authentik', method: 'GET', path: '*/used_by/' };
      state.faults.push({ id: 'used-by', match, fault: 'status', status: 500, skip: 0, times: null });
    });
    const found = document.findings.filter(({ code }) => code === 'authentik-permission');
    expect(found.map(({ state, text }) => [state, text.split(':')[0]])).toEqual([
      ['warning', 'The token lacks authentik_core.view_groupancestrynode'],
      ['warning', 'The token lacks authentik_sources_scim.view_scimsourcegroup'],
    ]);
  });

  it('at Authentik is reported by permission for an account that is no superuser', async () => {
    const document = await house.examine(
      withRole(['group', 'application'].map((name) => `authentik_core.view_${name}`)),
    );
    const lacking = document.findings.filter(({ code }) => code === 'authentik-permission');
    expect(lacking.map(({ text }) => text)).toEqual([
      'The token lacks authentik_policies.view_policybinding',
      'The token lacks authentik_flows.view_flow',
      'The token lacks authentik_providers_proxy.view_proxyprovider',
      'The token lacks authentik_providers_oauth2.view_oauth2provider',
      'The token lacks authentik_outposts.view_outpost',
    ]);
    expect(troubles(document)).toEqual(lacking.map(({ code }) => code));
    expect(
      document.findings.find(({ area, check }) => area === 'authentik' && check === 'token')?.text,
    ).toContain('no superuser');
  });
});

describe('the doctor with a part missing', () => {
  const missing = { missing: 'no token for it', hint: 'Set one' };

  it.each([
    ['there is none of this name', () => {}, [['outpost-missing', 'There is no such LDAP outpost']]],
    [
      'one of this name serves web hosts',
      ({ authentik: { outposts } }: State) => outposts.push({ ...outposts[0], pk: 'x', name: 'directory' }),
      [['outpost-missing', 'There is no such LDAP outpost']],
    ],
    [
      'nobody runs it',
      ({ authentik: { outposts } }: State) =>
        outposts.push({ ...outposts[0], ...{ pk: 'x', name: 'directory', type: 'ldap', managed: null } }),
      [['outpost-disconnected', 'The outpost is not connected to Authentik']],
    ],
  ])('examines the outpost of LDAP clients: %s', async (_, change, found) => {
    const { findings } = await house.examine(change, { text: ldap });
    const about = findings.filter(({ check }) => check === 'ldap-outpost');
    expect(about.map(({ code, text }) => [code, text.split(':')[0]])).toEqual(found);
    const flows = findings.find(({ check }) => check === 'flows');
    expect(flows?.text).toContain('default-authentication-flow, default-invalidation-flow');
  });

  it('knows the right to LDAP providers only for a file that has LDAP clients', async () => {
    const limited = (state: State) => {
      for (const group of state.authentik.groups) group.is_superuser = false;
    };
    const lacking = async (text: string) =>
      (await house.examine(limited, { text })).findings.filter(({ text: said }) =>
        said.includes('ldapprovider'),
      );
    expect(await lacking(file)).toEqual([]);
    expect((await lacking(ldap)).map(({ text }) => text)).toEqual([
      'The token lacks authentik_providers_ldap.view_ldapprovider',
    ]);
  });

  it('checks one system without the other', async () => {
    const one = await house.examine(() => {}, { cloudflare: missing });
    expect(troubles(one)).toEqual([]);
    expect(one.findings.filter(({ area, state }) => area === 'authentik' && state !== 'ok')).toEqual([]);
    expect(new Set(unasked(one).map((name) => name.split('/')[0]))).toEqual(
      new Set(['cloudflare', 'tunnel', 'edge']),
    );
    const other = await house.examine(() => {}, { authentik: missing });
    expect(troubles(other)).toEqual([]);
    expect(new Set(unasked(other).map((name) => name.split('/')[0]))).toEqual(new Set(['authentik']));
  });

  it('treats a system that is down as unknown, never as empty', async () => {
    const document = await house.examine((state) => {
      state.faults.push({
        id: 'down',
        match: { system: 'authentik' },
        fault: 'status',
        status: 502,
        skip: 0,
        times: null,
      });
    });
    expect(troubles(document)).toEqual([]);
    expect(unasked(document)).toContain('authentik/outpost');
    expect(document.findings.find(({ check }) => check === 'outpost')?.text).toContain(
      'Authentik has trouble',
    );
  });

  it('without a file checks everything that any file might need', async () => {
    const document = await house.examine(() => {}, { config: undefined, file: 'none' });
    expect([troubles(document), unasked(document)]).toEqual([[], []]);
    expect(document.findings.map(({ about }) => about)).toEqual(
      expect.arrayContaining(['example.dev', 'homelab']),
    );
  });

  it('does not call Authentik if the file does not use it', async () => {
    const text = `${file.slice(0, file.indexOf('authentik:'))}origins: { app: { tunnel: homelab, url: "http://app.lan:80" } }
services: { docs: { host: docs.example.dev, origin: app, gate: { public: { reason: documentation } } } }
`;
    const document = await house.examine(() => {}, { text, authentik: undefined });
    expect(document.findings.filter(({ area }) => area === 'authentik')).toEqual([]);
    expect(troubles(document)).toEqual([]);
  });
});
