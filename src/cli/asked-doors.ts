import { admittedTexts, type FileDoor, fileDoors } from '../config/file-doors.ts';
import { parseConfig } from '../config/parse-config.ts';
import type { AskedDoor } from '../report/doors-text.ts';

/** Addresses that a line names; of more, it says how many. */
const MOST_ADDRESSES = 3;

/** Paths that a line names, each with whom it admits. */
const MOST_PATHS = 2;

/** The people who get into each host of a file, in words; nothing for a file with mistakes. */
export function askedDoors(text: Uint8Array): readonly AskedDoor[] {
  const read = parseConfig(text);
  if (!read.ok) return [];
  const doors = fileDoors(read.parsed.config);
  return doors
    .filter(({ path }) => path === undefined)
    .map((door) => ({
      host: door.host,
      isOpen: door.isOpen,
      text: [
        door.isOpen ? whoOf(door) : `${whoOf(door)} (${door.gate.name.replace('Cloudflare ', '')})`,
        ...pathTexts(doors.filter(({ host, path }) => host === door.host && path !== undefined)),
      ].join(', '),
    }));
}

function pathTexts(inside: readonly FileDoor[]): readonly string[] {
  return inside.length > MOST_PATHS
    ? [`others at ${inside.length} paths`]
    : inside.map((door) => `${whoOf(door)} at ${door.path}`);
}

function whoOf({ admits }: FileDoor): string {
  const people = admits.filter(({ sort }) => sort === 'person').flatMap(({ names }) => names);
  return admittedTexts(admits, { addresses: people.length <= MOST_ADDRESSES }).join(', ');
}
