import fc from 'fast-check';
import type { Sandbox } from '../../../src/lab/sandbox/index.ts';
import { askAdmin } from '../stage/hand.ts';
import { type GroupParent, type Login, named } from './login.ts';

/**
 * Foreign objects in the same zone, tunnel, account and Authentik: of another owner, of nobody, and of an owner with a
 * similar name; and objects that answer for every host.
 */
export interface Neighbours {
  /** A wildcard record into our tunnel, and the target of the tunnel's wildcard rule. */
  readonly wildcard: 'none' | 'closed' | 'open';
  /** The target of the tunnel's last rule. */
  readonly catchAll: 'closed' | 'open';
  /** An Access application for every host of the zone. */
  readonly accessForAll: boolean;
  /** An Access application on a host of ours, or on a path of it. */
  readonly accessOn: 'none' | '' | '/admin';
  /** A group with a name that files use. */
  readonly guests: boolean;
}

/** The host with the foreign application. */
export const occupiedHost = 'k.example.dev';

export const neighbours: fc.Arbitrary<Neighbours> = fc.record({
  wildcard: fc.constantFrom('none', 'none', 'closed', 'open'),
  catchAll: fc.constantFrom('closed', 'closed', 'open'),
  accessForAll: fc.constantFrom(false, false, true),
  accessOn: fc.constantFrom('none', 'none', '', '/admin'),
  guests: fc.boolean(),
});

export type Row = Readonly<Record<string, unknown>>;
type Call = (
  system: 'cloudflare' | 'authentik',
  path: string,
  body: unknown,
  method?: string,
) => Promise<Row>;

/** Creates all of these objects, as somebody else. */
export async function settle(sandbox: Sandbox, { wildcard, catchAll, ...rest }: Neighbours): Promise<void> {
  const call: Call = async (system, path, body, method = 'POST') => {
    const edit = { actor: 'neighbour', system, method, path, body };
    const reply = (await askAdmin(sandbox, 'POST', '/edit', edit)) as Row;
    return (reply.result ?? reply) as Row;
  };
  const account = `/accounts/${sandbox.accountId}`;
  const [tunnel] = (await call('cloudflare', `${account}/cfd_tunnel`, undefined, 'GET')) as unknown as Row[];
  const records = `/zones/${sandbox.zones[0]?.id}/dns_records`;
  const record = (fields: Row) => call('cloudflare', records, { ttl: 1, ...fields });
  await record({ type: 'TXT', name: 'work', content: 'theirs', comment: 'gates:work by hand' });
  await record({ type: 'A', name: 'plain', content: '192.0.2.7', comment: 'gates:homer' });
  const inTunnel = { type: 'CNAME', content: `${tunnel?.id}.cfargotunnel.com`, proxied: true };
  await record({ ...inTunnel, name: 'mine' });
  if (wildcard !== 'none') await record({ ...inTunnel, name: '*' });
  const wild = wildcard === 'open' ? 'http://wild.lan:80' : 'http_status:404';
  const ingress = [
    { hostname: 'mine.example.dev', path: '^/x', service: 'http://mine.lan:80' },
    closed('work.example.dev', 'gates-work'),
    ...(wildcard === 'none' ? [] : [{ hostname: '*.example.dev', service: wild }]),
    { service: catchAll === 'open' ? 'http://catch.lan:80' : 'http_status:404' },
  ];
  await call(
    'cloudflare',
    `${account}/cfd_tunnel/${tunnel?.id}/configurations`,
    { config: { ingress } },
    'PUT',
  );
  await settleAccess(call, `${account}/access`, rest);
  await settleAuthentik(call, rest);
}

function closed(hostname: string, header: string): Row {
  return { hostname, service: 'http_status:503', originRequest: { httpHostHeader: header } };
}

async function settleAccess(call: Call, access: string, { accessForAll, accessOn }: Partial<Neighbours>) {
  for (const tag of ['gates-work', 'gates-homer']) await call('cloudflare', `${access}/tags`, { name: tag });
  for (const name of ['ci', 'gates:work/ci', 'gates:homer/ci'])
    await call('cloudflare', `${access}/service_tokens`, { name });
  const include = [{ email: { email: 'them@example.dev' } }];
  const policies: unknown[] = [];
  for (const name of [
    'a.example.dev',
    'gates:homer/a.example.dev',
    'gates:home',
    'gates:work/a.example.dev',
  ]) {
    policies.push((await call('cloudflare', `${access}/policies`, { name, decision: 'allow', include })).id);
  }
  const application = (uri: string, tags: readonly string[] = []) =>
    call('cloudflare', `${access}/apps`, {
      ...{ name: `theirs ${uri}`, type: 'self_hosted', domain: uri, tags },
      destinations: [{ type: 'public', uri }],
      policies: [{ id: policies[tags.length], precedence: 1 }],
    });
  await application('mine.example.dev', ['gates-homer']);
  if (accessForAll === true) await application('*.example.dev');
  if (accessOn !== 'none') await application(`${occupiedHost}${accessOn}`);
}

async function settleAuthentik(call: Call, { guests }: Partial<Neighbours>): Promise<void> {
  const api = '/api/v3';
  const flows = (await call('authentik', `${api}/flows/instances/`, undefined, 'GET')).results as Row[];
  const flow = (wanted: string) => flows.find(({ designation }) => designation === wanted)?.pk;
  const made = { authorization_flow: flow('authorization'), invalidation_flow: flow('invalidation') };
  const group = (name: string, attributes: Row) =>
    call('authentik', `${api}/core/groups/`, { name, attributes });
  const friends = await group('friends', { 'gates/owner': 'work' });
  await group('family ', { note: 'nearly ours' });
  if (guests === true) await group('guests', {});
  const games = await call('authentik', `${api}/providers/proxy/`, {
    ...{ ...made, name: 'gates:homer/games', mode: 'forward_single' },
    external_host: 'https://games.example.dev',
  });
  const wiki = await call('authentik', `${api}/providers/oauth2/`, {
    ...{ ...made, name: 'gates:work/wiki' },
    redirect_uris: [{ matching_mode: 'strict', url: 'https://wiki.example.net/callback' }],
  });
  for (const [slug, provider, publisher] of [
    ['games', games.pk, 'somebody'],
    ['their-wiki', wiki.pk, 'gates:work'],
  ] as const) {
    const application = { name: slug, slug, provider, meta_publisher: publisher };
    const { pk } = await call('authentik', `${api}/core/applications/`, application);
    const nobody = { policy: null, user: null };
    await call('authentik', `${api}/policies/bindings/`, {
      ...{ ...nobody, target: pk, group: friends.pk, enabled: true, order: 0 },
    });
  }
  const outposts = (await call('authentik', `${api}/outposts/instances/`, undefined, 'GET')).results as Row[];
  await call(
    'authentik',
    `${api}/outposts/instances/${outposts[0]?.pk}/`,
    { providers: [games.pk] },
    'PATCH',
  );
}

const ourHost = /^([a-k]2?|auth(-api)?|app|beside|machines)\.example\.dev$/;

/** True for an object with our marker. Rules, bindings and entries have none. */
export function isOurs({ name, description, comment, managed, tags, ...row }: Row): boolean {
  return (
    [name, managed, description].some((text) => String(text).startsWith('gates:home/')) ||
    name === 'gates-home' ||
    /^gates:home( |$)/.test(String(comment)) ||
    (tags as readonly unknown[] | undefined)?.includes('gates-home') === true ||
    row.meta_publisher === 'gates:home' ||
    (row.attributes as Row | undefined)?.['gates/owner'] === 'home'
  );
}

/** True for a rule of ours in front of the hosts of a zone. */
export function isOurZoneRule({ ref }: Row): boolean {
  return String(ref).startsWith('gates_home_');
}

export function isOurRule({ hostname }: { readonly hostname?: unknown }): boolean {
  return ourHost.test(String(hostname));
}

/** The hosts for which a tunnel has a rule of ours without a path. */
export function ruledHosts({ tunnels }: Pick<State, 'tunnels'>): ReadonlySet<string> {
  const rules = tunnels.flatMap(rulesOf);
  return new Set(
    rules.flatMap((rule) => (isOurRule(rule) && rule.path === undefined ? [String(rule.hostname)] : [])),
  );
}

/** The hosts that a rule of ours answers, in the tunnel to which their name leads, or else the wildcard. */
export function answeredHosts({ tunnels, records }: State): ReadonlySet<string> {
  const leads = (host: string, { id }: Row) => {
    const named = records.filter(({ name }) => name === host).filter(leadsIntoTunnel);
    const answering = named.length > 0 ? named : records.filter(({ name }) => name === '*.example.dev');
    return answering.some(({ content }) => content === `${id}.cfargotunnel.com`);
  };
  const answered = tunnels.flatMap((tunnel) =>
    [...ruledHosts({ tunnels: [tunnel] })].filter((host) => leads(host, tunnel)),
  );
  return new Set(answered);
}

/** The latest rules of a tunnel. */
export function rulesOf(tunnel: Row): readonly TunnelRule[] {
  const { versions } = tunnel as unknown as TunnelRow;
  return versions.at(-1)?.config.ingress ?? [];
}

/** The hosts that a record of ours leads into a tunnel. */
export function ledHosts({ records }: State): ReadonlySet<string> {
  return new Set(
    records.filter((row) => isOurs(row) && leadsIntoTunnel(row)).map(({ name }) => String(name)),
  );
}

export function leadsIntoTunnel({ content }: Row): boolean {
  return String(content).endsWith('.cfargotunnel.com');
}

/** The paths of hosts that have their own Access application of ours, as `host/path`. */
export function dividedDoors({ apps }: State): ReadonlySet<string> {
  const uris = apps
    .filter(isOurs)
    .flatMap(({ destinations }) => (destinations as readonly Row[]).map(({ uri }) => String(uri)));
  return new Set(uris.filter((uri) => uri.includes('/')));
}

/** True if the name of a host is a plain record of ours, which bypasses the tunnel. */
export function hasPlainRecord({ records }: State, host: string): boolean {
  return records.some((record) => record.type === 'A' && record.name === host && isOurs(record));
}

/** The login of the domain as it is. */
export function loginOfDomain({ authentik }: State): Login {
  const { pk, provider } = authentik.applications.find(({ slug }) => slug === 'domain-example-dev') ?? {};
  const bound = authentik.bindings.filter(({ target }) => target === pk);
  const names = (key: 'group' | 'user' | 'policy', rows: readonly Row[], field: string) =>
    bound
      .filter((row) => row[key] !== null)
      .map((row) => String(rows.find((each) => each.pk === row[key])?.[field]));
  const { authorization_flow: asked } = authentik.providers.find((row) => row.pk === provider) ?? {};
  const flow = String(authentik.flows.find((row) => row.pk === asked)?.slug);
  return {
    groups: names('group', authentik.groups, 'name'),
    users: names('user', authentik.users, 'username'),
    policies: names('policy', authentik.expressionPolicies, 'name'),
    ...((named.flows as readonly string[]).includes(flow) && { flow }),
  };
}

/** The groups that lie in another one. */
export function parentsIn({ authentik: { groups } }: State): readonly GroupParent[] {
  const nameOf = (pk: unknown) => String(groups.find((row) => row.pk === pk)?.name);
  return groups.flatMap(({ name, parents }) =>
    (parents as readonly unknown[]).map((parent): GroupParent => [String(name), nameOf(parent)]),
  );
}

/** True if the login of a host has lost the object through which the outpost answers for it. */
export function isUnlinked({ authentik }: State, host: string): boolean {
  const login = authentik.applications.find(({ slug }) => slug === host.replaceAll('.', '-'));
  return authentik.providers.every(({ pk }) => pk !== login?.provider);
}

/** The hosts with a login of ours that somebody opened by hand for every path. */
export function openedLogins({ authentik }: State): ReadonlySet<string> {
  const proxies = authentik.providers.flatMap(({ proxy }) => (proxy === null ? [] : [proxy as Row]));
  const opened = proxies.filter(({ skip_path_regex: skipped }) => skipped === '.*');
  return new Set(opened.map(({ external_host: url }) => new URL(String(url)).hostname));
}

interface TunnelRow {
  readonly versions: readonly {
    readonly config: { readonly ingress: readonly TunnelRule[] };
  }[];
}

interface TunnelRule {
  readonly hostname?: string;
  readonly path?: string;
  readonly service?: string;
}

type Tables<Name extends string> = Readonly<Record<Name, readonly Row[]>>;

/** A snapshot of the sandbox, with the parts that this scenario reads. */
export type State = Tables<'records' | 'apps' | 'policies' | 'tags' | 'serviceTokens' | 'tunnels'> & {
  readonly authentik: Tables<
    | 'users'
    | 'groups'
    | 'applications'
    | 'providers'
    | 'bindings'
    | 'outposts'
    | 'scopeMappings'
    | 'keyPairs'
    | 'flows'
    | 'expressionPolicies'
    | 'brands'
  >;
  readonly identityProviders: readonly Row[];
  readonly accessCertificates?: readonly Row[];
  readonly rulesets?: readonly Row[];
  readonly tokenRules?: readonly Row[];
  readonly tokenConfigurations?: readonly Row[];
  readonly operations?: readonly Row[];
  /** The edge's copies of answers, by their keys. */
  readonly edgeCache?: Readonly<
    Record<string, { readonly host: string; readonly path: string; readonly storedAt: number }>
  >;
};

export function stateOf(sandbox: Sandbox): State {
  return JSON.parse(sandbox.snapshot()) as State;
}
