import type { UserRow } from '../state/authentik-state.ts';
import { chanceHex } from '../state/ids.ts';
import { TextResponse } from '../state/text-response.ts';
import { now, type World } from '../state/world.ts';
import { ANONYMOUS, adminRoutes } from './api/admin.ts';
import { crashReply } from './api/crash.ts';
import type { AuthentikPage } from './api/page.ts';
import { AuthentikApiError, type AuthentikReply, denied } from './api/reply.ts';
import { type AuthentikRoute, authentikRouter } from './api/router.ts';
import { noteLoads } from './outpost/outpost-load.ts';
import { outpostRoutes } from './outpost/outposts.ts';
import { publicFace } from './outpost/public-face.ts';
import { applicationRoutes } from './people/applications.ts';
import { bindingRoutes } from './people/bindings.ts';
import { brandRoutes } from './people/brands.ts';
import { eventRoutes } from './people/events.ts';
import { policyRoutes } from './people/expression-policies.ts';
import { flowRoutes } from './people/flows.ts';
import { groupRoutes } from './people/groups.ts';
import { roleRoutes } from './people/roles.ts';
import { tokenRoutes } from './people/tokens.ts';
import { transactionalRoutes } from './people/transactional.ts';
import { userRoutes } from './people/users.ts';
import { keyPairRoutes } from './providers/key-pairs.ts';
import { ldapRoutes } from './providers/ldap-providers.ts';
import { oauth2Routes } from './providers/oauth2-providers.ts';
import { providerRoutes } from './providers/providers.ts';
import { proxyRoutes } from './providers/proxy-providers.ts';
import { samlMappingRoutes } from './providers/saml-mappings.ts';
import { samlRoutes } from './providers/saml-providers.ts';
import { scopeMappingRoutes } from './providers/scope-mappings.ts';

const BASE = '/api/v3';

/** Every endpoint of this API; any other path below its base gets 404 in HTML. */
export const authentikRoutes: readonly AuthentikRoute[] = [
  ...adminRoutes,
  ...userRoutes,
  ...groupRoutes,
  ...roleRoutes,
  ...tokenRoutes,
  ...applicationRoutes,
  ...transactionalRoutes,
  ...providerRoutes,
  ...proxyRoutes,
  ...oauth2Routes,
  ...samlRoutes,
  ...ldapRoutes,
  ...scopeMappingRoutes,
  ...samlMappingRoutes,
  ...bindingRoutes,
  ...policyRoutes,
  ...outpostRoutes,
  ...flowRoutes,
  ...keyPairRoutes,
  ...brandRoutes,
  ...eventRoutes,
];

const route = authentikRouter(authentikRoutes);

/** The options of a request. */
export interface AuthentikCallOptions {
  /** An edit by another actor, who may do everything and whom the events name; no token is checked. */
  actor?: string;
}

/**
 * Answers one call to Authentik (any host): its API below `/api/v3/`, its public face everywhere else. Never throws.
 * Does not log the call, judge exposures or apply faults: the dispatcher does.
 */
export async function handleAuthentik(
  world: World,
  request: Request,
  options: AuthentikCallOptions = {},
): Promise<Response> {
  const url = new URL(request.url);
  const requestId = chanceHex(32);
  if (!isApiPath(url.pathname)) {
    return pageResponse(await publicFace(world, request), request.method, requestId);
  }
  try {
    const text = await request.text();
    const reply = answer(world, request, url, { text, requestId, options });
    noteLoads(world);
    return response(world, reply, requestId);
  } catch (error) {
    return response(
      world,
      error instanceof AuthentikApiError ? error : crashReply(request.method),
      requestId,
    );
  }
}

/** True if a path belongs to the API; every other path belongs to the public face. */
export function isApiPath(path: string): boolean {
  return path.startsWith(`${BASE}/`);
}

interface Circumstances {
  text: string;
  requestId: string;
  options: AuthentikCallOptions;
}

function answer(world: World, request: Request, url: URL, around: Circumstances): AuthentikReply {
  const path = url.pathname.slice(BASE.length);
  const { params, handlerFor } = route(path);
  const caller =
    around.options.actor === undefined
      ? callerOf(world, request, path)
      : actorIn(world, around.options.actor);
  const handler = handlerFor(request.method);
  return handler({
    world,
    state: world.authentik,
    caller,
    method: request.method,
    path: url.pathname,
    params,
    query: url.searchParams,
    body: parsed(request, around.text),
    requestId: around.requestId,
    userAgent: request.headers.get('user-agent') ?? '',
    origin: url.origin,
  });
}

/** The token's owner. A wrong token gets 403; another or an empty scheme is no credentials (facts §1.2). */
function callerOf(world: World, request: Request, path: string): UserRow | null {
  const header = request.headers.get('authorization') ?? '';
  const [, key] = /^bearer\s+(.+)$/i.exec(header.trim()) ?? [];
  if (key === undefined) {
    if (ANONYMOUS.test(path)) return null;
    throw denied('Authentication credentials were not provided.');
  }
  const user = tokenOwner(world, key);
  if (user === null) throw denied('Token invalid/expired');
  return user;
}

/** The active owner of an unexpired API token; app passwords are no API tokens. */
export function tokenOwner(world: World, key: string): UserRow | null {
  const { tokens, users } = world.authentik;
  const token = tokens.find((candidate) => candidate.key === key && candidate.intent === 'api');
  if (token === undefined) return null;
  const isOver = token.expiring && token.expires !== null && Date.parse(token.expires) <= now(world);
  const user = users.find(({ pk }) => pk === token.user);
  return isOver || user?.is_active !== true ? null : user;
}

/** The administrator under another name, for an edit. */
function actorIn(world: World, name: string): UserRow | null {
  const { users } = world.authentik;
  const admin = users.find(({ username }) => username === 'akadmin') ?? users[0];
  const person = users.find(({ username }) => username === name);
  if (admin === undefined) return null;
  return { ...admin, pk: person?.pk ?? admin.pk, username: name, email: person?.email ?? '' };
}

/** The body, which must be JSON (facts §1.2). */
function parsed(request: Request, text: string): unknown {
  if (text === '') return {};
  const type = request.headers.get('content-type') ?? '';
  if (type.split(';')[0]?.trim().toLowerCase() !== 'application/json') {
    throw new AuthentikApiError(415, { detail: `Unsupported media type "${type}" in request.` });
  }
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new AuthentikApiError(400, { detail: `JSON parse error - ${parseMistake(text, String(error))}` });
  }
}

/** A mistake in the words of Authentik's parser; its position comes from Node. */
function parseMistake(text: string, said: string): string {
  const at = Number(/ position (\d+)/.exec(said)?.[1] ?? text.length);
  const before = text.slice(0, at).split('\n');
  const column = (before.at(-1) ?? '').length + 1;
  const what = at >= text.length ? 'unexpected end of data' : 'unexpected character';
  return `${what}: line ${before.length} column ${column} (char ${at})`;
}

function response(
  world: World,
  { status, body, headers: own }: AuthentikReply & { headers?: Record<string, string> },
  requestId: string,
): Response {
  const headers = {
    date: new Date(now(world)).toUTCString(),
    'content-type': typeof body === 'string' ? 'text/html; charset=utf-8' : 'application/json',
    'x-authentik-id': requestId,
    'x-powered-by': 'authentik',
    'x-sandbox-served-by': 'authentik',
    ...own,
  };
  if (status === 204) return new Response(null, { status, headers });
  return new TextResponse(typeof body === 'string' ? body : JSON.stringify(body), { status, headers });
}

function pageResponse(page: AuthentikPage, method: string, requestId: string): Response {
  const headers = { ...page.headers, 'x-authentik-id': requestId, 'x-sandbox-served-by': 'authentik' };
  const bare = method === 'HEAD' || page.status === 204;
  return new Response(bare ? null : page.body, { status: page.status, headers });
}
