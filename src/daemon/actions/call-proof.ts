import { createHash, createHmac, timingSafeEqual } from 'node:crypto';

/** The content of `X-Gates-Signature: t=…,v1=…`; `judgeCall` checks it. */
export interface CallSignature {
  /** The text as sent, which the signature covers: whole seconds since 1970. */
  readonly time: string;
  /** HMAC-SHA256 in hex. */
  readonly given: string;
}

/** A gate with its secret read. */
export interface ReadGate {
  readonly secret: string;
  readonly actions: readonly string[];
}

export interface CallRequest {
  /** The name of the action in the address. */
  readonly name: string;
  readonly signature: CallSignature;
  /** The raw bytes; empty for a question. */
  readonly body: Uint8Array;
}

export type CallVerdict =
  | { readonly type: 'refused'; readonly reason: 'wrong signature' | 'stale' }
  /** The sender knows a secret, but only of gates that do not list this action. */
  | { readonly type: 'unlisted' }
  /** `digest` is the same for all spellings of one signature. */
  | { readonly type: 'signed'; readonly digest: string; readonly time: Date };

/** Milliseconds by which the time of a call may differ. */
export const SKEW = 5 * 60_000;

/** The parts of the header; undefined if it has another form. */
export function readSignature(header: string | undefined): CallSignature | undefined {
  const [, time, given] = /^t=(\d{1,12}), ?v1=([0-9a-f]{64})$/i.exec(header ?? '') ?? [];
  return time === undefined || given === undefined ? undefined : { time, given };
}

/**
 * Judges a call by the applied gates. It takes equally long whether or not the action exists, so that only the holder
 * of a secret learns which actions exist. The caller uses only this verdict of the request.
 */
export function judgeCall(
  { name, signature: { time, given }, body }: CallRequest,
  gates: readonly ReadGate[],
  now: Date,
): CallVerdict {
  const at = new Date(Number(time) * 1000);
  if (!(Math.abs(now.getTime() - at.getTime()) <= SKEW)) return { type: 'refused', reason: 'stale' };
  const signature = Buffer.from(given, 'hex');
  const signers = gates.filter(({ secret }) => {
    const right = createHmac('sha256', secret).update(`${time}.`).update(body).digest();
    return timingSafeEqual(signature, right) && secret !== '';
  });
  if (signers.length === 0) return { type: 'refused', reason: 'wrong signature' };
  if (!signers.some(({ actions }) => actions.includes(name))) return { type: 'unlisted' };
  return { type: 'signed', digest: createHash('sha256').update(signature).digest('hex'), time: at };
}
