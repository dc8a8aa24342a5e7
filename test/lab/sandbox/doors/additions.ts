import fc from 'fast-check';
import type { Sandbox } from '../../../../src/lab/sandbox/index.ts';
import { type Row, stateOf } from '../../../scenarios/random-files/neighbours.ts';

/** A foreign object in the world, which no file of gates asks for. */
export interface Addition {
  readonly what: keyof typeof additions;
  readonly host: string;
  readonly pick: number;
}

interface Call {
  readonly system: 'cloudflare' | 'authentik';
  readonly method: string;
  readonly path: string;
  readonly body?: unknown;
}

interface Ground {
  readonly sandbox: Sandbox;
  readonly host: string;
  readonly pick: number;
  call(call: Call): Promise<Row>;
}

const selectors = [
  { email: { email: 'me@example.dev' } },
  { email_domain: { domain: 'example.dev' } },
  { ip: { ip: '203.0.113.0/24' } },
  { ip: { ip: '198.51.100.0/24' } },
  { any_valid_service_token: {} },
  { geo: { country_code: 'FR' } },
  { everyone: {} },
] as const;

const paths = ['', '/admin', '/open', '/open/*', '/api/*/status', '/*/below', '/x.pdf', '/API'];

const additions = {
  'an Access application': async ({ sandbox, host, pick, call }: Ground) => {
    const names = stateOf(sandbox)
      .records.filter(({ type }) => type === 'CNAME')
      .map(({ name }) => String(name));
    const on = ['*.example.dev', host, ...names, ...names][pick % (2 + 2 * names.length)];
    const uri = `${on}${paths[(pick >> 2) % paths.length]}`;
    const policies = (policyLists[(pick >> 1) % policyLists.length] ?? []).map((policy, index) => ({
      ...{ ...policy, name: `hand ${index}`, precedence: index + 1 },
    }));
    const body = { name: `hand ${uri}`, type: 'self_hosted', domain: uri, policies };
    await call({
      ...{ system: 'cloudflare', method: 'POST', path: `/accounts/${sandbox.accountId}/access/apps` },
      body: { ...body, destinations: [{ type: 'public', uri }] },
    });
  },
  'a policy with an Access group': async ({ sandbox, pick, call }: Ground) => {
    const account = `/accounts/${sandbox.accountId}/access`;
    const include = [selectors[pick % selectors.length]];
    const group = await call({
      ...{ system: 'cloudflare', method: 'POST', path: `${account}/groups` },
      body: { name: `hand ${pick}`, include, exclude: [], require: [] },
    });
    const app = stateOf(sandbox).apps[pick % Math.max(1, stateOf(sandbox).apps.length)];
    if (app === undefined) return;
    await call({
      ...{ system: 'cloudflare', method: 'PUT', path: `${account}/apps/${app.id}` },
      body: {
        ...{ name: app.name, type: app.type, tags: app.tags, destinations: app.destinations },
        policies: [
          { name: 'by group', decision: 'allow', include: [{ group: { id: group.id } }], precedence: 1 },
        ],
      },
    });
  },
  'a disabled token': async ({ sandbox, pick, call }: Ground) => {
    const { serviceTokens } = stateOf(sandbox);
    const token = serviceTokens[pick % Math.max(1, serviceTokens.length)];
    if (token === undefined) return;
    await call({
      ...{ system: 'cloudflare', method: 'PUT' },
      path: `/accounts/${sandbox.accountId}/access/service_tokens/${token.id}`,
      body: { name: token.name, duration: token.duration, enabled: false },
    });
  },
  'a disabled binding': async ({ sandbox, pick, call }: Ground) => {
    const { bindings } = stateOf(sandbox).authentik;
    const row = bindings[pick % Math.max(1, bindings.length)];
    if (row === undefined) return;
    const body = { ...row, enabled: false };
    await call({ system: 'authentik', method: 'PUT', path: `/api/v3/policies/bindings/${row.pk}/`, body });
  },
  'a tunnel rule': async ({ sandbox, host, pick, call }: Ground) => {
    const { tunnels } = stateOf(sandbox);
    const tunnel = tunnels[pick % tunnels.length] as Row & {
      readonly versions: readonly { readonly config: { readonly ingress: readonly Row[] } }[];
    };
    const ingress = tunnel.versions.at(-1)?.config.ingress ?? [{ service: 'http_status:404' }];
    const expressions = [
      undefined,
      '^/open',
      '/admin$',
      '(?i)^/api',
      '\\.pdf$',
      '^/[a-c]+',
      '^/(open|admin)/',
    ];
    const path = expressions[pick % expressions.length];
    const hostname = [host, '*.example.dev', host.toUpperCase()][pick % 3];
    const rule = { hostname, service: 'http://hand.lan:80', ...(path !== undefined && { path }) };
    const at = pick % ingress.length;
    await call({
      ...{ system: 'cloudflare', method: 'PUT' },
      path: `/accounts/${sandbox.accountId}/cfd_tunnel/${tunnel.id}/configurations`,
      body: { config: { ingress: [...ingress.slice(0, at), rule, ...ingress.slice(at)] } },
    });
  },
  'a record': async ({ sandbox, host, pick, call }: Ground) => {
    const names = [`new${pick % 3}.example.dev`, `*.${host}`, `deep.${host}`, '*.example.dev', host];
    const proxied = pick % 2 === 0;
    const forms = [
      { type: 'A', content: '192.0.2.80' },
      { type: 'CNAME', content: host },
      { type: 'CNAME', content: 'origin.example.net' },
      { type: 'AAAA', content: '2001:db8::80' },
    ];
    await call({
      ...{ system: 'cloudflare', method: 'POST', path: `/zones/${sandbox.zones[0]?.id}/dns_records` },
      body: { ...forms[pick % forms.length], name: names[pick % names.length], proxied, ttl: 1 },
    });
  },
  'a WAF rule': async ({ sandbox, host, pick, call }: Ground) => {
    const path = `/zones/${sandbox.zones[0]?.id}/rulesets/phases/http_request_firewall_custom/entrypoint`;
    const before = await call({ system: 'cloudflare', method: 'GET', path }).catch(() => ({ rules: [] }));
    const forms = [
      { action: 'block', expression: `http.host eq "${host}"` },
      { action: 'block', expression: 'starts_with(http.request.uri.path, "/admin")' },
      { action: 'skip', expression: 'true', action_parameters: { ruleset: 'current' } },
      { action: 'managed_challenge', expression: `http.host eq "${host}"` },
    ];
    const rules = (before.rules as readonly Row[] | undefined) ?? [];
    const kept = rules.map(({ id: _, version: __, last_updated: ___, ...rule }) => rule);
    const rule = { description: 'by hand', ...forms[pick % forms.length] };
    await call({
      ...{ system: 'cloudflare', method: 'PUT', path },
      body: { rules: pick % 2 === 0 ? [rule, ...kept] : [...kept, rule] },
    });
  },
  'a cache rule': async ({ sandbox, host, call }: Ground) => {
    const path = `/zones/${sandbox.zones[0]?.id}/rulesets/phases/http_request_cache_settings/entrypoint`;
    await call({
      ...{ system: 'cloudflare', method: 'PUT', path },
      body: {
        rules: [
          {
            ...{ action: 'set_cache_settings', expression: `http.host eq "${host}"` },
            action_parameters: { cache: true, edge_ttl: { mode: 'override_origin', default: 3600 } },
          },
        ],
      },
    });
  },
  'copies of files': async ({ sandbox, host }: Ground) => {
    for (const path of ['/x.pdf', '/open/x.css', '/robots.txt'])
      await sandbox.edge(new Request(`https://${host}${path}`)).catch(() => undefined);
  },
  'a skipped path': async ({ sandbox, pick, call }: Ground) => {
    const rows = stateOf(sandbox).authentik.providers.filter(({ proxy }) => proxy !== null);
    const row = rows[pick % Math.max(1, rows.length)];
    if (row === undefined) return;
    const { mode, internal_host } = row.proxy as Row;
    const expressions = ['^/open', '/admin', '^/open$\n^/health$', '\\.pdf$', '^https://[^/]+/open'];
    await call({
      ...{ system: 'authentik', method: 'PATCH', path: `/api/v3/providers/proxy/${row.pk}/` },
      body: { mode, internal_host, skip_path_regex: expressions[pick % expressions.length] },
    });
  },
  'a domain provider': async ({ sandbox, pick, call }: Ground) => {
    const { authentik } = stateOf(sandbox);
    const flow = (wanted: string) => authentik.flows.find(({ designation }) => designation === wanted)?.pk;
    const flows = { authorization_flow: flow('authorization'), invalidation_flow: flow('invalidation') };
    const provider = await call({
      ...{ system: 'authentik', method: 'POST', path: '/api/v3/providers/proxy/' },
      body: {
        ...{ ...flows, name: `hand ${pick}`, mode: 'forward_domain' },
        ...{ external_host: 'https://login.example.dev', cookie_domain: 'example.dev' },
      },
    });
    const slug = `hand-${pick}`;
    await call({
      ...{ system: 'authentik', method: 'POST', path: '/api/v3/core/applications/' },
      body: { name: slug, slug, provider: provider.pk },
    });
    const [outpost] = authentik.outposts as readonly (Row & { readonly providers: readonly unknown[] })[];
    await call({
      ...{ system: 'authentik', method: 'PATCH', path: `/api/v3/outposts/instances/${outpost?.pk}/` },
      body: { providers: [...(outpost?.providers ?? []), provider.pk] },
    });
  },
} satisfies Readonly<Record<string, (ground: Ground) => Promise<void>>>;

const me = { email: { email: 'me@example.dev' } };
const ours = { email_domain: { domain: 'example.dev' } };
const here = { ip: { ip: '203.0.113.0/24' } };
const elsewhere = { ip: { ip: '198.51.100.0/24' } };
const everyone = { everyone: {} };
const anyToken = { any_valid_service_token: {} };

const withApproval = {
  approval_required: true,
  approval_groups: [{ approvals_needed: 1, email_addresses: ['boss@example.dev'] }],
  purpose_justification_required: true,
};

/** Lists of policies that people give an application, in order. */
const policyLists: readonly (readonly Row[])[] = [
  [
    { decision: 'deny', include: [me] },
    { decision: 'allow', include: [everyone] },
  ],
  [{ decision: 'allow', include: [ours], exclude: [me] }],
  [{ decision: 'bypass', include: [everyone] }],
  [
    { decision: 'bypass', include: [elsewhere] },
    { decision: 'allow', include: [me] },
  ],
  [
    { decision: 'non_identity', include: [anyToken] },
    { decision: 'allow', include: [everyone], exclude: [ours] },
  ],
  [
    { decision: 'allow', include: [me] },
    { decision: 'deny', include: [everyone] },
    { decision: 'allow', include: [ours] },
  ],
  [{ decision: 'allow', include: [ours], require: [here] }],
  [
    { decision: 'allow', include: [ours], ...withApproval },
    { decision: 'allow', include: [everyone] },
  ],
];

export const addition: fc.Arbitrary<Addition> = fc.record({
  what: fc.constantFrom(
    ...(Object.keys(additions) as (keyof typeof additions)[]),
    // Access applications come most often, since people add them most and they have most variants.
    ...Array.from({ length: 6 }, () => 'an Access application' as const),
  ),
  host: fc.constantFrom(
    'a.example.dev',
    'b.example.dev',
    'c2.example.dev',
    'd.example.dev',
    'app.example.dev',
  ),
  pick: fc.nat(1000),
});

/** Makes the addition, and returns its description. A rejected addition changes nothing. */
export async function add(sandbox: Sandbox, { what, host, pick }: Addition): Promise<string> {
  const call = async (made: Call): Promise<Row> => {
    // `askAdmin` is no option here, since this write must take its time to the edge.
    const body = JSON.stringify({ actor: 'hand', ...made });
    const reply = await sandbox.fetch(`${sandbox.urls.admin}/edit`, { method: 'POST', body });
    const text = await reply.text();
    if (!reply.ok) throw new Error(text);
    const told = (text === '' ? {} : JSON.parse(text)) as Row;
    return (told.result ?? told) as Row;
  };
  try {
    await additions[what]({ sandbox, host, pick, call });
    return `${what} (${host}, ${pick})`;
  } catch (error) {
    return `${what} (${host}, ${pick}): refused, ${error instanceof Error ? error.message.slice(0, 200) : ''}`;
  }
}
