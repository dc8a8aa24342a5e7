import type * as file from '../../../schema/generated/config.ts';
import type { Place } from '../../core/mistake.ts';
import { normaliseGate } from '../../gates/index.ts';
import type { Path } from '../mistakes/finding.ts';
import type {
  Action,
  AuthentikConfig,
  Client,
  CloudflareConfig,
  Config,
  CredentialSink,
  Notification,
  Origin,
  OriginRequest,
  PathException,
  PlainRecord,
  ReconcileSettings,
  RedirectUri,
  Service,
  ServiceToken,
} from '../model/config.ts';
import { secondsOf } from '../model/duration.ts';
import { fullHost, fullRecordName, zoneOf } from '../model/host.ts';
import { readPathForm } from '../model/path-form.ts';
import { secretSourceOf } from '../model/secret-source.ts';
import { normaliseExpectations } from './normalise-expectations.ts';

/**
 * A valid file with every default filled in. A service whose origin, zone or path form cannot be resolved is left out:
 * that only happens in a refused file, whose sound part is still judged. `placeOf` returns the place of an entry in the
 * text.
 */
export function normalise(given: file.GatesFile, placeOf: (path: Path) => Place): Config {
  const zones = given.cloudflare.zones.map((zone) => zone.toLowerCase());
  const origins = named(given.origins, originOf);
  return {
    owner: given.owner,
    cloudflare: cloudflareOf(given.cloudflare, zones),
    authentik: given.authentik === undefined ? undefined : authentikOf(given.authentik, given.services ?? {}),
    origins,
    groups: new Set(Object.keys(given.groups ?? {})),
    services: servicesOf(given.services ?? {}, origins, zones),
    clients: named(given.clients, clientOf),
    serviceTokens: named(given.serviceTokens, serviceTokenOf),
    actions: named(given.actions, actionOf),
    records: Object.entries(given.dns ?? {}).flatMap(([zone, records]) =>
      records.map((record) => recordOf(record, zone.toLowerCase())),
    ),
    waf: { skip: given.waf?.skip === undefined ? undefined : wafSkipOf(given.waf.skip, zones) },
    reconcile: reconcileOf(given.reconcile ?? {}),
    notify: (given.notify ?? []).flatMap(notificationOf),
    expectations: normaliseExpectations(given, zones, placeOf),
  };
}

function named<In, Out>(
  section: Readonly<Record<string, In>> | undefined,
  read: (name: string, entry: In) => Out,
): Map<string, Out> {
  return new Map(Object.entries(section ?? {}).map(([name, entry]) => [name, read(name, entry)]));
}

function cloudflareOf(given: file.Cloudflare, zones: readonly string[]): CloudflareConfig {
  const { access = {} } = given;
  return {
    account: given.account,
    zones,
    tunnels: named(given.tunnels, (name, tunnel) => ({
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
    apiShield: { sync: given.apiShield?.sync ?? '*/5 * * * *' },
  };
}

function authentikOf(
  given: file.Authentik,
  services: Readonly<Record<string, file.Service>>,
): AuthentikConfig {
  const faces = Object.entries(services).flatMap(([name, { gate }]) =>
    normaliseGate(gate).showsLogin ? [name] : [],
  );
  const url = bare(given.url);
  return {
    url,
    service: given.service ?? (faces.length === 1 ? faces[0] : undefined),
    outpost: given.outpost ?? 'authentik Embedded Outpost',
    outpostUrl: given.outpostUrl === undefined ? url : bare(given.outpostUrl),
    domains: new Map(
      Object.entries(given.domains ?? {}).map(([name, { groups = [], everyone }]) => [
        name.toLowerCase(),
        { name: name.toLowerCase(), groups, everyone },
      ]),
    ),
    flows: {
      authorization: given.flows?.authorization ?? 'default-provider-authorization-implicit-consent',
      invalidation: given.flows?.invalidation ?? 'default-provider-invalidation-flow',
    },
    scopes: named(given.scopes, (name, { expression, description }) => ({ name, expression, description })),
  };
}

/** cloudflared accepts no path, and nobody means anything by a final slash. */
function bare(url: string): string {
  return url.replace(/\/$/, '');
}

function originOf(name: string, given: file.Origin): Origin {
  const { tunnel, url, forwardAuth = false, router = false, ...request } = given;
  return { name, tunnel, url: bare(url), forwardAuth, router, request: requestOf(request) };
}

function requestOf(given: Omit<file.Origin, 'tunnel' | 'url' | 'forwardAuth' | 'router'>): OriginRequest {
  const { connectTimeout, keepAliveTimeout, tcpKeepAlive, tlsTimeout, ...rest } = given;
  return {
    ...rest,
    ...(connectTimeout === undefined ? {} : { connectTimeout: secondsOf(connectTimeout) }),
    ...(keepAliveTimeout === undefined ? {} : { keepAliveTimeout: secondsOf(keepAliveTimeout) }),
    ...(tcpKeepAlive === undefined ? {} : { tcpKeepAlive: secondsOf(tcpKeepAlive) }),
    ...(tlsTimeout === undefined ? {} : { tlsTimeout: secondsOf(tlsTimeout) }),
  };
}

function servicesOf(
  given: Readonly<Record<string, file.Service>>,
  origins: ReadonlyMap<string, Origin>,
  zones: readonly string[],
): Map<string, Service> {
  const services = new Map<string, Service>();
  const known = new Set(zones);
  for (const [name, service] of Object.entries(given)) {
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
      gate: normaliseGate(service.gate),
      paths: pathsOf(service.paths ?? {}),
      alias: service.alias,
      cache: service.cache,
    });
  }
  return services;
}

function pathsOf(given: Readonly<Record<string, file.Gate>>): PathException[] {
  const paths = Object.entries(given).flatMap(([path, gate]) => {
    const form = readPathForm(path);
    return 'message' in form
      ? []
      : [{ path, form: form.form, prefix: form.prefix, gate: normaliseGate(gate) }];
  });
  return paths.sort((a, b) => b.prefix.length - a.prefix.length || (a.prefix < b.prefix ? -1 : 1));
}

function clientOf(name: string, given: file.Client): Client {
  return {
    name,
    type: given.type ?? 'confidential',
    redirectUris: (given.redirectUris ?? []).map(redirectUriOf),
    logoutUris: (given.logoutUris ?? []).map(redirectUriOf),
    grantTypes: given.grantTypes ?? ['authorization_code', 'refresh_token'],
    signingKey: given.signingKey ?? 'shared',
    scopes: given.scopes ?? ['openid', 'email', 'profile'],
    subject: given.subject ?? 'hashed_user_id',
    lifetimes: {
      code: secondsOf(given.lifetimes?.code ?? '1m'),
      access: secondsOf(given.lifetimes?.access ?? '1h'),
      refresh: secondsOf(given.lifetimes?.refresh ?? '30d'),
    },
    groups: given.groups ?? [],
    everyone: given.everyone,
    deliver: sinksOf(given.deliver, name.toUpperCase().replaceAll('-', '_')),
  };
}

function redirectUriOf(given: file.RedirectUri): RedirectUri {
  return typeof given === 'string' ? { match: 'strict', uri: given } : { match: 'regex', uri: given.regex };
}

function serviceTokenOf(name: string, given: file.ServiceToken): ServiceToken {
  const { duration = '8760h', rotate } = given;
  return {
    name,
    duration: duration === 'forever' ? 'forever' : secondsOf(duration),
    rotate: rotate && { every: secondsOf(rotate.every), overlap: secondsOf(rotate.overlap ?? '7d') },
    deliver: sinksOf(given.deliver, 'CF_ACCESS'),
  };
}

function sinksOf(given: file.CredentialSinks | undefined, prefix: string): CredentialSink[] {
  return (given ?? []).map(({ file: path, names }) => ({
    file: path,
    names: { id: names?.id ?? `${prefix}_CLIENT_ID`, secret: names?.secret ?? `${prefix}_CLIENT_SECRET` },
  }));
}

function actionOf(name: string, given: file.Action): Action {
  const timeout = secondsOf(given.timeout ?? '10m');
  if (given.http !== undefined) {
    const { url, method = 'POST', token } = given.http;
    return { name, timeout, start: { type: 'http', url, method, token: token && secretSourceOf(token) } };
  }
  const { run = [], directory, environment = [] } = given;
  return { name, timeout, start: { type: 'run', command: run, directory, environment } };
}

function recordOf(given: file.DnsRecord, zone: string): PlainRecord {
  return {
    zone,
    name: fullRecordName(given.name, zone),
    type: given.type,
    content: given.content,
    data: given.data,
    priority: given.priority,
    ttl: given.ttl === undefined || given.ttl === 'auto' ? 1 : given.ttl,
    proxied: given.proxied ?? false,
    comment: given.comment,
    tags: given.tags,
  };
}

function wafSkipOf(given: file.WafSkip, zones: readonly string[]): Config['waf']['skip'] {
  const { products = [], phases = [] } = given;
  return { hosts: given.hosts.map((host) => fullHost(host, zones)), products, phases };
}

function reconcileOf(given: file.Reconcile): ReconcileSettings {
  const { limits = {} } = given;
  return {
    schedule: given.schedule ?? '*/5 * * * *',
    timezone: given.timezone ?? 'UTC',
    drift: given.drift ?? 'repair',
    prune: given.prune ?? true,
    limits: {
      change: shareOf(limits.change ?? '30%'),
      prune: shareOf(limits.prune ?? '30%'),
      floor: limits.floor ?? 5,
    },
    probe: given.probe,
    jitter: given.jitter === undefined ? 0 : secondsOf(given.jitter),
    windows: (given.windows ?? []).map(({ schedule, duration }) => ({
      schedule,
      duration: secondsOf(duration),
    })),
  };
}

function shareOf(percent: string): number {
  return Number.parseInt(percent, 10) / 100;
}

function notificationOf(given: file.Notification): Notification[] {
  const { ntfy, slack, discord, telegram, webhook } = given;
  if (ntfy) return [{ type: 'ntfy', url: ntfy.url, token: ntfy.token && secretSourceOf(ntfy.token) }];
  if (slack) return [{ type: 'slack', url: secretSourceOf(slack.url) }];
  if (discord) return [{ type: 'discord', url: secretSourceOf(discord.url) }];
  if (telegram) return [{ type: 'telegram', token: secretSourceOf(telegram.token), chat: telegram.chat }];
  if (webhook)
    return [{ type: 'webhook', url: webhook.url, secret: webhook.secret && secretSourceOf(webhook.secret) }];
  return [];
}
