import { type ErrorFacts, type GatesError, RejectedError, UnreachableError } from '../../core/errors.ts';
import { retryAfterOf } from '../http/retry-after.ts';
import type { ForgePlace } from './forge.ts';

/** The subject of a call. */
export type ForgeErrand = 'comment' | 'commit status';

/** A request that failed, as far as the wire can tell. */
export interface ForgeFailure {
  readonly place: ForgePlace;
  readonly errand: ForgeErrand;
  /** True if repeating it does no harm. */
  readonly repeatable: boolean;
  /** Undefined if no answer came. */
  readonly status: number | undefined;
  readonly headers: Headers | undefined;
  /** The reply, if it was JSON. */
  readonly body: unknown;
  readonly cause?: unknown;
}

const titles = { github: 'GitHub', gitlab: 'GitLab', gitea: 'The forge' } as const;

interface ErrandWords {
  readonly verb: string;
  /** The noun for the missing thing if the forge answers 404. */
  readonly thing: string;
  readonly later: string;
  /** The permissions that a token needs, in the words of each forge. */
  readonly rights: Readonly<Record<ForgePlace['forge'], string>>;
}

const errands: Readonly<Record<ForgeErrand, ErrandWords>> = {
  comment: {
    verb: 'comment',
    thing: 'pull request',
    later: 'run the job again later',
    rights: {
      github: '`pull-requests: write` in the `permissions` of the job, or "Pull requests: Read and write"',
      gitlab: 'the scope `api` and at least the role Reporter; a CI_JOB_TOKEN cannot comment',
      gitea: 'the scopes `write:issue` and `read:user`, and its user access to the repository',
    },
  },
  'commit status': {
    verb: 'set a commit status',
    thing: 'commit',
    later: 'it is tried again by itself',
    rights: {
      github: '"Commit statuses: Read and write", or the scope `repo:status` of a classic one',
      gitlab: 'the scope `api` and at least the role Developer',
      gitea: 'the scope `write:repository`, and its user write access to the repository',
    },
  },
};

/** The error for a failure: UnreachableError if it may pass by itself, else RejectedError. */
export function forgeError(failure: ForgeFailure, redact: (text: string) => string): GatesError {
  const { place, errand, status, headers, body, repeatable, cause } = failure;
  const title = titles[place.forge];
  const { later } = errands[errand];
  const detail = redact(words(body)).slice(0, 500);
  const requestId = headers?.get('x-github-request-id') ?? headers?.get('x-request-id') ?? undefined;
  const facts: ErrorFacts = {
    ...(status !== undefined && { status, code: `${status}` }),
    ...(detail !== '' && { detail }),
    ...(requestId !== undefined && { requestId }),
  };
  if (status === undefined) {
    return new UnreachableError(`${title} does not answer`, {
      hint: `See whether this machine reaches ${place.api}`,
      facts: { ...facts, applied: repeatable ? 'no' : 'maybe' },
      cause,
    });
  }
  if (status === 429 || (status === 403 && isPause(headers, detail))) {
    return new UnreachableError(`${title} asks for a pause`, {
      hint: `It takes no more calls of this token for a while: ${later}`,
      facts: { ...facts, ...pauseOf(headers), applied: 'no' },
    });
  }
  if (status >= 500 || status === 408) {
    return new UnreachableError(`${title} has trouble of its own`, {
      hint: `${later.charAt(0).toUpperCase()}${later.slice(1)}`,
      facts: { ...facts, applied: repeatable ? 'no' : 'maybe' },
    });
  }
  return new RejectedError(...rejection(failure, status, title, { ...facts, applied: 'no' }));
}

function rejection(
  { place, errand, body }: ForgeFailure,
  status: number,
  title: string,
  facts: ErrorFacts,
): [string, { hint: string; facts: ErrorFacts }] {
  const { verb, thing, rights } = errands[errand];
  if (status >= 300 && status < 400) {
    const hint = `${place.api} sends elsewhere, where the token is not sent: name the repository as it is called now`;
    return ['This is not where the repository is', { hint, facts }];
  }
  if (status === 401) {
    return [
      `${title} does not know this token`,
      { hint: 'Set GATES_FORGE_TOKEN to one that has not expired', facts },
    ];
  }
  if (status === 403) {
    return [`${title} does not let this token ${verb}`, { hint: `Give it ${rights[place.forge]}`, facts }];
  }
  if (status === 404 || status === 410) {
    const hint = `See whether ${place.repository} has it at ${place.api}, and whether the token may see it: it needs ${rights[place.forge]}`;
    return [`${title} shows this token no such ${thing}`, { hint, facts }];
  }
  if (status < 300 || body === undefined) {
    const hint = `See whether ${place.api} is the address of its API, and no proxy answers in its place`;
    return [`The answer is not one of the forge's API`, { hint, facts }];
  }
  return [`${title} refused the ${errand}`, { hint: 'What it says above is why', facts }];
}

/** GitHub answers 403 for a limit as well as for a missing right. */
function isPause(headers: Headers | undefined, detail: string): boolean {
  return (
    headers?.has('retry-after') === true ||
    headers?.get('x-ratelimit-remaining') === '0' ||
    /rate limit|abuse/i.test(detail)
  );
}

/** `Retry-After`, or the time of the next allowance by GitHub or GitLab. */
function pauseOf(headers: Headers | undefined, now = Date.now()): { retryAfter?: number } {
  const ownPause = retryAfterOf(headers, now);
  if (ownPause.retryAfter !== undefined) return ownPause;
  const reset = Number(headers?.get('x-ratelimit-reset') ?? headers?.get('ratelimit-reset') ?? Number.NaN);
  return Number.isNaN(reset) ? {} : { retryAfter: Math.max(0, reset * 1000 - now) };
}

/** `{"message": …}`; GitLab's may be a map of fields to lists, GitHub adds `errors`. */
function words(body: unknown): string {
  if (typeof body === 'string') return body;
  if (Array.isArray(body)) return body.map(words).join(', ');
  if (typeof body !== 'object' || body === null) return '';
  const { message, error, errors, error_description: description } = body as Record<string, unknown>;
  const parts = [message, error, description, errors].map(words).filter((part) => part !== '');
  if (parts.length > 0) return parts.join('; ');
  return Object.entries(body)
    .filter(([name]) => !['documentation_url', 'url', 'status'].includes(name))
    .map(([name, value]) => `${name}: ${words(value)}`)
    .join('; ');
}
