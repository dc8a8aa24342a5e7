import { createHash, createHmac, timingSafeEqual } from 'node:crypto';

/** The content of `X-Gates-Signature: t=…,v1=…`; `judgeCall` decides whether it is true. */
export interface CallSignature {
  /** As it was sent, since this text is signed: whole seconds since 1970. */
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
  /** The action that the address names. */
  readonly name: string;
  readonly signature: CallSignature;
  /** As it came; empty for a question. */
  readonly body: Uint8Array;
}

export type CallVerdict =
  | { readonly type: 'refused'; readonly reason: 'wrong signature' | 'stale' }
  /** Whoever sent it knows a secret, of gates that do not list this action. */
  | { readonly type: 'unlisted' }
  /** `digest` is one for all ways to write one signature. */
  | { readonly type: 'signed'; readonly digest: string; readonly time: Date };

/** Milliseconds by which the time of a call may be off. */
export const SKEW = 5 * 60_000;

/** The parts of the header; undefined where it has another form. */
export function readSignature(header: string | undefined): CallSignature | undefined {
  const [, time, given] = /^t=(\d{1,12}), ?v1=([0-9a-f]{64})$/i.exec(header ?? '') ?? [];
  return time === undefined || given === undefined ? undefined : { time, given };
}

/**
 * Judges a call by the gates in force. It takes as long whether or not there is such an action, so that only who knows
 * a secret learns which there are. Of the request nothing but this verdict is used any further.
 */
export function judgeCall(
  { name, signature: { time, given }, body }: CallRequest,
  gates: readonly ReadGate[],
  now: Date,
): CallVerdict {
  const at = new Date(Number(time) * 1000);
  if (!(Math.abs(now.getTime() - at.getTime()) <= SKEW)) return { type: 'refused', reason: 'stale' };
  const said = Buffer.from(given, 'hex');
  const signers = gates.filter(({ secret }) => {
    const right = createHmac('sha256', secret).update(`${time}.`).update(body).digest();
    return timingSafeEqual(said, right) && secret !== '';
  });
  if (signers.length === 0) return { type: 'refused', reason: 'wrong signature' };
  if (!signers.some(({ actions }) => actions.includes(name))) return { type: 'unlisted' };
  return { type: 'signed', digest: createHash('sha256').update(said).digest('hex'), time: at };
}
