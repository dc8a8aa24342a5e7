import { createHash } from 'node:crypto';
import type { CodeRow, Consent } from '../../state/login-rows.ts';
import { now, type World } from '../../state/world.ts';
import { newSecret } from '../api/secret.ts';

/** Makes an authorization code for one use, with the provider's lifetime. */
export function issueCode(world: World, given: Omit<CodeRow, 'code'>): string {
  const code = newSecret(world, 32);
  world.authentik.codes.push({ ...given, code });
  return code;
}

/**
 * The content of a code; null if it is unknown, expired, for another provider or redirect URI, or without the required
 * verifier. Any attempt uses the code up.
 */
export function redeemCode(
  world: World,
  given: { provider: number; code: string; redirectUri: string; verifier: string | null },
): Consent | null {
  const { authentik } = world;
  const row = authentik.codes.find(({ code }) => code === given.code);
  if (row === undefined) return null;
  authentik.codes = authentik.codes.filter((other) => other !== row);
  const holds =
    row.provider === given.provider &&
    row.until > now(world) &&
    row.redirectUri === given.redirectUri &&
    isProved(row, given.verifier);
  return holds ? row : null;
}

/** True if the verifier matches (RFC 7636); an unexpected one is refused too. */
function isProved(row: CodeRow, verifier: string | null): boolean {
  if (row.challenge === null) return verifier === null;
  if (verifier === null) return false;
  const proof =
    row.challengeMethod === 'plain' ? verifier : createHash('sha256').update(verifier).digest('base64url');
  return proof === row.challenge;
}
