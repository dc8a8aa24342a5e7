import { serveEdge, toRawVisit } from '../../../../src/lab/sandbox/edge/edge.ts';
import { firstWorld } from '../../../../src/lab/sandbox/first-world.ts';
import { newServiceToken } from '../../../../src/lab/sandbox/state/fresh-objects.ts';
import { newHex, newUuid } from '../../../../src/lab/sandbox/state/ids.ts';
import type {
  AccessApp,
  AccessPolicy,
  DnsRecord,
  IngressRule,
  JsonObject,
  ServiceToken,
  World,
} from '../../../../src/lab/sandbox/state/world.ts';

const BORN = '2026-01-01T00:00:00.000Z';

/** A world with the zone example.dev, to which a test adds its rows directly. */
export function newWorld(zones: string[] = ['example.dev']): World {
  return firstWorld({ zones });
}

export function addRecord(world: World, given: Partial<DnsRecord> & Pick<DnsRecord, 'name'>): DnsRecord {
  const zone = world.zones.find(({ name }) => given.name === name || given.name.endsWith(`.${name}`));
  const record: DnsRecord = {
    id: newHex(world, 32),
    zoneId: zone?.id ?? '',
    type: 'CNAME',
    content: `${world.tunnels[0]?.id}.cfargotunnel.com`,
    ttl: 1,
    proxied: true,
    priority: null,
    data: null,
    comment: null,
    tags: [],
    settings: {},
    privateRouting: false,
    createdOn: BORN,
    modifiedOn: BORN,
    commentModifiedOn: null,
    tagsModifiedOn: null,
    ...given,
  };
  world.records.push(record);
  return record;
}

/** Writes a configuration of the tunnel `homelab`, and adds the catch-all. */
export function setIngress(world: World, rules: IngressRule[], writtenAt = 0): void {
  const tunnel = world.tunnels[0];
  if (!tunnel) throw new Error('the first world has a tunnel');
  tunnel.versions.push({
    version: tunnel.versions.length + 1,
    config: { ingress: [...rules, { service: 'http_status:404' }] },
    createdAt: BORN,
    writtenAt,
  });
}

export function addPolicy(
  world: World,
  decision: AccessPolicy['decision'],
  include: JsonObject[],
  more: Partial<AccessPolicy> = {},
): AccessPolicy {
  const id = newUuid(world);
  const policy: AccessPolicy = {
    id,
    uid: id,
    appId: null,
    name: `${decision} ${world.policies.length}`,
    decision,
    include,
    exclude: [],
    require: [],
    sessionDuration: null,
    settings: {},
    createdAt: BORN,
    updatedAt: BORN,
    ...more,
  };
  world.policies.push(policy);
  return policy;
}

export function addApp(
  world: World,
  uris: string[],
  policies: AccessPolicy[],
  more: Partial<AccessApp> = {},
): AccessApp {
  const id = newUuid(world);
  const app: AccessApp = {
    id,
    uid: id,
    aud: newHex(world, 64),
    scope: { kind: 'accounts', id: world.account.id },
    name: uris[0] ?? 'app',
    type: 'self_hosted',
    destinations: uris.map((uri) => ({ type: 'public', uri })),
    policies: policies.map((policy, index) => ({ id: policy.id, precedence: index + 1 })),
    tags: [],
    sessionDuration: '24h',
    settings: {},
    createdAt: BORN,
    updatedAt: BORN,
    revokedAt: null,
    ...more,
  };
  world.apps.push(app);
  return app;
}

export function addToken(world: World, name: string): ServiceToken {
  const token = newServiceToken(world, { name, duration: '8760h', now: Date.now() });
  world.serviceTokens.push(token);
  return token;
}

export function tokenHeaders(token: ServiceToken): Record<string, string> {
  return { 'CF-Access-Client-Id': token.clientId, 'CF-Access-Client-Secret': token.secret };
}

/** A rule whose connector requires the JWT of `app`. */
export function guardedRule(hostname: string, app: AccessApp, more: Partial<IngressRule> = {}): IngressRule {
  return {
    hostname,
    service: 'http://app.lan',
    originRequest: { access: { required: true, teamName: 'example', audTag: [app.aud] } },
    ...more,
  };
}

export interface Seen {
  status: number;
  servedBy: string | null;
  headers: Headers;
  text: string;
}

/** Visits `url` in process, as a client on the internet. */
export async function visit(
  world: World,
  url: string,
  headers: Record<string, string> = {},
  method = 'GET',
  body = '',
): Promise<Seen> {
  const init = body === '' ? { method, headers } : { method, headers, body };
  return see(await serveEdge(world, await toRawVisit(new Request(url, init))));
}

/** Visits a path that URL parsing would have normalized. */
export async function visitRaw(world: World, host: string, path: string): Promise<Seen> {
  return see(await serveEdge(world, { method: 'GET', host, path, query: '', headers: [], body: null }));
}

async function see(response: Response): Promise<Seen> {
  return {
    status: response.status,
    servedBy: response.headers.get('x-sandbox-served-by'),
    headers: response.headers,
    text: await response.text(),
  };
}
