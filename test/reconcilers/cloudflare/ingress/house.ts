import { accessApplication } from '../../../../reconcilers/cloudflare/access/access-application.ts';
import { account } from '../../../../reconcilers/cloudflare/account/account.ts';
import { tunnel } from '../../../../reconcilers/cloudflare/account/tunnel.ts';
import { zone } from '../../../../reconcilers/cloudflare/account/zone.ts';
import { dnsRecord } from '../../../../reconcilers/cloudflare/dns/dns-record.ts';
import {
  type IngressRuleSpec,
  ingressRule,
} from '../../../../reconcilers/cloudflare/ingress/ingress-rule.ts';
import { ingressRuleKey } from '../../../../reconcilers/cloudflare/ingress/rule-id.ts';
import type { DesiredObject } from '../../../../src/core/objects/object.ts';
import { type Linked, ref } from '../../../../src/core/objects/reference.ts';
import type { TestWorld } from '../../../support/world.ts';

export const reconcilers = [account, zone, tunnel, accessApplication, ingressRule, dnsRecord];
export const homelab: DesiredObject = {
  address: { kind: 'cloudflare/tunnel', key: 'homelab' },
  spec: { name: 'homelab', configSource: 'cloudflare' },
  mustExist: 'make it first',
  because: 'cloudflare.tunnels.homelab',
};
export const example: DesiredObject = {
  address: { kind: 'cloudflare/zone', key: 'example.dev' },
  spec: { status: 'active' },
  mustExist: 'add it first',
  because: 'cloudflare.zones',
};

export interface Entry {
  readonly hostname?: string;
  readonly path?: string;
  readonly service: string;
  readonly originRequest?: object;
}

export interface Document {
  readonly version: number;
  readonly config: { readonly ingress: readonly Entry[]; readonly originRequest?: object } | null;
}

export type RuleSpec = Linked<IngressRuleSpec>;

export function rule(hostname: string, changes: Partial<RuleSpec> & { path?: string } = {}): DesiredObject {
  const spec: RuleSpec = {
    tunnel: 'homelab',
    tunnelId: ref('cloudflare/tunnel:homelab'),
    hostname,
    service: 'http://app.lan:80',
    originRequest: {},
    ...changes,
  };
  const key = ingressRuleKey({ tunnel: 'homelab', hostname, path: changes.path });
  return { address: { kind: 'cloudflare/ingress-rule', key }, spec, because: 'services.app' };
}

export function record(name: string): DesiredObject {
  const spec = {
    zone: 'example.dev',
    zoneId: ref('cloudflare/zone:example.dev'),
    type: 'CNAME',
    name,
    content: ref('cloudflare/tunnel:homelab', '{id}.cfargotunnel.com'),
    ttl: 1,
    proxied: true,
    comment: '',
  };
  return { address: { kind: 'cloudflare/dns-record', key: `CNAME ${name}` }, spec, because: 'services.app' };
}

/** The objects that a service on a host needs besides its rules. */
export const around = (host: string) => [homelab, example, record(host)];

export const host = 'app.example.dev';
export const app = rule(host, {
  originRequest: {
    noTLSVerify: true,
    connectTimeout: 10,
    access: { required: true, teamName: 'example', audTag: ['b', 'a'] },
  },
});
export const catchAll: Entry = { service: 'http_status:404' };

export async function configurations(test: TestWorld): Promise<string> {
  const [found] = await test.read(tunnel);
  return `/accounts/${test.sandbox.accountId}/cfd_tunnel/${found?.id}/configurations`;
}

export async function live(test: TestWorld): Promise<Document> {
  return (await test.edit('GET', await configurations(test))) as Document;
}

/** Writes the complete list by hand, as another program does. */
export async function write(
  test: TestWorld,
  ingress: readonly Entry[],
  others: object = {},
): Promise<unknown> {
  return test.edit('PUT', await configurations(test), { config: { ...others, ingress } });
}

export async function change(
  test: TestWorld,
  edit: (entries: readonly Entry[]) => readonly Entry[],
): Promise<unknown> {
  return write(test, edit((await live(test)).config?.ingress ?? []));
}

export const doorOf = ({ hostname, path }: Entry) => [hostname || '*', ...(path ? [path] : [])].join(' ');

/** The list as `host path` lines, in order. */
export async function order(test: TestWorld): Promise<readonly string[]> {
  return ((await live(test)).config?.ingress ?? []).map(doorOf);
}
