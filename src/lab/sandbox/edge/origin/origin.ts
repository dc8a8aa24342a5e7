import type { IngressRule, Origin } from '../../state/world.ts';
import type { EdgeView } from '../view/view.ts';
import { type Assertion, answer, type Delivery, type Verdict, type Visit } from '../view/visit.ts';
import { reachAuthentik } from './authentik-origin.ts';
import { atHooks, hasHooks } from './hooks-origin.ts';
import { normalizedUrl } from './origin-url.ts';
import { throughTraefik } from './traefik-origin.ts';

const LOOPBACK = /^(127(\.\d{1,3}){3}|localhost|\[::1\])$/;

/**
 * Delivers a visit to its origin. An origin that a test described (`PUT /origins`) is played as described; any other on
 * loopback is really called, except in a copy; the rest are played by their name. At Authentik's own host, Authentik
 * answers whatever else is there.
 */
export function deliver(
  view: EdgeView,
  visit: Visit,
  rule: IngressRule,
  assertion: Assertion | null,
  throughEdge: boolean,
): Verdict {
  const { url, isLoopback, played } = serviceOf(rule.service);
  const described = view.world.origins.find((origin) => origin.url === url);
  const host = (rule.originRequest?.httpHostHeader ?? visit.host).toLowerCase();
  const delivery: Delivery = {
    kind: 'delivery',
    servedBy: 'origin',
    origin: url,
    proxyTo: null,
    host,
    headers: host === visit.host ? {} : { 'x-forwarded-host': visit.host },
    dropped: [],
    assertion,
    throughEdge,
  };
  if (!described && view.world.playsLoopback !== true && isLoopback) {
    if (!/^https?:/.test(url)) return answer('edge', 502, 'the origin speaks no HTTP', {});
    return { ...delivery, proxyTo: { url, verifyTls: rule.originRequest?.noTLSVerify !== true } };
  }
  const origin = described ?? played;
  return withHeaders(answerOf(view, visit, origin, delivery), origin.responseHeaders);
}

function answerOf(view: EdgeView, visit: Visit, origin: Origin, delivery: Delivery): Verdict {
  if (hasHooks(origin, visit.host)) return atHooks(visit);
  if (origin.kind === 'traefik') return throughTraefik(view, visit, origin, delivery);
  const isAuthentik = origin.kind === 'authentik' || delivery.host === view.world.authentikHost;
  return isAuthentik ? reachAuthentik(view, visit, delivery, origin.outpost) : delivery;
}

function withHeaders(verdict: Verdict, added: Origin['responseHeaders']): Verdict {
  if (added === undefined) return verdict;
  if (verdict.kind === 'answer') return { ...verdict, headers: { ...verdict.headers, ...added } };
  return verdict.kind === 'delivery' || verdict.kind === 'outpost'
    ? { ...verdict, responseHeaders: added }
    : verdict;
}

function playedByName(url: string, hostname: string): Origin {
  const kind = (['traefik', 'authentik'] as const).find((name) => hostname.startsWith(name)) ?? 'application';
  const hooks = hostname.startsWith('gates') ? ({ hooks: 'all' } as const) : {};
  return { url, kind, forwardAuth: 'none', trustForwarded: false, ...hooks };
}

/** The parts of a rule's service that its text contains. */
interface Service {
  url: string;
  isLoopback: boolean;
  /** The origin that the sandbox plays there unless a test described another. */
  played: Origin;
}

const services = new Map<string, Service>();

/** Reads a service. Cached, since the oracle visits the same few origins after every write. */
function serviceOf(text: string): Service {
  const known = services.get(text);
  if (known !== undefined) return known;
  const url = normalizedUrl(text);
  const hostname = URL.canParse(url) ? new URL(url).hostname : '';
  const service = { url, isLoopback: LOOPBACK.test(hostname), played: playedByName(url, hostname) };
  if (services.size > 10_000) services.clear();
  services.set(text, service);
  return service;
}
