import { advance, letAllArrive, letArrive } from './arrivals.ts';
import { entitlementsOf, isEntitlements } from './cloudflare/api/access-entitlement.ts';
import { edit, type Stage } from './dispatch.ts';
import { hostOf } from './edge/edge.ts';
import { normalizedUrl } from './edge/origin/origin-url.ts';
import { approve } from './edge/team/approval.ts';
import { parseFault } from './faults.ts';
import { placeGuards } from './guards.ts';
import { performLogin } from './logins.ts';
import { judgeAll } from './oracle/doubts.ts';
import { isStringArray } from './state/field.ts';
import { connected } from './state/fresh-objects.ts';
import { parseLag, setLag } from './state/lag.ts';
import { isWorld, type Origin, type System, timestamp } from './state/world.ts';

/** The needs of the admin API besides the stage: a way to make the initial world again. */
export interface AdminPowers {
  reset(): void;
}

type Body = Record<string, unknown>;
type Handler = (stage: Stage, body: Body, url: URL, powers: AdminPowers) => Response | Promise<Response>;

const ORIGIN_KINDS: readonly Origin['kind'][] = ['traefik', 'authentik', 'application'];

const routes: Readonly<Record<string, Handler>> = {
  'GET /calls': (stage, _, url) => {
    const since = Number(url.searchParams.get('since') ?? 0);
    return json({ calls: stage.world.calls.filter((call) => call.n > since) });
  },
  'GET /faults': (stage) => json(stage.world.faults),
  'POST /faults': (stage, body) => {
    const fault = parseFault(stage.world, body);
    if (typeof fault === 'string') return wrong(fault);
    stage.world.faults.push(fault);
    return json({ id: fault.id }, 201);
  },
  'DELETE /faults': (stage) => {
    stage.world.faults = [];
    delete stage.world.past;
    return done();
  },
  'POST /edit': performEdit,
  'GET /audit': (stage) => json(stage.world.audit),
  'GET /origins': (stage) => json(stage.world.origins),
  'PUT /origins': describeOrigin,
  'GET /guards': (stage) => json(stage.world.guards),
  'PUT /guards': ({ world }, body) => {
    const mistake = placeGuards(world, body);
    return mistake === null ? json(world.guards) : wrong(mistake);
  },
  'DELETE /guards': (stage) => {
    stage.world.guards = [];
    return done();
  },
  'GET /exposures': (stage) => json(stage.world.exposures),
  'DELETE /exposures': (stage) => {
    stage.world.exposures = [];
    return done();
  },
  'POST /login': async ({ world }, given) => {
    const { status, body } = await performLogin(world, given);
    return json(body, status);
  },
  'GET /approvals': ({ world }) => json(world.approvals ?? []),
  'POST /approvals': ({ world }, body) => {
    const mistake = approve(world, body);
    return mistake === null ? json(world.approvals, 201) : wrong(mistake);
  },
  'GET /entitlements': ({ world }) => json({ entitlements: entitlementsOf(world) }),
  'PUT /entitlements': ({ world }, { entitlements }) => {
    if (!isEntitlements(entitlements)) {
      return wrong('entitlements is a list of approval, certificates, isolation and justification');
    }
    world.account.entitlements = entitlements;
    return json({ entitlements });
  },
  'POST /connectors': connectTunnel,
  'POST /clock': advanceClock,
  'GET /outages': ({ world }) => json(world.outages ?? {}),
  'PUT /outages': setOutages,
  'PUT /lag': changeLag,
  'GET /arrivals': ({ world }) => json({ now: timestamp(world), pending: world.pending ?? [] }),
  'POST /arrivals': async (stage) => {
    await letAllArrive(stage);
    return json({ now: timestamp(stage.world) });
  },
  'GET /state': (stage) => json(stage.world),
  'PUT /state': (stage, body) => {
    if (!isWorld(body)) return wrong('this is no state of a sandbox');
    stage.world = body;
    return done();
  },
  'POST /reset': (_, __, ___, powers) => {
    powers.reset();
    return done();
  },
};

/** Answers one request to the admin API; an impossible request gets 400 or 404. */
export async function handleAdmin(stage: Stage, powers: AdminPowers, request: Request): Promise<Response> {
  const url = new URL(request.url);
  const handler = routes[`${request.method} ${url.pathname}`];
  if (!handler) return json({ error: 'no such endpoint', endpoints: Object.keys(routes) }, 404);
  const text = request.body === null ? '' : await request.text();
  await letArrive(stage);
  try {
    const body: unknown = text === '' ? {} : JSON.parse(text);
    if (typeof body !== 'object' || body === null) return wrong('the body must be a JSON object');
    return await handler(stage, body as Body, url, powers);
  } catch (error) {
    return wrong(error instanceof Error ? error.message : 'the body is not JSON');
  }
}

const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** Advances the sandbox's time; the oracle judges what settles meanwhile. */
async function advanceClock(stage: Stage, body: Body): Promise<Response> {
  const { world, verifier } = stage;
  const [, amount, unit = ''] = /^(\d+)(ms|[smhd])$/.exec(String(body.advance)) ?? [];
  if (amount === undefined) return wrong('advance is a duration such as 90s, 10m, 24h or 7d');
  await advance(stage, Number(amount) * (UNIT_MS[unit] ?? 0));
  await judgeAll(world, world.calls.at(-1)?.n ?? 0, verifier);
  return json({ now: timestamp(world) });
}

/** Sets the outages from now on; those that are not named end. */
function setOutages({ world }: Stage, body: Body): Response {
  const { certificates = [], sessionStores = [], ...others } = body;
  if (!isStringArray(certificates) || !isStringArray(sessionStores) || Object.keys(others).length > 0) {
    return wrong('outages are certificates (names of zones) and sessionStores (names of outposts)');
  }
  if (certificates.length + sessionStores.length === 0) delete world.outages;
  else world.outages = { certificates, sessionStores };
  return json(world.outages ?? {});
}

/** Sets the lag from the next write on; earlier writes arrive when they were due. */
function changeLag({ world }: Stage, { lag }: Body): Response {
  if (typeof lag !== 'string') return wrong('lag is 5000, random:0-30000, or access=5000,records=2000');
  setLag(world, parseLag(lag));
  return json(world.lag ?? {});
}

/** Performs an edit, and returns the API's own reply: its status and its body. */
function performEdit(stage: Stage, body: Body): Response | Promise<Response> {
  const { method, path } = body;
  if (typeof method !== 'string' || typeof path !== 'string') return wrong('method and path are needed');
  const actor = typeof body.actor === 'string' ? body.actor : 'somebody';
  const system: System = body.system === 'authentik' ? 'authentik' : 'cloudflare';
  return edit(stage, { actor, system, method, path, body: body.body ?? undefined });
}

function describeOrigin(stage: Stage, body: Body): Response {
  const kind = ORIGIN_KINDS.find((known) => known === body.kind);
  if (typeof body.url !== 'string' || !kind)
    return wrong(`url and kind (${ORIGIN_KINDS.join(', ')}) are needed`);
  const { forwardAuth = 'none' } = body;
  if (forwardAuth !== 'all' && forwardAuth !== 'none' && !Array.isArray(forwardAuth)) {
    return wrong('forwardAuth is all, none or a list of hosts');
  }
  const origin: Origin = {
    url: normalizedUrl(body.url),
    kind,
    forwardAuth: Array.isArray(forwardAuth) ? forwardAuth.map(String) : forwardAuth,
    trustForwarded: body.trustForwarded === true,
    ...(body.encodedCharacters === true ? { encodedCharacters: true } : {}),
    ...(typeof body.outpost === 'string' ? { outpost: body.outpost } : {}),
    ...(body.verify === undefined ? {} : { verify: addressesIn(body.verify) }),
    ...(body.responseHeaders === undefined ? {} : { responseHeaders: headersIn(body.responseHeaders) }),
    ...(body.hooks === 'all' ? { hooks: body.hooks } : {}),
    ...(Array.isArray(body.hooks) ? { hooks: body.hooks.map(String) } : {}),
  };
  stage.world.origins = [...stage.world.origins.filter(({ url }) => url !== origin.url), origin];
  return json(origin);
}

/** Addresses by host; throws for an invalid URL. */
function addressesIn(given: unknown): { [host: string]: string } {
  if (typeof given !== 'object' || given === null || Array.isArray(given))
    throw new TypeError('verify is addresses by host');
  return Object.fromEntries(
    Object.entries(given).map(([host, url]) => {
      if (typeof url !== 'string' || !URL.canParse(url)) throw new TypeError(`verify of ${host} is no URL`);
      return [hostOf(host), url];
    }),
  );
}

/** Values by name in lower case; throws for a value that is no text. */
function headersIn(given: unknown): { [name: string]: string } {
  if (typeof given !== 'object' || given === null || Array.isArray(given))
    throw new TypeError('responseHeaders is values by name');
  return Object.fromEntries(
    Object.entries(given).map(([name, value]) => [name.toLowerCase(), String(value)]),
  );
}

/** Connects one more connector to a tunnel, which is named by its name or its id. */
async function connectTunnel({ world, verifier }: Stage, body: Body): Promise<Response> {
  const at = world.tunnels.findIndex(
    ({ id, name, deletedAt }) => deletedAt === null && (id === body.tunnel || name === body.tunnel),
  );
  const tunnel = world.tunnels[at];
  if (tunnel === undefined) return wrong('no tunnel has this name or id');
  world.tunnels[at] = connected(world, tunnel, timestamp(world));
  await judgeAll(world, world.calls.at(-1)?.n ?? 0, verifier);
  return json({ id: tunnel.id });
}

function json(body: unknown, status = 200): Response {
  return new Response(`${JSON.stringify(body)}\n`, {
    status,
    headers: { 'content-type': 'application/json' },
  });
}

function done(): Response {
  return json({ ok: true });
}

function wrong(error: string): Response {
  return json({ error }, 400);
}
