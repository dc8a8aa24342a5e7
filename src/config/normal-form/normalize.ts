import type * as file from '../../../schema/generated/config.ts';
import { normalizeGate } from '../../gates/index.ts';
import type { NamedLists } from '../../gates/shared/gate-row.ts';
import { type ClientAuthority, readAuthority } from '../model/client-authority.ts';
import type {
  Action,
  AuthentikConfig,
  CloudflareConfig,
  Config,
  Notification,
  Origin,
  OriginRequest,
  PathException,
  ReconcileSettings,
  Service,
  ServiceToken,
} from '../model/config.ts';
import { secondsOf } from '../model/duration.ts';
import { fullHost, fullRecordName, zoneOf } from '../model/host.ts';
import { outpostTermsOf } from '../model/outpost-terms.ts';
import { readPathForm } from '../model/path-form.ts';
import type { PlainRecord } from '../model/plain-record.ts';
import { secretSourceOf } from '../model/secret-source.ts';
import type { YamlDocument } from '../yaml/yaml-values.ts';
import { normalizeClient, sinksOf } from './normalize-client.ts';
import { normalizeExpectations } from './normalize-expectations.ts';

/**
 * A valid file with every default filled in. A service whose origin, zone or path form cannot be resolved is left out:
 * that only happens in a refused file, whose sound part is still judged. `document` knows the place of an entry in the
 * text.
 */
export function normalize(source: file.GatesFile, document: Pick<YamlDocument, 'place' | 'written'>): Config {
  const zones = source.cloudflare.zones.map((zone) => zone.toLowerCase());
  const origins = named(source.origins, originOf);
  return {
    owner: source.owner,
    cloudflare: cloudflareOf(source.cloudflare, zones),
    authentik:
      source.authentik === undefined ? undefined : authentikOf(source.authentik, source.services ?? {}),
    origins,
    groups: new Set(Object.keys(source.groups ?? {})),
    groupParents: parentsOf(source.groups ?? {}),
    people: new Set(Object.keys(source.people ?? {})),
    networks: new Set(Object.keys(source.networks ?? {})),
    certificateAuthorities: authoritiesOf(source.certificateAuthorities ?? {}),
    services: servicesOf(source, origins, zones),
    clients: named(source.clients, normalizeClient),
    serviceTokens: named(source.serviceTokens, serviceTokenOf),
    actions: named(source.actions, actionOf),
    records: Object.entries(source.dns ?? {}).flatMap(([zone, records]) =>
      records.map((record) => recordOf(record, zone.toLowerCase())),
    ),
    waf: { skip: source.waf?.skip === undefined ? undefined : wafSkipOf(source.waf.skip, zones) },
    reconcile: reconcileOf(source.reconcile ?? {}),
    notify: (source.notify ?? []).flatMap(notificationOf),
    expectations: normalizeExpectations(source, zones, document),
  };
}

function named<In, Out>(
  section: Readonly<Record<string, In>> | undefined,
  read: (name: string, entry: In) => Out,
): Map<string, Out> {
  return new Map(Object.entries(section ?? {}).map(([name, entry]) => [name, read(name, entry)]));
}

function parentsOf(groups: NonNullable<file.GatesFile['groups']>): ReadonlyMap<string, string> {
  return new Map(
    Object.entries(groups).flatMap(([name, entry]) =>
      entry?.parent === undefined ? [] : [[name, entry.parent] as const],
    ),
  );
}

function authoritiesOf(
  entries: Readonly<Record<string, file.CertificateAuthority>>,
): Map<string, ClientAuthority> {
  const authorities = Object.entries(entries).flatMap(([name, { pem }]) => {
    const read = readAuthority(pem);
    return 'problem' in read ? [] : [[name, { name, ...read }] as const];
  });
  return new Map(authorities);
}

function cloudflareOf(entry: file.Cloudflare, zones: readonly string[]): CloudflareConfig {
  const { access = {} } = entry;
  return {
    account: entry.account,
    zones,
    zoneTokens: new Map(
      Object.entries(entry.zoneTokens ?? {}).map(([zone, name]) => [zone.toLowerCase(), name]),
    ),
    tunnels: named(entry.tunnels, (name, tunnel) => ({
      name,
      create: tunnel?.create ?? false,
      deliver: (tunnel?.deliver ?? []).map(({ file: path, names }) => ({
        file: path,
        names: { token: names?.token ?? 'TUNNEL_TOKEN' },
      })),
    })),
    access: {
      team: access.team,
      identityProvider: access.identityProvider,
      openDoors: access.openDoors,
      breakGlass: access.breakGlass,
    },
    apiShield: { sync: entry.apiShield?.sync ?? '*/5 * * * *' },
  };
}

function authentikOf(
  entry: file.Authentik,
  services: Readonly<Record<string, file.Service>>,
): AuthentikConfig {
  const faces = Object.entries(services).flatMap(([name, { gate }]) =>
    normalizeGate(gate).showsLogin ? [name] : [],
  );
  const url = bare(entry.url);
  return {
    url,
    service: entry.service ?? (faces.length === 1 ? faces[0] : undefined),
    outpost: entry.outpost ?? 'authentik Embedded Outpost',
    outpostUrl: entry.outpostUrl === undefined ? url : bare(entry.outpostUrl),
    ldapOutpost: entry.ldapOutpost,
    domains: new Map(
      Object.entries(entry.domains ?? {}).map(
        ([name, { groups = [], users = [], everyone, flow, policies = [], ...rest }]) => [
          name.toLowerCase(),
          {
            name: name.toLowerCase(),
            groups,
            users,
            everyone,
            flow,
            policies,
            outpost: outpostTermsOf(rest),
          },
        ],
      ),
    ),
    flows: {
      authorization: entry.flows?.authorization ?? 'default-provider-authorization-implicit-consent',
      invalidation: entry.flows?.invalidation ?? 'default-provider-invalidation-flow',
      bind: entry.flows?.bind ?? 'default-authentication-flow',
      unbind: entry.flows?.unbind ?? 'default-invalidation-flow',
    },
    scopes: named(entry.scopes, (name, { expression, description }) => ({ name, expression, description })),
  };
}

/** cloudflared accepts no path, and nobody means anything by a final slash. */
function bare(url: string): string {
  return url.replace(/\/$/, '');
}

function originOf(name: string, entry: file.Origin): Origin {
  const { tunnel, url, forwardAuth = false, router = false, ...request } = entry;
  return { name, tunnel, url: bare(url), forwardAuth, router, request: requestOf(request) };
}

function requestOf(entry: Omit<file.Origin, 'tunnel' | 'url' | 'forwardAuth' | 'router'>): OriginRequest {
  const { connectTimeout, keepAliveTimeout, tcpKeepAlive, tlsTimeout, ...rest } = entry;
  return {
    ...rest,
    ...(connectTimeout === undefined ? {} : { connectTimeout: secondsOf(connectTimeout) }),
    ...(keepAliveTimeout === undefined ? {} : { keepAliveTimeout: secondsOf(keepAliveTimeout) }),
    ...(tcpKeepAlive === undefined ? {} : { tcpKeepAlive: secondsOf(tcpKeepAlive) }),
    ...(tlsTimeout === undefined ? {} : { tlsTimeout: secondsOf(tlsTimeout) }),
  };
}

function servicesOf(
  source: file.GatesFile,
  origins: ReadonlyMap<string, Origin>,
  zones: readonly string[],
): Map<string, Service> {
  const services = new Map<string, Service>();
  const known = new Set(zones);
  for (const [name, service] of Object.entries(source.services ?? {})) {
    const host = fullHost(service.host, zones);
    const zone = zoneOf(host, known);
    const origin = origins.get(service.origin);
    if (zone === undefined || origin === undefined) continue;
    services.set(name, {
      name,
      host,
      zone,
      origin,
      hostHeader: service.hostHeader === undefined ? undefined : fullHost(service.hostHeader, zones),
      gate: normalizeGate(service.gate, source),
      identityHeader:
        service.identityHeader === undefined
          ? undefined
          : { user: service.identityHeader.user, groups: service.identityHeader.groups },
      paths: pathsOf(service.paths ?? {}, source),
      alias: service.alias,
      cache: service.cache,
      manage: service.manage ?? 'apply',
      protect: service.protect ?? false,
      ignore: service.ignore ?? [],
    });
  }
  return services;
}

function pathsOf(entries: Readonly<Record<string, file.Gate>>, lists: NamedLists): PathException[] {
  const paths = Object.entries(entries).flatMap(([path, gate]) => {
    const form = readPathForm(path);
    return 'message' in form
      ? []
      : [{ path, form: form.form, prefix: form.prefix, gate: normalizeGate(gate, lists) }];
  });
  return paths.sort((a, b) => b.prefix.length - a.prefix.length || (a.prefix < b.prefix ? -1 : 1));
}

function serviceTokenOf(name: string, entry: file.ServiceToken): ServiceToken {
  const { duration = '8760h', rotate } = entry;
  return {
    name,
    duration: duration === 'forever' ? 'forever' : secondsOf(duration),
    rotate: rotate && { every: secondsOf(rotate.every), overlap: secondsOf(rotate.overlap ?? '7d') },
    deliver: sinksOf(entry.deliver, 'CF_ACCESS'),
    protect: entry.protect ?? false,
  };
}

function actionOf(name: string, entry: file.Action): Action {
  const timeout = secondsOf(entry.timeout ?? '10m');
  if (entry.http !== undefined) {
    const { url, method = 'POST', token } = entry.http;
    return { name, timeout, start: { type: 'http', url, method, token: token && secretSourceOf(token) } };
  }
  const { run = [], directory, environment = [] } = entry;
  return { name, timeout, start: { type: 'run', command: run, directory, environment } };
}

function recordOf(entry: file.DnsRecord, zone: string): PlainRecord {
  return {
    zone,
    name: fullRecordName(entry.name, zone),
    type: entry.type,
    content: entry.content,
    data: entry.data,
    priority: entry.priority,
    ttl: entry.ttl === undefined || entry.ttl === 'auto' ? 1 : entry.ttl,
    proxied: entry.proxied ?? false,
    comment: entry.comment,
    tags: entry.tags,
    protect: entry.protect ?? false,
    ignore: entry.ignore ?? [],
  };
}

function wafSkipOf(entry: file.WafSkip, zones: readonly string[]): Config['waf']['skip'] {
  const { products = [], phases = [] } = entry;
  return { hosts: entry.hosts.map((host) => fullHost(host, zones)), products, phases };
}

function reconcileOf(entry: file.Reconcile): ReconcileSettings {
  const { limits = {} } = entry;
  return {
    schedule: entry.schedule ?? '*/5 * * * *',
    timezone: entry.timezone ?? 'UTC',
    drift: entry.drift ?? 'repair',
    prune: entry.prune ?? true,
    limits: {
      change: shareOf(limits.change ?? '30%'),
      prune: shareOf(limits.prune ?? '30%'),
      floor: limits.floor ?? 5,
    },
    probe: entry.probe,
    jitter: entry.jitter === undefined ? 0 : secondsOf(entry.jitter),
    windows: (entry.windows ?? []).map(({ schedule, duration }) => ({
      schedule,
      duration: secondsOf(duration),
    })),
  };
}

function shareOf(percent: string): number {
  return Number.parseInt(percent, 10) / 100;
}

function notificationOf(entry: file.Notification): Notification[] {
  const { ntfy, slack, discord, telegram, webhook } = entry;
  if (ntfy) return [{ type: 'ntfy', url: ntfy.url, token: ntfy.token && secretSourceOf(ntfy.token) }];
  if (slack) return [{ type: 'slack', url: secretSourceOf(slack.url) }];
  if (discord) return [{ type: 'discord', url: secretSourceOf(discord.url) }];
  if (telegram) return [{ type: 'telegram', token: secretSourceOf(telegram.token), chat: telegram.chat }];
  if (webhook)
    return [{ type: 'webhook', url: webhook.url, secret: webhook.secret && secretSourceOf(webhook.secret) }];
  return [];
}
