import type { EdgeAnswer } from '../../../src/core/world.ts';
import type { WafPurpose } from '../../cloudflare/waf/expression.ts';
import { refusingRule } from '../../cloudflare/waf/marks.ts';
import { fromCache } from './cached.ts';
import { type WorkerAnswer, workerAnswerIn } from './worker-answer.ts';

/**
 * The part that answered a request at the edge, recognized from the answer alone (facts/edge: what the internet sees).
 * The order of the rules is the order in which a request meets these parts.
 */
export type EdgeVerdict =
  /** Not Cloudflare's edge: a name server of the home answers, or the record is not proxied. */
  | { readonly by: 'elsewhere' }
  /** The bot challenge, before Access. */
  | { readonly by: 'challenge' }
  /** Cloudflare's cache, without the origin; `sign` shows it: `HIT`. */
  | { readonly by: 'cache'; readonly sign: string }
  /** Access sends people to its login page; `audience` is the application's, if the answer has it. */
  | { readonly by: 'access-login'; readonly audience: string | undefined }
  /** Access refuses without a login page. */
  | { readonly by: 'access-refusal'; readonly audience: string | undefined; readonly status: number }
  /** A WAF rule, a rate limit, or cloudflared, which demands a token of Access. */
  | { readonly by: 'block'; readonly status: number; readonly refusal?: EdgeRefusal }
  /** Cloudflare's own error page: no tunnel, or nothing behind it. */
  | { readonly by: 'edge-error'; readonly status: number }
  /** The origin failed: Traefik answers so if it cannot ask the outpost. */
  | { readonly by: 'origin-error'; readonly status: number }
  /** 503, the answer of a closed host. */
  | { readonly by: 'closed' }
  /** Authentik asks for a login. */
  | { readonly by: 'authentik'; readonly request: LoginRequest }
  /** The start of a login at an outpost in mode proxy, one step before Authentik. */
  | { readonly by: 'authentik-start'; readonly path: string }
  /** Authentik, or its outpost, knows no application for the host. */
  | { readonly by: 'no-application' }
  /** The hooks listener of gates, which refuses unsigned calls. */
  | { readonly by: 'hooks' }
  /** `/verify` of gates, which refuses a request without a valid token; `host` and `asked` repeat the question. */
  | { readonly by: 'verify'; readonly host: string; readonly asked: string }
  /** The Worker of `identityHeader`, about itself or because it refuses a request. */
  | { readonly by: 'worker'; readonly answer: WorkerAnswer | 'refused' }
  /** A redirect to the requested address itself. */
  | { readonly by: 'loop' }
  | { readonly by: 'redirect'; readonly location: string }
  /** The application itself; `empty`: a 400 without a body, the answer of an outpost that cannot keep a session. */
  | { readonly by: 'application'; readonly status: number; readonly empty?: true };

/** The part that refuses, if the answer shows it: a rule of ours, or Cloudflare with an error of that number. */
export type EdgeRefusal = { readonly rule: WafPurpose } | { readonly code: number };

/** The request of an outpost to Authentik. */
export interface LoginRequest {
  /** Origin of the login page, `https://auth.example.dev`. */
  readonly login: string;
  readonly clientId: string;
  /** Host, with its port if it has one, to which the login leads back. */
  readonly callback: string;
}

/** The daemon's own refusal, known by its challenge (src/daemon/hooks/hooks.ts, src/core/verify-challenge.ts). */
function ownRefusal(challenge: string): EdgeVerdict | undefined {
  if (challenge === 'Gates realm="hooks"') return { by: 'hooks' };
  const [, host, asked] = /^Gates realm="verify", host="([^"]*)", asked="([^"]*)"$/.exec(challenge) ?? [];
  return host === undefined || asked === undefined ? undefined : { by: 'verify', host, asked };
}

export function verdictOn(answer: EdgeAnswer, host: string, path: string): EdgeVerdict {
  const { headers } = answer;
  if (headers['cf-ray'] === undefined) return { by: 'elsewhere' };
  if (headers['cf-mitigated'] === 'challenge') return { by: 'challenge' };
  const sign = fromCache(answer);
  return sign === undefined ? answeredBy(answer, host, path) : { by: 'cache', sign };
}

/** The same for an origin asked without Cloudflare in between, so that no failure is the edge's. */
export function verdictOnOrigin(answer: EdgeAnswer, host: string, path: string): EdgeVerdict {
  const { status } = answer;
  return status >= 500 ? { by: 'origin-error', status } : answeredBy(answer, host, path);
}

function answeredBy({ status, headers, body }: EdgeAnswer, host: string, path: string): EdgeVerdict {
  const audience = headers['cf-access-aud'];
  const location = headers.location;
  if (isRedirect(status) && location !== undefined) return redirected(location, host, path);
  const worker = status === 200 || status === 403 ? workerAnswerIn(body) : undefined;
  if (worker !== undefined) return { by: 'worker', answer: worker };
  if (status === 401 || status === 403) {
    const asksAccess = headers['www-authenticate']?.startsWith('Cloudflare-Access') === true;
    if (audience !== undefined || headers['cf-access-domain'] !== undefined || asksAccess)
      return { by: 'access-refusal', audience, status };
    const own = status === 401 ? ownRefusal(headers['www-authenticate'] ?? '') : undefined;
    if (own !== undefined) return own;
    // An application that refuses is guarded by something that gates does not know.
    return blocked(status, body);
  }
  // A rate limit of the edge looks like one of the application, so it does not show which part asks.
  if (status === 429) return blocked(status, body);
  if (status === 503) return { by: 'closed' };
  if (status >= 520 || status === 502 || status === 504) return { by: 'edge-error', status };
  if (status >= 500) return { by: 'origin-error', status };
  if (status === 404 && isOfAuthentik(headers)) return { by: 'no-application' };
  if (status === 400 && /no app(lication)? for hostname/i.test(body)) return { by: 'no-application' };
  return { by: 'application', status, ...(status === 400 && body === '' && { empty: true }) };
}

function blocked(status: number, body: string): EdgeVerdict {
  const rule = refusingRule(body);
  if (rule !== undefined) return { by: 'block', status, refusal: { rule } };
  const code = /\berror(?: code)?:?\s*(1\d{3})\b/i.exec(body)?.[1];
  return { by: 'block', status, ...(code !== undefined && { refusal: { code: Number(code) } }) };
}

function redirected(location: string, host: string, path: string): EdgeVerdict {
  const base = `https://${host}/`;
  if (!URL.canParse(location, base)) return { by: 'redirect', location };
  const url = new URL(location, base);
  if (url.hostname.endsWith('.cloudflareaccess.com') && url.pathname.startsWith('/cdn-cgi/access/login/'))
    return { by: 'access-login', audience: url.searchParams.get('kid') ?? undefined };
  if (url.pathname === '/application/o/authorize/') {
    const back = url.searchParams.get('redirect_uri') ?? '';
    return {
      by: 'authentik',
      request: {
        login: url.origin,
        clientId: url.searchParams.get('client_id') ?? '',
        callback: URL.canParse(back) ? new URL(back).host : back,
      },
    };
  }
  if (url.hostname === host && url.pathname === '/outpost.goauthentik.io/start')
    return { by: 'authentik-start', path: `${url.pathname}${url.search}` };
  if (url.href === new URL(path, base).href) return { by: 'loop' };
  return { by: 'redirect', location };
}

/** True if the answer comes from Authentik or its outpost, by its headers. */
export function isOfAuthentik(headers: EdgeAnswer['headers']): boolean {
  return headers['x-powered-by'] === 'authentik' || headers['x-authentik-id'] !== undefined;
}

function isRedirect(status: number): boolean {
  return status >= 300 && status < 400;
}
