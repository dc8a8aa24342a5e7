import {
  type ErrorFacts,
  type GatesError,
  QuotaError,
  RejectedError,
  UnreachableError,
} from '../../core/errors.ts';
import { retryAfterOf } from '../http/retry-after.ts';

/** An error in an answer of the API, next to its result. Older endpoints put the reason into `error_chain`. */
export interface ApiError {
  readonly code?: number;
  readonly message?: string;
  readonly error_chain?: readonly ApiError[];
}

/** A request that failed, as far as the wire can tell. */
export interface Failure {
  readonly method: string;
  readonly path: string;
  /** The variable that holds the token; undefined: `CLOUDFLARE_API_TOKEN`. */
  readonly variable?: string | undefined;
  /** Undefined if no answer came. */
  readonly status: number | undefined;
  readonly errors: readonly ApiError[];
  readonly headers: Headers | undefined;
  /** The body if it was not the API's envelope, or the error of the network. */
  readonly text?: string | undefined;
}

const USUAL_VARIABLE = 'CLOUDFLARE_API_TOKEN';

/** No such route: the path is wrong, which says nothing about the object. */
const ROUTE_CODES: ReadonlySet<number> = new Set([7000, 7003]);

/** The token is wrong, or lacks a permission; 9109 and 10000 mean either. */
const TOKEN_CODES: ReadonlySet<number> = new Set([1000, 6003, 9103, 9106, 9107, 9109, 10000]);

/** Permission groups by the subject of a path, in the dashboard's words. */
const permissions: readonly (readonly [RegExp, string])[] = [
  [/\/dns_records/, 'Zone / DNS'],
  [/\/access\/service_tokens/, 'Account / Access: Service Tokens'],
  [
    /\/access\/(organizations|identity_providers|groups)/,
    'Account / Access: Organizations, Identity Providers, and Groups',
  ],
  [/\/access\/certificates/, 'Account / Access: Mutual TLS Certificates'],
  [/\/access\//, 'Account / Access: Apps and Policies'],
  [/\/devices\/posture/, 'Account / Zero Trust'],
  [/\/cfd_tunnel/, 'Account / Cloudflare Tunnel'],
  [/\/(token_validation|api_gateway)/, 'Zone / API Gateway'],
  [/\/phases\/http_request_cache_settings/, 'Zone / Cache Rules'],
  [/\/phases\//, 'Zone / WAF'],
  // The id does not tell which product the rules belong to.
  [/\/rulesets/, 'Zone / WAF, or Zone / Cache Rules'],
  [/\/purge_cache/, 'Zone / Cache Purge'],
  [/\/workers\/routes/, 'Zone / Workers Routes'],
  [/\/workers\/scripts/, 'Account / Workers Scripts'],
  [/^\/zones/, 'Zone / Zone'],
  [/^\/accounts/, 'Account / Account Settings'],
];

/** True if the API itself says that the object does not exist; an unknown route says nothing. */
export function isCloudflareAbsence(error: unknown): boolean {
  if (!(error instanceof RejectedError) || error.facts.status !== 404) return false;
  return error.facts.code !== undefined && !ROUTE_CODES.has(Number(error.facts.code));
}

/** The error for a failure: UnreachableError if it may pass by itself, else RejectedError. */
export function cloudflareError(failure: Failure): GatesError {
  const { status, method, errors } = failure;
  const facts = factsOf(failure);
  if (status === undefined || status === 408 || status >= 500) {
    const applied = method === 'get' ? 'no' : 'maybe';
    const message = status === undefined ? 'Cloudflare does not answer' : 'Cloudflare has trouble of its own';
    const hint =
      status === undefined
        ? 'See whether this machine reaches the internet, and CLOUDFLARE_BASE_URL where it is set'
        : 'It may pass by itself: https://www.cloudflarestatus.com';
    return new UnreachableError(message, { hint, facts: { ...facts, applied } });
  }
  if (status === 429) {
    return new UnreachableError('Cloudflare asks for a pause', {
      hint: 'All calls of this token share one budget: 1,200 in 5 minutes',
      facts: { ...facts, ...retryAfterOf(failure.headers), applied: 'no' },
    });
  }
  if (status === 401 || status === 403 || errors.some(({ code }) => TOKEN_CODES.has(code ?? 0))) {
    return new RejectedError('Cloudflare does not let this token do that', {
      hint: permissionHint(failure),
      facts: { ...facts, ...variableOf(failure), applied: 'no' },
    });
  }
  if (errors.length === 0) {
    return new RejectedError('The answer is not one of the Cloudflare API', {
      hint: 'See whether CLOUDFLARE_BASE_URL is right and no proxy answers in its place',
      facts: { ...facts, applied: 'no' },
    });
  }
  if (errors.some(isAboutQuota)) {
    return new QuotaError('Cloudflare has no room for another', {
      hint: 'Remove what nobody needs, or have the limit raised; gates tries again as soon as there is room, and once a day',
      facts: { ...facts, applied: 'no' },
    });
  }
  return new RejectedError('Cloudflare refused the request', { facts: { ...facts, applied: 'no' } });
}

/** Access, DNS and rulesets each word this differently, usually under a code with other meanings too. */
function isAboutQuota({ message = '', error_chain: chain = [] }: ApiError): boolean {
  return (
    /maximum number of .+ reached|exceeded (the )?maximum number of|quota (has been )?exceeded/i.test(
      message,
    ) || chain.some(isAboutQuota)
  );
}

function permissionHint({ method, path, errors, status, variable = USUAL_VARIABLE }: Failure): string {
  if (errors.some(({ code }) => code === 10403)) return 'The plan of this zone does not include it';
  const name = permissions.find(([pattern]) => pattern.test(path))?.[1];
  const level = method === 'get' ? 'Read' : 'Edit';
  const check = `See whether ${variable} is right and active`;
  if (status === 401 || name === undefined) return check;
  return `${check}, and has the permission "${name} / ${level}" for this account and these zones`;
}

function variableOf({ variable }: Failure): ErrorFacts {
  return variable === undefined || variable === USUAL_VARIABLE ? {} : { variable };
}

function factsOf({ status, errors, headers, text }: Failure): ErrorFacts {
  const [first] = errors;
  const requestId = headers?.get('cf-ray') ?? undefined;
  const detail = errors.length > 0 ? errors.map(words).join('; ') : (text ?? '').slice(0, 200);
  return {
    ...(status === undefined ? {} : { status }),
    ...(first?.code === undefined ? {} : { code: String(first.code) }),
    ...(detail === '' ? {} : { detail }),
    ...(requestId === undefined ? {} : { requestId }),
  };
}

/** The message, and the chain's reason: `DNS Validation Error: 9300 DNS record has 1 tags…`. */
function words({ message, error_chain: chain }: ApiError): string {
  const reasons = (chain ?? []).map((cause) => `${cause.code ?? ''} ${words(cause)}`.trim());
  return [message ?? '', ...reasons].filter((part) => part !== '').join(': ');
}
