import type { Place } from '../../core/mistake.ts';
import type { Client } from './client.ts';
import type { ClientAuthority } from './client-authority.ts';
import type { Everyone, Gate } from './gate.ts';
import type { OutpostTerms } from './outpost-terms.ts';
import type { PlainRecord } from './plain-record.ts';
import type { CredentialSink, TokenSink } from './secret-sink.ts';
import type { SecretSource } from './secret-source.ts';

/**
 * The content of gates.yaml after it was read, checked and normalized: every default filled in, every reference to an
 * origin resolved, hosts in lower case and in full, durations in seconds.
 *
 * Only {@link parseConfig} makes a `Config`: all its content is declared, well formed and inside the zones of the
 * file, so the layers below need not check again.
 */
export interface Config {
  /** `^[a-z][a-z0-9-]{0,15}$`; written on every object. */
  readonly owner: string;
  readonly cloudflare: CloudflareConfig;
  /** `undefined` if the file has no `authentik` block. */
  readonly authentik: AuthentikConfig | undefined;
  /** Keyed by name, like every map here. The iteration order is that of the file and does not matter. */
  readonly origins: ReadonlyMap<string, Origin>;
  /** Names of Authentik groups. */
  readonly groups: ReadonlySet<string>;
  /** The parent that the file gives a group, by the name of the group: its members are members of the parent too. */
  readonly groupParents: ReadonlyMap<string, string>;
  /** Names of the lists that gates share; the gates have their content. */
  readonly people: ReadonlySet<string>;
  readonly networks: ReadonlySet<string>;
  readonly certificateAuthorities: ReadonlyMap<string, ClientAuthority>;
  readonly services: ReadonlyMap<string, Service>;
  readonly clients: ReadonlyMap<string, Client>;
  readonly serviceTokens: ReadonlyMap<string, ServiceToken>;
  readonly actions: ReadonlyMap<string, Action>;
  readonly records: readonly PlainRecord[];
  readonly waf: { readonly skip: WafSkip | undefined };
  readonly reconcile: ReconcileSettings;
  readonly notify: readonly Notification[];
  /** The assertions at top level, then those below each service. */
  readonly expectations: readonly DoorExpectation[];
}

/** An assertion of `expect`: this visitor gets this verdict at this door. */
export interface DoorExpectation extends Place {
  /** The keys that lead to it: `services.grafana.expect[0]`. */
  readonly key: string;
  /** Lower case, in one of the zones. */
  readonly host: string;
  /** As written; `/` if the file has none. */
  readonly path: string;
  /** In capitals. */
  readonly method: string;
  readonly visitor: ExpectedVisitor;
  readonly verdict: 'allow' | 'deny' | 'login';
}

export type ExpectedVisitor =
  | { readonly who: 'anonymous' }
  /** Lower case. */
  | { readonly who: 'person'; readonly email: string }
  /** Names of Authentik groups: the person is in these and in no others. */
  | { readonly who: 'member'; readonly groups: readonly string[] }
  /** Name of a service token. */
  | { readonly who: 'machine'; readonly token: string };

export interface CloudflareConfig {
  /** An id (32 hexadecimal digits) or the exact name of the account. */
  readonly account: string;
  /** Lower case. */
  readonly zones: readonly string[];
  /** Zones with an API token of their own, each with the name of the token: the end of its variable. */
  readonly zoneTokens: ReadonlyMap<string, string>;
  readonly tunnels: ReadonlyMap<string, Tunnel>;
  readonly access: {
    /** First label of the team's domain; `undefined`: ask the account. */
    readonly team: string | undefined;
    readonly identityProvider: 'authentik' | undefined;
    /**
     * The handling of hosts without an Access application if the account blocks them; undefined: they are refused.
     */
    readonly openDoors: 'bypass' | undefined;
    readonly breakGlass: { readonly emails: readonly string[]; readonly reason: string } | undefined;
  };
  /** Cron, five fields: the times at which gates reads the key sets of gates. */
  readonly apiShield: { readonly sync: string };
}

export interface Tunnel {
  readonly name: string;
  readonly create: boolean;
  readonly deliver: readonly TokenSink[];
}

export interface AuthentikConfig {
  /** Base URL without a path and without a final slash. */
  readonly url: string;
  /** Name of the service that is Authentik's public face; `undefined` if the file has none. */
  readonly service: string | undefined;
  readonly outpost: string;
  readonly outpostUrl: string;
  /** Undefined if the file has no LDAP client. */
  readonly ldapOutpost: string | undefined;
  readonly domains: ReadonlyMap<string, Domain>;
  /** Slugs. */
  readonly flows: Readonly<Record<FlowUse, string>>;
  readonly scopes: ReadonlyMap<string, ScopeMapping>;
}

/** The last two are those of LDAP clients. */
export type FlowUse = 'authorization' | 'invalidation' | 'bind' | 'unbind';

/** The people who may pass at every host of a domain that uses mode `domain`. */
export interface Domain {
  readonly name: string;
  readonly groups: readonly string[];
  readonly users: readonly string[];
  readonly everyone: Everyone | undefined;
  readonly outpost: OutpostTerms;
  /** Slug of its authorization flow; undefined: that of `authentik.flows`. */
  readonly flow: string | undefined;
  /** Names of policies that have to agree about each of them. */
  readonly policies: readonly string[];
}

export interface ScopeMapping {
  readonly name: string;
  readonly expression: string;
  readonly description: string | undefined;
}

export interface Origin {
  readonly name: string;
  /** Name of a tunnel of `cloudflare.tunnels`. */
  readonly tunnel: string;
  /** Scheme, host and port; no path and no final slash. */
  readonly url: string;
  /** True if the origin can ask the outpost about a host. */
  readonly forwardAuth: boolean;
  /** True if the origin has an application of its own for each host. */
  readonly router: boolean;
  /** The settings that cloudflared calls originRequest, under its own names: only keys that the file sets. */
  readonly request: OriginRequest;
}

/** Durations in whole seconds, as in the API of tunnel configurations. */
export interface OriginRequest {
  readonly caPool?: string;
  readonly connectTimeout?: number;
  readonly disableChunkedEncoding?: boolean;
  readonly http2Origin?: boolean;
  readonly keepAliveConnections?: number;
  readonly keepAliveTimeout?: number;
  readonly matchSNItoHost?: boolean;
  readonly noHappyEyeballs?: boolean;
  readonly noTLSVerify?: boolean;
  readonly originServerName?: string;
  readonly proxyType?: string;
  readonly tcpKeepAlive?: number;
  readonly tlsTimeout?: number;
}

export interface Service {
  readonly name: string;
  /** In full and in lower case. */
  readonly host: string;
  /** The zone of `cloudflare.zones` that contains the host: the longest. */
  readonly zone: string;
  readonly origin: Origin;
  /** Host header for the origin, lower case; `undefined`: the public hostname. */
  readonly hostHeader: string | undefined;
  readonly gate: Gate;
  /** The headers by which the application learns who has logged in; `undefined`: gates passes on nothing. */
  readonly identityHeader: IdentityHeader | undefined;
  /** Longest first, and an exact path before the subtree of the same path: the first that matches wins. */
  readonly paths: readonly PathException[];
  readonly alias: { readonly reason: string } | undefined;
  /** `header`: the origin keeps Cloudflare from storing its answers, so no cache rule is needed. */
  readonly cache: 'header' | undefined;
  /** `report`: gates writes nothing at its host, and reports how it differs. */
  readonly manage: 'apply' | 'report';
  /** No run removes its host. */
  readonly protect: boolean;
  /** Fields that another tool owns (ignorable.ts). */
  readonly ignore: readonly string[];
}

/** Names of headers, as written. */
export interface IdentityHeader {
  readonly user: string;
  readonly groups: string | undefined;
}

export interface PathException {
  /** As written: `/a` or `/a/**`. */
  readonly path: string;
  /** `exact`: this path only. `subtree`: this path and everything below it. */
  readonly form: 'exact' | 'subtree';
  /** The path without `/**`: begins with a slash, never ends with one. */
  readonly prefix: string;
  readonly gate: Gate;
}

export interface ServiceToken {
  readonly name: string;
  /** Seconds, or `forever`. */
  readonly duration: number | 'forever';
  /** Seconds. */
  readonly rotate: { readonly every: number; readonly overlap: number } | undefined;
  readonly deliver: readonly CredentialSink[];
  readonly protect: boolean;
}

export interface Action {
  readonly name: string;
  readonly start: CommandStart | HttpStart;
  /** Seconds. */
  readonly timeout: number;
}

export interface CommandStart {
  readonly type: 'run';
  /** Program and arguments. */
  readonly command: readonly string[];
  readonly directory: string | undefined;
  /** Names of environment variables. */
  readonly environment: readonly string[];
}

export interface HttpStart {
  readonly type: 'http';
  readonly url: string;
  readonly method: string;
  readonly token: SecretSource | undefined;
}

export interface WafSkip {
  /** In full and in lower case. */
  readonly hosts: readonly string[];
  readonly products: readonly string[];
  readonly phases: readonly string[];
}

export interface ReconcileSettings {
  /** Cron, five fields. */
  readonly schedule: string;
  /** IANA name. */
  readonly timezone: string;
  readonly drift: 'repair' | 'report';
  readonly prune: boolean;
  /** Shares between 0 and 1; `floor` is a number of changes. */
  readonly limits: { readonly change: number; readonly prune: number; readonly floor: number };
  /** Cron, five fields; `undefined`: guarded hosts are not watched. */
  readonly probe: string | undefined;
  /** The longest delay of a scheduled run, in seconds; 0: none. */
  readonly jitter: number;
  /** The times at which a new revision may be applied; none: at any time. `duration` in seconds. */
  readonly windows: readonly { readonly schedule: string; readonly duration: number }[];
}

export type Notification =
  | { readonly type: 'ntfy'; readonly url: string; readonly token: SecretSource | undefined }
  | { readonly type: 'slack' | 'discord'; readonly url: SecretSource }
  | { readonly type: 'telegram'; readonly token: SecretSource; readonly chat: string }
  | { readonly type: 'webhook'; readonly url: string; readonly secret: SecretSource | undefined };
