import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { compared } from './agreement.ts';

/** A mistake in the text of one file: what stands there once, and what stands there instead. */
export interface PlantedMistake {
  readonly file: string;
  readonly from: string;
  readonly to: string;
}

const root = path.resolve(import.meta.dirname, '../../..');
const copies = path.join(root, '.planted');

/** Both sides and their comparison, in a copy with this mistake in it. */
export async function withMistake(
  { file, from, to }: PlantedMistake,
  number: number,
): Promise<typeof compared> {
  const copy = path.join(copies, `${process.pid}-${number}`);
  for (const folder of ['src/core', 'src/doors', 'src/sandbox', 'test/sandbox/doors']) {
    mkdirSync(path.dirname(path.join(copy, folder)), { recursive: true });
    cpSync(path.join(root, folder), path.join(copy, folder), { recursive: true });
  }
  const place = path.join(copy, file);
  const text = readFileSync(place, 'utf8');
  if (text.split(from).length !== 2) throw new Error(`${file} has this not once: ${from}`);
  writeFileSync(
    place,
    text.replace(from, () => to),
  );
  const planted = (await import(path.join(copy, 'test/sandbox/doors/agreement.ts'))) as {
    readonly compared: typeof compared;
  };
  return planted.compared;
}

export function removeCopies(): void {
  rmSync(copies, { recursive: true, force: true });
}
