import type { Part } from '../../src/core/objects/part.ts';
import { placeFor } from '../cloudflare/ingress/entry.ts';

/** The place of a new rule among those of its tunnel; any other part goes last. */
export function placeInTunnel(document: readonly Part[], added: Part): number {
  if (added.part !== 'tunnel-rule') return document.length;
  return placeFor(
    document.filter((part) => part.part === 'tunnel-rule'),
    added,
  );
}
