import type { Header } from '../http/signature.ts';

/** The event in a delivery of a forge. */
export type PushEvent =
  | { readonly type: 'push'; readonly revision?: string }
  | { readonly type: 'ignored'; readonly reason: string };

export interface Delivery {
  /** In the forge's own words: `push`, `Push Hook`. */
  readonly event: string;
  readonly contentType: string;
  readonly body: Uint8Array;
}

const NOTHING = /^0+$/;
/** GitHub, Gitea and Forgejo; GitLab. */
const PUSHES = ['push', 'Push Hook'];

/** The headers with which forges name the event; Gitea and Forgejo send the names of the others beside their own. */
const EVENT_HEADERS = ['x-github-event', 'x-forgejo-event', 'x-gitea-event', 'x-gitlab-event'];
/** The headers with which forges name the delivery: the same if they send one again. */
const DELIVERY_HEADERS = [
  'x-github-delivery',
  'x-forgejo-delivery',
  'x-gitea-delivery',
  'webhook-id',
  'idempotency-key',
  'x-gitlab-event-uuid',
];

/** The event, as the forge names it; empty if it does not say. */
export function eventIn(header: Header): string {
  return firstOf(EVENT_HEADERS, header);
}

/** Which delivery it is; empty where the forge does not say: then it is known by its body alone. */
export function deliveryIn(header: Header): string {
  return firstOf(DELIVERY_HEADERS, header);
}

function firstOf(names: readonly string[], header: Header): string {
  return names.map(header).find((value) => value !== undefined) ?? '';
}

/** Reads a delivery whose proof was right: only a push to the watched branch starts a run. */
export function readPushEvent(delivery: Delivery, branch: string): PushEvent {
  if (!PUSHES.includes(delivery.event)) return ignored(delivery.event === 'ping' ? 'pong' : 'not a push');
  const payload = readPayload(delivery);
  if (payload === undefined) return ignored('not a push as a forge sends it');
  if (payload.ref !== `refs/heads/${branch}`) return ignored('not the watched branch');
  const { after } = payload;
  if (typeof after !== 'string' || !/^[0-9a-f]{40,64}$/.test(after)) return { type: 'push' };
  return NOTHING.test(after) ? ignored('the branch was deleted') : { type: 'push', revision: after };
}

/** JSON, or a form with the JSON in `payload`: GitHub's pages offer the form first. */
function readPayload({ body, contentType }: Delivery): Partial<Record<string, unknown>> | undefined {
  const text = Buffer.from(body).toString('utf8');
  const isForm = contentType.startsWith('application/x-www-form-urlencoded');
  try {
    const payload: unknown = JSON.parse(isForm ? (new URLSearchParams(text).get('payload') ?? '') : text);
    return typeof payload === 'object' && payload !== null ? { ...payload } : undefined;
  } catch {
    return undefined;
  }
}

function ignored(reason: string): PushEvent {
  return { type: 'ignored', reason };
}
