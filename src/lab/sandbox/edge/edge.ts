import { handleAuthentik } from '../authentik/index.ts';
import { identityHeaders, outpostPage } from '../authentik/outpost/outpost-reply.ts';
import { chanceHex } from '../state/ids.ts';
import type { AccessClaims, World } from '../state/world.ts';
import { timestamp } from '../state/world.ts';
import { accessHeaders, verifyClaims } from './access/access-token.ts';
import { passedThroughCache, renderCopy } from './cache/cache-answer.ts';
import { type GuardsPassed, passGuards, type RoutedVisit, routeBehind } from './routing/route.ts';
import { botChallenge } from './rules/bot-fight.ts';
import { statedCircumstances, withoutStated } from './stated-circumstances.ts';
import { acceptSession, loginUrl, visitTeam } from './team/team.ts';
import { askVerifier, type Verifier } from './verifier.ts';
import { VISITOR_IP } from './view/circumstances.ts';
import { callOrigin, mayHaveBody, passedOn } from './view/proxy.ts';
import { viewOf } from './view/view.ts';
import {
  type Answer,
  type Assertion,
  answer,
  type Delivery,
  headerValues,
  type OutpostStop,
  type Session,
  type Verdict,
  type Visit,
} from './view/visit.ts';
import { ofWorker, requestToWorker, runWorker } from './worker/run-worker.ts';
import { workerAt } from './worker/worker-match.ts';

/** A request as it arrived, before its tokens were checked. */
export type RawVisit = Omit<Visit, 'sessions' | 'assertion'>;

/** Answers one request of the internet. Never throws: an unreachable origin is a 502 of the edge. */
export async function serveEdge(world: World, raw: RawVisit, verifier: Verifier = fetch): Promise<Response> {
  const visit = await readTokens(world, raw);
  if (visit.host === world.organization?.authDomain)
    return render(
      world,
      visit,
      await visitTeam(world, visit, (asked) => serveEdge(world, asked, verifier)),
      verifier,
    );
  const challenge = botChallenge(world, visit);
  if (challenge !== null) return render(world, visit, challenge, verifier);
  if (visit.path === '/cdn-cgi/access/authorized')
    return render(world, visit, acceptSession(world, visit), verifier);
  const view = viewOf(world);
  const passed = passGuards(view, visit);
  const used = world.serviceTokens.find(({ id }) => id === passed.token?.id);
  if (used) used.lastSeenAt = timestamp(world);
  const spent = passed.session === undefined ? undefined : storedSession(world, passed.session);
  if (spent?.once !== undefined) spent.once = 'used';
  const script = 'verdict' in passed ? undefined : workerAt(view, visit.host, `${visit.path}${visit.query}`);
  if ('verdict' in passed) return answerRouted(world, visit, passed, verifier);
  if (script === undefined) return answerRouted(world, visit, routeBehind(view, visit, passed), verifier);
  const request = await requestToWorker(visit, passed.assertion);
  const answered = await runWorker(world, script, request, (asked) =>
    fetchForWorker(world, asked, passed, verifier),
  );
  return ofWorker(answered, newRay());
}

async function answerRouted(
  world: World,
  visit: Visit,
  { verdict, cache }: RoutedVisit,
  verifier: Verifier,
): Promise<Response> {
  if (cache === undefined) return render(world, visit, verdict, verifier);
  const asked: Visit = cache.kind === 'miss' ? { ...visit, method: 'GET' } : visit;
  const response = await render(world, asked, verdict, verifier);
  return passedThroughCache(world, { visit, verdict, passage: cache }, response);
}

/**
 * A request of a Worker: to the zone's origin behind its own route, past the rules of the edge and Access; to the
 * team's host like anybody's; to no other place.
 */
async function fetchForWorker(
  world: World,
  request: Request,
  passed: GuardsPassed,
  verifier: Verifier,
): Promise<Response> {
  const raw = await toRawVisit(request);
  const { hostname } = new URL(request.url);
  if (hostname === world.organization?.authDomain)
    return serveEdge(world, { ...raw, host: hostname }, verifier);
  const view = viewOf(world);
  const visit: Visit = { ...raw, host: hostname, sessions: [], assertion: null };
  const resolution = view.resolve(hostname);
  if (resolution.kind === 'unresolved') throw new TypeError(`fetch failed: ${hostname} does not resolve`);
  const assertion = await readAssertion(world, visit);
  const behind = routeBehind(view, visit, { ...passed, resolution, assertion });
  return answerRouted(world, visit, behind, verifier);
}

/** A Fetch request as a visit; `Host` counts, or the URL's host without one. */
export async function toRawVisit(request: Request): Promise<RawVisit> {
  const url = new URL(request.url);
  const body = request.body === null ? null : new Uint8Array(await request.arrayBuffer());
  return {
    method: request.method,
    host: hostOf(request.headers.get('host') ?? url.host),
    path: url.pathname,
    query: url.search,
    headers: [...request.headers].filter(([name]) => name !== 'host'),
    body,
  };
}

/** A `Host` header without its port, in lower case. */
export function hostOf(header: string): string {
  return header.replace(/:\d+$/, '').replace(/\.$/, '').toLowerCase();
}

async function readTokens(world: World, raw: RawVisit): Promise<Visit> {
  const from = statedCircumstances(raw);
  const visit: Visit = {
    ...{ ...raw, ...(from === undefined ? {} : { from }) },
    headers: withoutStated(raw.headers),
    sessions: [],
    assertion: null,
  };
  const cookies = headerValues(visit, 'cookie')
    .flatMap((line) => line.split(/;\s*/))
    .filter((pair) => pair.startsWith('CF_Authorization='))
    .map((pair) => pair.slice('CF_Authorization='.length));
  const sessions = await Promise.all(
    [...cookies, ...headerValues(visit, 'cf-access-token')].map(async (token): Promise<Session[]> => {
      const claims = await verifyClaims(world, token);
      if (claims === null || storedSession(world, claims.identity_nonce)?.once === 'used') return [];
      return [{ claims: withStored(world, claims), raw: token }];
    }),
  );
  return { ...visit, sessions: sessions.flat(), assertion: await readAssertion(world, visit) };
}

/** The claims of a token with what Access stores next to it. */
function withStored(world: World, claims: AccessClaims): AccessClaims {
  const stored = storedSession(world, claims.identity_nonce);
  if (stored?.identity === undefined || stored.admission === undefined) return claims;
  return { ...claims, identity: stored.identity, admission: stored.admission };
}

function storedSession({ sessions }: World, nonce: string): AccessClaims | undefined {
  return sessions.find(({ identity_nonce: stored }) => stored === nonce);
}

async function readAssertion(world: World, visit: Visit): Promise<Assertion | null> {
  const [sent] = headerValues(visit, 'cf-access-jwt-assertion');
  return sent === undefined ? null : { claims: await verifyClaims(world, sent), raw: sent };
}

async function render(world: World, visit: Visit, verdict: Verdict, verifier: Verifier): Promise<Response> {
  if (verdict.kind === 'delivery') return renderDelivery(world, visit, verdict, verifier);
  if (verdict.kind === 'cached') return renderCopy(world, visit, verdict);
  if (verdict.kind === 'outpost') return renderOutpost(world, visit, verdict);
  if (verdict.kind === 'login') {
    const location = await loginUrl(world, verdict);
    return respond(visit, answer('access', 302, '', { location, 'cache-control': 'no-store' }));
  }
  return respond(visit, verdict);
}

function respond(visit: Visit, verdict: Answer): Response {
  const headers = new Headers(verdict.headers);
  headers.set('x-sandbox-served-by', verdict.servedBy);
  headers.set('cf-ray', newRay());
  const bare = visit.method === 'HEAD' || !mayHaveBody(verdict.status);
  return new Response(bare ? null : verdict.body, { status: verdict.status, headers });
}

/** The outpost's answer belongs to the application's side, so it has a ray if the visit came by the edge. */
function renderOutpost(world: World, visit: Visit, stop: OutpostStop): Response {
  const page = outpostPage(world, stop.load, stop.request, stop.decision);
  const response = respond(visit, answer('authentik', page.status, page.body, page.headers));
  if (!stop.throughEdge) response.headers.delete('cf-ray');
  return withAdded(response, stop.responseHeaders);
}

function withAdded(response: Response, added: Delivery['responseHeaders'] = {}): Response {
  for (const [name, value] of Object.entries(added)) response.headers.set(name, value);
  return response;
}

async function renderDelivery(
  world: World,
  visit: Visit,
  delivery: Delivery,
  verifier: Verifier,
): Promise<Response> {
  const ray = newRay();
  const headers = await headersForOrigin(world, visit, delivery, ray);
  const refusal = await refused(visit, delivery, headers, verifier);
  if (refusal !== null) return withAdded(refusal, delivery.responseHeaders);
  const response = delivery.proxyTo
    ? await proxied(visit, delivery.proxyTo, headers)
    : await played(world, visit, delivery, headers);
  if (!response.headers.has('x-sandbox-served-by')) {
    response.headers.set('x-sandbox-served-by', delivery.servedBy);
  }
  if (delivery.throughEdge) response.headers.set('cf-ray', ray);
  return withAdded(response, delivery.responseHeaders);
}

/** Traefik's ForwardAuth passes on every answer except 2xx; if nobody answers, it sends its own 500. */
async function refused(
  visit: Visit,
  delivery: Delivery,
  headers: readonly (readonly [string, string])[],
  verifier: Verifier,
): Promise<Response | null> {
  if (delivery.verify === undefined) return null;
  const reply = await askVerifier(verifier, delivery.verify, headers);
  if (reply?.ok === true) return null;
  const replyHeaders = Object.fromEntries(passedOn([...(reply?.headers ?? [])]));
  const response = respond(
    visit,
    answer('edge', reply?.status ?? 500, reply === null ? '' : await reply.text(), replyHeaders),
  );
  if (!delivery.throughEdge) response.headers.delete('cf-ray');
  return response;
}

async function proxied(
  visit: Visit,
  target: NonNullable<Delivery['proxyTo']>,
  headers: readonly (readonly [string, string])[],
): Promise<Response> {
  try {
    return await callOrigin(visit, target, headers);
  } catch {
    return respond(
      visit,
      answer('edge', 502, 'the origin cannot be reached\n', { 'content-type': 'text/plain' }),
    );
  }
}

/** Authentik, or an application that shows the request that it got, so that a test can see the headers. */
async function played(
  world: World,
  visit: Visit,
  delivery: Delivery,
  headers: readonly (readonly [string, string])[],
): Promise<Response> {
  if (delivery.servedBy === 'authentik') return askAuthentik(world, visit, delivery, headers);
  const told = {
    host: delivery.host,
    method: visit.method,
    path: visit.path,
    query: visit.query,
    headers: Object.fromEntries(headers),
  };
  const body = visit.method === 'HEAD' ? null : `${JSON.stringify(told)}\n`;
  return new Response(body, { status: 200, headers: { 'content-type': 'application/json' } });
}

/** Calls Authentik. Visitors may send what `Request` refuses: a body with a GET, a method such as TRACE. */
function askAuthentik(
  world: World,
  visit: Visit,
  delivery: Delivery,
  headers: readonly (readonly [string, string])[],
): Promise<Response> {
  const method = ['POST', 'PUT', 'PATCH', 'DELETE', 'HEAD'].includes(visit.method) ? visit.method : 'GET';
  const hasBody = method !== 'GET' && method !== 'HEAD' && visit.body !== null && visit.body.length > 0;
  const request = new Request(`https://${delivery.host}${visit.path}${visit.query}`, {
    method,
    headers: headers.map(([name, value]): [string, string] => [name, value]),
    ...(hasBody ? { body: visit.body } : {}),
  });
  return handleAuthentik(world, request);
}

async function headersForOrigin(
  world: World,
  visit: Visit,
  delivery: Delivery,
  ray: string,
): Promise<(readonly [string, string])[]> {
  const added: Record<string, string> = { host: delivery.host, ...delivery.headers };
  if (delivery.throughEdge) {
    added['cf-ray'] = ray;
    const ip = visit.from?.ip ?? VISITOR_IP;
    added['cf-connecting-ip'] = ip;
    added['x-forwarded-proto'] = 'https';
    added['x-forwarded-for'] = ip;
  }
  Object.assign(added, await accessHeaders(delivery.assertion));
  if (delivery.outpost) Object.assign(added, identityHeaders(world, delivery.outpost.load, delivery.outpost));
  if (visit.body && visit.body.length > 0) added['content-length'] = String(visit.body.length);
  const replaced = new Set([...Object.keys(added), ...delivery.dropped, 'cf-access-client-secret']);
  return [...passedOn(visit.headers).filter(([name]) => !replaced.has(name)), ...Object.entries(added)];
}

function newRay(): string {
  return `${chanceHex(16)}-CDG`;
}
