import { createHash, randomBytes } from 'node:crypto';
import type { World } from './world.ts';

/** The source of ids and secrets, which follow from the seed. */
export type Mint = Pick<World, 'seed' | 'count' | 'canary'>;

/** The next 64 hex digits of this world: they look random, and are the same again after a restore. */
export function newHex(world: Mint, length = 64): string {
  world.count += 1;
  return createHash('sha256').update(`${world.seed}/${world.count}`).digest('hex').slice(0, length);
}

let drawn = '';

/** Random hex digits that no restore repeats. They are drawn in advance, since each reply needs some. */
export function chanceHex(length: number): string {
  if (drawn.length < length) drawn = randomBytes(4096).toString('hex');
  const taken = drawn.slice(0, length);
  drawn = drawn.slice(length);
  return taken;
}

/** A UUID, as Access and tunnels use. */
export function newUuid(world: Mint): string {
  const hex = newHex(world, 32);
  const variant = '89ab'[Number.parseInt(hex.charAt(16), 16) % 4];
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `4${hex.slice(13, 16)}`,
    `${variant}${hex.slice(17, 20)}`,
    hex.slice(20, 32),
  ].join('-');
}

/** Exactly `length` characters, beginning with the canary; longer only if the canary is. */
function secretText(world: Mint, length: number): string {
  const canary = world.canary ?? '';
  return canary + newHex(world).slice(0, Math.max(0, length - canary.length));
}

/** A service token's secret in the form of 2026: `cfast_`, 40 characters, 8 of checksum (facts §4). */
export function newClientSecret(world: Mint): string {
  const text = secretText(world, 40);
  return `cfast_${text}${createHash('sha256').update(text).digest('hex').slice(0, 8)}`;
}

/** An API token as the dashboard shows it: 40 characters. */
export function newApiToken(world: Mint): string {
  return secretText(world, 40);
}

/** A tunnel secret: base64 of at least 32 bytes; a canary of letters and digits keeps it valid base64. */
export function newTunnelSecret(world: Mint): string {
  const text = secretText(world, 44);
  return text.padEnd(Math.ceil(text.length / 4) * 4, 'A');
}

/**
 * The argument of `cloudflared tunnel run --token`: base64 of `{a,t,s}`. Base64 hides a canary, so a plain copy of it
 * is appended; decoders stop at the end of the JSON.
 */
export function tunnelToken(world: Mint, accountTag: string, tunnelId: string, secret: string): string {
  const json = JSON.stringify({ a: accountTag, t: tunnelId, s: secret });
  const padded = json.padEnd(Math.ceil(json.length / 3) * 3, ' ');
  return Buffer.from(padded).toString('base64') + (world.canary ?? '');
}
