import type { Part } from '../core/objects/part.ts';

/** The document of the API that a part is in; a part that is an object by itself is its own. */
export function documentOf(part: Part): string {
  switch (part.part) {
    case 'edge-rule':
    case 'token-rule':
    case 'cache-rule':
      return `${part.part} ${part.zone}`;
    case 'tunnel-rule':
      return `${part.part} ${part.tunnel}`;
    case 'record':
    case 'zone':
      return `${part.part} ${part.name}`;
    case 'provider-link':
    case 'binding':
      return `${part.part} ${part.application}`;
    case 'group-parent':
      return `${part.part} ${part.group}`;
    case 'outpost-entry':
      return `${part.part} ${part.outpost}`;
    case 'origin':
      return `${part.part} ${part.service} for ${part.hosts?.join() ?? 'any host'}`;
    case 'certificate-host':
      return `${part.part} ${part.authority} ${part.host}`;
    case 'purge':
      return `${part.part} ${part.host}`;
    case 'organization':
      return part.part;
    case 'worker-route':
      return `${part.part} ${part.zone} ${part.pattern}`;
    default:
      return `${part.part} ${part.id}`;
  }
}

/** The parts that are in one of two lists alone; all of both, where the others stand in another order. */
export function difference(before: readonly Part[], after: readonly Part[]): readonly Part[] {
  const [left, right] = [new Set(before.map(textOf)), new Set(after.map(textOf))];
  const stayed = before.filter((part) => right.has(textOf(part)));
  const staying = after.filter((part) => left.has(textOf(part)));
  const isMoved = staying.some((part, place) => textOf(part) !== textOf(stayed[place] ?? part));
  if (isMoved || stayed.length !== staying.length) return [...before, ...after];
  return [...before, ...after].filter((part) => !left.has(textOf(part)) || !right.has(textOf(part)));
}

const texts = new WeakMap<Part, string>();

function textOf(part: Part): string {
  const text = texts.get(part) ?? JSON.stringify(part);
  texts.set(part, text);
  return text;
}
