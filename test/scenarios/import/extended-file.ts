import fc from 'fast-check';
import { expect } from 'vitest';
import { leansOnOrigin, type RandomFile } from '../random-files/file.ts';
import { textOf } from '../random-files/file-text.ts';
import { homeWithoutMarks, leftAfterAdopt } from './applied-file.ts';
import { importedInto } from './imported.ts';
import { unlikeDoors } from './same-doors.ts';

/** The entries that a file loses, by their place among those that it can lose, and the way in which its lines end. */
export interface Loss {
  readonly isLost: readonly boolean[];
  readonly lineBreak: '\n' | '\r\n';
  readonly isOpen: boolean;
}

export const loss: fc.Arbitrary<Loss> = fc.record({
  isLost: fc.array(fc.boolean(), { minLength: 30, maxLength: 30 }),
  lineBreak: fc.constantFrom('\n' as const, '\r\n' as const),
  isOpen: fc.boolean(),
});

/**
 * Applies a file, takes some of its entries out of the text, and imports into that text. It admits the same people and
 * machines again, its lines are still there in their order, a second import adds nothing, and it can be adopted, as the
 * complete file can.
 */
export async function extendedAfterLoss(file: RandomFile, lost: Loss): Promise<void> {
  const complete = textOf(file);
  const asking = file.services.filter(leansOnOrigin).map(({ host }) => host);
  const home = await homeWithoutMarks(complete, asking);
  const text = withLoss(complete, lost);
  const imported = await importedInto(text, home);
  expect(imported.draft.leftovers, text).toEqual([]);
  expect(unlikeDoors(complete, imported.text), imported.text).toEqual([]);
  expect(missingLines(text, imported.text), imported.text).toEqual([]);
  expect((await importedInto(imported.text, home)).text).toBe(imported.text);
  const start = home.sandbox.snapshot();
  expect(await leftAfterAdopt({ ...home, text: complete }), complete).toEqual([]);
  home.sandbox.restore(start);
  expect(await leftAfterAdopt({ ...home, text: imported.text }), imported.text).toEqual([]);
}

/** The text without some of its services, lone clients and records, with comments of a person between the others. */
function withLoss(text: string, { isLost, lineBreak, isOpen }: Loss): string {
  let place = 0;
  const lines = text
    .trimEnd()
    .split('\n')
    .flatMap((line) => {
      if (
        !/^ {2}(?!auth:)[\w-]+: \{ (?:host|grantTypes|redirectUris: \["https:\/\/portal)|^ {4}- /.test(line)
      )
        return [line];
      place += 1;
      if (isLost[place - 1]) return [];
      return [`${' '.repeat(line.search(/\S/))}# mine: ${place}`, line];
    });
  const kept = lines.filter((line, index) => {
    const below = lines[index + 1] ?? '';
    return !(/^clients:$|^ {2}example\.dev:$/.test(line) && !below.startsWith('  '));
  });
  const whole = kept.filter((line, index) => line !== 'dns:' || kept[index + 1]?.startsWith('  '));
  return `${whole.join(lineBreak)}${isOpen ? '' : lineBreak}`;
}

/** The lines that are no longer there, or in another order. A map on one line may have got entries. */
function missingLines(before: string, after: string): readonly string[] {
  const left = after.split('\n');
  return before.split('\n').filter((line) => {
    const found = left.findIndex((each) => each.trimEnd() === line.trimEnd() || isExtended(line, each));
    if (found === -1) return true;
    left.splice(0, found + 1);
    return false;
  });
}

function isExtended(line: string, other: string): boolean {
  const [start = ''] = /^.*[^\s}](?=[\s}]*$)/.exec(line.trimEnd()) ?? [];
  return line.trimEnd().endsWith('}') && other.startsWith(start);
}
