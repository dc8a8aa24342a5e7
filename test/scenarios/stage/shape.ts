import type { Sandbox } from '../../../src/lab/sandbox/index.ts';

type Row = Readonly<Record<string, unknown>>;

/** The state without values that differ from run to run: ids, times, audiences, secrets. */
export async function shapeOf(sandbox: Sandbox): Promise<unknown> {
  const state = JSON.parse(sandbox.snapshot()) as Record<string, readonly Row[]> & {
    authentik: AuthentikRows;
  };
  return {
    records: names(state.records, 'type', 'name', 'proxied', 'ttl', 'comment', 'priority'),
    apps: names(state.apps, 'name', 'destinations', 'session_duration', 'tags'),
    policies: names(state.policies, 'name', 'decision'),
    tags: names(state.tags, 'name'),
    tokens: names(state.serviceTokens, 'name', 'duration', 'enabled'),
    shield: shieldShape(state),
    authentik: authentikShape(state.authentik),
  };
}

/** The guards in front of a zone's hosts: WAF rules, which all block, in any order, and API Shield. */
function shieldShape(state: Readonly<Record<string, readonly Row[]>>): unknown {
  const rulesets = (state.rulesets ?? []) as readonly { readonly rules: readonly Row[] }[];
  const ids = (state.tokenConfigurations ?? []).map(({ id, title }) => [String(id), String(title)] as const);
  const named = (text: unknown) =>
    ids.reduce((said, [id, title]) => said.replaceAll(id, title), String(text));
  return {
    wafRules: rulesets
      .flatMap(({ rules }) => rules)
      .map(({ action, expression, enabled }) => `${action} ${enabled} ${named(expression)}`)
      .sort(),
    configurations: names(state.tokenConfigurations, 'title', 'description', 'tokenSources'),
    tokenRules: (state.tokenRules ?? [])
      .map(({ title, action, enabled, expression }) => `${title} ${action} ${enabled} ${named(expression)}`)
      .sort(),
    operations: names(state.operations, 'method', 'host', 'endpoint'),
  };
}

type AuthentikRows = Readonly<
  Record<'groups' | 'keyPairs' | 'providers' | 'applications' | 'bindings' | 'outposts', readonly Row[]>
>;

/** The state of Authentik, with references by name. */
function authentikShape(rows: AuthentikRows): unknown {
  const found = new Map<unknown, unknown>();
  for (const list of Object.values(rows)) {
    if (!Array.isArray(list)) continue;
    for (const row of list as readonly Row[]) found.set(row.pk, row.slug ?? row.name);
  }
  const named = (list: readonly Row[], ...fields: readonly string[]) =>
    list.map((row) => {
      const resolved = fields.map((field) => {
        const value = row[field];
        return [field, Array.isArray(value) ? value.map((pk) => found.get(pk)).sort() : found.get(value)];
      });
      return { ...row, ...Object.fromEntries(resolved) };
    });
  return {
    groups: names(rows.groups, 'name', 'attributes'),
    pairs: names(rows.keyPairs, 'name'),
    providers: names(
      named(rows.providers, 'signing_key'),
      ...['name', 'signing_key', 'grant_types', 'redirect_uris'],
    ),
    proxies: rows.providers
      .flatMap(({ name, proxy }) => (proxy === null ? [] : [JSON.stringify([name, inUse(proxy as Row)])]))
      .sort(),
    applications: names(
      named(rows.applications, 'provider'),
      ...['slug', 'provider', 'meta_launch_url', 'meta_publisher', 'policy_engine_mode'],
    ),
    bindings: names(named(rows.bindings, 'target', 'group'), 'target', 'group', 'enabled', 'negate'),
    outposts: names(named(rows.outposts, 'providers'), 'name', 'providers', 'config'),
  };
}

/** In forward auth, the outpost's internal host has no effect. */
function inUse({ cookie_secret: _, internal_host: internal, ...proxy }: Row): Row {
  return proxy.mode === 'proxy' ? { ...proxy, internal_host: internal } : proxy;
}

function names(list: readonly Row[] | undefined, ...fields: readonly string[]): readonly string[] {
  return (list ?? []).map((item) => fields.map((field) => JSON.stringify(item[field])).join(' ')).sort();
}
