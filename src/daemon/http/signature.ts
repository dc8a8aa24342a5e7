import { createHash, createHmac, timingSafeEqual } from 'node:crypto';

/** By its name in lower case. */
export type Header = (name: string) => string | undefined;

/** How a delivery says that its sender knows the secret; whether that is so, `isProven` tells. */
export type SenderCredential =
  /** HMAC-SHA256 of the body, in hex: GitHub, Gitea, Forgejo. */
  | { readonly type: 'hmac'; readonly given: string }
  /** As Standard Webhooks has it, which signs the id and the time as well: GitLab with a signing token. */
  | { readonly type: 'signed-message'; readonly id: string; readonly time: string; readonly given: string }
  /** The secret itself: GitLab with a secret token. Nothing ties it to the body. */
  | { readonly type: 'token'; readonly given: string };

/**
 * The proof of a delivery. Of several headers the first one here decides, so that who leaves a strong one wrong is
 * not let by with a weak one; Forgejo sends those of Gitea and GitHub beside its own.
 */
export function proofIn(header: Header): SenderCredential | undefined {
  for (const name of ['x-forgejo-signature', 'x-gitea-signature']) {
    const given = header(name);
    if (given !== undefined) return { type: 'hmac', given };
  }
  const github = header('x-hub-signature-256');
  if (github !== undefined) return { type: 'hmac', given: github.replace(/^sha256=/, '') };
  const given = header('webhook-signature');
  if (given !== undefined) {
    const [id = '', time = ''] = [header('webhook-id'), header('webhook-timestamp')];
    return { type: 'signed-message', id, time, given };
  }
  const token = header('x-gitlab-token');
  return token === undefined ? undefined : { type: 'token', given: token };
}

/** Milliseconds by which the time of a signed message may be off, as Standard Webhooks has it. */
const TOLERANCE = 5 * 60_000;

/**
 * Whether a proof was made with this secret for these very bytes; never with an empty one. Takes as long for a wrong
 * proof as for a right one.
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

/** The token of a delivery can be told from a wrong one without its body. */
export function isToken(given: string, secret: string): boolean {
  const [left, right] = [given, secret].map((text) => createHash('sha256').update(text).digest());
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
  // While a secret is changed a sender signs with both.
  return given.split(' ').some((one) => {
    const value = /^v1,([A-Za-z0-9+/]{43}=)$/.exec(one)?.[1];
    return value !== undefined && timingSafeEqual(Buffer.from(value, 'base64'), right);
  });
}

/** The key is what stands in base64 after `whsec_`. */
function keyOf(secret: string): Uint8Array {
  const coded = /^whsec_(.+)$/.exec(secret)?.[1];
  return coded === undefined ? Buffer.from(secret) : Buffer.from(coded, 'base64');
}
