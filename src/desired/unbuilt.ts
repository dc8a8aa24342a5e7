import type { Config } from '../config/config.ts';
import { doorsOf } from '../config/invariants/invariant.ts';

/**
 * Sections that the schema accepts and this version does not build. They only add something, so that leaving
 * them out opens nothing: a warning each. What decides who gets in is refused instead, per service.
 */
const sections: readonly { readonly name: string; readonly used: (config: Config) => boolean }[] = [
  {
    name: 'sync-jwks',
    used: (config) =>
      doorsOf(config).some(({ gate }) => gate.type === 'webhook' && gate.actions.includes('sync-jwks')),
  },
  { name: 'waf', used: ({ waf }) => waf.skip !== undefined },
];

export function unbuiltSections(config: Config): readonly string[] {
  return sections
    .filter(({ used }) => used(config))
    .map(({ name }) => `${name}: not built in this version, nothing of it is done`);
}
