import type { Group } from '../group.ts';
import { botBeliefs } from './bots.ts';
import { cache } from './cache.ts';
import { conflicts } from './conflicts.ts';
import { cover } from './cover.ts';
import { headers } from './headers.ts';
import { host } from './host.ts';
import { lag } from './lag.ts';
import { limits } from './limits.ts';
import { names } from './names.ts';
import { organizationBeliefs } from './organization.ts';
import { paths } from './paths.ts';
import { providers } from './providers.ts';
import { readBack } from './read-back.ts';
import { redirect } from './redirect.ts';
import { rotation } from './rotation.ts';
import { sessions } from './sessions.ts';
import { shield } from './shield.ts';
import { token } from './token.ts';
import { tunnelBeliefs } from './tunnel.ts';

/** In the order of the questions: groups that others need come first. */
const groups: readonly Group[] = [
  token,
  organizationBeliefs,
  headers,
  names,
  tunnelBeliefs,
  botBeliefs,
  host,
  cover,
  cache,
  redirect,
  paths,
  readBack,
  limits,
  conflicts,
  shield,
  providers,
  lag,
  sessions,
  rotation,
];

export function groupsOf({ full }: { readonly full: boolean }): readonly Group[] {
  return groups.filter(({ set }) => full || set === 'quick');
}
