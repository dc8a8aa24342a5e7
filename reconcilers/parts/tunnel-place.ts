import type { Part } from '../../src/core/objects/part.ts';
import { placeFor } from '../cloudflare/ingress/entry.ts';

/** The place of a new rule among those of its tunnel; any other part goes last. */
export function placeInTunnel(document: readonly Part[], added: Part): number {
  if (added.part !== 'tunnel-rule') return document.length;
  const matches = document.flatMap((part) => (part.part === 'tunnel-rule' ? [matchIn(part)] : []));
  return placeFor(matches, matchIn(added));
}

function matchIn({ hostname, path }: { readonly hostname: string; readonly path: string | undefined }) {
  return { hostname, path };
}
