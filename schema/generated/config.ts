// Generated from schema/gates.schema.json by `npm run generate`; do not edit.

/**
 * A remotely configured Cloudflare tunnel.
 */
export type Tunnel = {
  /**
   * If true, gates creates the tunnel when it is missing and keeps its token in the vault. If false, the tunnel must exist.
   */
  create?: boolean;
  /**
   * Files that receive the token of a tunnel that gates created. The vault always keeps the token.
   */
  deliver?: TokenSink[];
} | null;
/**
 * Names under `groups`. Membership in one of them is enough.
 */
export type GroupList = string[];
/**
 * User names of people in Authentik.
 */
export type UserList = string[];
/**
 * Names of policies in Authentik.
 *
 * @minItems 1
 */
export type PolicyList = string[];
/**
 * Attributes of the person, or of one of their groups, with the name and the password that the outpost sends to the application in `Authorization: Basic`. `false`: it sends none.
 */
export type BasicAuth =
  | {
      /**
       * Attribute with the name at the application. For a person without it, the outpost sends the email address.
       */
      userAttribute: string;
      /**
       * Attribute with the password at the application.
       */
      passwordAttribute: string;
    }
  | boolean;
/**
 * An Authentik group; `{}` without settings.
 */
export type Group = {
  /**
   * Name under `groups` of a group whose members all members of this group are too, so that they may pass wherever that group may. If you remove the key, gates takes back the parent that it gave.
   */
  parent?: string;
} | null;
/**
 * Addresses and ranges of one network.
 *
 * @minItems 1
 */
export type NetworkList = string[];
export type Justification =
  | true
  | {
      /**
       * Question on the page of Access.
       */
      prompt: string;
    };
/**
 * One visitor.
 */
export type Visitor =
  | string
  | {
      /**
       * A person who can log in with this address. gates does not know the Authentik groups of the person.
       */
      email?: string;
      /**
       * A person who can log in, is in these Authentik groups, and in no others.
       *
       * @minItems 1
       */
      groups?: string[];
      /**
       * A machine with this service token, by its name under `serviceTokens`.
       */
      token?: string;
    };
export type PosixNumber = number;
/**
 * An address, which must match exactly, or `{ regex: … }`.
 */
export type RedirectUri =
  | Text
  | {
      /**
       * Regular expression that the address must match.
       */
      regex: string;
    };
export type Text = string;
/**
 * Files that receive the client id and the client secret. The vault always keeps both.
 */
export type CredentialSinks = CredentialSink[];
export type Ttl = 'auto' | 1 | number;

/**
 * A file in git that says, for each hostname, which single gate guards it.
 */
export interface GatesFile {
  /**
   * Version of the file format. `"1"` in quotes means the same as `1`.
   */
  version: 1 | '1';
  /**
   * Name of the owner of this file, such as a home or a team. gates writes it on every object that it makes, so that two owners can share a zone, a tunnel and an account.
   */
  owner: string;
  /**
   * Further files of the repository, whose entries count as if they were in gates.yaml.
   *
   * Items: A path from the folder of gates.yaml. One `*` in the file name stands for any text.
   */
  include?: string[];
  cloudflare: Cloudflare;
  authentik?: Authentik;
  /**
   * Servers that answer requests behind a tunnel, by name. Each address is the one that cloudflared uses.
   */
  origins?: {
    [k: string]: Origin;
  };
  /**
   * Authentik groups that this file uses, by name. gates creates missing groups and never changes their members.
   */
  groups?: {
    [k: string]: Group;
  };
  /**
   * Lists of people that several gates of Cloudflare Access share, by name.
   */
  people?: {
    [k: string]: People;
  };
  /**
   * Networks that gates of Cloudflare Access name, by name.
   */
  networks?: {
    [k: string]: NetworkList;
  };
  /**
   * Authorities of client certificates (mTLS) that gates of Cloudflare Access name, by name. gates uploads those that a gate names.
   */
  certificateAuthorities?: {
    [k: string]: CertificateAuthority;
  };
  /**
   * Public hostnames, each behind exactly one gate.
   */
  services?: {
    [k: string]: Service;
  };
  /**
   * Assertions about who gets in where. `gates validate` checks them against this file, and no step of a plan may break one.
   */
  expect?: Expectation[];
  /**
   * Applications that log people in at Authentik by OpenID Connect or SAML, by the slug of their application there. A client can be a gate (mode `oidc` or `saml`), can supply the keys of a `jwt` gate, or can serve an application behind another gate.
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
   * Actions that a webhook may start, in addition to the built-in actions `reconcile` and `sync-jwks`.
   */
  actions?: {
    [k: string]: Action;
  };
  /**
   * Plain DNS records, by zone. The services make their own records.
   */
  dns?: {
    /**
     * Plain DNS records of this zone.
     */
    [k: string]: DnsRecord[];
  };
  /**
   * Rules that gates adds to the WAF custom rules of the zones.
   */
  waf?: {
    skip?: WafSkip;
  };
  reconcile?: Reconcile;
  /**
   * Receivers of notifications, which gates sends when the state changes.
   */
  notify?: Notification[];
}
/**
 * Cloudflare settings.
 */
export interface Cloudflare {
  /**
   * With several accounts: the owner that gates writes on the objects of this one. The default is the owner of the file, a hyphen, and the name of the account.
   */
  owner?: string;
  /**
   * With several accounts: the name of the Authentik server of this one. The default is the only server; with several servers, an account without this key uses none.
   */
  authentik?: string;
  /**
   * Cloudflare account: its id (32 hexadecimal digits) or its exact name.
   */
  account: string;
  /**
   * Zones in which gates may write.
   *
   * @minItems 1
   */
  zones: string[];
  /**
   * Zones that have an API token of their own, each with the name of its token: `net` means the variable `CLOUDFLARE_ZONE_TOKEN_NET`. The token of the account needs no permission in such a zone.
   */
  zoneTokens?: {
    [k: string]: string;
  };
  /**
   * Tunnels that lead to the origins, by their name at Cloudflare.
   */
  tunnels?: {
    [k: string]: Tunnel;
  };
  access?: Access;
  /**
   * API Shield settings. API Shield checks the tokens of `jwt` gates at the edge.
   */
  apiShield?: {
    /**
     * Times at which the daemon reads the issuers' keys, as five cron fields in `reconcile.timezone`. Every run reads them too. gates adds a new key before it removes the previous one.
     */
    sync?: string;
  };
}
/**
 * One file that receives the token of a tunnel.
 */
export interface TokenSink {
  /**
   * Path of a file of NAME=value lines. gates writes it atomically, with mode 0600.
   */
  file: string;
  /**
   * Name of the line, to replace the default name.
   */
  names?: {
    /**
     * Name of the line with the token.
     */
    token?: string;
  };
}
/**
 * Cloudflare Access (Zero Trust) settings.
 */
export interface Access {
  /**
   * Team name: `example` for example.cloudflareaccess.com. The default is the team name of the account.
   */
  team?: string;
  /**
   * Identity provider of Access. With `authentik`, Access logs people in through Authentik, and gates manages both ends. Without it, Access uses the login methods of the account.
   */
  identityProvider?: 'authentik';
  /**
   * Handling of hosts without an Access application if the account blocks them (*Require Access Protection*). With `bypass`, gates gives each of them an Access application that admits everybody, and the host's own gate decides. Without it, gates refuses these hosts unless their zone is exempted.
   */
  openDoors?: 'bypass';
  /**
   * Emergency access for the time while Authentik is down. The people listed can log in with a one-time PIN at every `cloudflare` gate.
   */
  breakGlass?: {
    /**
     * Email addresses of the people who may log in with a one-time PIN.
     *
     * @minItems 1
     */
    emails: string[];
    /**
     * Reason for this emergency access.
     */
    reason: string;
  };
}
/**
 * Authentik settings.
 */
export interface Authentik {
  /**
   * Address at which the daemon reaches the Authentik API: inside the LAN, never through the tunnel. The environment variable AUTHENTIK_URL overrides it.
   */
  url: string;
  /**
   * Name of the service that shows the login page of Authentik. The default is the service whose gate is `identityProvider`, if there is exactly one.
   */
  service?: string;
  /**
   * Name of the outpost that answers for the modes `forwardAuth`, `domain` and `proxy`.
   */
  outpost?: string;
  /**
   * Name of the LDAP outpost that serves the clients with `ldap`. It must exist; the embedded outpost speaks no LDAP. Required if there is such a client.
   */
  ldapOutpost?: string;
  /**
   * Address at which Traefik and, in mode `proxy`, cloudflared reach the outpost. The default is `url`.
   */
  outpostUrl?: string;
  /**
   * Domains for mode `domain`: all hosts of a domain share one provider and one set of groups.
   */
  domains?: {
    /**
     * People who may pass at every host of this domain.
     */
    [k: string]: {
      groups?: GroupList;
      users?: UserList;
      /**
       * Authorization flow of the login of this domain, in place of `authentik.flows.authorization`.
       */
      flow?: string;
      policies?: PolicyList;
      everyone?: Everyone;
      /**
       * Time that a login at the outpost lasts, a month (`730h`) at most. Without it, a new login has `1h`, and an existing one keeps what it has.
       */
      session?: string;
      basicAuth?: BasicAuth;
      /**
       * With `true`, a request whose `Authorization` header proves nothing gets 401. With `false`, it is sent to the login like any other. Without it, a new login has `true`, and an existing one keeps what it has.
       */
      interceptAuthorization?: boolean;
    };
  };
  /**
   * Slugs of the Authentik flows that the providers use. The flows must exist.
   */
  flows?: {
    /**
     * Slug of the flow that Authentik runs when it authorizes a person for an application.
     */
    authorization?: string;
    /**
     * Slug of the flow that Authentik runs when a person logs out of an application.
     */
    invalidation?: string;
    /**
     * Slug of the flow that an LDAP outpost runs with the name and the password of a bind. It decides whether the password is right; a flow that asks for none admits whoever knows a name.
     */
    bind?: string;
    /**
     * Slug of the flow that an LDAP outpost runs when the application ends its connection. It ends the session in Authentik.
     */
    unbind?: string;
  };
  /**
   * Custom scope mappings, by scope name. A mapping replaces the one of the same name that Authentik ships.
   */
  scopes?: {
    /**
     * One scope mapping.
     */
    [k: string]: {
      /**
       * Python expression that returns a dictionary of claims.
       */
      expression: string;
      /**
       * Text that Authentik shows when it asks a person for consent.
       */
      description?: string;
    };
  };
}
/**
 * Confirmation that everybody who can log in may pass.
 */
export interface Everyone {
  /**
   * Reason for admitting everybody who can log in.
   */
  reason: string;
}
/**
 * A server behind a tunnel, at the address that cloudflared uses.
 */
export interface Origin {
  /**
   * Name of a tunnel under `cloudflare.tunnels`.
   */
  tunnel: string;
  /**
   * Address that cloudflared uses to reach the server: scheme, host and port without a path, or `unix:` and the path of a socket. `ssh`, `rdp`, `smb` and `tcp` are for servers that speak no HTTP: only Access can guard them.
   */
  url: string;
  /**
   * Statement that this server can ask before it answers: Authentik's outpost, or `/verify` of the daemon. gates checks this for each host before it opens the host.
   */
  forwardAuth?: boolean;
  /**
   * Statement that this server has a separate application for each host, as a reverse proxy does. Hosts with different gates may then share it (G117). `forwardAuth: true` implies it.
   */
  router?: boolean;
  /**
   * Path, on the machine of cloudflared, of a file with the certificate authorities that sign the origin's certificate.
   */
  caPool?: string;
  /**
   * Time limit for a TCP connection to the origin. The default of cloudflared is 30s.
   */
  connectTimeout?: string;
  /**
   * If true, cloudflared sends requests to the origin without chunked transfer encoding.
   */
  disableChunkedEncoding?: boolean;
  /**
   * If true, cloudflared uses HTTP/2 to the origin.
   */
  http2Origin?: boolean;
  /**
   * Maximum number of idle connections to the origin. The default of cloudflared is 100.
   */
  keepAliveConnections?: number;
  /**
   * Time after which cloudflared closes an idle connection. The default of cloudflared is 90s.
   */
  keepAliveTimeout?: string;
  /**
   * If true, cloudflared sends the host of the request as the TLS server name.
   */
  matchSNItoHost?: boolean;
  /**
   * If true, cloudflared does not try IPv4 and IPv6 in parallel.
   */
  noHappyEyeballs?: boolean;
  /**
   * If true, cloudflared accepts any certificate of the origin.
   */
  noTLSVerify?: boolean;
  /**
   * Host name that the origin's certificate must contain.
   */
  originServerName?: string;
  /**
   * Kind of proxy that cloudflared starts: none (`""`) or SOCKS5 (`socks`).
   */
  proxyType?: '' | 'socks';
  /**
   * Interval between TCP keepalive packets. The default of cloudflared is 30s.
   */
  tcpKeepAlive?: string;
  /**
   * Time limit for a TLS handshake with the origin. The default of cloudflared is 10s.
   */
  tlsTimeout?: string;
}
/**
 * A list of people for gates of Cloudflare Access. A person needs to match only one of the keys.
 */
export interface People {
  /**
   * Email addresses of people.
   *
   * @minItems 1
   */
  emails?: string[];
  /**
   * Mail domains: everybody with an address there. Subdomains count only if they are listed.
   *
   * @minItems 1
   */
  domains?: string[];
  /**
   * Authentik groups. Requires `cloudflare.access.identityProvider`.
   *
   * @minItems 1
   */
  groups?: string[];
}
/**
 * An authority of client certificates (mTLS).
 */
export interface CertificateAuthority {
  /**
   * Its certificate as PEM, which is public: one certificate of an authority, never a private key. Another certificate takes the place of the old one at its hosts; the old one is removed afterwards.
   */
  pem: string;
}
/**
 * One public hostname with its origin and its gate. Paths can have gates of their own.
 */
export interface Service {
  /**
   * Public hostname: a name in one of the zones. If the file has only one zone, `@` means the zone itself.
   */
  host: string;
  /**
   * Name of an origin under `origins`.
   */
  origin: string;
  /**
   * `Host` header that cloudflared sends to the origin. The default is the public hostname.
   */
  hostHeader?: string;
  gate: Gate;
  /**
   * Headers by which the application learns who has logged in at Access. A Worker of gates sets them, and removes whatever a visitor wrote there. Only with a gate `cloudflare` that people log in at, and without `paths`. Needs the token `CLOUDFLARE_WORKERS_TOKEN`.
   */
  identityHeader?: {
    /**
     * Header that gets the person's email address. A service token has none: then the header is absent.
     */
    user: string;
    /**
     * Header that gets the person's groups of Authentik, separated by commas. Needs `cloudflare.access.identityProvider`.
     */
    groups?: string;
  };
  /**
   * Paths with a gate of their own: `/a` means exactly this path, `/a/**` means this path and everything below it. The longest match decides.
   */
  paths?: {
    [k: string]: Gate;
  };
  /**
   * Assertions about this host, as under the top-level key `expect`. Here, `url` may be a path of the host.
   */
  expect?: ServiceExpectation[];
  /**
   * Statement that the origin keeps Cloudflare from storing its answers. `header`: the origin sends `Cloudflare-CDN-Cache-Control: no-store` with every answer. gates then writes no cache rule for the host, and the plan prints this as an assumption.
   */
  cache?: 'header';
  /**
   * Confirmation that this hostname reaches the same backend as another hostname with a different gate.
   */
  alias?: {
    /**
     * Reason why both hostnames may reach the same backend.
     */
    reason: string;
  };
  /**
   * If true, no run removes the host: its name, its route and its gate stay. It stays protected when the entry leaves the file: write `false` and apply first.
   */
  protect?: boolean;
  /**
   * Fields of existing objects that another tool owns, so that gates leaves them as they are: `name`, the name of the application in Access and Authentik.
   */
  ignore?: string[];
  /**
   * `apply`: gates makes the host as the file says. `report`: gates writes nothing at this host, and plans only report how it differs from the file.
   */
  manage?: 'apply' | 'report';
}
/**
 * Exactly one gate. A map with one key cannot give two gates to one door.
 */
export interface Gate {
  /**
   * Gate at which Authentik decides: by forward auth, as a proxy, or through the application's own login.
   */
  authentik?: {
    /**
     * Part that asks Authentik. `forwardAuth`: the origin asks the outpost about each request. `domain`: the same, with one login for a whole domain; see `authentik.domains`. `proxy`: the outpost receives the requests and forwards them to the origin. `oidc`, `saml` and `ldap`: the application itself, with the client that `client` names.
     */
    mode?: 'forwardAuth' | 'domain' | 'proxy' | 'oidc' | 'saml' | 'ldap';
    groups?: GroupList;
    users?: UserList;
    /**
     * Authorization flow of this login, in place of `authentik.flows.authorization`. In mode `domain`, set it under `authentik.domains` instead, and in the modes `oidc` and `saml` at the client.
     */
    flow?: string;
    policies?: PolicyList;
    /**
     * Name of a client under `clients`. Only for the modes `oidc`, `saml` and `ldap`.
     */
    client?: string;
    everyone?: Everyone;
    /**
     * Time that a login at the outpost lasts, a month (`730h`) at most. Without it, a new login has `1h`, and an existing one keeps what it has. In mode `domain`, set it under `authentik.domains` instead.
     */
    session?: string;
    basicAuth?: BasicAuth;
    /**
     * With `true`, a request whose `Authorization` header proves nothing gets 401. With `false`, it is sent to the login like any other. Without it, a new login has `true`, and an existing one keeps what it has. In mode `domain`, set it under `authentik.domains` instead.
     */
    interceptAuthorization?: boolean;
  };
  /**
   * Gate at which Cloudflare Access decides, at the edge. It admits people who log in and, with `tokens`, machines.
   */
  cloudflare?: {
    /**
     * Email addresses of the people who may pass. A person needs to match only one of `emails`, `domains`, `groups` and `people`.
     *
     * @minItems 1
     */
    emails?: string[];
    /**
     * Mail domains whose people may pass. Subdomains count only if they are listed.
     *
     * @minItems 1
     */
    domains?: string[];
    /**
     * Authentik groups that may pass. Requires `cloudflare.access.identityProvider`.
     *
     * @minItems 1
     */
    groups?: string[];
    /**
     * Names under `people` that may pass.
     *
     * @minItems 1
     */
    people?: string[];
    everyone?: Everyone;
    /**
     * Names of service tokens under `serviceTokens`. A machine with one of them passes without a login, beside the people.
     *
     * @minItems 1
     */
    tokens?: string[];
    require?: AccessConditions;
    exclude?: AccessConditions;
    approval?: Approval;
    justification?: Justification;
    /**
     * People see the application in a browser that runs at Cloudflare. Requires Browser Isolation, an add-on of the account, with Clientless Web Isolation.
     */
    isolate?: true;
    /**
     * Several rules, of which a visitor must match one. Instead of the keys above.
     *
     * @minItems 1
     * @maxItems 20
     */
    anyOf?: AccessRule[];
    /**
     * Time that a login lasts, a month (`730h`) at most. With `immediate`, each visit needs a login of its own: only the request after the login passes.
     */
    session?: string;
    /**
     * How the Access application looks to people. A key that is left out stays as people set it in the dashboard.
     */
    appearance?: {
      /**
       * Show a tile in the App Launcher. gates makes each application with a tile.
       */
      launcher?: boolean;
      /**
       * Picture on the tile and on the login page.
       */
      logo?: string;
      /**
       * Page to which Access sends people whom it refuses.
       */
      deniedUrl?: string;
      /**
       * Text on the page of Access for people whom it refuses.
       */
      deniedMessage?: string;
      /**
       * Tags by which people filter the App Launcher, in addition to those that people set. Each must exist in the account: gates makes none.
       *
       * @minItems 1
       */
      tags?: string[];
    };
    /**
     * The cookie with the session at Access. Scripts never read it. Without this key, the cookie stays as people set it in the dashboard.
     */
    cookie?: {
      /**
       * Requests of other sites with which browsers send the session: none (`strict`), links (`lax`), or all (`none`), which applications need that receive forms from another site. gates makes each application with `lax`, and the plan warns of `none`.
       */
      sameSite: 'strict' | 'lax' | 'none';
    };
    /**
     * Scripts of other sites that may read answers of the host. Access answers the browser's preflight request itself, and the origin must still send its own CORS headers. Without this key, the application stays as people set it in the dashboard.
     */
    cors?: {
      /**
       * Sites whose scripts may do so, each with its scheme.
       *
       * @minItems 1
       */
      origins: string[];
      /**
       * Methods of their requests.
       *
       * @minItems 1
       */
      methods?: ('GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE')[];
      /**
       * Headers that their requests may have beside the usual ones.
       */
      headers?: string[];
      /**
       * If true, the requests may carry the visitor's session. The plan warns of it.
       */
      credentials?: boolean;
      /**
       * Time for which a browser keeps the answer to a preflight request: a day at most. Without it, the browser decides.
       */
      maxAge?: string;
    };
  };
  /**
   * Gate that admits only machines with one of these service tokens.
   */
  serviceToken?: {
    /**
     * Names of service tokens under `serviceTokens`. A machine needs one of them.
     *
     * @minItems 1
     */
    tokens: string[];
  };
  /**
   * Gate that admits everybody.
   */
  public?: {
    /**
     * Reason why the host or path is open to the world.
     */
    reason: string;
  };
  /**
   * Gate that admits requests with a valid bearer token (JWT).
   */
  jwt?: {
    /**
     * Place where the token is checked. `edge`: API Shield checks it. `origin`: the origin asks `/verify` of the daemon; this works on plans without API Shield and needs an origin with `forwardAuth: true`.
     */
    at?: 'edge' | 'origin';
    /**
     * Source of the keys that may sign a token: a client of this file or a URL.
     */
    keys: {
      /**
       * Name of a client under `clients`, whose keys may sign a token.
       */
      client?: string;
      /**
       * Address of a JWKS document.
       */
      url?: string;
    };
    /**
     * Value that the token's `aud` claim must contain. The name of the client under `keys` means that client's id, which Authentik generates.
     */
    audience: string;
    /**
     * Places in the request where the token may be.
     *
     * @minItems 1
     * @maxItems 4
     *
     * Items: One place: a header or a cookie.
     */
    from?: {
      /**
       * Name of a header. Its value may begin with `Bearer `.
       */
      header?: string;
      /**
       * Name of a cookie.
       */
      cookie?: string;
    }[];
    /**
     * Operations of the API, each with method and path. `{name}` matches one segment. With `action: block`, the gate refuses every other request.
     *
     * @minItems 1
     */
    operations: string[];
    /**
     * Handling of a request that the gate does not admit. `block` refuses it. `log` only logs it, so the door is open, and a `reason` is required.
     */
    action?: 'block' | 'log';
    /**
     * Reason why the door is open. Required with `action: log`.
     */
    reason?: string;
  };
  /**
   * Gate that admits signed calls to the daemon.
   */
  webhook?: {
    /**
     * Actions that a call may start: names under `actions`, `reconcile` or `sync-jwks`.
     *
     * @minItems 1
     */
    actions: string[];
    secret: Secret;
    /**
     * Names of service tokens under `serviceTokens`. A call then needs one of them in addition to its signature.
     */
    tokens?: string[];
  };
  /**
   * Gate of the host that shows the login page of Authentik. The page itself asks people to log in.
   */
  identityProvider?: {};
}
/**
 * Properties of a visitor.
 */
export interface AccessConditions {
  /**
   * Email addresses of people.
   *
   * @minItems 1
   */
  emails?: string[];
  /**
   * Mail domains: everybody with an address there. Subdomains count only if they are listed.
   *
   * @minItems 1
   */
  domains?: string[];
  /**
   * Authentik groups. Requires `cloudflare.access.identityProvider`.
   *
   * @minItems 1
   */
  groups?: string[];
  /**
   * Names under `people`.
   *
   * @minItems 1
   */
  people?: string[];
  /**
   * Networks from which a visitor comes: addresses, ranges, or names under `networks`.
   *
   * @minItems 1
   */
  networks?: string[];
  /**
   * Countries from which a visitor comes, by what Cloudflare knows of the address.
   *
   * @minItems 1
   */
  countries?: string[];
  /**
   * Login methods of Access, by name. Not with `cloudflare.access.identityProvider`, because then Access logs everybody in through Authentik.
   *
   * @minItems 1
   */
  identityProviders?: string[];
  /**
   * Way in which the person proved who they are, as the identity provider reports it (RFC 8176): `mfa` for a second factor, `hwk` for a security key.
   */
  authenticationMethod?:
    | 'face'
    | 'fpt'
    | 'hwk'
    | 'iris'
    | 'kba'
    | 'mfa'
    | 'otp'
    | 'pin'
    | 'pop'
    | 'pwd'
    | 'retina'
    | 'sc'
    | 'sms'
    | 'swk'
    | 'tel'
    | 'user'
    | 'vbm'
    | 'wia';
  /**
   * Posture checks of the account, by name, that the device passes. gates reads them and never changes them.
   *
   * @minItems 1
   */
  devicePosture?: string[];
  /**
   * The device runs Cloudflare WARP. Requires a posture check of type WARP in the account.
   */
  warp?: true;
  /**
   * The traffic of the device passes Cloudflare Gateway of the account. Requires a posture check of type Gateway in the account.
   */
  gateway?: true;
  /**
   * The visitor shows a client certificate (mTLS) that is valid at the host, whichever authority issued it. An authority of the account must have the host, by `certificateAuthorities` or in the dashboard.
   */
  certificate?: true;
  /**
   * The visitor shows a client certificate (mTLS) that one of these authorities issued, by names under `certificateAuthorities`. Only below `require`, and all rules of a host that have the key must have the same list.
   *
   * @minItems 1
   */
  certificateAuthorities?: string[];
  /**
   * Common names of client certificates (mTLS), of which the visitor shows one.
   *
   * @minItems 1
   */
  commonNames?: string[];
}
/**
 * The people whose approval others need.
 */
export interface Approval {
  /**
   * Email addresses of the people who may approve. Access sends them each request. They must be able to log in to the App Launcher of the account, and nobody approves themselves.
   *
   * @minItems 1
   */
  approvers: string[];
  /**
   * Number of approvers who must approve.
   */
  needed?: number;
}
/**
 * One rule: who may pass, and under which conditions.
 */
export interface AccessRule {
  /**
   * Email addresses of the people who may pass. A person needs to match only one of `emails`, `domains`, `groups` and `people`.
   *
   * @minItems 1
   */
  emails?: string[];
  /**
   * Mail domains whose people may pass. Subdomains count only if they are listed.
   *
   * @minItems 1
   */
  domains?: string[];
  /**
   * Authentik groups that may pass. Requires `cloudflare.access.identityProvider`.
   *
   * @minItems 1
   */
  groups?: string[];
  /**
   * Names under `people` that may pass.
   *
   * @minItems 1
   */
  people?: string[];
  everyone?: Everyone;
  /**
   * Names of service tokens under `serviceTokens`. A machine with one of them passes without a login, beside the people.
   *
   * @minItems 1
   */
  tokens?: string[];
  require?: AccessConditions;
  exclude?: AccessConditions;
  approval?: Approval;
  justification?: Justification;
  /**
   * People see the application in a browser that runs at Cloudflare. Requires Browser Isolation, an add-on of the account, with Clientless Web Isolation.
   */
  isolate?: true;
}
/**
 * Source of a secret: an environment variable or a file. The secret itself is never in `gates.yaml`.
 */
export interface Secret {
  /**
   * Name of the environment variable that contains the secret.
   */
  env?: string;
  /**
   * Path of the file that contains the secret. The last line break is not part of the secret.
   */
  file?: string;
}
/**
 * An assertion about the host of a service.
 */
export interface ServiceExpectation {
  /**
   * Path that the visitor requests at this host, or a complete address.
   */
  url: string;
  as: Visitor;
  /**
   * Method of the request.
   */
  method?: string;
  /**
   * `allow`: the visitor gets in. `deny`: the visitor does not get in. `login`: the visitor does not get in without a login, and Access or Authentik asks for one.
   */
  verdict: 'allow' | 'deny' | 'login';
}
/**
 * An assertion: this visitor gets this verdict at this URL.
 */
export interface Expectation {
  /**
   * Address that the visitor requests, without port, query and fragment.
   */
  url: string;
  as: Visitor;
  /**
   * Method of the request.
   */
  method?: string;
  /**
   * `allow`: the visitor gets in. `deny`: the visitor does not get in. `login`: the visitor does not get in without a login, and Access or Authentik asks for one.
   */
  verdict: 'allow' | 'deny' | 'login';
}
/**
 * A client of Authentik: by OpenID Connect, with `saml` by SAML, or with `ldap` by LDAP.
 */
export interface Client {
  /**
   * With several accounts: the account whose Authentik has this client. The default is the account whose gates use it, or the only one with an Authentik.
   */
  account?: string;
  /**
   * Login by SAML 2.0 instead of OpenID Connect. The client then has none of the keys `type`, `redirectUris`, `logoutUris`, `grantTypes`, `signingKey`, `scopes`, `subject`, `lifetimes` and `deliver`. The default key pair of Authentik signs.
   */
  saml?: {
    /**
     * Address of the application to which Authentik sends assertions (Assertion Consumer Service). Authentik sends them to no other address.
     */
    acsUrl: string;
    /**
     * Audience of the assertions: usually the entity id of the application. Without it, an assertion states no audience.
     */
    audience?: string;
    /**
     * Entity id that Authentik states. Without it, a new client has Authentik's own, and an existing one keeps what it has.
     */
    issuer?: string;
    /**
     * Way in which an assertion reaches the application: in a form or in the address.
     */
    binding?: 'post' | 'redirect';
    /**
     * Name of the person (NameID). `email` and `username`: that attribute, whatever the application asks for. `requested`: what the application asks for, else an id that never changes. `persistent`: the same, and the id is announced as persistent.
     */
    nameId?: 'requested' | 'persistent' | 'email' | 'username';
    /**
     * Attributes of the person in an assertion, by the last part of the name of Authentik's own mapping.
     */
    attributes?: ('upn' | 'name' | 'email' | 'username' | 'uid' | 'groups' | 'ms-windowsaccountname')[];
    /**
     * Part that is signed: the assertion, the response around it, or both.
     */
    sign?: 'assertion' | 'response' | 'both';
    /**
     * Lifetimes of assertions and sessions. Without one of them, a new client has the default of Authentik, and an existing one keeps what it has.
     */
    lifetimes?: {
      /**
       * Time in which the application accepts an assertion, a day at most. The default of Authentik is `5m`.
       */
      assertion?: string;
      /**
       * Time after which the application ends the session (SessionNotOnOrAfter), a year at most. The default of Authentik is `60d`.
       */
      session?: string;
    };
  };
  /**
   * Login by LDAP instead of OpenID Connect: the application shows its own form, and asks the outpost of `authentik.ldapOutpost` about the name and the password. The client then has none of the keys of OpenID Connect, and no `saml`.
   */
  ldap?: {
    /**
     * Name below which the application finds people (`ou=users`) and groups (`ou=groups`). No client may have the same one, or one that ends with that of another: the outpost would take the bindings of the wrong application.
     */
    baseDn: string;
    /**
     * `direct`: Authentik checks each bind. `cached`: the outpost admits the same name and password again without asking until the session ends, even if the person has lost access meanwhile.
     */
    bindMode?: 'direct' | 'cached';
    /**
     * `direct`: each search reads Authentik. `cached`: the outpost keeps a copy of all people and groups, which may be some minutes old.
     */
    searchMode?: 'direct' | 'cached';
    /**
     * A code may follow the password after a semicolon: `password;123456`. A password that itself ends like this is then refused for people without such a device.
     */
    mfa?: boolean;
    uidStartNumber?: PosixNumber;
    gidStartNumber?: PosixNumber;
    /**
     * Name of the key pair in Authentik for LDAPS and StartTLS. Without it, a new client has none, so that the outpost makes its own at each start, and an existing one keeps what it has.
     */
    certificate?: string;
    /**
     * Host by which the application calls the outpost with TLS. An outpost with several providers chooses the certificate by it. Without it, an existing client keeps what it has.
     */
    tlsServerName?: string;
  };
  /**
   * Type of the client: `confidential` if it can keep a secret, `public` if it cannot.
   */
  type?: 'confidential' | 'public';
  /**
   * Addresses to which a login may return, in order. If no host uses this client as its gate, Authentik derives the launch address from the first one.
   */
  redirectUris?: RedirectUri[];
  /**
   * Addresses to which a logout may return.
   */
  logoutUris?: RedirectUri[];
  /**
   * OAuth grant types that the client may use.
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
   * Key pair that signs the client's tokens. `shared`: the default key pair of Authentik. `own`: a separate key pair, which a `jwt` gate at the edge requires.
   */
  signingKey?: 'shared' | 'own';
  /**
   * Scopes that the client may request: Authentik's own scopes and names under `authentik.scopes`.
   */
  scopes?: string[];
  /**
   * Attribute of the person that becomes the `sub` claim.
   */
  subject?: 'hashed_user_id' | 'user_id' | 'user_uuid' | 'user_username' | 'user_email' | 'user_upn';
  /**
   * Lifetimes of codes and tokens.
   */
  lifetimes?: {
    /**
     * Lifetime of an authorization code.
     */
    code?: string;
    /**
     * Lifetime of an access token.
     */
    access?: string;
    /**
     * Lifetime of a refresh token.
     */
    refresh?: string;
  };
  groups?: GroupList;
  users?: UserList;
  /**
   * Authorization flow of this client, in place of `authentik.flows.authorization`. Not for an LDAP client.
   */
  flow?: string;
  policies?: PolicyList;
  everyone?: Everyone;
  deliver?: CredentialSinks;
  /**
   * If true, no run removes the client from Authentik. It stays protected when the entry leaves the file: write `false` and apply first.
   */
  protect?: boolean;
  /**
   * Fields of the existing application that another tool owns, so that gates leaves them as they are: `name`.
   */
  ignore?: string[];
}
/**
 * One file that receives a client id and a client secret.
 */
export interface CredentialSink {
  /**
   * Path of a file of NAME=value lines. gates writes it atomically, with mode 0600.
   */
  file: string;
  /**
   * Names of the two lines, to replace the default names.
   */
  names?: {
    /**
     * Name of the line with the client id. The default is CF_ACCESS_CLIENT_ID for a service token, <CLIENT>_CLIENT_ID for a client.
     */
    id?: string;
    /**
     * Name of the line with the client secret. The default is CF_ACCESS_CLIENT_SECRET for a service token, <CLIENT>_CLIENT_SECRET for a client.
     */
    secret?: string;
  };
}
/**
 * A Cloudflare Access service token.
 */
export interface ServiceToken {
  /**
   * Time for which the token is valid, or `forever`.
   */
  duration?: string;
  /**
   * Schedule on which gates replaces the secret.
   */
  rotate?: {
    /**
     * Age of the secret at which gates replaces it.
     */
    every: string;
    /**
     * Time for which the previous secret stays valid.
     */
    overlap?: string;
  };
  deliver?: CredentialSinks;
  /**
   * If true, no run removes the token. It stays protected when the entry leaves the file: write `false` and apply first. The state folder remembers it, so another state folder does not protect the token.
   */
  protect?: boolean;
}
/**
 * An action that a webhook may start: a command or an HTTP call.
 */
export interface Action {
  /**
   * Command and its arguments. gates starts it without a shell.
   *
   * @minItems 1
   */
  run?: string[];
  /**
   * Working directory of the command.
   */
  directory?: string;
  /**
   * Names of environment variables of the daemon that the command gets, in addition to PATH, HOME and LANG.
   */
  environment?: string[];
  /**
   * An HTTP call.
   */
  http?: {
    /**
     * Address that gates calls.
     */
    url: string;
    /**
     * HTTP method.
     */
    method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
    token?: Secret;
  };
  /**
   * Time after which gates ends the action.
   */
  timeout?: string;
}
/**
 * A plain DNS record.
 */
export interface DnsRecord {
  /**
   * Name of the record, within the zone or in full. `@` is the zone itself.
   */
  name: string;
  /**
   * Type of the record.
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
   * Content of an A, AAAA, CNAME, TXT, MX, NS or PTR record.
   */
  content?: string;
  /**
   * Content of a record of any other type, in parts. SRV: priority, weight, port, target. CAA: flags, tag, value. The schema lists the parts of each type under `$defs`.
   */
  data?: {
    [k: string]: string | number;
  };
  /**
   * Priority of an MX or URI record. Clients try the lowest number first.
   */
  priority?: number;
  ttl?: Ttl;
  /**
   * If true, requests go through Cloudflare's edge. Only for A, AAAA and CNAME.
   */
  proxied?: boolean;
  /**
   * Comment on the record. gates puts the owner in front of it. The plan of the zone limits the total length.
   */
  comment?: string;
  /**
   * Tags of the record, as name:value, at most 20. The free plan has no tags. An empty list removes all tags; without this key, gates leaves them unchanged.
   *
   * @maxItems 20
   */
  tags?: string[];
  /**
   * If true, no run removes the record. It stays protected when the entry leaves the file: write `false` and apply first.
   */
  protect?: boolean;
  /**
   * Fields of the existing record that another tool owns, so that gates leaves them as they are: `ttl`, `comment`, `tags`.
   */
  ignore?: string[];
}
/**
 * A rule that lets requests to some hosts skip bot checks.
 */
export interface WafSkip {
  /**
   * Hosts whose requests skip the products and phases below.
   *
   * @minItems 1
   */
  hosts: string[];
  /**
   * Cloudflare products that the requests skip.
   */
  products?: ('bic' | 'hot' | 'rateLimit' | 'securityLevel' | 'uaBlock' | 'waf' | 'zoneLockdown')[];
  /**
   * Phases of the Cloudflare rulesets that the requests skip.
   */
  phases?: ('http_ratelimit' | 'http_request_sbfm' | 'http_request_firewall_managed')[];
}
/**
 * Schedule and limits of the daemon.
 */
export interface Reconcile {
  /**
   * Times at which the daemon makes a run, as five cron fields.
   */
  schedule?: string;
  /**
   * Time zone of every schedule in this file, as an IANA name.
   */
  timezone?: string;
  /**
   * Handling of an object of ours that was changed by hand. `repair` reverts the change; `report` only reports it.
   */
  drift?: 'repair' | 'report';
  /**
   * If true, gates removes objects of ours that the file no longer asks for.
   */
  prune?: boolean;
  /**
   * Limits on the changes of one plan. gates refuses what is beyond a limit until a person allows it.
   */
  limits?: {
    /**
     * Number of plain records that one plan may rewrite, as a share of all our hostnames and plain records.
     */
    change?: string;
    /**
     * Number of hostnames and plain records that one plan may remove, as a share of all our hostnames and plain records.
     */
    prune?: string;
    /**
     * Number of removals, and number of rewrites, that every plan may make, whatever the shares say.
     */
    floor?: number;
  };
  /**
   * Times at which the daemon checks that every guarded host still asks for its gate, as five cron fields. Without this key, the daemon makes no scheduled checks.
   */
  probe?: string;
  /**
   * Longest random delay of a scheduled run, so that many daemons do not ask in the same second. Without this key, runs begin at once.
   */
  jitter?: string;
  /**
   * Windows in which gates may apply a new revision. Without this key, gates applies it at any time. gates keeps up the applied revision at all times.
   *
   * Items: One window.
   */
  windows?: {
    /**
     * Times at which the window opens, as five cron fields. Day of the month and day of the week must both match.
     */
    schedule: string;
    /**
     * Time for which the window stays open.
     */
    duration: string;
  }[];
}
/**
 * One receiver of exactly one kind.
 */
export interface Notification {
  /**
   * An ntfy topic.
   */
  ntfy?: {
    /**
     * Address of the topic: server and topic name.
     */
    url: string;
    token?: Secret;
  };
  /**
   * A Slack incoming webhook.
   */
  slack?: {
    url: Secret;
  };
  /**
   * A Discord webhook.
   */
  discord?: {
    url: Secret;
  };
  /**
   * A Telegram bot.
   */
  telegram?: {
    token: Secret;
    /**
     * Id of the chat, in quotes.
     */
    chat: string;
  };
  /**
   * A receiver of JSON.
   */
  webhook?: {
    /**
     * Address to which gates posts.
     */
    url: string;
    secret?: Secret;
  };
}
