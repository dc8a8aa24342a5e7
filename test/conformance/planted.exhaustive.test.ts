import { expect, test } from 'vitest';
import type { ConformanceDocument } from '../../src/conformance/report.ts';
import type { Sandbox, SandboxOptions } from '../../src/lab/sandbox/index.ts';
import { admin, edit, Laboratory, livedInSandbox, stateOf, type Tamper } from './laboratory.ts';
import {
  blocked,
  instead,
  losesForeignRule,
  onlyFor,
  otherAccess,
  page,
  refuses,
  removesInUse,
  rewrites,
  takes,
} from './tampering.ts';

/** One way in which a real account may differ from what gates believes. */
interface Difference {
  readonly what: string;
  /** The belief on whose line the difference shows. */
  readonly line: string;
  readonly set?: 'full';
  readonly options?: Partial<SandboxOptions>;
  readonly plant?: (sandbox: Sandbox) => Promise<void>;
  readonly tamper?: Tamper;
}

async function editState(sandbox: Sandbox, change: (world: StateOfSandbox) => void): Promise<void> {
  const world = (await admin(sandbox, 'GET', '/state')) as StateOfSandbox;
  change(world);
  await admin(sandbox, 'PUT', '/state', world);
}

interface StateOfSandbox {
  readonly zones: { type?: string }[];
  readonly tunnels: { connectors: unknown[] }[];
  readonly apiTokens: { permissions?: string[] }[];
}

const rights = [
  'Account Settings Read',
  'Zone Read',
  'DNS Write',
  'Cloudflare Tunnel Write',
  'Access: Apps and Policies Write',
  'Access: Organizations, Identity Providers, and Groups Write',
  'Access: Service Tokens Write',
  'Zone WAF Write',
  'Cache Settings Write',
  'Cache Purge',
  'Domain API Gateway',
  'Bot Management Read',
];

const without = (right: string) => (sandbox: Sandbox) =>
  editState(sandbox, ({ apiTokens }) => {
    for (const token of apiTokens) token.permissions = rights.filter((item) => item !== right);
  });

const organizations = (sandbox: Sandbox) => `/accounts/${sandbox.accountId}/access/organizations`;
const phase = (sandbox: Sandbox, name: string) =>
  `/zones/${sandbox.zones[0]?.id}/rulesets/phases/${name}/entrypoint`;

const differences: readonly Difference[] = [
  {
    what: 'the zone is set up at another provider',
    line: 'token/zone',
    plant: (sandbox) =>
      editState(sandbox, ({ zones }) => {
        for (const zone of zones) zone.type = 'partial';
      }),
  },
  {
    what: 'the token may not read service tokens',
    line: 'token/service-tokens',
    plant: without('Access: Service Tokens Write'),
  },
  {
    what: 'the token may not read cache rules',
    line: 'token/cache-rules',
    plant: without('Cache Settings Write'),
  },
  {
    what: 'the API does not know custom rules',
    line: 'token/custom-rules',
    tamper: refuses('GET', /http_request_firewall_custom\/entrypoint$/),
  },
  {
    what: 'the API does not know API Shield',
    line: 'token/shield',
    tamper: refuses('GET', /token_validation\/config$/),
  },
  {
    what: 'Require Access Protection is on',
    line: 'organization/reachable',
    plant: async (sandbox) => {
      await edit(sandbox, 'PUT', organizations(sandbox), { deny_unmatched_requests: true });
    },
  },
  {
    what: 'devices come in without a login',
    line: 'organization/devices',
    plant: async (sandbox) => {
      await edit(sandbox, 'PUT', organizations(sandbox), { allow_authenticate_via_warp: true });
    },
  },
  {
    what: 'no reply says how many calls are left',
    line: 'headers/allowance',
    options: { rateHeaders: 'none' },
  },
  { what: 'a token may make fewer calls', line: 'headers/budget', options: { callBudget: 900 } },
  { what: 'a tag has no dash', line: 'names/tag', tamper: refuses('POST', /access\/tags$/) },
  { what: 'a policy has no colon', line: 'names/policy', tamper: refuses('POST', /access\/policies$/) },
  {
    what: 'the name of a service token is cut',
    line: 'names/token',
    tamper: rewrites(/service_tokens$/, '/names"', '"'),
  },
  {
    what: 'a comment loses its colon',
    line: 'names/comment',
    tamper: rewrites(/dns_records$/, /"gates:conf/g, '"gates conf'),
  },
  {
    what: 'a custom rule has a ref of the API’s own',
    line: 'names/ref',
    tamper: rewrites(/rulesets/, /gates_[a-z0-9-]+_skip/g, 'other'),
  },
  {
    what: 'a policy loses its session',
    line: 'read-back/policy',
    tamper: rewrites(/access\/policies/, '"session_duration":"30m"', '"session_duration":"24h"'),
  },
  {
    what: 'a policy loses its approvers',
    line: 'read-back/approval',
    tamper: rewrites(/access\/policies/, '"approval_required":true', '"approval_required":false'),
  },
  {
    what: 'a policy loses its isolation',
    line: 'read-back/isolation',
    tamper: rewrites(/access\/policies/, '"isolation_required":true', '"isolation_required":false'),
  },
  {
    what: 'the API drops the host header of a route',
    line: 'read-back/route',
    tamper: rewrites(/configurations$/, '"connectTimeout":10', '"connectTimeout":0'),
  },
  {
    what: 'an application has 5 destinations',
    line: 'limits/destinations',
    options: { accessLimits: { destinations: 5 } },
  },
  {
    what: 'a session lasts a day at most',
    line: 'limits/session',
    tamper: refuses('POST', /access\/apps$/, (body) => body.includes('"730h"')),
  },
  {
    what: 'a destination may have 64 characters',
    line: 'limits/longer-address',
    tamper: takes('POST', /access\/apps$/, (body) => /"domain":"[^"]{64}"/.test(body)),
  },
  {
    what: 'a session may last longer than a month',
    line: 'limits/longer-session',
    tamper: takes('POST', /access\/apps$/, (body) => body.includes('"731h"')),
  },
  {
    what: 'a service token lasts whole years',
    line: 'limits/token',
    tamper: rewrites(/service_tokens/, '"duration":"731h"', '"duration":"8760h"'),
  },
  {
    what: 'a policy may list 999 addresses',
    line: 'limits/rules',
    tamper: refuses('POST', /access\/policies$/, (body) => body.includes('nobody999@')),
  },
  {
    what: 'the name of an identity provider is cut',
    line: 'providers/name',
    set: 'full',
    tamper: rewrites(/identity_providers/, /gates:conformance-1a2b\/names/g, 'names'),
  },
  {
    what: 'an identity provider loses a claim',
    line: 'providers/name',
    set: 'full',
    tamper: rewrites(/identity_providers/, '"claims":["gates_groups"]', '"claims":[]'),
  },
  {
    what: 'two applications share a destination',
    line: 'conflicts/destination',
    tamper: takes('POST', /access\/apps$/, (body) =>
      body.includes(' again","domain":"gates-conformance-1a2b.example.dev"'),
    ),
  },
  {
    what: 'a service token is removed while a policy names it',
    line: 'conflicts/token',
    tamper: removesInUse(/service_tokens/),
  },
  {
    what: 'no connector runs the tunnel',
    line: 'tunnel/connected',
    plant: (sandbox) =>
      editState(sandbox, ({ tunnels }) => {
        for (const tunnel of tunnels) tunnel.connectors = [];
      }),
  },
  { what: 'a connector takes three minutes', line: 'tunnel/pick-up', options: { settle: 180_000 } },
  { what: 'a name takes a minute', line: 'tunnel/name', options: { lag: { records: 60_000 } } },
  { what: 'an application takes five minutes', line: 'cover/asks', options: { lag: { access: 300_000 } } },
  {
    what: 'the origin receives the secret',
    line: 'cover/secret',
    tamper: {
      edge: ({ headers = {} }, answer) =>
        headers['cf-access-client-secret'] === undefined || answer.status !== 200
          ? undefined
          : { ...answer, body: `${answer.body}Cf-Access-Client-Secret` },
    },
  },
  {
    what: 'a wrong secret comes through',
    line: 'cover/wrong-secret',
    tamper: {
      edge: ({ headers = {} }, answer) =>
        headers['cf-access-client-secret']?.startsWith('xxx') === true
          ? { ...answer, status: 200, headers: { 'cf-ray': '1' } }
          : undefined,
    },
  },
  { what: 'the edge keeps nothing by itself', line: 'cache/extension', options: { cache: false } },
  {
    what: 'a foreign rule has every page kept',
    line: 'cache/page',
    plant: async (sandbox) => {
      const path = phase(sandbox, 'http_request_cache_settings');
      const ttl = { edge_ttl: { mode: 'override_origin', default: 3600 } };
      const rule = { action: 'set_cache_settings', expression: 'http.request.uri.path contains "page"' };
      await edit(sandbox, 'PUT', path, { rules: [{ ...rule, action_parameters: { cache: true, ...ttl } }] });
    },
  },
  {
    what: 'Bot Fight Mode is on',
    line: 'bots/gates',
    plant: async (sandbox) => {
      await edit(sandbox, 'PUT', `/zones/${sandbox.zones[0]?.id}/bot_management`, { fight_mode: true });
    },
  },
  {
    what: 'curl is challenged',
    line: 'bots/programs',
    tamper: onlyFor(({ headers = {} }) => headers['user-agent']?.startsWith('curl') === true, {
      status: 403,
      headers: { 'cf-ray': '1', 'cf-mitigated': 'challenge' },
      body: '',
    }),
  },
  {
    what: 'a script is redirected as people are',
    line: 'redirect/script',
    tamper: onlyFor(({ headers = {} }) => headers['x-requested-with'] !== undefined, {
      status: 302,
      headers: { 'cf-ray': '1', location: '/login' },
      body: '',
    }),
  },
  {
    what: 'the token may not end sessions',
    line: 'redirect/revoke',
    tamper: refuses('POST', /revoke_tokens$/),
  },
  {
    what: 'a wildcard covers what is above it',
    line: 'paths/wildcard',
    tamper: onlyFor(({ path }) => path === '/c', {
      status: 403,
      headers: { 'cf-ray': '1', 'cf-access-aud': 'other', 'cf-access-domain': 'other' },
      body: '',
    }),
  },
  {
    what: 'an encoded slash ends in an error of the edge',
    line: 'paths/spellings',
    tamper: onlyFor(({ path }) => path === '/a%2Fx', { status: 520, headers: { 'cf-ray': '1' }, body: '' }),
  },
  {
    what: 'an application takes 40 s',
    line: 'lag/access',
    set: 'full',
    options: { lag: { access: 40_000 } },
  },
  { what: 'a policy takes 40 s', line: 'lag/policy', set: 'full', options: { lag: { policies: 40_000 } } },
  { what: 'a custom rule takes 40 s', line: 'lag/rule', set: 'full', options: { lag: { waf: 40_000 } } },
  {
    what: 'sessions end after 50 s',
    line: 'sessions/ended',
    set: 'full',
    options: { lag: { revocations: 50_000 } },
  },
  {
    what: 'API Shield drops a key',
    line: 'shield/configuration',
    tamper: refuses('POST', /token_validation\/config$/),
  },
  {
    what: 'API Shield lets through who has no token',
    line: 'shield/refuses',
    tamper: onlyFor(
      ({ path, headers = {} }) => path === '/gates-operation' && headers.authorization === 'Bearer garbage',
      {
        status: 200,
        headers: { 'cf-ray': '1' },
        body: '',
      },
    ),
  },
  { what: 'the token may not read tags', line: 'token/access', tamper: refuses('GET', /access\/tags$/) },
  {
    what: 'the token may not read providers',
    line: 'token/providers',
    tamper: refuses('GET', /identity_providers$/),
  },
  { what: 'the token may not read records', line: 'token/records', tamper: refuses('GET', /dns_records$/) },
  {
    what: 'the token may not read connections',
    line: 'token/tunnels',
    tamper: refuses('GET', /connections$/),
  },
  {
    what: 'replies have no date',
    line: 'headers/date',
    tamper: {
      api: async (_, reply) => {
        const response = await reply();
        response.headers.delete('date');
        return response;
      },
    },
  },
  {
    what: 'an application loses its tag',
    line: 'names/application',
    tamper: rewrites(/access\/apps/, '"gates-conformance-1a2b"', '"other"'),
  },
  {
    what: 'a cache rule has a ref of the API’s own',
    line: 'names/cache-ref',
    tamper: rewrites(/rulesets/, /gates_[a-z0-9-]+_cache_\d/g, 'other'),
  },
  {
    what: 'an application has another session',
    line: 'read-back/application',
    tamper: rewrites(/access\/apps/, '"session_duration":"24h"', '"session_duration":"12h"'),
  },
  {
    what: 'a token lasts longer than asked for',
    line: 'read-back/token',
    tamper: rewrites(/service_tokens/, '"duration":"8760h"', '"duration":"17520h"'),
  },
  {
    what: 'a record has another ttl',
    line: 'read-back/record',
    tamper: rewrites(/dns_records/, '"ttl":300', '"ttl":600'),
  },
  {
    what: 'a skip loses its product',
    line: 'read-back/rule',
    tamper: rewrites(/rulesets/, '"products":["bic"]', '"products":[]'),
  },
  {
    what: 'a cache rule stores',
    line: 'read-back/cache-rule',
    tamper: rewrites(/rulesets/, '"cache":false', '"cache":true'),
  },
  {
    what: 'the API does not take the page of cloudflared',
    line: 'tunnel/hello',
    tamper: refuses('PUT', /configurations$/, (body) => body.includes('hello_world')),
  },
  { what: 'a write takes a rule of somebody else away', line: 'tunnel/others', tamper: losesForeignRule() },
  {
    what: 'something of somebody stands before the tunnel',
    line: 'host/reached',
    tamper: instead(({ status }) => status === 200, blocked),
  },
  {
    what: 'a closed host answers',
    line: 'host/closed',
    tamper: instead(({ status }) => status === 503, page),
  },
  {
    what: 'a service token does not come through',
    line: 'cover/admits',
    tamper: onlyFor(({ headers = {} }) => headers['cf-access-client-id'] !== undefined, otherAccess),
  },
  {
    what: 'the origin is told nothing of the visit',
    line: 'cover/assertion',
    tamper: {
      edge: (_, answer) => ({ ...answer, body: answer.body.replaceAll(/cf-access-jwt-assertion/gi, 'x') }),
    },
  },
  { what: 'a purge takes nothing away', line: 'cache/purge', tamper: takes('POST', /purge_cache$/) },
  {
    what: 'the login page is not told the audience',
    line: 'redirect/login',
    tamper: {
      edge: (_, { headers: { location, ...headers }, ...answer }) => ({
        ...answer,
        headers: { ...headers, ...(location !== undefined && { location: location.replace('kid=', 'id=') }) },
      }),
    },
  },
  {
    what: 'the login page is not told where to go back to',
    line: 'redirect/address',
    tamper: {
      edge: (_, { headers: { location, ...headers }, ...answer }) => ({
        ...answer,
        headers: {
          ...headers,
          ...(location !== undefined && { location: location.replace('redirect_url', 'back') }),
        },
      }),
    },
  },
  {
    what: 'an application at a path guards that path alone',
    line: 'paths/below',
    tamper: onlyFor(({ path }) => path === '/a/x/y', page),
  },
  {
    what: 'an application guards what only begins like its path',
    line: 'paths/beside',
    tamper: onlyFor(({ path }) => path === '/ab', otherAccess),
  },
  {
    what: 'what lies below an inner application is open',
    line: 'paths/inner',
    tamper: onlyFor(({ path }) => path === '/a/b/x', page),
  },
  {
    what: 'a bypass opens what only begins like its path',
    line: 'paths/bypass',
    tamper: onlyFor(({ path }) => path === '/a/dx', page),
  },
  {
    what: 'a destination is too long with 63 characters',
    line: 'limits/address',
    tamper: refuses('POST', /access\/apps$/, (body) => body.includes('aaaaaaaa')),
  },
  {
    what: 'a tag need not exist',
    line: 'conflicts/tag',
    tamper: takes('POST', /access\/apps$/, (body) => body.includes('"gates-conformance-1a2bx"')),
  },
  {
    what: 'a policy is removed while in use',
    line: 'conflicts/policy',
    tamper: removesInUse(/access\/policies/),
  },
  {
    what: 'a name has two aliases',
    line: 'conflicts/alias',
    tamper: takes('POST', /dns_records$/, (body) => body.includes('www.cloudflare.com')),
  },
  {
    what: 'a token rule only logs',
    line: 'shield/rule',
    tamper: rewrites(/token_validation\/rules/, '"action":"block"', '"action":"log"'),
  },
  {
    what: 'API Shield refuses a valid token',
    line: 'shield/admits',
    tamper: onlyFor(({ headers = {} }) => headers.authorization?.startsWith('Bearer ey') === true, blocked),
  },
  {
    what: 'the custom rule answers in the words of Cloudflare',
    line: 'shield/audience',
    tamper: instead(({ body }) => body.includes('gates refuses this request: audience'), {
      body: 'error code: 1020',
    }),
  },
  {
    what: 'the token of the origin is no session',
    line: 'sessions/replayed',
    set: 'full',
    tamper: onlyFor(({ headers = {} }) => headers.cookie !== undefined, otherAccess),
  },
  { what: 'a cache rule takes five minutes', line: 'cache/rule', options: { lag: { cache: 300_000 } } },
];

test.each(differences)('$what: $line', async ({ line, set, options, plant, tamper }) => {
  const sandbox = await livedInSandbox(options);
  await plant?.(sandbox);
  await sandbox.arrive();
  const before = stateOf(sandbox);
  const document = await new Laboratory(sandbox, tamper === undefined ? {} : { tamper }).run(set);
  expect(document.failures).toEqual({});
  expect(document.beliefs.filter(({ state }) => state === 'otherwise').map(({ belief }) => belief)).toEqual([
    line,
  ]);
  expect(unrelated(document)).toEqual([]);
  expect(stateOf(sandbox)).toEqual(before);
});

/** Unasked lines that depend on no line that differs. */
function unrelated({ beliefs }: ConformanceDocument): readonly string[] {
  return beliefs
    .filter(({ state }) => state === 'not asked')
    .filter(({ why = '' }) => {
      const needed = beliefs.find(({ belief }) => why === `it needs ${belief}`);
      return needed === undefined || needed.state === 'as believed';
    })
    .map(({ belief, why }) => `${belief}: ${why}`);
}
