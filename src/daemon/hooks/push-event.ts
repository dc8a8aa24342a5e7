import type { Header } from '../http/signature.ts';

/** The event in a delivery of a forge. */
export type PushEvent =
  | { readonly type: 'push'; readonly revision?: string }
  | { readonly type: 'ignored'; readonly reason: string };

export interface Delivery {
  /** The forge's own name of the event: `push`, `Push Hook`. */
  readonly event: string;
  readonly contentType: string;
  readonly body: Uint8Array;
}

const NOTHING = /^0+$/;
/** The names of a push at GitHub, Gitea and Forgejo, and at GitLab. */
const PUSHES = ['push', 'Push Hook'];

/** The headers with the event's name; Gitea and Forgejo also send those of the others. */
const EVENT_HEADERS = ['x-github-event', 'x-forgejo-event', 'x-gitea-event', 'x-gitlab-event'];
/** The headers with the delivery's id, which stays the same if a forge repeats the delivery. */
const DELIVERY_HEADERS = [
  'x-github-delivery',
  'x-forgejo-delivery',
  'x-gitea-delivery',
  'webhook-id',
  'idempotency-key',
  'x-gitlab-event-uuid',
];

/** The event as the forge names it; empty if it does not say. */
export function eventIn(header: Header): string {
  return firstOf(EVENT_HEADERS, header);
}

/** The id of the delivery; empty if the forge does not send one: then only its body identifies it. */
export function deliveryIn(header: Header): string {
  return firstOf(DELIVERY_HEADERS, header);
}

function firstOf(names: readonly string[], header: Header): string {
  return names.map(header).find((value) => value !== undefined) ?? '';
}

/** Reads a delivery with a valid proof: only a push to the watched branch starts a run. */
export function readPushEvent(delivery: Delivery, branch: string): PushEvent {
  if (!PUSHES.includes(delivery.event)) return ignored(delivery.event === 'ping' ? 'pong' : 'not a push');
  const payload = readPayload(delivery);
  if (payload === undefined) return ignored('not a push as a forge sends it');
  if (payload.ref !== `refs/heads/${branch}`) return ignored('not the watched branch');
  const { after } = payload;
  if (typeof after !== 'string' || !/^[0-9a-f]{40,64}$/.test(after)) return { type: 'push' };
  return NOTHING.test(after) ? ignored('the branch was deleted') : { type: 'push', revision: after };
}

/** The payload: JSON, or a form with JSON in `payload`, which GitHub's pages offer first. */
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
