import { type Outline, outline } from '../../../schema/generated/validate.js';
import type { Path } from '../mistakes/finding.ts';
import { plain, plainList } from '../mistakes/plain-text.ts';
import { inlineOriginHint, isAddress } from './address-hints.ts';
import { gateHint, settingsHint } from './gate-forms.ts';

const { $defs } = outline;
const gates = Object.entries($defs.gate?.properties ?? {});

/**
 * A hint for a short form: a gate by its name, a list in place of a map of names, an address in place of the name of
 * an origin. Undefined for values that are no short form.
 */
export function formHint(shape: Outline, path: Path, value: unknown): string | undefined {
  if (path.length === 0) return topHint(value);
  if (shape === $defs.gate) return gateHint(String(path.at(-1)), value);
  const gate = gates.find(([, settings]) => settings === shape)?.[0];
  if (gate !== undefined) return settingsHint(gate, value);
  if (shape === $defs.everyone || path.at(-1) === 'alias') return reasonHint(String(path.at(-1)), value);
  if (shape === $defs.origin) return originHint(value);
  if (path.length === 1 && path[0] === 'version')
    return 'write `version: 1`, the only version of the format so far';
  if (path[0] === 'services' && path.length === 3 && path[2] === 'origin') return nameOfOrigin(path, value);
  return isMapOfEntries(shape) ? entriesHint(String(path.at(-1)), shape, value) : undefined;
}

function topHint(value: unknown): string {
  if (Array.isArray(value)) return 'remove the dashes: the file is one map, which begins with `version: 1`';
  return 'the file is one map, which begins with `version: 1`';
}

function reasonHint(key: string, value: unknown): string {
  const reason = typeof value === 'string' && value.trim() !== '' ? plain(value) : '…';
  return `write \`${key}: { reason: ${reason} }\``;
}

function originHint(value: unknown): string {
  const url = typeof value === 'string' && value !== '' ? plain(value) : 'http://server.lan:80';
  return `write \`{ tunnel: …, url: ${url} }\``;
}

function nameOfOrigin(path: Path, value: unknown): string | undefined {
  const isInline = typeof value === 'string' ? isAddress(value) : typeof value === 'object' && value !== null;
  return isInline ? inlineOriginHint(String(path[1]), value) : undefined;
}

/** True if the keys of a map are names of the author's own. */
function isMapOfEntries({ additionalProperties, type }: Outline): boolean {
  return typeof additionalProperties === 'object' && type === 'object';
}

function entriesHint(key: string, { additionalProperties }: Outline, value: unknown): string | undefined {
  if (value === null) return 'write its entries below it, two spaces further in, or remove it';
  if (key === 'dns') return 'write the zone first: `dns: { example.dev: [ … ] }`';
  if (!Array.isArray(value)) return undefined;
  const names = value.filter((entry) => typeof entry === 'string');
  if (names.length === 0)
    return `write the name of each entry in place of its dash: \`${key}: { my-name: { … } }\``;
  const isOptional = typeof additionalProperties === 'object' && additionalProperties.$ref !== '#/$defs/gate';
  const entries = plainList(names).slice(1, -1).split(', ');
  return isOptional
    ? `write \`${key}: { ${entries.map((name) => (name === '…' ? name : `${name}: {}`)).join(', ')} }\``
    : `write \`${key}: { ${entries[0]}: { public: { reason: … } } }\``;
}
