/** A host that Traefik sends through the outpost. */
export interface ForwardedHost {
  readonly service: string;
  /** The public name. */
  readonly host: string;
  /** The Host header that reaches Traefik: it differs from `host` if the file has a `hostHeader`. */
  readonly seenAs: string;
  /** The origin's address for cloudflared, which is Traefik. */
  readonly origin: string;
}

/** The hosts to configure, from the file alone, which need not be applied before. */
export interface TraefikAsked {
  /** Scheme, host and port of the outpost, as Traefik reaches it. */
  readonly outpostUrl: string;
  readonly hosts: readonly ForwardedHost[];
  /** The host of Authentik itself, to which hosts of a domain return after a login. */
  readonly face: ForwardedHost | undefined;
  /** Hosts whose requests the daemon's `/verify` judges. */
  readonly verified: readonly ForwardedHost[];
  /** Scheme, host and port of the daemon, as Traefik reaches it. */
  readonly daemonUrl: string;
  /** Some hosts have paths that the outpost admits without a login. */
  readonly exceptions: boolean;
}

export interface Router {
  readonly rule: string;
  readonly priority: number;
  readonly middlewares: readonly string[];
  readonly service: string;
  readonly tls?: Readonly<Record<string, never>>;
}

export type Middleware =
  | {
      readonly headers: {
        readonly customRequestHeaders: Readonly<Record<string, string>>;
        readonly customResponseHeaders?: Readonly<Record<string, string>>;
      };
    }
  | {
      readonly forwardAuth: {
        readonly address: string;
        readonly trustForwardHeader: boolean;
        readonly authResponseHeaders: readonly string[];
      };
    }
  | { readonly chain: { readonly middlewares: readonly string[] } };

/**
 * Traefik's dynamic configuration: https://doc.traefik.io/traefik/reference/routing-configuration/other-providers/file/
 * It has only keys that every Traefik since 2.0 knows: the file provider refuses a complete file for one unknown key.
 */
export interface DynamicConfiguration {
  readonly http: {
    readonly middlewares: Readonly<Record<string, Middleware>>;
    /** Absent if no host uses the outpost: Traefik refuses an empty map. */
    readonly routers?: Readonly<Record<string, Router>>;
    readonly services?: Readonly<
      Record<string, { readonly loadBalancer: { readonly servers: readonly [{ readonly url: string }] } }>
    >;
  };
}

/** Names that all hosts share. The names of one host begin differently, whatever the service is called. */
const forwarded = 'gates-forwarded';
const authentik = 'gates-authentik';
export const outpostService = 'gates-outpost';

/** The chain that the router of a service's host needs. */
export function chainOf(service: string): string {
  return `gates-host-${service}`;
}

/** Paths that the outpost itself answers, for example after a login. */
const outpostPath = '/outpost.goauthentik.io/';

/** Higher than every rule without an explicit priority, for which Traefik uses the length of the rule. */
const outpostPriority = 1000;

/**
 * An empty value removes: https://doc.traefik.io/traefik/reference/routing-configuration/http/middlewares/headers/ The
 * edge and cloudflared pass on a client's headers, and so does Traefik if it trusts cloudflared.
 */
const requestHeaders: Readonly<Record<string, string>> = {
  // The outpost decides by these headers; Traefik fills in the real values if they are missing.
  'X-Forwarded-Method': '',
  'X-Forwarded-Uri': '',
  'X-Forwarded-Prefix': '',
  // Other headers for scheme and host, which forward auth passes on.
  Forwarded: '',
  'X-Forwarded-Scheme': '',
  // Applications that use these headers as the path would serve another path than the outpost admitted.
  'X-Original-Url': '',
  'X-Rewrite-Url': '',
  // Every visitor of the tunnel uses https, whatever cloudflared speaks to Traefik.
  'X-Forwarded-Proto': 'https',
  'X-Forwarded-Port': '443',
};

/**
 * Only Cloudflare reads this header, obeys it instead of `Cache-Control`, and does not pass it on: so it stores no
 * answer of Traefik, from the application or the outpost.
 * https://developers.cloudflare.com/cache/concepts/cdn-cache-control/
 */
const responseHeaders: Readonly<Record<string, string>> = { 'Cloudflare-CDN-Cache-Control': 'no-store' };

/** Removed from a client's request: https://docs.goauthentik.io/add-secure-apps/providers/proxy/server_traefik/ */
const identityHeaders: readonly string[] = [
  'X-authentik-username',
  'X-authentik-groups',
  'X-authentik-entitlements',
  'X-authentik-email',
  'X-authentik-name',
  'X-authentik-uid',
  'X-authentik-jwt',
  'X-authentik-meta-jwks',
  'X-authentik-meta-outpost',
  'X-authentik-meta-provider',
  'X-authentik-meta-app',
  'X-authentik-meta-version',
];

/** The middlewares that the hosts need, and the routers for the outpost's own paths. */
export function dynamicConfiguration(asked: TraefikAsked): DynamicConfiguration {
  const { outpostUrl, hosts, face, verified, daemonUrl } = asked;
  const routed = face === undefined ? hosts : [...hosts, face];
  const middlewares: Record<string, Middleware> = {
    [forwarded]: {
      headers: { customRequestHeaders: requestHeaders, customResponseHeaders: responseHeaders },
    },
    ...(hosts.length > 0 && { [authentik]: outpostMiddleware(outpostUrl) }),
  };
  for (const { service, host } of routed) {
    middlewares[nameOf(service)] = { headers: { customRequestHeaders: { 'X-Forwarded-Host': host } } };
  }
  for (const { service } of hosts) {
    middlewares[chainOf(service)] = { chain: { middlewares: [forwarded, nameOf(service), authentik] } };
  }
  for (const { service, host } of verified) {
    middlewares[verifierOf(service)] = verifyMiddleware(host, daemonUrl);
    middlewares[chainOf(service)] = { chain: { middlewares: [forwarded, verifierOf(service)] } };
  }
  if (routed.length === 0) return { http: { middlewares } };
  return {
    http: {
      middlewares,
      routers: Object.fromEntries(routed.map((one) => [`gates-outpost-${one.service}`, outpostRouter(one)])),
      services: { [outpostService]: { loadBalancer: { servers: [{ url: outpostUrl }] } } },
    },
  };
}

function outpostMiddleware(outpostUrl: string): Middleware {
  return {
    forwardAuth: {
      address: `${outpostUrl}/outpost.goauthentik.io/auth/traefik`,
      // Traefik trusts only headers that the two middlewares before it left. Without this setting, the scheme would be
      // Traefik's own.
      trustForwardHeader: true,
      authResponseHeaders: identityHeaders,
    },
  };
}

/** The middleware for a host, which is a constant and never comes from the request. */
function verifyMiddleware(host: string, daemonUrl: string): Middleware {
  return {
    forwardAuth: {
      address: `${daemonUrl}/verify?host=${host}`,
      // Method and path are Traefik's own values, whatever a client sent.
      trustForwardHeader: false,
      authResponseHeaders: ['Remote-User'],
    },
  };
}

function verifierOf(service: string): string {
  return `gates-verify-${service}`;
}

/** The middleware that names the host: a constant, since the router's rule matches only that host. */
function nameOf(service: string): string {
  return `gates-name-${service}`;
}

function outpostRouter({ service, seenAs, origin }: ForwardedHost): Router {
  return {
    rule: `Host(\`${seenAs}\`) && PathPrefix(\`${outpostPath}\`)`,
    priority: outpostPriority,
    // Never forward auth: people would have to log in before they may log in.
    middlewares: [forwarded, nameOf(service)],
    service: outpostService,
    ...(origin.startsWith('https://') && { tls: {} }),
  };
}
