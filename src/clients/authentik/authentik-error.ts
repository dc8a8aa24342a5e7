import { type ErrorFacts, type GatesError, RejectedError, UnreachableError } from '../../core/errors.ts';
import { retryAfterOf } from '../http/retry-after.ts';

/** A request that failed, as far as the wire can tell. */
export interface AuthentikFailure {
  readonly method: string;
  readonly path: string;
  /** The variable that holds the token; undefined: `AUTHENTIK_TOKEN`. */
  readonly variable?: string | undefined;
  /** Undefined if no answer came. */
  readonly status: number | undefined;
  readonly headers: Headers | undefined;
  /** The reply, if it was JSON. */
  readonly body: unknown;
  /** The error of the network. */
  readonly said?: string;
  readonly cause?: unknown;
}

const ADDRESS_HINT =
  'See whether `authentik.url` (or AUTHENTIK_URL) is right and no proxy answers in its place';

const USUAL_VARIABLE = 'AUTHENTIK_TOKEN';

const TOKEN_HINT =
  'is the key of a token with intent "API Token" that has not expired; one made without `expiring: false` lasts a day';

/** The model of a path, in the words of Authentik's permissions. */
const permissions: readonly (readonly [RegExp, string])[] = [
  [/^\/core\/applications/, 'authentik_core.application'],
  [/^\/core\/groups/, 'authentik_core.group'],
  [/^\/providers\/proxy/, 'authentik_providers_proxy.proxyprovider'],
  [/^\/providers\/oauth2/, 'authentik_providers_oauth2.oauth2provider'],
  [/^\/providers\/saml/, 'authentik_providers_saml.samlprovider'],
  [/^\/providers\/ldap/, 'authentik_providers_ldap.ldapprovider'],
  [/^\/propertymappings\/provider\/saml/, 'authentik_providers_saml.samlpropertymapping'],
  [/^\/propertymappings/, 'authentik_providers_oauth2.scopemapping'],
  [/^\/policies\/bindings/, 'authentik_policies.policybinding'],
  [/^\/outposts/, 'authentik_outposts.outpost'],
  [/^\/flows/, 'authentik_flows.flow'],
  [/^\/crypto/, 'authentik_crypto.certificatekeypair'],
];

const actions: Readonly<Record<string, string>> = { GET: 'view', POST: 'add', DELETE: 'delete' };

/**
 * True if the API itself says that the object does not exist. HTML comes from a path that the server does not know, or
 * from another server: it says nothing about the object.
 */
export function isAuthentikAbsence(error: unknown): boolean {
  return error instanceof RejectedError && error.facts.status === 404 && error.facts.code === 'not_found';
}

/** The error for a failure: UnreachableError if it may pass by itself, else RejectedError. */
export function authentikError(failure: AuthentikFailure, redact: (text: string) => string): GatesError {
  const { status, method, headers, body, cause, variable = USUAL_VARIABLE } = failure;
  const facts = factsOf(failure, redact);
  if (status === undefined) {
    return new UnreachableError('Authentik does not answer', {
      // The address of a server with a name is in a variable of the same name.
      hint: `See whether this machine reaches \`authentik.url\` (or ${variable.replace('TOKEN', 'URL')})`,
      facts: { ...facts, applied: method === 'GET' ? 'no' : 'maybe' },
      cause,
    });
  }
  const put = status === 503 && isStarting(body);
  if (put || status === 429) {
    return new UnreachableError(put ? 'Authentik is still starting' : 'Authentik asks for a pause', {
      hint: 'It may pass by itself',
      facts: { ...facts, ...retryAfterOf(headers), applied: 'no' },
    });
  }
  if (status >= 500 || status === 408 || isCrash(failure)) {
    return new UnreachableError('Authentik has trouble of its own', {
      hint: 'Its server log says more, under the request id',
      facts: { ...facts, applied: method === 'GET' ? 'no' : 'maybe' },
    });
  }
  return rejection(failure, status, { ...facts, applied: 'no' });
}

function rejection(
  { method, path, body, headers, variable = USUAL_VARIABLE }: AuthentikFailure,
  status: number,
  facts: ErrorFacts,
): RejectedError {
  if (status >= 300 && status < 400) {
    const hint = `It redirects to ${headers?.get('location') ?? 'another place'}: set \`authentik.url\` to where it ends`;
    return new RejectedError('This is not the address of the Authentik API', { hint, facts });
  }
  if (status === 403 && body !== undefined) {
    return new RejectedError('Authentik does not let this token do that', {
      hint: permissionHint({ method, path, variable }, facts.detail ?? ''),
      facts: { ...facts, ...(variable !== USUAL_VARIABLE && { variable }) },
    });
  }
  // Such a reply in place of JSON is a page: of an unknown path, or of another server.
  if (body === undefined) {
    return new RejectedError('The answer is not one of the Authentik API', { hint: ADDRESS_HINT, facts });
  }
  if (status === 404) {
    return new RejectedError('Authentik does not have this object', {
      facts: { ...facts, code: 'not_found' },
    });
  }
  return new RejectedError('Authentik refused the request', { facts });
}

/** Authentik's page for exceptions knows only GET: if a write crashes the server, the answer is 405 without a body. */
function isCrash({ method, status, headers, body }: AuthentikFailure): boolean {
  const allowed = (headers?.get('allow') ?? '')
    .split(',')
    .map((name) => name.trim())
    .sort();
  const isPage = allowed.join() === 'GET,HEAD,OPTIONS';
  return status === 405 && method !== 'GET' && body === undefined && isPage;
}

/** A server that is starting has read nothing of the request. */
function isStarting(body: unknown): boolean {
  return typeof body === 'object' && body !== null && 'error' in body;
}

/** The API answers 403 for a wrong token too, never 401. Its text tells the two apart. */
function permissionHint(
  { method, path, variable }: Pick<AuthentikFailure, 'method' | 'path' | 'variable'>,
  detail: string,
): string {
  if (!detail.includes('permission')) return `See whether ${variable} ${TOKEN_HINT}`;
  const model = permissions.find(([pattern]) => pattern.test(path))?.[1];
  if (model === undefined) return 'Give the user of the token that permission, or make it a superuser';
  const [app, name] = model.split('.');
  const permission = `${app}.${actions[method] ?? 'change'}_${name}`;
  return `Give a role of the token's user the permission ${permission}, or make the user a superuser`;
}

function factsOf(
  { status, headers, body, said }: AuthentikFailure,
  redact: (text: string) => string,
): ErrorFacts {
  const requestId = headers?.get('x-authentik-id') ?? undefined;
  const detail = redact(said ?? words(body).join('; ')).slice(0, 500);
  const code = codeOf(body);
  return {
    ...(status === undefined ? {} : { status }),
    ...(code === undefined ? {} : { code }),
    ...(detail === '' ? {} : { detail }),
    ...(requestId === undefined ? {} : { requestId }),
  };
}

function codeOf(body: unknown): string | undefined {
  const code = typeof body === 'object' && body !== null && 'code' in body ? body.code : undefined;
  return typeof code === 'string' ? code : undefined;
}

/** `name: This field is required.` for each field; `detail` and errors without a field have no prefix. */
function words(body: unknown, field = ''): readonly string[] {
  if (Array.isArray(body)) return body.flatMap((item) => words(item, field));
  if (typeof body === 'object' && body !== null) {
    return Object.entries(body)
      .filter(([name]) => name !== 'code')
      .flatMap(([name, item]) => words(item, name));
  }
  if (body === undefined || body === null) return [];
  const nameless = ['', 'detail', 'error', 'non_field_errors'].includes(field);
  return [nameless ? String(body) : `${field}: ${String(body)}`];
}
