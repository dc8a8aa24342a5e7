import { isOurRule, isOurs, isOurZoneRule, leadsIntoTunnel, type Row } from '../neighbours.ts';
import {
  application,
  type Calls,
  policy,
  toAccess,
  toRecords,
  toRules,
  toTokenRules,
  toZoneRules,
  whom,
} from './calls.ts';

/** The public key of RFC 7517, appendix A.1, whose private half is published too. */
const strangeKey = {
  ...{ kty: 'EC', crv: 'P-256', kid: 'strange', alg: 'ES256' },
  ...{ x: 'MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4', y: '4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM' },
};

const outsider = 'outsider@example.net';
const elsewhere = 'http://elsewhere.lan:80';

/** Changes that a person may make to one of our objects in Cloudflare by hand. The next run repairs them. */
export const cloudflareDeeds = {
  'delete a record': toRecords(() => true),
  'lead a name elsewhere': toRecords(leadsIntoTunnel, () => ({ content: 'elsewhere.example.net' })),
  'rename a record': toRecords(
    () => true,
    ({ name }) => ({ name: `renamed-${name}` }),
  ),
  'lead a name around the edge': toRecords(leadsIntoTunnel, () => ({ proxied: false })),
  'keep a record longer': toRecords(
    ({ proxied }) => proxied !== true,
    () => ({ ttl: 1800 }),
  ),
  'lead a name to a second address': ({ state, zone }) =>
    state.records
      .filter((row) => isOurs(row) && row.type === 'A')
      .map(({ type, name }) => ({
        ...{ system: 'cloudflare', method: 'POST', path: `${zone}/dns_records` },
        body: { type, name, ttl: 1, content: '192.0.2.9' },
      })),
  'delete a rule': toRules((rules, index) => rules.filter((_, at) => at !== index)),
  'lead a rule elsewhere': toRules((rules, index) =>
    rules.map((rule, at) => (at === index ? { ...rule, service: elsewhere } : rule)),
  ),
  'ask for no token of Access': toRules((rules, index) => {
    const { originRequest: { access, ...others } = {} } = rules[index] ?? {};
    if (access === undefined) return undefined;
    return rules.map((rule, at) => (at === index ? { ...rule, originRequest: others } : rule));
  }),
  'ask for the token of another application': toRules((rules, index) => {
    const { originRequest: { access, ...others } = {} } = rules[index] ?? {};
    if (access === undefined) return undefined;
    const strange = { ...(access as Row), audTag: ['f'.repeat(64)] };
    return rules.map((rule, at) =>
      at === index ? { ...rule, originRequest: { ...others, access: strange } } : rule,
    );
  }),
  'let requests without a token of Access pass': toRules((rules, index) => {
    const { originRequest: { access, ...others } = {} } = rules[index] ?? {};
    if (access === undefined) return undefined;
    const lax = { ...(access as Row), required: false };
    return rules.map((rule, at) =>
      at === index ? { ...rule, originRequest: { ...others, access: lax } } : rule,
    );
  }),
  'send another name to the origin': toRules((rules, index) =>
    rules.map((rule, at) =>
      at === index
        ? { ...rule, originRequest: { ...rule.originRequest, httpHostHeader: 'elsewhere.lan' } }
        : rule,
    ),
  ),
  'delete every rule': toRules((rules) => rules.filter((rule) => !isOurRule(rule))),
  'put a rule last': toRules((rules, index) => {
    const moved = rules[index];
    const others = rules.filter((_, at) => at !== index);
    return moved === undefined ? undefined : [...others.slice(0, -1), moved, ...others.slice(-1)];
  }),
  'put a second rule before a rule': toRules((rules, index) => {
    const { originRequest: _, ...same } = rules[index] ?? { service: '' };
    return rules.toSpliced(index, 0, { ...same, service: elsewhere });
  }),
  'put a second rule after a rule': toRules((rules, index) => {
    const { originRequest: _, ...same } = rules[index] ?? { service: '' };
    return rules.toSpliced(index + 1, 0, { ...same, service: elsewhere });
  }),
  'delete a rule of the zone': toZoneRules(),
  'disable a rule of the zone': toZoneRules({ enabled: false }),
  'let a rule of the zone match nothing': toZoneRules({
    expression: 'http.host eq "nowhere.example.dev"',
  }),
  'have a rule of the zone log alone': toZoneRules({ action: 'log' }),
  'let a rule of the zone store answers': toZoneRules({
    action_parameters: { cache: true, edge_ttl: { mode: 'override_origin', default: 3600 } },
  }),
  'put a rule of the zone first': toZoneRules({ position: { before: '' } }),
  'put a rule of the zone last': toZoneRules({ position: { after: '' } }),
  'delete a ruleset': ({ state, zone }) =>
    (state.rulesets ?? [])
      .filter(({ rules }) => (rules as readonly Row[]).some(isOurZoneRule))
      .map(({ id }) => ({ system: 'cloudflare', method: 'DELETE', path: `${zone}/rulesets/${id}` })),
  'store every answer of the zone': ({ state, zone }) =>
    (state.rulesets ?? [])
      .filter(({ phase }) => phase === 'http_request_cache_settings')
      .map(({ id }) => ({
        ...{ system: 'cloudflare', method: 'POST', path: `${zone}/rulesets/${id}/rules` },
        body: {
          ...{ action: 'set_cache_settings', expression: 'true', description: 'theirs' },
          action_parameters: { cache: true, edge_ttl: { mode: 'override_origin', default: 3600 } },
        },
      })),
  'check service tokens less strictly': ({ account }) => [
    {
      ...{ system: 'cloudflare', method: 'PUT', path: `${account}/access/organizations` },
      body: { strict_service_token_auth: false },
    },
  ],
  'delete a token rule': toTokenRules(),
  'disable a token rule': toTokenRules({ enabled: false }),
  'have a token rule log alone': toTokenRules({ action: 'log' }),
  'delete an operation': ({ state, zone }) =>
    (state.operations ?? []).map(({ id }) => ({
      ...{ system: 'cloudflare', method: 'DELETE', path: `${zone}/api_gateway/operations/${id}` },
    })),
  'read tokens elsewhere': ({ state, zone }) =>
    (state.tokenConfigurations ?? []).map(({ id }) => ({
      ...{ system: 'cloudflare', method: 'PATCH', path: `${zone}/token_validation/config/${id}` },
      body: { token_sources: ['http.request.headers["x-elsewhere"][0]'] },
    })),
  'delete a token configuration': ({ state, zone }) =>
    (state.tokenConfigurations ?? []).map(({ id }) => ({
      ...{ system: 'cloudflare', method: 'DELETE', path: `${zone}/token_validation/config/${id}` },
    })),
  'take the keys of an API': ({ state, zone }) =>
    (state.tokenConfigurations ?? []).map(({ id }) => ({
      ...{ system: 'cloudflare', method: 'PUT', path: `${zone}/token_validation/config/${id}/credentials` },
      body: { keys: [strangeKey] },
    })),
  'delete an Access application': toAccess('apps'),
  'open an Access application': toAccess(
    'apps',
    application({
      policies: [{ name: 'all', decision: 'bypass', include: [{ everyone: {} }], precedence: 1 }],
    }),
  ),
  'take every policy from an Access application': toAccess('apps', application({ policies: [] })),
  'take the further paths from an Access application': toAccess('apps', (row) =>
    application({ destinations: (row.destinations as readonly Row[]).slice(0, 1) })(row),
  ),
  'give an Access application a path more': toAccess('apps', (row) => {
    const destinations = row.destinations as readonly Row[];
    const more = { type: 'public', uri: `${destinations[0]?.uri}/more` };
    return application({ destinations: [...destinations, more] })(row);
  }),
  'give an Access application another host': toAccess(
    'apps',
    application({
      domain: 'elsewhere.example.dev',
      destinations: [{ type: 'public', uri: 'elsewhere.example.dev' }],
    }),
  ),
  'give an Access application every policy': toAccess('apps', (row, { policies }) =>
    application({ policies: policies.filter(isOurs).map(({ id }, at) => ({ id, precedence: at + 1 })) })(row),
  ),
  'rename an Access application': toAccess('apps', application({ name: 'renamed' })),
  'narrow an Access application to a path': toAccess('apps', (row) => {
    const [destination] = row.destinations as readonly Row[];
    const uri = `${destination?.uri}/inner`;
    return application({ domain: uri, destinations: [{ type: 'public', uri }] })(row);
  }),
  'let devices pass an Access application': toAccess(
    'apps',
    application({ allow_authenticate_via_warp: true }),
  ),
  'read tokens of an Access application from a header': toAccess(
    'apps',
    application({ read_service_tokens_from_header: 'Authorization' }),
  ),
  'let preflights past an Access application': toAccess(
    'apps',
    application({ options_preflight_bypass: true }),
  ),
  'lengthen a session': toAccess('apps', application({ session_duration: '700h' })),
  'admit everybody by a policy': toAccess(
    'policies',
    whom((include) => [...include, { everyone: {} }]),
  ),
  'admit an outsider by a policy': toAccess(
    'policies',
    whom(() => [{ email: { email: outsider } }]),
  ),
  'open a policy': toAccess(
    'policies',
    policy(() => ({ decision: 'bypass', include: [{ everyone: {} }] })),
  ),
  'exclude nobody by a policy': toAccess(
    'policies',
    policy(() => ({ exclude: [], require: [] })),
  ),
  'ask for approval by a policy': toAccess(
    'policies',
    policy(() => ({
      approval_required: true,
      approval_groups: [{ approvals_needed: 1, email_addresses: [outsider] }],
    })),
  ),
  'delete a policy': toAccess('policies'),
  'take the hosts from a certificate': ({ state, account }) =>
    (state.accessCertificates ?? []).filter(isOurs).map(({ id, name }) => ({
      ...{ system: 'cloudflare', method: 'PUT', path: `${account}/access/certificates/${id}` },
      body: { name, associated_hostnames: [] },
    })),
  'delete a certificate': ({ state, account }) =>
    (state.accessCertificates ?? []).filter(isOurs).map(({ id }) => ({
      ...{ system: 'cloudflare', method: 'DELETE', path: `${account}/access/certificates/${id}` },
    })),
  'delete an identity provider': ({ state, account }) =>
    state.identityProviders.filter(isOurs).map(({ id }) => ({
      ...{ system: 'cloudflare', method: 'DELETE', path: `${account}/access/identity_providers/${id}` },
    })),
  'log in elsewhere': ({ state, account }) =>
    state.identityProviders.filter(isOurs).map(({ id, name, type, config }) => ({
      ...{ system: 'cloudflare', method: 'PUT', path: `${account}/access/identity_providers/${id}` },
      body: {
        name,
        type,
        config: { ...(config as Row), auth_url: 'https://elsewhere.example.net/authorize' },
      },
    })),
  'disable a token': toAccess('serviceTokens', ({ name, duration }) => ({ name, duration, enabled: false })),
  'shorten a token': toAccess('serviceTokens', ({ name, enabled }) => ({ name, duration: '24h', enabled })),
  'delete a token': toAccess('serviceTokens'),
} satisfies Readonly<Record<string, Calls>>;
