import type { ApplicationRow, AuthentikState } from '../../state/authentik-state.ts';
import { now, type World } from '../../state/world.ts';

const DAY_MS = 24 * 3600 * 1000;

/** The models of which every save clears the remembered pages; of an application, only the first (facts §2.1). */
const FORGETTING = ['expressionpolicy', 'policybinding', 'group', 'user'];

/**
 * The page of the application list as this person first saw it, with each application as it is now. An empty page is
 * not remembered.
 */
export function rememberedPage(
  world: World,
  userAndPage: string,
  allowed: readonly ApplicationRow[],
): ApplicationRow[] {
  const { applicationPages: pages, applications } = world.authentik;
  const known = pages[userAndPage];
  if (known === undefined || known.pks.length === 0 || known.until <= now(world)) {
    pages[userAndPage] = { pks: allowed.map(({ pk }) => pk), until: now(world) + DAY_MS };
    return [...allowed];
  }
  return known.pks.flatMap((pk) => applications.find((row) => row.pk === pk) ?? []);
}

/** Clears the remembered pages if a save of this model does so in Authentik; a deletion never does. */
export function forgetPages(state: AuthentikState, model: string, what: 'created' | 'updated'): void {
  const isFirst = model === 'application' && what === 'created';
  if (isFirst || FORGETTING.includes(model)) state.applicationPages = {};
}
