import type { FileDoor } from '../../src/config/model/file-door.ts';
import { parseConfig } from '../../src/config/parse-config.ts';
import { fileDoors } from '../../src/gates/file-doors.ts';

/** The doors of a valid file. */
export function doorsIn(file: string): readonly FileDoor[] {
  const read = parseConfig(file);
  if (!read.ok) throw new Error(JSON.stringify(read.mistakes));
  return fileDoors(read.parsed.config);
}
