import { beforeAll, describe, expect, it } from 'vitest';
import { workerName } from '../../reconcilers/cloudflare/worker/workers-wire.ts';
import { RejectedError } from '../../src/core/errors.ts';
import { isHealthy } from '../../src/report/doctor/doctor.ts';
import { file } from '../cli/house.ts';
import { MACHINES } from '../lab/sandbox/cloudflare/access/authorities.ts';
import { findsOf, type Row } from './finding-row.ts';
import { type State, troubles, unasked, type Ward, ward } from './ward.ts';

let house: Ward;
beforeAll(async () => {
  house = await ward();
});

describe('the doctor', () => {
  it('finds nothing wrong with everything in order, and checks everything', async () => {
    const document = await house.examine();
    expect(document.findings.filter(({ state }) => state !== 'ok')).toEqual([]);
    expect(isHealthy(document)).toBe(true);
    expect(document.findings.length).toBeGreaterThan(12);
  });

  it('uses GET alone, and asks each question once', async () => {
    await house.examine((state) => {
      state.calls = [];
    });
    const calls = house.sandbox.calls();
    expect(calls.length).toBeGreaterThan(15);
    expect(calls.filter(({ method }) => method !== 'GET')).toEqual([]);
    expect(house.mistakes()).toEqual([]);
  });
});

const allRights = [
  'Zone Read',
  'DNS Write',
  'Cache Settings Write',
  'Cloudflare Tunnel Write',
  'Access: Apps and Policies Write',
  'Access: Service Tokens Write',
  'Access: Organizations, Identity Providers, and Groups Read',
  'Bot Management Read',
  'Firewall Services Read',
  'Zone Settings Read',
  'Account Settings Read',
  'SSL and Certificates Read',
];
const grant =
  (without: string, ...instead: string[]) =>
  ({ apiTokens: [token] }: State) => {
    token.permissions = [...allRights.filter((name) => name !== without), ...instead];
  };
const inDays = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString();
const zone = (changes: object) => (state: State) => Object.assign(state.zones[0], changes);
const tunnel = (changes: object) => (state: State) => Object.assign(state.tunnels[0], changes);
const outpost = (changes: object) => (state: State) => Object.assign(state.authentik.outposts[0], changes);

describe('the doctor finds each state, and nothing else', () => {
  it.each<Row>([
    {
      because: 'the token ends tomorrow',
      change: ({ apiTokens: [token] }) => Object.assign(token, { expiresOn: inDays(1) }),
      finds: ['cloudflare-token-expires'],
      says: 'The token ends at',
      todo: 'Make a new one before',
    },
    ...[
      ['DNS Write', 'Zone / DNS'],
      ['Cloudflare Tunnel Write', 'Account / Cloudflare Tunnel'],
      ['Access: Apps and Policies Write', 'Account / Access: Apps and Policies'],
      ['Access: Service Tokens Write', 'Account / Access: Service Tokens'],
      [
        'Access: Organizations, Identity Providers, and Groups Read',
        'Account / Access: Organizations, Identity Providers, and Groups',
      ],
    ].map(([right = '', name = '']) => ({
      because: `the token lacks ${right}`,
      change: grant(right),
      finds: ['cloudflare-permission'],
      says: `may not read what "${name}" is about`,
      todo: `Give it "${name} / `,
    })),
    {
      because: 'the token lacks Zone WAF Write, and the file has something in the rules of the zone',
      text: `${file}\nwaf: { skip: { hosts: [docs.example.dev], products: [bic] } }\n`,
      change: grant(''),
      finds: ['cloudflare-permission'],
      says: 'may not read what "Zone / WAF" is about',
      todo: 'Give it "Zone / WAF / Edit"',
    },
    {
      because: 'the token may read DNS alone',
      change: grant('DNS Write', 'DNS Read'),
      finds: ['cloudflare-read-only'],
      says: 'may read DNS and not change it',
      todo: 'Give it "Zone / DNS / Edit"',
    },
    {
      because: 'the token may read tunnels alone',
      change: grant('Cloudflare Tunnel Write', 'Cloudflare Tunnel Read'),
      finds: ['cloudflare-permission'],
      says: 'may read tunnels, and not change them',
      todo: 'Give it "Account / Cloudflare Tunnel / Edit"',
    },
    {
      because: 'the zone is pending',
      change: zone({ status: 'pending' }),
      finds: ['zone-pending'],
      says: 'The zone is pending',
      todo: 'ada.ns.cloudflare.com and bob.ns.cloudflare.com',
    },
    {
      because: 'the zone is paused',
      change: zone({ paused: true }),
      finds: ['zone-paused'],
      says: 'The zone is paused',
      todo: 'Enable Cloudflare on Site',
    },
    {
      because: 'other name servers answer for the zone',
      change: zone({ type: 'partial' }),
      finds: ['zone-partial'],
      says: 'The zone has the type partial',
      todo: 'cdn.cloudflare.net',
    },
    {
      because: 'Zero Trust is not set up',
      change: (state) => {
        state.organization = null;
      },
      finds: ['zero-trust'],
      says: 'Zero Trust is not set up',
      todo: 'choose a team name',
    },
    {
      because: 'the account blocks every host without an Access application',
      change: ({ organization }) => {
        if (organization !== null) organization.details = { deny_unmatched_requests: true };
      },
      finds: ['require-access'],
      says: 'The account blocks every host of example.dev without an Access application',
      todo: 'openDoors: bypass',
    },
    {
      because: 'the team is another one',
      change: ({ organization }) => Object.assign(organization, { authDomain: 'other.cloudflareaccess.com' }),
      finds: ['team'],
      says: 'is "other", and the file says "example"',
      todo: 'team: other',
    },
    {
      because: 'the tunnel is not there',
      change: tunnel({ name: 'lab' }),
      finds: ['tunnel-missing'],
      says: 'no tunnel of this name',
      todo: 'create: true',
    },
    {
      because: 'the tunnel has a file of its own',
      change: tunnel({ configSrc: 'local' }),
      finds: ['tunnel-local'],
      says: 'configured by a file on its machine',
      todo: 'Migrate',
    },
    {
      because: 'no cloudflared runs',
      change: tunnel({ connectors: [] }),
      finds: ['tunnel-disconnected'],
      says: 'No cloudflared is connected',
      todo: 'Start cloudflared',
    },
    {
      because: 'a cloudflared runs what was before',
      change: (state) => {
        const [one] = state.tunnels;
        const last = one.versions.at(-1);
        const createdAt = inDays(-1);
        one.versions = [last, { ...last, version: last.version + 1, createdAt, writtenAt: Date.now() }];
        last.writtenAt = 0;
        state.settle = 3_600_000;
      },
      finds: ['tunnel-behind'],
      says: 'A cloudflared runs configuration',
      todo: 'Start that cloudflared again',
    },
    {
      because: 'Bot Fight Mode is on',
      change: zone({ fightMode: true }),
      finds: ['bot-fight-mode'],
      says: 'Bot Fight Mode is on: machine.example.dev answered this machine with it',
      todo: 'IP Access rule',
    },
    {
      because: 'the account knows a superuser no more',
      change: ({ authentik: { tokens } }) => Object.assign(tokens[0], { intent: 'app_password' }),
      finds: ['authentik-token'],
      says: 'Authentik rejected the token',
      todo: 'intent "API Token"',
    },
    {
      because: 'the token of Authentik ends tomorrow',
      change: ({ authentik: { tokens } }) => Object.assign(tokens[0], { expiring: true, expires: inDays(1) }),
      finds: ['authentik-token-expires'],
      says: 'ends at',
      todo: 'expiring: false',
    },
    {
      because: 'Authentik is a release before gates knows it',
      change: ({ authentik }) => {
        authentik.told = { version: { version_current: '2024.12.5' } };
      },
      finds: ['authentik-version'],
      says: 'is older than 2025.8',
      todo: 'Upgrade it',
    },
    {
      because: 'Authentik is a release that gates does not know',
      change: ({ authentik }) => {
        authentik.told = { version: { version_current: '2027.2.0' } };
      },
      finds: ['authentik-version'],
      says: 'is newer than 2026.8',
      todo: '`gates plan`',
    },
    {
      because: 'a provider has lost its grant types',
      change: ({ authentik: { providers } }) => Object.assign(providers[0], { grant_types: [] }),
      finds: ['grant-types'],
      says: 'lists no grant types',
      todo: '`gates apply` puts it right',
    },
    {
      because: 'nobody runs the outpost',
      change: outpost({ silent: true }),
      finds: ['outpost-disconnected'],
      says: 'not connected to Authentik',
      todo: 'worker of Authentik',
    },
    {
      because: 'the outpost is of another release',
      change: outpost({ runs: '2026.5.0' }),
      finds: ['outpost-outdated'],
      says: 'runs 2026.5.0',
      todo: 'Upgrade the outpost',
    },
    {
      because: 'the outpost sends people nowhere',
      change: ({ authentik: { outposts } }) => Object.assign(outposts[0].config, { authentik_host: '' }),
      finds: ['outpost-host'],
      says: '`authentik_host` is empty',
      todo: 'https://auth.example.dev',
    },
    {
      because: 'the outpost sends people elsewhere',
      change: ({ authentik: { outposts } }) =>
        Object.assign(outposts[0].config, { authentik_host: 'https://sso.example.net' }),
      finds: ['outpost-host'],
      says: 'is https://sso.example.net',
      todo: 'https://auth.example.dev',
    },
    {
      because: 'the file names another outpost',
      text: file.replace('service: auth }', 'service: auth, outpost: edge }'),
      finds: ['outpost-missing'],
      says: 'no such outpost',
      todo: 'authentik.outpost',
    },
    {
      because: 'the file names a flow that is not there',
      text: file.replace('service: auth }', 'service: auth, flows: { authorization: mine } }'),
      finds: ['flow'],
      says: 'There is no such flow',
      todo: 'authentik.flows.authorization',
    },
    {
      because: 'the file names a flow of another sort',
      text: file.replace(
        'service: auth }',
        'service: auth, flows: { invalidation: default-authentication-flow } }',
      ),
      finds: ['flow'],
      says: 'The flow is for authentication',
      todo: 'authentik.flows.invalidation',
    },
    {
      because: 'the clocks differ',
      change: (state) => {
        state.clockOffset = 300_000;
      },
      finds: ['clock-skew', 'clock-skew'],
      says: '300 s ahead',
      todo: 'timedatectl',
    },
  ])('$because', (row) => findsOf(house, row));
});

it('an invalid token is reported once, and questions that depend on it are skipped', async () => {
  const document = await house.examine(({ apiTokens: [token] }) =>
    Object.assign(token, { status: 'disabled' }),
  );
  expect(troubles(document)).toEqual(['cloudflare-token']);
  expect(unasked(document)).toEqual(expect.arrayContaining(['cloudflare/permissions', 'tunnel/tunnel']));
  expect(document.findings.filter(({ area, state }) => area === 'authentik' && state !== 'ok')).toEqual([]);
});

const foreignRules = (state: State, phase: string, rules: readonly object[]) => {
  const [{ id: zoneId }] = state.zones;
  const standard = { version: '1', last_updated: '2026-01-01T00:00:00Z', description: 'mine', enabled: true };
  const made = rules.map((rule, index) => ({ ...standard, id: `r${index}`, ref: `r${index}`, ...rule }));
  const others = (state.rulesets ?? []).filter((each: State) => each.phase !== phase);
  const ruleset = { id: `of ${phase}`, zoneId, phase, name: 'default', description: '', version: 1 };
  others.push({ ...ruleset, lastUpdated: standard.last_updated, rules: made });
  return others;
};
const withRules =
  (phase: string, ...rules: readonly object[]) =>
  (state: State) => {
    state.rulesets = foreignRules(state, phase, rules);
  };
const extras = (changes: object) => (state: State) => {
  state.zoneExtras = { [state.zones[0].id]: changes };
};
const everything = { action: 'set_cache_settings', action_parameters: { cache: true } };

describe('a foreign guard in front of the tunnel', () => {
  const before = { finds: ['before-tunnel'], todo: 'Take these hosts out of it' };
  it.each<Row>([
    {
      because: 'a cache rule stores everything',
      change: withRules('http_request_cache_settings', { ...everything, expression: 'true' }),
      finds: ['foreign-cache'],
      says: 'The cache rule "mine", which is not ours, may match grafana.example.dev',
      todo: 'Take these hosts out of it',
    },
    {
      ...before,
      because: 'a redirect is for all hosts of the zone',
      change: withRules('http_request_dynamic_redirect', {
        action: 'redirect',
        expression: 'ends_with(http.host, ".example.dev")',
      }),
      says: 'The redirect "mine", which is not ours, may match auth.example.dev, grafana.example.dev',
    },
    {
      ...before,
      because: 'a URL rewrite is for one host',
      change: withRules('http_request_transform', {
        action: 'rewrite',
        expression: 'http.host eq "grafana.example.dev"',
      }),
      says: 'The URL rewrite "mine", which is not ours, may match grafana.example.dev and',
    },
    {
      ...before,
      because: 'an origin rule names no host',
      change: withRules('http_request_origin', { action: 'route', expression: 'ssl' }),
      says: 'The origin rule "mine"',
    },
    {
      ...before,
      because: 'a Worker runs at all hosts',
      change: extras({ workersRoutes: [{ id: 'w', pattern: '*.example.dev/*', script: 'mine' }] }),
      says: 'The Workers route *.example.dev/*',
    },
    {
      ...before,
      because: 'a Snippet runs at one host',
      change: extras({
        snippetRules: [
          { id: 's', expression: 'http.host in {"docs.example.dev"}', snippet_name: 'cut', enabled: true },
        ],
      }),
      says: 'The Snippet "cut", which is not ours, may match docs.example.dev and',
    },
    {
      ...before,
      because: 'a page rule leads elsewhere',
      change: extras({
        pageRules: [
          {
            ...{ id: 'p', status: 'active', priority: 1 },
            targets: [{ target: 'url', constraint: { operator: 'matches', value: 'docs.example.dev/*' } }],
            actions: [{ id: 'forwarding_url', value: { url: 'https://example.net', status_code: 302 } }],
          },
        ],
      }),
      says: 'The page rule docs.example.dev/*',
    },
  ])('is found when $because', (row) => findsOf(house, row));

  it.each<[string, (state: State) => void]>([
    ['our own cache rule', () => undefined],
    [
      'a cache rule for a public host',
      withRules('http_request_cache_settings', {
        ...everything,
        expression: 'http.host eq "docs.example.dev"',
      }),
    ],
    [
      'a redirect of another host',
      withRules('http_request_dynamic_redirect', {
        action: 'redirect',
        expression: 'http.host eq "shop.example.dev"',
      }),
    ],
    ['a place where no Worker runs', extras({ workersRoutes: [{ id: 'w', pattern: '*.example.dev/*' }] })],
  ])('is not reported when it is %s', async (_, change) => {
    expect(troubles(await house.examine(change))).toEqual([]);
  });
});

describe('the token for Workers', () => {
  const told = file.replace(
    'emails: [me@example.dev] } } }',
    'emails: [me@example.dev] } }, identityHeader: { user: X-User } }',
  );
  const workers = (answer: () => Promise<unknown>) => ({ get: answer, list: async () => [] });
  const denied = () => Promise.reject(new RejectedError('no', { facts: { status: 403, code: '10000' } }));

  it.each([
    ['is missing', undefined, ['The file has `identityHeader`, and there is no token for Workers']],
    [
      'lacks permissions',
      workers(denied),
      ['Account / Workers Scripts', 'Zone / Workers Routes'].map(
        (name) => `The token for Workers may not read what "${name}" is about`,
      ),
    ],
    ['may read everything', workers(async () => []), []],
  ])('%s', async (_, asker, texts) => {
    const { findings } = await house.examine(() => {}, { text: told, workers: asker });
    const found = findings.filter(({ code }) => code === 'workers-token');
    expect(found.map(({ text }) => text)).toEqual(texts);
  });

  it('is none of a file without `identityHeader`', async () => {
    const { findings } = await house.examine(() => {});
    expect(findings.filter(({ check }) => check === 'workers-token')).toEqual([]);
  });

  it('our own route is no foreign one', async () => {
    const host = 'proxmox.example.dev';
    const route = { id: 'w', pattern: `${host}/*`, script: workerName('home', host) };
    expect(troubles(await house.examine(extras({ workersRoutes: [route] })))).toEqual([]);
    const theirs = { ...route, script: workerName('office', host) };
    expect(troubles(await house.examine(extras({ workersRoutes: [theirs] })))).toEqual(['before-tunnel']);
  });
});

describe('a file with certificate authorities', () => {
  const indented = MACHINES.trimEnd().replaceAll('\n', '\n      ');
  const text = `${file}\ncertificateAuthorities:\n  laptops:\n    pem: |\n      ${indented}\n`.replace(
    'emails: [me@example.dev] } }',
    'emails: [me@example.dev], require: { certificateAuthorities: [laptops] } } }',
  );
  const name = 'Account / Access: Mutual TLS Certificates';

  it('needs a permission that other files do not', async () => {
    const denied = grant('');
    const { findings } = await house.examine(denied, { text });
    expect(findings.map(({ text: said }) => said)).toContain(
      `The token may not read what "${name}" is about`,
    );
    expect(troubles(await house.examine(denied))).toEqual([]);
  });
});

describe('Bot Fight Mode', () => {
  const rule = (value: string) => ({
    id: '1',
    zoneId: null,
    mode: 'whitelist',
    target: 'ip',
    value,
    notes: '',
    createdOn: '',
  });

  it('admits visitors whom an IP Access rule names, and the doctor names them', async () => {
    const document = await house.examine((state) => {
      state.zones[0].fightMode = true;
      state.ipRules = [rule('203.0.113.7')];
    });
    expect(troubles(document)).toEqual([]);
    const bots = document.findings.find(({ check }) => check === 'bots');
    expect(bots?.text).toContain('lets machines by (203.0.113.7)');
  });

  it('with a rule for somebody else is still a problem', async () => {
    const document = await house.examine((state) => {
      state.zones[0].fightMode = true;
      state.ipRules = [rule('198.51.100.1')];
    });
    expect(troubles(document)).toEqual(['bot-fight-mode']);
  });

  it('is found at the edge by a token that may not read its setting', async () => {
    const lacking = grant('Bot Management Read');
    const fighting = await house.examine((state) => {
      lacking(state);
      state.zones[0].fightMode = true;
    });
    expect(troubles(fighting)).toEqual(['bot-fight-mode']);
    const quiet = await house.examine(lacking);
    expect([troubles(quiet), unasked(quiet)]).toEqual([[], ['edge/bots', 'edge/before-tunnel']]);
  });
});
