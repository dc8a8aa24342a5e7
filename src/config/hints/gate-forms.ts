import { outline } from '../../../schema/generated/validate.js';
import { plain, plainList } from '../mistakes/plain-text.ts';
import { nearestOf } from '../mistakes/suggestion.ts';

/** The gates that there are, in the order of the schema. */
export const gateNames: readonly string[] = Object.keys(outline.$defs.gate?.properties ?? {});

/** One gate each, as one writes it inside of `gate: { }`. */
const examples: Readonly<Record<string, string>> = {
  authentik: 'authentik: { groups: [admins] }',
  cloudflare: 'cloudflare: { emails: [me@example.dev] }',
  serviceToken: 'serviceToken: { tokens: [ci] }',
  public: 'public: { reason: … }',
  jwt: 'jwt: { keys: { client: … }, audience: …, operations: […] }',
  webhook: 'webhook: { actions: [reconcile], secret: { env: NAME } }',
  identityProvider: 'identityProvider: {}',
};

export function gateExample(name: string): string {
  return examples[name] ?? `${name}: { … }`;
}

/** A hint for a gate that is no map: its name alone, a list, or nothing. `key` is `gate`, or a path. */
export function gateHint(key: string, value: unknown): string {
  const name = typeof value === 'string' ? value : Array.isArray(value) ? value[0] : undefined;
  const near =
    typeof name === 'string'
      ? (gateNames.find((gate) => gate === name) ?? nearestOf(name, gateNames))
      : undefined;
  const such = near === undefined ? ', such as' : ':';
  return `a gate is a map with one key${such} \`${plain(key)}: { ${gateExample(near ?? 'authentik')} }\``;
}

/** A hint for a gate whose settings are no map: `public: true`, `authentik: [admins]`. */
export function settingsHint(name: string, value: unknown): string {
  const isText = typeof value === 'string' && value.trim() !== '';
  const isList = isText || (Array.isArray(value) && value.some((one) => typeof one === 'string'));
  const written = `write \`${name}: `;
  if (name === 'public') {
    return isText
      ? `${written}{ reason: ${plain(value)} }\``
      : `${written}{ reason: … }\`: say why everybody may come in`;
  }
  if (!isList) return `write \`${gateExample(name)}\``;
  if (name === 'serviceToken') return `${written}{ tokens: ${plainList(value)} }\``;
  if (name === 'webhook') return `${written}{ actions: ${plainList(value)}, secret: { env: NAME } }\``;
  if (name === 'authentik') return `${written}{ groups: ${plainList(value)} }\``;
  if (name === 'cloudflare') {
    const key = plainList(value).includes('@') ? 'emails' : 'groups';
    return `${written}{ ${key}: ${plainList(value)} }\``;
  }
  return `write \`${gateExample(name)}\``;
}
