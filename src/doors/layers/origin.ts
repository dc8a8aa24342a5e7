import type { ProxyProviderPart } from '../../core/objects/parts/authentik-parts.ts';
import type { OriginPart } from '../../core/objects/parts/tunnel-parts.ts';
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
import { everyKey, originKeys } from '../state/places.ts';
import type { View } from '../state/view.ts';
import {
  admittedByProvider,
  admittedByQuestion,
  areLinksRead,
  areOutpostsRead,
  onlyProvider,
  outpostPath,
  providerFor,
  skippedSomewhere,
} from './authentik.ts';
import { readingsOf } from './path-reading.ts';

/** A request as an origin receives it. */
export interface ForwardedRequest {
  /** The name in a tunnel rule or a record: `http://traefik.lan:80`. */
  readonly service: string;
  /** The visitor's host. */
  readonly host: string;
  readonly path: string;
  /** The host that the origin is asked for, if it is a different one. */
  readonly hostHeader?: string | undefined;
}

/** An origin that answers, and the visitors whom it admits among those who reach it. */
export interface OriginAnswer {
  readonly to: string;
  readonly admits: Admission;
  /** The part that decides: the origin by itself, or Authentik. */
  readonly by: 'origin' | 'authentik';
}

/** `http://traefik.lan:80 for app.example.dev`: one address may serve a different service for each host. */
export function originName(service: string, host: string): string {
  return `${service} for ${host}`;
}

/** The origins that may answer a request. One of which gates knows nothing may ask visitors for a login, or not. */
export function answersAt(view: View, request: ForwardedRequest): readonly OriginAnswer[] {
  const { service, host, hostHeader } = request;
  const to = originName(service, hostHeader ?? host);
  const origin = originAt(view, service, hostHeader ?? host);
  const itself = unknown('origin', `${to}${request.path}`);
  if (origin === undefined) return [{ to, admits: itself, by: 'origin' }];
  view.weigh?.({ layer: 'origin', part: origin, admits: everybody });
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

/** The part about this host, else the one about all hosts. */
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
  if (!areOutpostsRead(view)) return unknown('not read', `Authentik for ${host}${path}`);
  // An origin that is asked for another host may name either: cloudflared forwards the visitor's host too.
  const hosts = alternatives('host that the origin names', `${service} for ${host}`, [
    [host, host],
    [hostHeader, hostHeader],
  ]);
  const judged = anyOf(
    ...hosts.map(({ when, item }) => allOf(when, admittedForHost(view, outpost, item, path))),
  );
  // For nginx, the outpost answers 200 to such a path, whoever asks. The origin then decides by itself.
  const ofOutpost = readingsOf(path).some((reading) => reading.startsWith(outpostPath))
    ? unknown('path of the outpost', `${service}, ${host}${path}`)
    : nobody;
  // A reverse proxy such as Traefik may refuse a path that another program would read differently.
  const handedOn = ambiguous.test(path) ? unknown('path spelling', `${service}, ${host}${path}`) : everybody;
  const admitted = allOf(handedOn, anyOf(judged, ofOutpost));
  if (trustsForwarded === false) return admitted;
  const forged = anyOf(admitted, admittedSomewhere(view, outpost));
  if (trustsForwarded) return forged;
  return given(unknown('forwarding headers', `${service} for ${host}`), forged, admitted);
}

/** The visitors whom an outpost admits by forward auth, for an origin that may ask any of them. */
export function admittedBySomeOutpost(
  view: View,
  { host, path }: Pick<ForwardedRequest, 'host' | 'path'>,
): Admission {
  if (!areOutpostsRead(view)) return unknown('not read', `Authentik for ${host}${path}`);
  const outposts = new Set(view.parts('outpost-entry', everyKey).map(({ outpost }) => outpost));
  return anyOf(...[...outposts].map((outpost) => admittedForHost(view, outpost, host, path)));
}

function admittedForHost(view: View, outpost: string, host: string, path: string): Admission {
  return anyOf(
    ...providerFor(view, outpost, host).map(({ when, item: provider }) => {
      const admits =
        provider === 'none'
          ? admittedByOnly(view, outpost, host, path)
          : admittedByForwardAuth(view, provider, { host, path });
      return allOf(when, admits);
    }),
  );
}

function admittedByForwardAuth(
  view: View,
  provider: ProxyProviderPart,
  { host, path }: Pick<ForwardedRequest, 'host' | 'path'>,
): Admission {
  if (provider.mode === 'proxy') return admittedByQuestion(view, provider, host);
  return admittedByProvider(view, provider, { host, path });
}

/** A standalone outpost lets its only provider answer for any host; the embedded one checks the host (`HandleHost`). */
function admittedByOnly(view: View, outpost: string, host: string, path: string): Admission {
  if (!areLinksRead(view)) return unknown('not read', `the only provider of ${outpost}`);
  const only = onlyProvider(view, outpost);
  if (only === undefined) return nobody;
  const admitted = admittedByForwardAuth(view, only, { host, path });
  return allOf(unknown('outpost with one provider', outpost), admitted);
}

/** The visitors whom an outpost admits for some host and path, which they can name to it: at most all accounts. */
function admittedSomewhere(view: View, outpost: string): Admission {
  const loggedIn = allOf({ has: 'account' }, unknown('login elsewhere', `outpost ${outpost}`));
  return anyOf(skippedSomewhere(view, outpost), loggedIn);
}

/**
 * The answers of Authentik itself. Its outpost forwards requests for the hosts of `proxy` providers; everything else is
 * Authentik's own pages, which are for everybody. It takes the host from `X-Forwarded-Host` if it trusts the sender.
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
  if (!areOutpostsRead(view))
    return [own(everybody), elsewhere(unknown('not read', `Authentik for ${host}`))];
  const readings = readingsOf(path);
  if (readings.every(isAnsweredByOutpost)) return [own(everybody)];
  const forwarded = providerFor(view, outpost, host).map(({ when, item: provider }): OriginAnswer => {
    if (provider === 'none' || provider.mode !== 'proxy') return own(when);
    const admits = allOf(when, admittedByProvider(view, provider, { host, path }));
    return { to: originName(provider.internalHost, host), admits, by: 'authentik' };
  });
  // The outpost sends everybody else to a login there, whatever the path.
  const ofOutpost = readings.every((reading) => reading.startsWith(`${outpostPath}/`));
  const answers = ofOutpost ? [own(everybody), ...forwarded] : forwarded;
  if (trustsForwarded === false) return answers;
  return [...answers, elsewhere(unknown('forwarding headers', `${service} for ${host}`))];
}

/** True for a path at which an outpost answers by itself. A provider of mode `proxy` forwards every other one below `outpostPath`. */
function isAnsweredByOutpost(path: string): boolean {
  return /^\/outpost\.goauthentik\.io\/(start|callback|sign_out|ping|static\/.*)$/s.test(path);
}

/** The answer if nobody knows the target: it may be any origin. */
export const anywhere = 'any origin';
