import { createHash, createHmac, timingSafeEqual } from 'node:crypto';

/** Reads a header by its name in lower case. */
export type Header = (name: string) => string | undefined;

/** The sender's claim to know the secret; `isProven` checks it. */
export type SenderCredential =
  /** HMAC-SHA256 of the body, in hex: GitHub, Gitea, Forgejo. */
  | { readonly type: 'hmac'; readonly given: string }
  /** Standard Webhooks, which also signs the id and the time: GitLab with a signing token. */
  | { readonly type: 'signed-message'; readonly id: string; readonly time: string; readonly given: string }
  /** The secret itself: GitLab with a secret token. Nothing ties it to the body. */
  | { readonly type: 'token'; readonly given: string };

/**
 * The credential of a delivery. The first of these headers decides, so that a wrong strong credential is never replaced
 * by a weaker one. Forgejo also sends the headers of Gitea and GitHub.
 */
export function proofIn(header: Header): SenderCredential | undefined {
  for (const name of ['x-forgejo-signature', 'x-gitea-signature']) {
    const value = header(name);
    if (value !== undefined) return { type: 'hmac', given: value };
  }
  const github = header('x-hub-signature-256');
  if (github !== undefined) return { type: 'hmac', given: github.replace(/^sha256=/, '') };
  const value = header('webhook-signature');
  if (value !== undefined) {
    const [id = '', time = ''] = [header('webhook-id'), header('webhook-timestamp')];
    return { type: 'signed-message', id, time, given: value };
  }
  const token = header('x-gitlab-token');
  return token === undefined ? undefined : { type: 'token', given: token };
}

/** Milliseconds by which the time of a signed message may differ (Standard Webhooks). */
const TOLERANCE = 5 * 60_000;

/**
 * True if this secret made the proof for exactly these bytes; false for an empty secret. A wrong proof takes as long as
 * a right one.
 */
export function isProven(proof: SenderCredential, body: Uint8Array, secret: string, now: Date): boolean {
  if (secret === '') return false;
  switch (proof.type) {
    case 'hmac':
      return isHmac(proof.given, body, secret);
    case 'signed-message':
      return isSignedMessage(proof, body, secret, now);
    case 'token':
      return isToken(proof.given, secret);
  }
}

/** True if a token is right, which needs no body. */
export function isToken(token: string, secret: string): boolean {
  const [left, right] = [token, secret].map((text) => createHash('sha256').update(text).digest());
  return left !== undefined && right !== undefined && timingSafeEqual(left, right);
}

function isHmac(given: string, body: Uint8Array, secret: string): boolean {
  if (!/^[0-9a-f]{64}$/i.test(given)) return false;
  const right = createHmac('sha256', secret).update(body).digest();
  return timingSafeEqual(Buffer.from(given, 'hex'), right);
}

function isSignedMessage(
  { id, time, given }: Extract<SenderCredential, { type: 'signed-message' }>,
  body: Uint8Array,
  secret: string,
  now: Date,
): boolean {
  if (id === '' || !/^\d{1,12}$/.test(time)) return false;
  if (Math.abs(now.getTime() - Number(time) * 1000) > TOLERANCE) return false;
  const right = createHmac('sha256', keyOf(secret)).update(`${id}.${time}.`).update(body).digest();
  // During a change of the secret, a sender signs with both.
  return given.split(' ').some((one) => {
    const value = /^v1,([A-Za-z0-9+/]{43}=)$/.exec(one)?.[1];
    return value !== undefined && timingSafeEqual(Buffer.from(value, 'base64'), right);
  });
}

/** The key, in base64 after `whsec_`. */
function keyOf(secret: string): Uint8Array {
  const coded = /^whsec_(.+)$/.exec(secret)?.[1];
  return coded === undefined ? Buffer.from(secret) : Buffer.from(coded, 'base64');
}
