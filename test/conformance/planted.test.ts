import { expect, test } from 'vitest';
import type { ConformanceDocument } from '../../src/conformance/report.ts';
import type { EdgeAnswer, EdgeRequest } from '../../src/core/world.ts';
import type { Sandbox, SandboxOptions } from '../../src/sandbox/index.ts';
import { admin, edit, Laboratory, livedInSandbox, type Tamper } from './laboratory.ts';

/** One way in which a real account may differ from what gates believes. */
interface Difference {
  readonly what: string;
  /** The belief on whose line it shows. */
  readonly line: string;
  readonly set?: 'full';
  readonly options?: Partial<SandboxOptions>;
  readonly plant?: (sandbox: Sandbox) => Promise<void>;
  readonly tamper?: Tamper;
}

const refusal = { success: false, errors: [{ code: 12130, message: 'refused' }], messages: [], result: null };

/** The API refuses such a call, and no other. */
function refuses(method: string, path: RegExp, isSo: (body: string) => boolean = () => true): Tamper {
  return {
    api: async (call, reply) => {
      const isRefused = call.method === method && path.test(call.path) && isSo(JSON.stringify(call.body));
      return isRefused ? Response.json(refusal, { status: 400 }) : reply();
    },
  };
}

/** The API takes such a call and does nothing. */
function takes(method: string, path: RegExp, isSo: (body: string) => boolean = () => true): Tamper {
  return {
    api: async (call, reply) => {
      const isTaken = call.method === method && path.test(call.path) && isSo(JSON.stringify(call.body));
      return isTaken
        ? Response.json({ ...refusal, success: true, errors: [], result: { id: 'none' } })
        : reply();
    },
  };
}

/** Texts in replies of the API read otherwise than they were written. */
function rewrites(path: RegExp, from: string | RegExp, to: string): Tamper {
  return {
    api: async (call, reply) => {
      const response = await reply();
      if (!path.test(call.path)) return response;
      return new Response((await response.text()).replaceAll(from, to), response);
    },
  };
}

/** The edge answers such requests otherwise. */
function onlyFor(isSo: (request: EdgeRequest) => boolean, answer: EdgeAnswer): Tamper {
  return { edge: (request) => (isSo(request) ? answer : undefined) };
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
    for (const token of apiTokens) token.permissions = rights.filter((one) => one !== right);
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
    what: 'the token may not read custom rules',
    line: 'token/custom-rules',
    plant: without('Zone WAF Write'),
  },
  {
    what: 'the token may not read cache rules',
    line: 'token/cache-rules',
    plant: without('Cache Settings Write'),
  },
  { what: 'the token may not read API Shield', line: 'token/shield', plant: without('Domain API Gateway') },
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
    what: 'two applications share a destination',
    line: 'conflicts/destination',
    tamper: takes('POST', /access\/apps$/, (body) =>
      body.includes(' again","domain":"gates-conformance-1a2b.example.dev"'),
    ),
  },
  {
    what: 'a service token is removed while a policy names it',
    line: 'conflicts/token',
    tamper: (() => {
      let refused = 0;
      return {
        api: async (call, reply) => {
          if (call.method !== 'DELETE' || !call.path.includes('service_tokens')) return reply();
          const response = await reply();
          if (response.ok || refused > 0) return response;
          refused += 1;
          return Response.json({ success: true, errors: [], messages: [], result: { id: 'none' } });
        },
      };
    })(),
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
  { what: 'a cache rule takes five minutes', line: 'cache/rule', options: { lag: { cache: 300_000 } } },
];

test.each(differences)('$what: $line', async ({ line, set, options, plant, tamper }) => {
  const sandbox = await livedInSandbox(options);
  await plant?.(sandbox);
  const document = await new Laboratory(sandbox, tamper === undefined ? {} : { tamper }).run(set);
  expect(document.failures).toEqual({});
  expect(document.beliefs.filter(({ state }) => state === 'otherwise').map(({ belief }) => belief)).toEqual([
    line,
  ]);
  expect(unrelated(document)).toEqual([]);
});

/** Lines that were not asked, though nothing that they need differs. */
function unrelated({ beliefs }: ConformanceDocument): readonly string[] {
  return beliefs
    .filter(({ state }) => state === 'not asked')
    .filter(({ why = '' }) => {
      const needed = beliefs.find(({ belief }) => why === `it needs ${belief}`);
      return needed === undefined || needed.state === 'as believed';
    })
    .map(({ belief, why }) => `${belief}: ${why}`);
}
