import type { AuthentikState } from './state.ts';

/** The models whose every save empties the remembered pages; of an application only the first (facts §2.1). */
const ALWAYS = ['expressionpolicy', 'policybinding', 'group', 'user'];

/** Forgets the remembered pages of the application list where a save of this model makes Authentik do so. */
export function forgetPages(state: AuthentikState, model: string, what: 'created' | 'updated'): void {
  if (ALWAYS.includes(model) || (model === 'application' && what === 'created')) state.applicationPages = {};
}
