import type { OriginPart } from '../../core/objects/part.ts';
import {
  type Admission,
  allOf,
  alternatives,
  anyOf,
  everybody,
  given,
  nobody,
  unknown,
} from '../admission/admission.ts';
import { originKeys } from '../state/places.ts';
import type { View } from '../state/view.ts';
import {
  admittedByProvider,
  isAuthentikRead,
  onlyProvider,
  outpostPath,
  providerFor,
  skipsSomewhere,
} from './authentik.ts';
import { readingsOf } from './path-reading.ts';

/** A request as it comes to an origin. */
export interface ForwardedRequest {
  /** As a tunnel rule or a record names it: `http://traefik.lan:80`. */
  readonly service: string;
  /** The visitor's host. */
  readonly host: string;
  readonly path: string;
  /** Host that the origin is asked for, where it is another. */
  readonly hostHeader?: string | undefined;
}

/** What answers, and whom it admits of those who got that far. */
export interface OriginAnswer {
  readonly to: string;
  readonly admits: Admission;
  /** The part that decides: the origin by itself, or Authentik. */
  readonly by: 'origin' | 'authentik';
}

/** `http://traefik.lan:80 for app.example.dev`: one address may serve a service for each host that it is asked for. */
export function originName(service: string, host: string): string {
  return `${service} for ${host}`;
}

/** What answers a request at an origin. One of which gates knows nothing may ask somebody, or nobody. */
export function answersAt(view: View, request: ForwardedRequest): readonly OriginAnswer[] {
  const { service, host, hostHeader } = request;
  const to = originName(service, hostHeader ?? host);
  const origin = originAt(view, service, hostHeader ?? host);
  const itself = unknown('origin', `${to}${request.path}`);
  if (origin === undefined) return [{ to, admits: itself, by: 'origin' }];
  view.weigh({ layer: 'origin', part: origin, admits: everybody });
  switch (origin.asks.who) {
    case 'nobody':
      return [{ to, admits: everybody, by: 'origin' }];
    case 'itself':
      return [{ to, admits: itself, by: 'origin' }];
    case 'outpost': {
      const admits = admittedByOutpost(view, origin, origin.asks.outpost, request);
      return [{ to, admits, by: 'authentik' }];
    }
    case 'authentik':
      return answersOfAuthentik(view, origin, origin.asks.outpost, request);
  }
}

/** The part about this host, else the one about all. */
function originAt(view: View, service: string, host: string): OriginPart | undefined {
  if (view.unread('origin')) return undefined;
  const about = view.parts('origin', originKeys(service, host));
  return about.find(({ hosts }) => hosts !== undefined) ?? about[0];
}

/** Encoded characters that have a meaning in a path (Traefik, "Request path", `encodedCharacters`). */
const ambiguous = /%(2f|5c|00|3b|25|3f|23)/i;

/** Forward auth: the origin sends the URL to the outpost, which picks the provider by its host. */
function admittedByOutpost(
  view: View,
  { service, trustsForwarded }: OriginPart,
  outpost: string,
  request: ForwardedRequest,
): Admission {
  const { host, path, hostHeader = host } = request;
  if (!isAuthentikRead(view)) return unknown('not read', `Authentik for ${host}${path}`);
  // An origin that is asked for another host may tell the outpost either: cloudflared sends the visitor's one along.
  const hosts = alternatives('host that the origin names', `${service} for ${host}`, [
    [host, host],
    [hostHeader, hostHeader],
  ]);
  const judged = anyOf(
    ...hosts.map(({ when, item }) => allOf(when, admittedForHost(view, outpost, item, path))),
  );
  // For nginx the outpost answers 200 to such a path, whoever asks; what the origin does with it is its own affair.
  const ofOutpost = readingsOf(path).some((reading) => reading.startsWith(outpostPath))
    ? unknown('path of the outpost', `${service}, ${host}${path}`)
    : nobody;
  // A reverse proxy may refuse a path that another program would read as another one, as Traefik does.
  const handedOn = ambiguous.test(path) ? unknown('path spelling', `${service}, ${host}${path}`) : everybody;
  const admitted = allOf(handedOn, anyOf(judged, ofOutpost));
  if (trustsForwarded === false) return admitted;
  const forged = anyOf(admitted, admittedSomewhere(view, outpost));
  if (trustsForwarded) return forged;
  return given(unknown('forwarding headers', `${service} for ${host}`), forged, admitted);
}

function admittedForHost(view: View, outpost: string, host: string, path: string): Admission {
  return anyOf(
    ...providerFor(view, outpost, host).map(({ when, item: provider }) => {
      if (provider === 'none') return admittedByOnly(view, outpost, host, path);
      // In mode `proxy` the question itself is forwarded to the application, whose answer then counts.
      if (provider.mode === 'proxy')
        return allOf(when, unknown('provider of mode proxy', `${provider.id}, ${host}`));
      return allOf(when, admittedByProvider(view, provider, { host, path }));
    }),
  );
}

/** A standalone outpost lets its only provider answer for any host; the embedded one asks for the host (`HandleHost`). */
function admittedByOnly(view: View, outpost: string, host: string, path: string): Admission {
  const only = onlyProvider(view, outpost);
  if (only === undefined || only.mode === 'proxy') return nobody;
  return allOf(unknown('outpost with one provider', outpost), admittedByProvider(view, only, { host, path }));
}

/** Whom an outpost admits somewhere, for visitors who can name any host and path to it: at most those with an account. */
function admittedSomewhere(view: View, outpost: string): Admission {
  if (skipsSomewhere(view, outpost)) return everybody;
  return allOf({ has: 'account' }, unknown('login elsewhere', `outpost ${outpost}`));
}

/**
 * Authentik itself: its outpost forwards requests for the hosts of providers of mode `proxy`; the rest is Authentik's own
 * pages, which are for everybody. It takes the host from `X-Forwarded-Host` if it trusts whoever sends that.
 */
function answersOfAuthentik(
  view: View,
  { service, trustsForwarded }: OriginPart,
  outpost: string,
  request: ForwardedRequest,
): readonly OriginAnswer[] {
  const { host, path } = request;
  const own = (admits: Admission) =>
    ({ to: originName(service, host), admits, by: 'authentik' }) satisfies OriginAnswer;
  const elsewhere = (admits: Admission) => ({ to: anywhere, admits, by: 'authentik' }) satisfies OriginAnswer;
  if (!isAuthentikRead(view))
    return [own(everybody), elsewhere(unknown('not read', `Authentik for ${host}`))];
  if (readingsOf(path).every((reading) => reading.startsWith(`${outpostPath}/`))) return [own(everybody)];
  const forwarded = providerFor(view, outpost, host).map(({ when, item: provider }): OriginAnswer => {
    if (provider === 'none' || provider.mode !== 'proxy') return own(when);
    const admits = allOf(when, admittedByProvider(view, provider, { host, path }));
    return { to: originName(provider.internalHost, host), admits, by: 'authentik' };
  });
  if (trustsForwarded === false) return forwarded;
  return [...forwarded, elsewhere(unknown('forwarding headers', `${service} for ${host}`))];
}

/** What answers where nobody knows: it may be any origin. */
export const anywhere = 'any origin';
