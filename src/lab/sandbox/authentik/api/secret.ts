import { type Mint, newHex } from '../../state/ids.ts';

/** Unpredictable letters and digits; not secret, so without the canary. */
export function newIdentifier(world: Mint, length: number): string {
  let text = '';
  while (text.length < length) text += newHex(world);
  return text.slice(0, length);
}

/** A generated secret, which begins with the world's canary. */
export function newSecret(world: Mint, length: number): string {
  const canary = world.canary ?? '';
  return canary + newIdentifier(world, Math.max(0, length - canary.length));
}
