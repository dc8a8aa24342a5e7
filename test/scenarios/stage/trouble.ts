import type { Plan } from '../../../src/core/change.ts';
import { UnreachableError } from '../../../src/core/errors.ts';
import type { Edge } from '../../../src/core/world.ts';

/** The systems that calls go to. */
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

/** One kind of each sort: done and the process is gone, done without a reply, not done, done during a stop. */
export const chiefMisfortunes = [
  'kill',
  'lose-reply',
  'reject',
  'stop',
] as const satisfies readonly Misfortune['kind'][];

/** A misfortune of the n-th write of a process, counted from 1. */
export interface Misfortune {
  readonly write: number;
  /**
   * `kill`: the write is done, and the process is gone. `lose-reply`: done, without a reply. `lose-sight`: done without
   * a reply, and every later read is rejected, so that nobody can find out what happened. `drop`: not done, without a
   * reply. `refuse`: not done, 500, as in a temporary failure. `reject`: not done, 403, and final. `stop`: done, while
   * the process is asked to stop as by SIGTERM; a caller that still waits gets the reply. `stop-unsent`: asked to stop,
   * and the write never arrives.
   */
  readonly kind: (typeof misfortunes)[number];
}

/** A read that is rejected with 403 from its n-th time in this process on, counted from 1. */
export interface RefusedRead {
  /** The read, as in `Pass.reads`. */
  readonly read: string;
  readonly from: number;
}

export const probeTroubles = ['unanswered', 'challenged'] as const;

/** The trouble of every request through the edge: no answer, or the bot challenge. */
export interface ProbeTrouble {
  readonly probes: (typeof probeTroubles)[number];
}

/** A call of a process on its way to a system. */
export interface SentCall {
  /** The number of the process's calls so far, including this one. */
  readonly n: number;
  readonly system: Api;
  readonly request: Request;
}

/** A party between the process and the systems, which forwards each call, before or after acting, or answers it. */
export interface Meddling {
  readonly meddle: (call: SentCall, send: () => Promise<Response>) => Promise<Response>;
  /** True if the process takes turns with others, as real ones do. */
  readonly inTurns?: true;
  /** True if a person has agreed to the plan: no other is applied. */
  readonly isAgreed?: true;
}

export type Trouble = (Misfortune | RefusedRead | ProbeTrouble | Meddling) & {
  /**
   * The number of new objects that the process writes in parallel. Default: 1, so that the n-th write stays the same.
   */
  readonly sideBySide?: number;
  /** Makes the plan that the process applies from the planner's. */
  readonly replanned?: (plan: Plan) => Plan;
};

/** The name of a trouble, for assertions and for the list of played troubles. */
export function troubleName(trouble: Trouble): string {
  if ('write' in trouble) return `${trouble.kind} at write ${trouble.write}`;
  if ('read' in trouble) return `${trouble.read} refused from time ${trouble.from} on`;
  return 'probes' in trouble ? `probes ${trouble.probes}` : 'meddled with';
}

/** A read's identity: its system and path, for any page. */
export function readOf(system: Api, request: Request): string {
  return `${system} ${new URL(request.url).pathname}`;
}

/** A call without the parts that differ from object to object: `POST /accounts/:id/access/apps`. */
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

/** The error of fetch when a connection breaks. */
export function brokenOff(): TypeError {
  return new TypeError('fetch failed');
}

/** An edge that gives this answer to every request. */
export function troubledEdge({ probes }: ProbeTrouble): Edge {
  return {
    async get({ host }) {
      if (probes === 'challenged')
        return { status: 403, headers: { 'cf-ray': 'ray', 'cf-mitigated': 'challenge' }, body: '' };
      throw new UnreachableError('The edge does not answer', { facts: { detail: host, applied: 'no' } });
    },
  };
}
