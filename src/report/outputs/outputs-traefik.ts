import {
  cacheHeader,
  claimedNames,
  type ForwardedHost,
  isTls,
  outpostNames,
  outpostPrefix,
  type ProxyAsked,
  personNames,
  type VerifiedDoor,
  type VerifiedHost,
} from './proxied-hosts.ts';

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

/** The chain of one door, which the router of that door needs. */
interface VerifiedChain {
  readonly chain: string;
  /** Host, and path as in the file. */
  readonly where: string;
  /** The rule of the router; undefined for the host itself. */
  readonly rule: string | undefined;
  readonly door: VerifiedDoor;
}

/** Names that all hosts share. The names of one host begin differently, whatever the service is called. */
const forwarded = 'gates-forwarded';
const authentik = 'gates-authentik';
const unnamed = 'gates-unnamed';
export const outpostService = 'gates-outpost';

/** The chain that the router of a service's host needs. */
export function chainOf(service: string): string {
  return `gates-host-${service}`;
}

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

const responseHeaders: Readonly<Record<string, string>> = { [cacheHeader]: 'no-store' };

/** Removed from a client's request, also where the outpost names nobody. */
const identityHeaders: readonly string[] = [
  ...personNames.map((name) => `X-authentik-${name}`),
  ...outpostNames.map((name) => `X-authentik-meta-${name}`),
];

/** The middlewares that the hosts need, and the routers for the outpost's own paths. */
export function dynamicConfiguration(asked: ProxyAsked): DynamicConfiguration {
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
  if (verified.length > 0) {
    const removed = claimedNames.map((name) => [name, ''] as const);
    middlewares[unnamed] = { headers: { customRequestHeaders: Object.fromEntries(removed) } };
  }
  for (const { chain, door } of verified.flatMap(verifiedChains)) {
    const verifier = chain.replace(/^gates-(host|path)-/, 'gates-verify-');
    const verifies = verifyMiddleware(door, daemonUrl);
    if (verifies !== undefined) middlewares[verifier] = verifies;
    const asking = verifies === undefined ? [] : [verifier];
    middlewares[chain] = { chain: { middlewares: [forwarded, unnamed, ...asking] } };
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
      address: `${outpostUrl}${outpostPrefix}/auth/traefik`,
      // Traefik trusts only headers that the two middlewares before it left. Without this setting, the scheme would be
      // Traefik's own.
      trustForwardHeader: true,
      authResponseHeaders: identityHeaders,
    },
  };
}

/** The middleware for a door, whose question is a constant and never comes from the request. */
function verifyMiddleware({ question, identity }: VerifiedDoor, daemonUrl: string): Middleware | undefined {
  if (question === undefined) return undefined;
  return {
    forwardAuth: {
      address: `${daemonUrl}${question}`,
      // Method and path are Traefik's own values, whatever a client sent.
      trustForwardHeader: false,
      authResponseHeaders: identity,
    },
  };
}

/** The chain of each door of a host that the daemon judges, with the rule for its router. */
export function verifiedChains(host: VerifiedHost): readonly VerifiedChain[] {
  const { service, host: name, seenAs, paths } = host;
  const inner = paths.map((path) => {
    const words = path.path
      .replaceAll(/[^A-Za-z0-9]+/g, ' ')
      .trim()
      .replaceAll(' ', '_');
    const pattern = `${path.ignoresCase ? '(?i)' : ''}${path.pattern}`;
    const rule = `Host(\`${seenAs}\`) && PathRegexp(\`${pattern}\`)`;
    return { chain: `gates-path-${service}_${words}`, where: `${name}${path.path}`, rule, door: path };
  });
  const counted = inner.map((one, index) => {
    const before = inner.slice(0, index).filter(({ chain }) => chain === one.chain).length;
    return before === 0 ? one : { ...one, chain: `${one.chain}_${before + 1}` };
  });
  return [...counted, { chain: chainOf(service), where: name, rule: undefined, door: host }];
}

/** The middleware that names the host: a constant, since the router's rule matches only that host. */
function nameOf(service: string): string {
  return `gates-name-${service}`;
}

function outpostRouter({ service, seenAs, origin }: ForwardedHost): Router {
  return {
    rule: `Host(\`${seenAs}\`) && PathPrefix(\`${outpostPrefix}/\`)`,
    priority: outpostPriority,
    // Never forward auth: people would have to log in before they may log in.
    middlewares: [forwarded, nameOf(service)],
    service: outpostService,
    ...(isTls(origin) && { tls: {} }),
  };
}
