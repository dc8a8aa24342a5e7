import { createHash } from 'node:crypto';
import type { CodeRow, Consent } from '../../state/authentik-state.ts';
import { now, type World } from '../../state/world.ts';
import { newSecret } from '../api/secret.ts';

/** An authorization code that is good once, and for as long as the provider says. */
export function issueCode(world: World, given: Omit<CodeRow, 'code'>): string {
  const code = newSecret(world, 32);
  world.authentik.codes.push({ ...given, code });
  return code;
}

/**
 * What the code stands for, or null where it is unknown, over, another provider's, of another redirect URI, or comes
 * without the proof that was asked for. Whoever shows it, it is used up.
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

/** RFC 7636; a verifier where nobody announced one is refused as well. */
function isProved(row: CodeRow, verifier: string | null): boolean {
  if (row.challenge === null) return verifier === null;
  if (verifier === null) return false;
  const proof =
    row.challengeMethod === 'plain' ? verifier : createHash('sha256').update(verifier).digest('base64url');
  return proof === row.challenge;
}
