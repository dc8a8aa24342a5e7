/** What a delivery of a forge asks for. */
export type PushEvent =
  | { readonly type: 'push'; readonly revision?: string }
  | { readonly type: 'ignored'; readonly reason: string };

export interface Delivery {
  /** `X-GitHub-Event`. */
  readonly event: string;
  readonly contentType: string;
  readonly body: Uint8Array;
}

const NOTHING = /^0+$/;

/** Reads a GitHub delivery whose signature was right: only a push to the watched branch starts a pass. */
export function readPushEvent(delivery: Delivery, branch: string): PushEvent {
  if (delivery.event !== 'push') return ignored(delivery.event === 'ping' ? 'pong' : 'not a push');
  const payload = readPayload(delivery);
  if (payload === undefined) return ignored('not a push as GitHub sends it');
  if (payload.ref !== `refs/heads/${branch}`) return ignored('not the watched branch');
  const { after } = payload;
  if (typeof after !== 'string' || !/^[0-9a-f]{40,64}$/.test(after)) return { type: 'push' };
  return NOTHING.test(after) ? ignored('the branch was deleted') : { type: 'push', revision: after };
}

/** GitHub sends JSON, or a form with the JSON in `payload`: its pages offer the form first. */
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
