import type { Group } from '../group.ts';
import { cache } from './cache.ts';
import { conflicts } from './conflicts.ts';
import { cover } from './cover.ts';
import { headers } from './headers.ts';
import { limits } from './limits.ts';
import { names } from './names.ts';
import { organization } from './organization.ts';
import { readBack } from './read-back.ts';
import { token } from './token.ts';
import { tunnel } from './tunnel.ts';

/** In the order in which they are asked: what others need comes first. */
const groups: readonly Group[] = [
  token,
  organization,
  headers,
  names,
  tunnel,
  cover,
  cache,
  readBack,
  limits,
  conflicts,
];

export function groupsOf({ full }: { readonly full: boolean }): readonly Group[] {
  return groups.filter(({ set }) => full || set === 'quick');
}
