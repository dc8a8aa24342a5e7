import fc from 'fast-check';
import type { Sandbox } from '../../../src/lab/sandbox/index.ts';
import { askAdmin } from '../stage/hand.ts';
import {
  isOurRule,
  isOurs,
  isOurZoneRule,
  leadsIntoTunnel,
  type Row,
  type State,
  stateOf,
} from './neighbours.ts';

/** A change by hand of one of our objects; `pick` chooses the object. */
export interface Deed {
  readonly what: keyof typeof deeds;
  readonly pick: number;
}

/** A call of an API, as the person makes it. */
interface Call {
  readonly system: 'cloudflare' | 'authentik';
  readonly method: string;
  readonly path: string;
  readonly body?: unknown;
}

/** The rows of a world, and the paths of its APIs. */
interface Place {
  readonly state: State;
  readonly account: string;
  readonly zone: string;
}

/** The possible changes of each sort in the current world, one call for each object. */
type Calls = (place: Place) => readonly Call[];

/** The public key of RFC 7517, appendix A.1, whose private half is published too. */
const strangeKey = {
  ...{ kty: 'EC', crv: 'P-256', kid: 'strange', alg: 'ES256' },
  ...{ x: 'MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4', y: '4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM' },
};

const outsider = 'outsider@example.net';
const elsewhere = 'http://elsewhere.lan:80';

const toRecords =
  (isIt: (row: Row) => boolean, body?: (row: Row) => Row): Calls =>
  ({ state, zone }) =>
    state.records
      .filter((row) => isOurs(row) && isIt(row))
      .map((row) => ({
        system: 'cloudflare',
        method: body === undefined ? 'DELETE' : 'PATCH',
        path: `${zone}/dns_records/${row.id}`,
        ...(body !== undefined && { body: body(row) }),
      }));

interface Rule {
  readonly hostname?: string;
  readonly service: string;
  readonly originRequest?: Row;
}

/** Calls that put another list in place of one of our rules; undefined means that the change does not fit the rule. */
const toRules =
  (change: (rules: readonly Rule[], index: number) => readonly Rule[] | undefined): Calls =>
  ({ state, account }) =>
    state.tunnels.flatMap(({ id, versions }) => {
      const { config } = (versions as readonly { config: { ingress: readonly Rule[] } }[]).at(-1) ?? {};
      const rules = config?.ingress ?? [];
      return rules.flatMap((rule, index): readonly Call[] => {
        const isOpen = isOurRule(rule) && rule.service !== 'http_status:503';
        const ingress = isOpen ? change(rules, index) : undefined;
        if (ingress === undefined) return [];
        const path = `${account}/cfd_tunnel/${id}/configurations`;
        return [{ system: 'cloudflare', method: 'PUT', path, body: { config: { ingress } } }];
      });
    });

const toAccess =
  (kind: 'apps' | 'policies' | 'serviceTokens', body?: (row: Row, state: State) => Row): Calls =>
  ({ state, account }) =>
    state[kind].filter(isOurs).map((row) => ({
      system: 'cloudflare',
      method: body === undefined ? 'DELETE' : 'PUT',
      path: `${account}/access/${kind === 'serviceTokens' ? 'service_tokens' : kind}/${row.id}`,
      ...(body !== undefined && { body: body(row, state) }),
    }));

/** A complete PUT of an application, as the dashboard sends it. */
const application = (changes: Row) => (row: Row) => ({
  ...{ name: row.name, type: row.type, tags: row.tags, session_duration: row.sessionDuration },
  domain: (row.destinations as readonly Row[])[0]?.uri,
  destinations: row.destinations,
  policies: (row.policies as readonly Row[]).map(({ id, precedence }) => ({ id, precedence })),
  ...changes,
});

const policy =
  (changes: (row: Row) => Row) =>
  (row: Row): Row => ({
    ...{ name: row.name, decision: row.decision, include: row.include },
    ...{ exclude: row.exclude, require: row.require },
    ...(row.sessionDuration === null ? {} : { session_duration: row.sessionDuration }),
    ...changes(row),
  });

/** A narrower or wider list, of the sort that the policy's decision allows. */
const whom = (others: (include: readonly Row[]) => readonly Row[]) =>
  policy(({ include, decision }) =>
    decision === 'allow' ? { include: others(include as readonly Row[]) } : { session_duration: '1h' },
  );

const inAuthentik = (method: string, path: string, body?: unknown): Call => ({
  system: 'authentik',
  method,
  path: `/api/v3${path}`,
  ...(body !== undefined && { body }),
});

const applicationsOf = ({ authentik }: State) => authentik.applications.filter(isOurs);
const providersOf = ({ authentik }: State, isProxy: boolean) =>
  authentik.providers.filter((row) => isOurs(row) && (row.proxy !== null) === isProxy);

const toLogins =
  (method: string, body?: Row): Calls =>
  ({ state }) =>
    applicationsOf(state).map(({ slug }) => inAuthentik(method, `/core/applications/${slug}/`, body));

/** A complete PUT of a binding: a PATCH without the target breaks the server. */
const toBindings =
  (change?: Row): Calls =>
  ({ state }) => {
    const ours = new Set(applicationsOf(state).map(({ pk }) => pk));
    return state.authentik.bindings
      .filter(({ target }) => ours.has(target))
      .map((row) => {
        const path = `/policies/bindings/${row.pk}/`;
        return change === undefined
          ? inAuthentik('DELETE', path)
          : inAuthentik('PUT', path, { ...row, ...change });
      });
  };

/** Without its mode, the API switches a provider to mode proxy. */
const toProxies =
  (change: Row): Calls =>
  ({ state }) =>
    providersOf(state, true).map(({ pk, proxy }) => {
      const { mode, internal_host } = proxy as Row;
      return inAuthentik('PATCH', `/providers/proxy/${pk}/`, { mode, internal_host, ...change });
    });

const toClients =
  (change: Row): Calls =>
  ({ state }) =>
    providersOf(state, false).map(({ pk }) => inAuthentik('PATCH', `/providers/oauth2/${pk}/`, change));

const toOutposts =
  (changes: (row: Row, state: State) => readonly Row[]): Calls =>
  ({ state }) =>
    state.authentik.outposts.flatMap((row) =>
      changes(row, state).map((body) => inAuthentik('PATCH', `/outposts/instances/${row.pk}/`, body)),
    );

/** A complete PATCH of a rule in front of the hosts: the API takes no part of one. */
const toZoneRules =
  (changes?: (rule: Row, all: readonly Row[]) => Row): Calls =>
  ({ state, zone }) =>
    (state.rulesets ?? []).flatMap(({ id, rules }) => {
      const all = rules as readonly Row[];
      return all.filter(isOurZoneRule).map((rule): Call => {
        const path = `${zone}/rulesets/${id}/rules/${rule.id}`;
        if (changes === undefined) return { system: 'cloudflare', method: 'DELETE', path };
        const { action, action_parameters, expression, description, enabled, ref } = rule;
        const body = { action, action_parameters, expression, description, enabled, ref };
        return { system: 'cloudflare', method: 'PATCH', path, body: { ...body, ...changes(rule, all) } };
      });
    });

const toTokenRules =
  (body?: Row): Calls =>
  ({ state, zone }) =>
    (state.tokenRules ?? []).filter(isOurs).map(({ id }) => ({
      ...{ system: 'cloudflare', method: body === undefined ? 'DELETE' : 'PATCH' },
      ...{ path: `${zone}/token_validation/rules/${id}`, ...(body !== undefined && { body }) },
    }));

const deeds = {
  'delete a record': toRecords(() => true),
  'lead a name elsewhere': toRecords(leadsIntoTunnel, () => ({ content: 'elsewhere.example.net' })),
  'lead a name around the edge': toRecords(leadsIntoTunnel, () => ({ proxied: false })),
  'keep a record longer': toRecords(
    ({ proxied }) => proxied !== true,
    () => ({ ttl: 1800 }),
  ),
  'delete a rule': toRules((rules, index) => rules.filter((_, at) => at !== index)),
  'lead a rule elsewhere': toRules((rules, index) =>
    rules.map((rule, at) => (at === index ? { ...rule, service: elsewhere } : rule)),
  ),
  'ask for no token of Access': toRules((rules, index) => {
    const { originRequest: { access, ...others } = {} } = rules[index] ?? {};
    if (access === undefined) return undefined;
    return rules.map((rule, at) => (at === index ? { ...rule, originRequest: others } : rule));
  }),
  'put a rule last': toRules((rules, index) => {
    const moved = rules[index];
    const others = rules.filter((_, at) => at !== index);
    return moved === undefined ? undefined : [...others.slice(0, -1), moved, ...others.slice(-1)];
  }),
  'delete a rule of the zone': toZoneRules(),
  'disable a rule of the zone': toZoneRules(() => ({ enabled: false })),
  'let a rule of the zone match nothing': toZoneRules(() => ({
    expression: 'http.host eq "nowhere.example.dev"',
  })),
  'put a rule of the zone first': toZoneRules(() => ({ position: { before: '' } })),
  'put a rule of the zone last': toZoneRules(() => ({ position: { after: '' } })),
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
  'delete a policy': toAccess('policies'),
  'take the hosts from a certificate': ({ state, account }) =>
    (state.accessCertificates ?? []).filter(isOurs).map(({ id, name }) => ({
      ...{ system: 'cloudflare', method: 'PUT', path: `${account}/access/certificates/${id}` },
      body: { name, associated_hostnames: [] },
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
  'delete a token': toAccess('serviceTokens'),
  'delete an application': toLogins('DELETE'),
  'unlink a provider': toLogins('PATCH', { provider: null }),
  'have every binding agree': toLogins('PATCH', { policy_engine_mode: 'all' }),
  'delete a binding': toBindings(),
  'disable a binding': toBindings({ enabled: false }),
  'negate a binding': toBindings({ negate: true }),
  'let a person in': ({ state }) =>
    applicationsOf(state).map(({ pk }) =>
      inAuthentik('POST', '/policies/bindings/', {
        ...{ target: pk, enabled: true, order: 5, policy: null, group: null },
        user: state.authentik.users.find(({ username }) => username === 'jo')?.pk,
      }),
    ),
  'open every path': toProxies({ skip_path_regex: '.*' }),
  'give a provider another host': toProxies({ external_host: 'https://elsewhere.example.dev' }),
  'have the outpost ask by forward auth alone': toProxies({ mode: 'forward_single' }),
  'delete a provider': ({ state }) =>
    [...providersOf(state, true), ...providersOf(state, false)].map(({ pk }) =>
      inAuthentik('DELETE', `/providers/all/${pk}/`),
    ),
  'take the signing key from a client': toClients({ signing_key: null }),
  'let a client return elsewhere': toClients({
    redirect_uris: [{ matching_mode: 'regex', url: '.*', redirect_uri_type: 'authorization' }],
  }),
  'take a provider out of the outpost': toOutposts(({ providers }, state) => {
    const ours = new Set(providersOf(state, true).map(({ pk }) => pk));
    const served = providers as readonly unknown[];
    return served
      .filter((pk) => ours.has(pk))
      .map((gone) => ({ providers: served.filter((pk) => pk !== gone) }));
  }),
  'send people nowhere to log in': toOutposts(({ config }) => [
    { config: { ...(config as Row), authentik_host: '' } },
  ]),
  'rename a login': toLogins('PATCH', { slug: 'renamed' }),
  'rename a group': ({ state }) =>
    state.authentik.groups
      .filter(isOurs)
      .map(({ pk }) => inAuthentik('PATCH', `/core/groups/${pk}/`, { name: 'renamed' })),
  'delete a group': ({ state }) =>
    state.authentik.groups.filter(isOurs).map(({ pk }) => inAuthentik('DELETE', `/core/groups/${pk}/`)),
  'delete a key pair': ({ state }) =>
    state.authentik.keyPairs
      .filter(isOurs)
      .map(({ pk }) => inAuthentik('DELETE', `/crypto/certificatekeypairs/${pk}/`)),
} satisfies Readonly<Record<string, Calls>>;

export const deed: fc.Arbitrary<Deed> = fc.record({
  what: fc.constantFrom(...(Object.keys(deeds) as (keyof typeof deeds)[])),
  pick: fc.nat(1000),
});

/** All changes that the current world has an object for, one for each object. */
export function possibleDeeds(sandbox: Sandbox): readonly Deed[] {
  const place = placeOf(sandbox);
  return (Object.keys(deeds) as (keyof typeof deeds)[]).flatMap((what) =>
    (deeds[what] as Calls)(place).map((_, pick) => ({ what, pick })),
  );
}

function placeOf(sandbox: Sandbox): Place {
  return {
    state: stateOf(sandbox),
    account: `/accounts/${sandbox.accountId}`,
    zone: `/zones/${sandbox.zones[0]?.id}`,
  };
}

/** Makes the change, if an object fits. A change that an API rejects has not been made. */
export async function perform(sandbox: Sandbox, { what, pick }: Deed): Promise<string> {
  const calls = (deeds[what] as Calls)(placeOf(sandbox));
  const call = calls[pick % calls.length];
  if (call === undefined) return `${what}: nothing there`;
  try {
    await askAdmin(sandbox, 'POST', '/edit', { actor: 'somebody', ...call });
  } catch (error) {
    return `${what}: refused, ${error instanceof Error ? error.message.slice(0, 200) : ''}`;
  }
  return `${what}: ${call.method} ${call.path}`;
}
