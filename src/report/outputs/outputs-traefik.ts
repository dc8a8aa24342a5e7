/** A host that Traefik sends through the outpost. */
export interface ForwardedHost {
  readonly service: string;
  /** As the internet has it. */
  readonly host: string;
  /** The Host header as it reaches Traefik: another than `host` where the file has a `hostHeader`. */
  readonly seenAs: string;
  /** The origin's address, as cloudflared reaches Traefik. */
  readonly origin: string;
}

/** The hosts to configure, from the file alone: nothing of it has to be applied before. */
export interface TraefikAsked {
  /** Scheme, host and port, as Traefik reaches the outpost. */
  readonly outpostUrl: string;
  readonly hosts: readonly ForwardedHost[];
  /** The public face of Authentik, where hosts of a domain come back to after a login. */
  readonly face: ForwardedHost | undefined;
  /** Hosts about whose requests `/verify` of the daemon is asked. */
  readonly verified: readonly ForwardedHost[];
  /** Scheme, host and port, as Traefik reaches the daemon. */
  readonly daemonUrl: string;
  /** Some of the hosts have paths that the outpost does not ask about. */
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
 * Only keys that every Traefik since 2.0 knows: the file provider refuses a whole file for one that it does not.
 */
export interface DynamicConfiguration {
  readonly http: {
    readonly middlewares: Readonly<Record<string, Middleware>>;
    /** Absent where the outpost is not asked: a map without entries is refused. */
    readonly routers?: Readonly<Record<string, Router>>;
    readonly services?: Readonly<
      Record<string, { readonly loadBalancer: { readonly servers: readonly [{ readonly url: string }] } }>
    >;
  };
}

/** Names of what all hosts share; what belongs to one host begins otherwise, whatever the service is called. */
const forwarded = 'gates-forwarded';
const authentik = 'gates-authentik';
export const outpostService = 'gates-outpost';

/** The chain that the router of a service's host needs. */
export function chainOf(service: string): string {
  return `gates-host-${service}`;
}

/** Paths that the outpost itself answers, after a login for one. */
const outpostPath = '/outpost.goauthentik.io/';

/** Above every rule that is not given a priority by hand: Traefik takes the length of the rule. */
const outpostPriority = 1000;

/**
 * Empty removes: https://doc.traefik.io/traefik/reference/routing-configuration/http/middlewares/headers/
 * The edge and cloudflared pass on what a client sends, and where Traefik trusts cloudflared, so does Traefik.
 */
const requestHeaders: Readonly<Record<string, string>> = {
  // The outpost decides by these; Traefik fills in the real ones where there are none.
  'X-Forwarded-Method': '',
  'X-Forwarded-Uri': '',
  'X-Forwarded-Prefix': '',
  // Other ways to say scheme and host, which forward auth passes on.
  Forwarded: '',
  'X-Forwarded-Scheme': '',
  // Applications that take these for the path would serve another one than the outpost let by.
  'X-Original-Url': '',
  'X-Rewrite-Url': '',
  // Nobody comes through the tunnel but over https, whatever cloudflared speaks to Traefik.
  'X-Forwarded-Proto': 'https',
  'X-Forwarded-Port': '443',
};

/**
 * Cloudflare alone reads it, obeys it instead of `Cache-Control`, and does not pass it on: nothing that Traefik answers is
 * stored, be it of the application or of the outpost. https://developers.cloudflare.com/cache/concepts/cdn-cache-control/
 */
const responseHeaders: Readonly<Record<string, string>> = { 'Cloudflare-CDN-Cache-Control': 'no-store' };

/** https://docs.goauthentik.io/add-secure-apps/providers/proxy/server_traefik/ ; whatever a client sent under these names goes. */
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

/** The middlewares that the hosts need, and the routers by which the outpost gets its own paths. */
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
      // Traefik trusts only what the two middlewares before it left. Without this setting, the scheme would be
      // Traefik's own.
      trustForwardHeader: true,
      authResponseHeaders: identityHeaders,
    },
  };
}

/** The host stands here, and nowhere in the request. */
function verifyMiddleware(host: string, daemonUrl: string): Middleware {
  return {
    forwardAuth: {
      address: `${daemonUrl}/verify?host=${host}`,
      // Method and path are Traefik's own word, whatever anybody before it sent.
      trustForwardHeader: false,
      authResponseHeaders: ['Remote-User'],
    },
  };
}

function verifierOf(service: string): string {
  return `gates-verify-${service}`;
}

/** The middleware that says which host it is: a constant, since the router's rule knows it. */
function nameOf(service: string): string {
  return `gates-name-${service}`;
}

function outpostRouter({ service, seenAs, origin }: ForwardedHost): Router {
  return {
    rule: `Host(\`${seenAs}\`) && PathPrefix(\`${outpostPath}\`)`,
    priority: outpostPriority,
    // Never forward auth: a login would have to be done before it can be done.
    middlewares: [forwarded, nameOf(service)],
    service: outpostService,
    ...(origin.startsWith('https://') && { tls: {} }),
  };
}
