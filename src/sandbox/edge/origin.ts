import type { IngressRule, Origin, World } from '../world.ts';
import { type Assertion, answer, type Delivery, type Verdict, type Visit } from './visit.ts';

const LOOPBACK = /^(127(\.\d{1,3}){3}|localhost|\[::1\])$/;

/** Headers by which a proxy tells the next one what the visitor asked for. */
const FORWARDED = /^x-forwarded-/;

/**
 * Hands a visit to what stands behind it. An origin that a test described (`PUT /origins`) is played as described;
 * another one on loopback is really proxied to; the rest are played by their name.
 */
export function deliver(
  world: World,
  visit: Visit,
  rule: IngressRule,
  assertion: Assertion | null,
  throughEdge: boolean,
): Verdict {
  const url = normalisedUrl(rule.service);
  const described = world.origins.find((origin) => origin.url === url);
  const host = (rule.originRequest?.httpHostHeader ?? visit.host).toLowerCase();
  const delivery: Delivery = {
    kind: 'delivery',
    servedBy: 'origin',
    proxyTo: null,
    host,
    headers: host === visit.host ? {} : { 'x-forwarded-host': visit.host },
    dropped: [],
    assertion,
    throughEdge,
  };
  if (!described && isLoopback(url)) {
    if (!/^https?:/.test(url)) return answer('edge', 502, 'the origin speaks no HTTP', {});
    return { ...delivery, proxyTo: { url, verifyTls: rule.originRequest?.noTLSVerify !== true } };
  }
  const origin = described ?? playedByName(url);
  if (origin.kind === 'authentik') return { ...delivery, servedBy: 'authentik' };
  return origin.kind === 'traefik' ? throughTraefik(world, visit, origin, delivery) : delivery;
}

/**
 * Traefik routes `auth.<zone>` to Authentik and sends the hosts it was told of through the outpost, which sends a
 * visitor without a session to Authentik's public face. Unless it trusts them, a visitor's own `X-Forwarded-*`
 * go no further.
 */
function throughTraefik(world: World, visit: Visit, origin: Origin, delivery: Delivery): Verdict {
  const zone = world.zones.find(({ name }) => delivery.host === name || delivery.host.endsWith(`.${name}`));
  const loginHost = `auth.${zone?.name ?? world.zones[0]?.name ?? ''}`;
  const forwarded: Delivery = origin.trustForwarded
    ? delivery
    : {
        ...delivery,
        headers: { 'x-forwarded-host': delivery.host },
        dropped: visit.headers.map(([name]) => name).filter((name) => FORWARDED.test(name)),
      };
  if (delivery.host === loginHost) return { ...forwarded, servedBy: 'authentik' };
  if (!asksOutpost(origin, delivery.host)) return forwarded;
  const back = encodeURIComponent(`https://${delivery.host}${visit.path}${visit.query}`);
  return answer('authentik', 302, '', {
    location: `https://${loginHost}/outpost.goauthentik.io/start?rd=${back}`,
  });
}

function asksOutpost(origin: Origin, host: string): boolean {
  if (origin.forwardAuth === 'all') return true;
  return origin.forwardAuth !== 'none' && origin.forwardAuth.includes(host);
}

function playedByName(url: string): Origin {
  const hostname = URL.canParse(url) ? new URL(url).hostname : '';
  const kind = (['traefik', 'authentik'] as const).find((name) => hostname.startsWith(name)) ?? 'application';
  return { url, kind, forwardAuth: 'none', trustForwarded: false };
}

function isLoopback(url: string): boolean {
  return URL.canParse(url) && LOOPBACK.test(new URL(url).hostname);
}

/** Scheme and host in lower case, no default port, no trailing slash: how origins are compared. */
export function normalisedUrl(url: string): string {
  if (!URL.canParse(url)) return url;
  const parsed = new URL(url);
  return `${parsed.protocol}//${parsed.host}${parsed.pathname}`.toLowerCase().replace(/\/+$/, '');
}
