import type { Plan } from '../../../src/core/change.ts';
import { UnreachableError } from '../../../src/core/errors.ts';
import type { Edge } from '../../../src/core/world.ts';

/** Who is asked by calls. */
export type Api = 'cloudflare' | 'authentik';

export const misfortunes = [
  'kill',
  'lose-reply',
  'lose-sight',
  'drop',
  'refuse',
  'reject',
  'stop',
  'stop-unsent',
] as const;

/** One of each sort: done and nobody left, done unheard, not done, done while asked to stop. */
export const chiefMisfortunes = [
  'kill',
  'lose-reply',
  'reject',
  'stop',
] as const satisfies readonly Misfortune['kind'][];

/** What befalls the n-th write of a process, counted from 1. */
export interface Misfortune {
  readonly write: number;
  /**
   * `kill`: the write is done and the process is gone. `lose-reply`: done, unheard. `lose-sight`: done, unheard, and
   * every read after it is refused, so that nobody can look what came of it. `drop`: not done, unheard. `refuse`: not
   * done, 500, as something that may pass. `reject`: not done, 403, and given up. `stop`: done, and the process is asked to stop meanwhile, as SIGTERM does it; whoever
   * still waits for the reply hears it. `stop-unsent`: asked to stop, and the write never arrives.
   */
  readonly kind: (typeof misfortunes)[number];
}

/** A read that is refused, 403: its n-th time in this process, counted from 1, and ever after. */
export interface RefusedRead {
  /** As `Pass.reads` names it. */
  readonly read: string;
  readonly from: number;
}

export const probeTroubles = ['unanswered', 'challenged'] as const;

/** What befalls every look through the edge: nobody answers, or the bot challenge does. */
export interface ProbeTrouble {
  readonly probes: (typeof probeTroubles)[number];
}

/** A call of a process on its way to a system. */
export interface SentCall {
  /** Calls of the process so far, this one included. */
  readonly n: number;
  readonly system: Api;
  readonly request: Request;
}

/** Somebody between the process and the systems: hands each call on, before or after acting, or answers it. */
export interface Meddling {
  readonly meddle: (call: SentCall, send: () => Promise<Response>) => Promise<Response>;
  /** The process takes turns with others, as the real ones do. */
  readonly inTurns?: true;
  /** A person has agreed to the plan: no other is carried out. */
  readonly isAgreed?: true;
}

export type Trouble = (Misfortune | RefusedRead | ProbeTrouble | Meddling) & {
  /** New objects that the process writes at the same moment. Default: 1, so that the n-th write is always the same. */
  readonly sideBySide?: number;
  /** Makes the plan that the process carries out from the planner's. */
  readonly replanned?: (plan: Plan) => Plan;
};

/** For the message of an assertion, and for the list of what was tried. */
export function told(trouble: Trouble): string {
  if ('write' in trouble) return `${trouble.kind} at write ${trouble.write}`;
  if ('read' in trouble) return `${trouble.read} refused from time ${trouble.from} on`;
  return 'probes' in trouble ? `probes ${trouble.probes}` : 'meddled with';
}

/** One read as it is told apart from others: who is asked for what, whatever the page. */
export function readOf(system: Api, request: Request): string {
  return `${system} ${new URL(request.url).pathname}`;
}

/** A call without what differs from object to object: `POST /accounts/:id/access/apps`. */
export function sortOf(call: string): string {
  return call
    .replaceAll(/[0-9a-f]{32}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|(?<=\/)\d+(?=\/|$)/g, ':id')
    .replaceAll(/(?<=\/core\/applications\/)[^/]+/g, ':slug');
}

export const failed: Readonly<Record<Api, () => Response>> = {
  cloudflare: () =>
    Response.json({ success: false, errors: [], messages: [], result: null }, { status: 500 }),
  authentik: () => new Response('<h1>Server Error (500)</h1>', { status: 500 }),
};

export const forbidden: Readonly<Record<Api, () => Response>> = {
  cloudflare: () => {
    const errors = [{ code: 10000, message: 'Authentication error' }];
    return Response.json({ success: false, errors, messages: [], result: null }, { status: 403 });
  },
  authentik: () =>
    Response.json({ detail: 'You do not have permission to perform this action.' }, { status: 403 }),
};

/** What fetch rejects with where a connection breaks. */
export function brokenOff(): TypeError {
  return new TypeError('fetch failed');
}

/** An edge that answers in this way, whoever asks for what. */
export function troubledEdge({ probes }: ProbeTrouble): Edge {
  return {
    async get({ host }) {
      if (probes === 'challenged')
        return { status: 403, headers: { 'cf-ray': 'ray', 'cf-mitigated': 'challenge' }, body: '' };
      throw new UnreachableError('The edge does not answer', { facts: { detail: host, applied: 'no' } });
    },
  };
}
