import { isOurRule, isOurs, isOurZoneRule, type Row, type State } from '../neighbours.ts';

/** A call of an API, as the person makes it. */
export interface Call {
  readonly system: 'cloudflare' | 'authentik';
  readonly method: string;
  readonly path: string;
  readonly body?: unknown;
}

/** The rows of a world, and the paths of its APIs. */
export interface Place {
  readonly state: State;
  readonly account: string;
  readonly zone: string;
}

/** The possible changes of each sort in the current world, one call for each object. */
export type Calls = (place: Place) => readonly Call[];

export const toRecords =
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
export const toRules =
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

export const toAccess =
  (kind: 'apps' | 'policies' | 'serviceTokens', body?: (row: Row, state: State) => Row): Calls =>
  ({ state, account }) =>
    state[kind].filter(isOurs).map((row) => ({
      system: 'cloudflare',
      method: body === undefined ? 'DELETE' : 'PUT',
      path: `${account}/access/${kind === 'serviceTokens' ? 'service_tokens' : kind}/${row.id}`,
      ...(body !== undefined && { body: body(row, state) }),
    }));

/** A complete PUT of an application, as the dashboard sends it. */
export const application = (changes: Row) => (row: Row) => ({
  ...{ name: row.name, type: row.type, tags: row.tags, session_duration: row.sessionDuration },
  domain: (row.destinations as readonly Row[])[0]?.uri,
  destinations: row.destinations,
  policies: (row.policies as readonly Row[]).map(({ id, precedence }) => ({ id, precedence })),
  ...changes,
});

export const policy =
  (changes: (row: Row) => Row) =>
  (row: Row): Row => ({
    ...{ name: row.name, decision: row.decision, include: row.include },
    ...{ exclude: row.exclude, require: row.require },
    ...(row.sessionDuration === null ? {} : { session_duration: row.sessionDuration }),
    ...changes(row),
  });

/** A narrower or wider list, of the sort that the policy's decision allows. */
export const whom = (others: (include: readonly Row[]) => readonly Row[]) =>
  policy(({ include, decision }) =>
    decision === 'allow' ? { include: others(include as readonly Row[]) } : { session_duration: '1h' },
  );

export const inAuthentik = (method: string, path: string, body?: unknown): Call => ({
  system: 'authentik',
  method,
  path: `/api/v3${path}`,
  ...(body !== undefined && { body }),
});

export const applicationsOf = ({ authentik }: State) => authentik.applications.filter(isOurs);
export const providersOf = ({ authentik }: State, isProxy: boolean) =>
  authentik.providers.filter((row) => isOurs(row) && (row.proxy !== null) === isProxy);

export const toLogins =
  (method: string, body?: Row): Calls =>
  ({ state }) =>
    applicationsOf(state).map(({ slug }) => inAuthentik(method, `/core/applications/${slug}/`, body));

/** A complete PUT of a binding: a PATCH without the target breaks the server. */
export const toBindings =
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
export const toProxies =
  (change: Row): Calls =>
  ({ state }) =>
    providersOf(state, true).map(({ pk, proxy }) => {
      const { mode, internal_host } = proxy as Row;
      return inAuthentik('PATCH', `/providers/proxy/${pk}/`, { mode, internal_host, ...change });
    });

export const toClients =
  (change: Row): Calls =>
  ({ state }) =>
    providersOf(state, false).map(({ pk }) => inAuthentik('PATCH', `/providers/oauth2/${pk}/`, change));

export const toOutposts =
  (changes: (row: Row, state: State) => readonly Row[]): Calls =>
  ({ state }) =>
    state.authentik.outposts.flatMap((row) =>
      changes(row, state).map((body) => inAuthentik('PATCH', `/outposts/instances/${row.pk}/`, body)),
    );

/** A complete PATCH of a rule of the WAF or of the cache: the API takes no part of one. */
export const toZoneRules =
  (changes?: Row): Calls =>
  ({ state, zone }) =>
    (state.rulesets ?? []).flatMap(({ id, rules }) =>
      (rules as readonly Row[]).filter(isOurZoneRule).map((rule): Call => {
        const path = `${zone}/rulesets/${id}/rules/${rule.id}`;
        if (changes === undefined) return { system: 'cloudflare', method: 'DELETE', path };
        const { action, action_parameters, expression, description, enabled, ref } = rule;
        const body = { action, action_parameters, expression, description, enabled, ref, ...changes };
        return { system: 'cloudflare', method: 'PATCH', path, body };
      }),
    );

export const toTokenRules =
  (body?: Row): Calls =>
  ({ state, zone }) =>
    (state.tokenRules ?? []).filter(isOurs).map(({ id }) => ({
      ...{ system: 'cloudflare', method: body === undefined ? 'DELETE' : 'PATCH' },
      ...{ path: `${zone}/token_validation/rules/${id}`, ...(body !== undefined && { body }) },
    }));
