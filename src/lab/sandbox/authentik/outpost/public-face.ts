import { answersAnyHost } from '../../state/authentik-version.ts';
import type { World } from '../../state/world.ts';
import { type AuthentikPage, htmlPage, jsonPage, notFoundPage } from '../api/page.ts';
import { oidcPage, type PublicRequest } from '../oidc/index.ts';
import { loginPage } from '../oidc/login.ts';
import { samlPage } from '../saml/sso.ts';
import { decide, isOutpostPath, type OutpostRequest } from './outpost-decision.ts';
import { runningOutpost } from './outpost-load.ts';
import { outpostPage, sessionReader } from './outpost-reply.ts';

/**
 * Authentik outside its API, for a browser or a client: the embedded outpost's own paths, OpenID Connect, SAML, the login
 * page. Every other path answers 200 and names the part that answered.
 */
export async function publicFace(world: World, request: Request): Promise<AuthentikPage> {
  const url = new URL(request.url);
  const header = (name: string) => request.headers.get(name);
  const publicRequest: PublicRequest = {
    method: request.method,
    path: url.pathname,
    query: url.searchParams,
    origin: originOf(url, header('x-forwarded-host')),
    form: new URLSearchParams(await formText(request)),
    header,
  };
  if (isOutpostPath(publicRequest.path)) {
    return outpostAnswer(world, {
      method: publicRequest.method,
      host: url.host,
      path: publicRequest.path,
      query: url.search,
      header,
    });
  }
  const slug = /^\/if\/flow\/([-a-zA-Z0-9_]+)\/$/.exec(publicRequest.path)?.[1];
  const login = slug === undefined ? null : loginPage(world, slug, publicRequest);
  return login ?? protocolPage(world, publicRequest) ?? welcome(world);
}

/** The origin of a request. A wrong host from a proxy appears in every issuer and address (facts edge.md). */
function originOf(url: URL, forwardedHost: string | null): string {
  const origin = `${url.protocol}//${forwardedHost ?? url.host}`;
  return URL.canParse(origin) ? new URL(origin).origin : url.origin;
}

/** The answer of the embedded outpost itself; the core's 404 if it serves no such host. */
function outpostAnswer(world: World, request: OutpostRequest): AuthentikPage {
  const load = runningOutpost(world, undefined);
  if (load === undefined) return notFoundPage;
  const decision = decide(
    load,
    request,
    sessionReader(world, request),
    answersAnyHost(world.authentik.version),
  );
  return outpostPage(world, load, request, decision);
}

function protocolPage(world: World, request: PublicRequest): AuthentikPage | null {
  try {
    return oidcPage(world, request) ?? samlPage(world, request);
  } catch {
    return htmlPage(500, 'Server Error', '');
  }
}

function welcome(world: World): AuthentikPage {
  return jsonPage(200, { authentik: 'sandbox', zones: world.zones.map(({ name }) => name) });
}

async function formText(request: Request): Promise<string> {
  const type = (request.headers.get('content-type') ?? '').split(';')[0]?.trim().toLowerCase();
  return type === 'application/x-www-form-urlencoded' ? request.text() : '';
}
