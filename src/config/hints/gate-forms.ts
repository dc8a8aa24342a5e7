import { outline } from '../../../schema/generated/validate.js';
import { gateRowNamed } from '../../gates/index.ts';
import { plain } from '../mistakes/plain-text.ts';
import { nearestOf } from '../mistakes/suggestion.ts';

/** All gates, in the order of the schema. */
export const gateNames: readonly string[] = Object.keys(outline.$defs.gate?.properties ?? {});

export function gateExample(name: string): string {
  return gateRowNamed(name)?.example ?? `${name}: { … }`;
}

/** A hint for a gate that is not a map: its name alone, a list, or nothing. `key` is `gate`, or a path. */
export function gateHint(key: string, value: unknown): string {
  const name = typeof value === 'string' ? value : Array.isArray(value) ? value[0] : undefined;
  const near =
    typeof name === 'string'
      ? (gateNames.find((gate) => gate === name) ?? nearestOf(name, gateNames))
      : undefined;
  const such = near === undefined ? ', such as' : ':';
  return `a gate is a map with one key${such} \`${plain(key)}: { ${gateExample(near ?? 'authentik')} }\``;
}

/** A hint for a gate whose settings are not a map: `public: true`, `authentik: [admins]`. */
export function settingsHint(name: string, value: unknown): string {
  return gateRowNamed(name)?.settingsHint?.(value) ?? `write \`${gateExample(name)}\``;
}
