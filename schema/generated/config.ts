// Generated from schema/gates.schema.json by `npm run generate`; do not edit.

/**
 * A Cloudflare tunnel, configured remotely.
 */
export type Tunnel = {
  /**
   * Make the tunnel when it is missing, and keep its token in the vault. Otherwise it must exist.
   */
  create?: boolean;
  /**
   * Where to write the token of a tunnel that was made here; the vault has it in any case.
   */
  deliver?: TokenSink[];
} | null;
/**
 * Names under `groups`; being in one of them is enough.
 */
export type GroupList = string[];
/**
 * An Authentik group; nothing can be set on it yet.
 */
export type Group = {} | null;
/**
 * An address, compared strictly; or `{ regex }`.
 */
export type RedirectUri =
  | Text
  | {
      /**
       * The regular expression.
       */
      regex: string;
    };
export type Text = string;
/**
 * Where to write the client id and the client secret; the vault has them in any case.
 */
export type CredentialSinks = CredentialSink[];
export type Ttl = 'auto' | 1 | number;

/**
 * One file in git that says, for each hostname, which single gate guards it.
 */
export interface GatesFile {
  /**
   * Version of this format; `"1"` in quotes means the same.
   */
  version: 1 | '1';
  /**
   * Who writes this file. It is written on every object, so that two owners can share a zone, a tunnel and an account.
   */
  owner: string;
  cloudflare: Cloudflare;
  authentik?: Authentik;
  /**
   * Where requests go once they are through the gate: servers as cloudflared reaches them.
   */
  origins?: {
    [k: string]: Origin;
  };
  /**
   * Authentik groups that this file speaks of, by their name. They are created when missing; their members are never touched.
   */
  groups?: {
    [k: string]: Group;
  };
  /**
   * Public hostnames, each behind exactly one gate.
   */
  services?: {
    [k: string]: Service;
  };
  /**
   * OIDC clients in Authentik: those that are a gate (mode oidc), those whose keys a jwt gate trusts, and those of applications behind another gate. The key is the slug of the application.
   */
  clients?: {
    [k: string]: Client;
  };
  /**
   * Cloudflare Access service tokens, for machines.
   */
  serviceTokens?: {
    [k: string]: ServiceToken;
  };
  /**
   * What a webhook may start, beside the built-in actions `reconcile` and `sync-jwks`.
   */
  actions?: {
    [k: string]: Action;
  };
  /**
   * Plain DNS records beside those that the services need, by zone.
   */
  dns?: {
    /**
     * The plain records of this zone.
     */
    [k: string]: DnsRecord[];
  };
  /**
   * Rules in the custom rules of the zones.
   */
  waf?: {
    skip?: WafSkip;
  };
  reconcile?: Reconcile;
  /**
   * Where to tell of a change of state.
   */
  notify?: Notification[];
}
/**
 * The Cloudflare side.
 */
export interface Cloudflare {
  /**
   * The account: its id (32 hexadecimal digits) or its exact name.
   */
  account: string;
  /**
   * The zones that this file writes in.
   *
   * @minItems 1
   */
  zones: string[];
  /**
   * The tunnels that origins stand behind, by their name at Cloudflare.
   */
  tunnels?: {
    [k: string]: Tunnel;
  };
  access?: Access;
  /**
   * API Shield, which checks the tokens of gates `jwt` at the edge.
   */
  apiShield?: {
    /**
     * When the keys of issuers are read besides, in `reconcile.timezone`: each time a run is made. A new key is taken over before the one before it goes.
     */
    sync?: string;
  };
}
/**
 * One place where the token of a tunnel is written.
 */
export interface TokenSink {
  /**
   * File of NAME=value lines, written atomically with mode 0600.
   */
  file: string;
  /**
   * Name of the line, where the usual one does not suit.
   */
  names?: {
    /**
     * Name of the line with the token.
     */
    token?: string;
  };
}
/**
 * Cloudflare Access (Zero Trust).
 */
export interface Access {
  /**
   * The team name: `example` of example.cloudflareaccess.com. Without it, the name that the account has is used.
   */
  team?: string;
  /**
   * Access logs people in through Authentik; both ends are managed. Without it, Access uses the login methods that it has.
   */
  identityProvider?: 'authentik';
  /**
   * Where the account has *Require Access Protection* on, which blocks every host without an Access application: hosts whose gate is not Access get an application that lets everybody by. Without it gates refuses them there, unless their zone is exempted.
   */
  openDoors?: 'bypass';
  /**
   * A way back in when Authentik is down: these people may log in by a one-time PIN, at every gate of `cloudflare`.
   */
  breakGlass?: {
    /**
     * Who may.
     *
     * @minItems 1
     */
    emails: string[];
    /**
     * Why this way exists.
     */
    reason: string;
  };
}
/**
 * The Authentik side.
 */
export interface Authentik {
  /**
   * The API as the daemon reaches it: inside the LAN, never through the tunnel. The environment variable AUTHENTIK_URL wins.
   */
  url: string;
  /**
   * The service that is the public face of Authentik. By default the only one whose gate is `identityProvider`.
   */
  service?: string;
  /**
   * Name of the outpost that answers forward auth.
   */
  outpost?: string;
  /**
   * The outpost as cloudflared reaches it, for mode proxy. By default the same as `url`.
   */
  outpostUrl?: string;
  /**
   * Only for mode domain: one provider, and one set of groups, for all hosts of a domain.
   */
  domains?: {
    /**
     * Who gets through to every host of this domain.
     */
    [k: string]: {
      groups?: GroupList;
      everyone?: Everyone;
    };
  };
  /**
   * Slugs of the flows that providers use; they must exist.
   */
  flows?: {
    /**
     * Flow that runs when a person is let through to an application.
     */
    authorization?: string;
    /**
     * Flow that runs when a person logs out of an application.
     */
    invalidation?: string;
  };
  /**
   * Scope mappings of our own, by the name of the scope.
   */
  scopes?: {
    /**
     * One scope mapping.
     */
    [k: string]: {
      /**
       * The Python expression whose dictionary becomes claims.
       */
      expression: string;
      /**
       * What the person is told when asked for consent.
       */
      description?: string;
    };
  };
}
/**
 * Says on purpose that everybody who can log in gets through.
 */
export interface Everyone {
  /**
   * Why everybody may.
   */
  reason: string;
}
/**
 * A server behind a tunnel, as cloudflared reaches it.
 */
export interface Origin {
  /**
   * Name under `cloudflare.tunnels`.
   */
  tunnel: string;
  /**
   * Scheme, host and port as cloudflared reaches them; no path.
   */
  url: string;
  /**
   * This server can send a host through the Authentik outpost. For each host it is proved, never assumed.
   */
  forwardAuth?: boolean;
  /**
   * This server has an application of its own for each host, as a reverse proxy has, so that hosts with different gates may share it (G117). `forwardAuth: true` says so too.
   */
  router?: boolean;
  /**
   * File, on the machine of cloudflared, with the authorities that sign the certificate of the origin.
   */
  caPool?: string;
  /**
   * How long to wait for a TCP connection to the origin. cloudflared waits 30s.
   */
  connectTimeout?: string;
  /**
   * Do not use chunked transfer encoding towards the origin.
   */
  disableChunkedEncoding?: boolean;
  /**
   * Speak HTTP/2 to the origin.
   */
  http2Origin?: boolean;
  /**
   * How many idle connections are kept to the origin. cloudflared keeps 100.
   */
  keepAliveConnections?: number;
  /**
   * How long an idle connection is kept. cloudflared keeps it for 90s.
   */
  keepAliveTimeout?: string;
  /**
   * Send the host of the request as the TLS server name.
   */
  matchSNItoHost?: boolean;
  /**
   * Do not try IPv4 and IPv6 side by side.
   */
  noHappyEyeballs?: boolean;
  /**
   * Accept any certificate of the origin.
   */
  noTLSVerify?: boolean;
  /**
   * Name that the certificate of the origin must carry.
   */
  originServerName?: string;
  /**
   * Kind of proxy that cloudflared starts: none, or SOCKS5.
   */
  proxyType?: '' | 'socks';
  /**
   * Interval of TCP keepalive. cloudflared uses 30s.
   */
  tcpKeepAlive?: string;
  /**
   * How long a TLS handshake with the origin may take. cloudflared waits 10s.
   */
  tlsTimeout?: string;
}
/**
 * One public hostname, with optional path exceptions.
 */
export interface Service {
  /**
   * The public hostname: a name in one of the zones. `@` is the zone itself where the file has one zone.
   */
  host: string;
  /**
   * Name under `origins`.
   */
  origin: string;
  /**
   * Host header that the origin sees; by default the public hostname.
   */
  hostHeader?: string;
  gate: Gate;
  /**
   * Paths with a gate of their own: exact `/a`, or subtree `/a/**`, which covers `/a` too. The longest wins.
   */
  paths?: {
    [k: string]: Gate;
  };
  /**
   * `header`: the origin sends `Cloudflare-CDN-Cache-Control: no-store` with every answer, so that Cloudflare stores none, and gates writes no cache rule for the host. The plan prints this as an assumption.
   */
  cache?: 'header';
  /**
   * Says on purpose that this hostname reaches the same backend as another one that has a different gate.
   */
  alias?: {
    /**
     * Why it may.
     */
    reason: string;
  };
}
/**
 * Exactly one gate: two gates on one door cannot be written.
 */
export interface Gate {
  /**
   * Authentik decides: by forward auth, as a proxy, or by the own OIDC login of the application.
   */
  authentik?: {
    /**
     * `forwardAuth`: the origin asks the outpost for each request. `domain`: the same with one login for a whole domain, see `authentik.domains`. `proxy`: the outpost stands before the origin. `oidc`: the login of the application itself, with the client named here.
     */
    mode?: 'forwardAuth' | 'domain' | 'proxy' | 'oidc';
    groups?: GroupList;
    /**
     * Only for mode oidc: name under `clients`.
     */
    client?: string;
    everyone?: Everyone;
  };
  /**
   * Cloudflare Access decides, at the edge.
   */
  cloudflare?: {
    /**
     * Who gets through, by address. One of `emails` and `groups` is enough.
     */
    emails?: string[];
    groups?: GroupList;
    everyone?: Everyone;
    /**
     * How long a login lasts.
     */
    session?: string;
  };
  /**
   * A machine with one of these service tokens gets through, nobody else.
   */
  serviceToken?: {
    /**
     * Names under `serviceTokens`.
     *
     * @minItems 1
     */
    tokens: string[];
  };
  /**
   * Everybody gets through.
   */
  public?: {
    /**
     * Why it is open to the world.
     */
    reason: string;
  };
  /**
   * A bearer of a valid token gets through.
   */
  jwt?: {
    /**
     * `edge`: API Shield checks. `origin`: `/verify` of the daemon checks, behind a forward-auth origin, for plans without API Shield.
     */
    at?: 'edge' | 'origin';
    /**
     * Whose signatures count.
     */
    keys: {
      /**
       * Name under `clients`: the keys of that client.
       */
      client?: string;
      /**
       * A JWKS document.
       */
      url?: string;
    };
    /**
     * The `aud` that a token must carry. At the edge the name of the client under `keys` stands for its id.
     */
    audience: string;
    /**
     * Where in the request the token is.
     *
     * @minItems 1
     * @maxItems 4
     *
     * Items: One place: a header or a cookie.
     */
    from?: {
      /**
       * Name of a header; `Bearer ` before the token is ignored.
       */
      header?: string;
      /**
       * Name of a cookie.
       */
      cookie?: string;
    }[];
    /**
     * Method and path of each operation that the API has; a `{name}` stands for one segment. Every other path is closed.
     *
     * @minItems 1
     */
    operations: string[];
    /**
     * `block` refuses. `log` leaves the door open and needs a `reason`.
     */
    action?: 'block' | 'log';
    /**
     * Why the door is left open; with `action: log`.
     */
    reason?: string;
  };
  /**
   * Signed calls to the daemon get through.
   */
  webhook?: {
    /**
     * What a call may start: names under `actions`, `reconcile` or `sync-jwks`.
     *
     * @minItems 1
     */
    actions: string[];
    secret: Secret;
    /**
     * Service tokens that a call must bring besides; names under `serviceTokens`.
     */
    tokens?: string[];
  };
  /**
   * This host is the public face of Authentik: it asks for the login itself.
   */
  identityProvider?: {};
}
/**
 * Where a secret is read from. A secret is never in the file itself.
 */
export interface Secret {
  /**
   * Name of the environment variable that holds it.
   */
  env?: string;
  /**
   * File that holds it; the last line break is not part of the secret.
   */
  file?: string;
}
/**
 * An OIDC client in Authentik.
 */
export interface Client {
  /**
   * Whether the client can keep a secret.
   */
  type?: 'confidential' | 'public';
  /**
   * Where a login may return to, in this order; the first one is the launch address.
   */
  redirectUris?: RedirectUri[];
  /**
   * Where a logout may return to.
   */
  logoutUris?: RedirectUri[];
  /**
   * Ways to get a token.
   *
   * @minItems 1
   */
  grantTypes?: (
    | 'authorization_code'
    | 'implicit'
    | 'hybrid'
    | 'refresh_token'
    | 'client_credentials'
    | 'password'
    | 'urn:ietf:params:oauth:grant-type:device_code'
    | 'urn:ietf:params:oauth:grant-type:token-exchange'
  )[];
  /**
   * `shared`: the stock key pair of Authentik. `own`: a key pair of its own, which `jwt` at edge needs.
   */
  signingKey?: 'shared' | 'own';
  /**
   * Scopes whose claims the client may ask for: those built in, and names under `authentik.scopes`.
   */
  scopes?: string[];
  /**
   * What `sub` is made of.
   */
  subject?: 'hashed_user_id' | 'user_id' | 'user_uuid' | 'user_username' | 'user_email' | 'user_upn';
  /**
   * How long codes and tokens are valid.
   */
  lifetimes?: {
    /**
     * The authorization code.
     */
    code?: string;
    /**
     * The access token.
     */
    access?: string;
    /**
     * The refresh token.
     */
    refresh?: string;
  };
  groups?: GroupList;
  everyone?: Everyone;
  deliver?: CredentialSinks;
}
/**
 * One place where a client id and a client secret are written.
 */
export interface CredentialSink {
  /**
   * File of NAME=value lines, written atomically with mode 0600.
   */
  file: string;
  /**
   * Names of the two lines, where the usual ones do not suit.
   */
  names?: {
    /**
     * Name of the line with the client id. Usually CF_ACCESS_CLIENT_ID for a service token, <CLIENT>_CLIENT_ID for a client.
     */
    id?: string;
    /**
     * Name of the line with the client secret. Usually CF_ACCESS_CLIENT_SECRET for a service token, <CLIENT>_CLIENT_SECRET for a client.
     */
    secret?: string;
  };
}
/**
 * A Cloudflare Access service token.
 */
export interface ServiceToken {
  /**
   * How long the token is valid; `forever` is possible.
   */
  duration?: string;
  /**
   * Change the secret by itself.
   */
  rotate?: {
    /**
     * How often.
     */
    every: string;
    /**
     * How long the previous secret stays valid.
     */
    overlap?: string;
  };
  deliver?: CredentialSinks;
}
/**
 * What a webhook may start: a command, or a call.
 */
export interface Action {
  /**
   * The command and its arguments, started without a shell.
   *
   * @minItems 1
   */
  run?: string[];
  /**
   * Working directory of the command.
   */
  directory?: string;
  /**
   * Names of the environment variables that the command gets.
   */
  environment?: string[];
  /**
   * An HTTP call.
   */
  http?: {
    /**
     * Where to.
     */
    url: string;
    /**
     * HTTP method.
     */
    method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
    token?: Secret;
  };
  /**
   * How long it may run.
   */
  timeout?: string;
}
/**
 * A plain DNS record.
 */
export interface DnsRecord {
  /**
   * Name within the zone, or in full; `@` is the zone itself.
   */
  name: string;
  /**
   * Record type.
   */
  type:
    | 'A'
    | 'AAAA'
    | 'CNAME'
    | 'TXT'
    | 'MX'
    | 'SRV'
    | 'CAA'
    | 'NS'
    | 'HTTPS'
    | 'SVCB'
    | 'TLSA'
    | 'SSHFP'
    | 'PTR'
    | 'URI'
    | 'LOC'
    | 'NAPTR'
    | 'DS';
  /**
   * What the record says; for A, AAAA, CNAME, TXT, MX, NS and PTR.
   */
  content?: string;
  /**
   * What the record says, in parts; for all other types, each with its own (`$defs` of the schema). SRV: priority, weight, port, target. CAA: flags, tag, value.
   */
  data?: {
    [k: string]: string | number;
  };
  /**
   * Preference of an MX or URI record; the lowest is tried first.
   */
  priority?: number;
  ttl?: Ttl;
  /**
   * Whether requests pass the edge of Cloudflare; for A, AAAA and CNAME.
   */
  proxied?: boolean;
  /**
   * A note on the record. The owner is written before it, and the plan of the zone bounds the length.
   */
  comment?: string;
  /**
   * Tags as name:value, 20 at most; the free plan has none. An empty list removes all; without the key, gates leaves tags unchanged.
   *
   * @maxItems 20
   */
  tags?: string[];
}
/**
 * A rule that skips bot checks for some hosts.
 */
export interface WafSkip {
  /**
   * For which hosts.
   *
   * @minItems 1
   */
  hosts: string[];
  /**
   * Which products to skip.
   */
  products?: ('bic' | 'hot' | 'rateLimit' | 'securityLevel' | 'uaBlock' | 'waf' | 'zoneLockdown')[];
  /**
   * Which phases to skip.
   */
  phases?: ('http_ratelimit' | 'http_request_sbfm' | 'http_request_firewall_managed')[];
}
/**
 * When and how far the daemon acts.
 */
export interface Reconcile {
  /**
   * When the daemon compares, in cron's five fields.
   */
  schedule?: string;
  /**
   * Time zone of every schedule here, by its IANA name.
   */
  timezone?: string;
  /**
   * What to do about an object that was changed by somebody else: put it right, or only say so.
   */
  drift?: 'repair' | 'report';
  /**
   * Remove objects of ours that the file no longer asks for.
   */
  prune?: boolean;
  /**
   * How much one plan may do before a person has to allow it.
   */
  limits?: {
    /**
     * Share of the plain records that may be rewritten.
     */
    change?: string;
    /**
     * Share of the hostnames and plain records that may go.
     */
    prune?: string;
    /**
     * Up to this number a plan is never too big.
     */
    floor?: number;
  };
  /**
   * When every guarded host is asked whether it still asks for its gate; never without this.
   */
  probe?: string;
  /**
   * A run on schedule begins up to so much later, by chance, so that many daemons do not ask at the same second; without this, at once.
   */
  jitter?: string;
  /**
   * When gates may apply a new revision; without this, at any time. gates keeps the applied revision at all times.
   *
   * Items: One window.
   */
  windows?: {
    /**
     * When the window opens. Day of the month and day of the week have to match both.
     */
    schedule: string;
    /**
     * How long it stays open.
     */
    duration: string;
  }[];
}
/**
 * One receiver: exactly one kind.
 */
export interface Notification {
  /**
   * A topic of ntfy.
   */
  ntfy?: {
    /**
     * Server and topic.
     */
    url: string;
    token?: Secret;
  };
  /**
   * An incoming webhook of Slack.
   */
  slack?: {
    url: Secret;
  };
  /**
   * A webhook of Discord.
   */
  discord?: {
    url: Secret;
  };
  /**
   * A bot of Telegram.
   */
  telegram?: {
    token: Secret;
    /**
     * Id of the chat, in quotes.
     */
    chat: string;
  };
  /**
   * Any receiver of JSON.
   */
  webhook?: {
    /**
     * Where to post.
     */
    url: string;
    secret?: Secret;
  };
}
