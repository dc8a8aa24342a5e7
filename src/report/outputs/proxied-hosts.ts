/** A host that a proxy of the file serves. */
export interface ForwardedHost {
  readonly service: string;
  /** The public name. */
  readonly host: string;
  /** The Host header that reaches the proxy: it differs from `host` if the file has a `hostHeader`. */
  readonly seenAs: string;
  /** The origin's address for cloudflared, which is the proxy. */
  readonly origin: string;
}

/** The question to the daemon's `/verify` about a host, or about a path with a gate of its own. */
export interface VerifiedDoor {
  /** The path of the question with its query, `/verify?host=wiki.example.dev`; undefined: the door is open to all. */
  readonly question: string | undefined;
  /** The headers by which the answer names the visitor. */
  readonly identity: readonly string[];
}

export interface VerifiedPath extends VerifiedDoor {
  /** As in the file, `/admin/**`. */
  readonly path: string;
  /** Regular expression for the decoded path, which nginx, Caddy and Traefik read alike. */
  readonly pattern: string;
  /** The gate of the path ignores case, as Access does. */
  readonly ignoresCase: boolean;
}

/** A host whose requests the daemon judges. */
export interface VerifiedHost extends ForwardedHost, VerifiedDoor {
  /** The first that matches decides. */
  readonly paths: readonly VerifiedPath[];
}

/** The hosts to configure, from the file alone, which need not be applied before. */
export interface ProxyAsked {
  /** Scheme, host and port of the outpost, as the proxy reaches it. */
  readonly outpostUrl: string;
  /** Scheme, host and port of Authentik, which is the application of `face`. */
  readonly authentikUrl: string;
  /** Hosts about whose requests the proxy asks the outpost. */
  readonly hosts: readonly ForwardedHost[];
  /** The host of Authentik itself, to which hosts of a domain return after a login. */
  readonly face: ForwardedHost | undefined;
  readonly verified: readonly VerifiedHost[];
  /** Scheme, host and port of the daemon, as the proxy reaches it. */
  readonly daemonUrl: string;
  /** Some hosts have paths that the outpost admits without a login. */
  readonly exceptions: boolean;
}

/** Paths that the outpost itself answers, for example after a login. */
export const outpostPrefix = '/outpost.goauthentik.io';

/**
 * The headers by which the outpost names a person, without `X-authentik-`:
 * https://docs.goauthentik.io/add-secure-apps/providers/proxy/server_traefik/
 */
export const personNames = ['username', 'groups', 'entitlements', 'email', 'name', 'uid', 'jwt'] as const;

/** Those by which it names itself. */
export const outpostNames = ['jwks', 'outpost', 'provider', 'app', 'version'] as const;

/**
 * Only Cloudflare reads this header, obeys it instead of `Cache-Control`, and does not pass it on: so it stores no
 * answer of the proxy, from the application or the outpost.
 * https://developers.cloudflare.com/cache/concepts/cdn-cache-control/
 */
export const cacheHeader = 'Cloudflare-CDN-Cache-Control';

/** Every spelling of the identity headers of `/verify` that an application may read as the same variable. */
export const claimedNames = ['Remote-User', 'Remote-Email', 'Remote_User', 'Remote_Email'] as const;

/**
 * A regular expression for a path of the file: `/admin/**` includes everything below it, and a guarded `/admin` also
 * `/admin/`, as at Access.
 */
export function patternOf(prefix: string, form: 'exact' | 'subtree', isGuarded: boolean): string {
  return `^${literal(prefix)}${form === 'subtree' ? '(/|$)' : isGuarded ? '/?$' : '$'}`;
}

/** Escaped without a backslash before punctuation, since nginx and Caddy would each read that in their own way. */
function literal(text: string): string {
  return text.replaceAll(
    /[^\w/~\u0080-\uffff-]/g,
    (character) => `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`,
  );
}

/**
 * Regular expression for requests whose path two programs may read differently: with an encoded slash, dots, `//` or
 * `;`. On a host whose paths have gates of their own, the proxy must not guess which of them is meant.
 */
export const ambiguous = String.raw`^[^?]*(%(2f|5c|2e|25|3b|3f|23|7f|[01][0-9a-f])|//|;|\x5c|\.(/|\?|$)|%20(/|\?|$))`;

/** The port on which the proxy listens for cloudflared. */
export function portOf(origin: string): string {
  const { port, protocol } = new URL(origin);
  return port !== '' ? port : protocol === 'https:' ? '443' : '80';
}

/** True if cloudflared speaks TLS to the proxy. */
export function isTls(origin: string): boolean {
  return origin.startsWith('https://');
}

/** The host of the login page, if it is behind the proxy that asks the outpost. */
export function servedFace({ hosts, face }: ProxyAsked): ForwardedHost | undefined {
  return hosts.some(({ origin }) => origin === face?.origin) ? face : undefined;
}
