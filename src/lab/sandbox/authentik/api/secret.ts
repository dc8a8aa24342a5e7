import { type Mint, newHex } from '../../state/ids.ts';

/** Letters and digits that nobody could guess; not secret, so without canary. */
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
