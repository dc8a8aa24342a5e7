import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { SHARED } from '../lab/sandbox/schema-document.ts';

/** Idioms of earlier versions that confused readers, each with its replacement. */
const idioms: readonly (readonly [idiom: RegExp, instead: string])[] = [
  [/nobody ever gets through whom the file does not admit/, 'never lets in anyone the file does not admit'],
  [/is not applied whole/, 'was applied, except for …'],
  [/(?:was|is|are) (?:not )?seen to work/, 'could not confirm that …; works'],
  [/waits? under cover/, 'hidden: so far, only gates’ own probe can reach it'],
  [/what must not be reached is answered by an error/, 'hide the host until its gate has been checked'],
  [/what lets more people in, and what no longer serves/, 'remove covers and old gates'],
  [/\d stays? as (?:it is|they are)/, '24 unchanged'],
  [/it cannot be said/, '1 = error'],
  [/who types http/, 'visitors who type http://'],
  [/\d not looked at/, 'skipped'],
  [/does not take the token/, 'rejected the token'],
  [/what (?:leans|leaned) on/, 'what depends on'],
  [/\blets? (?:strangers |nobody )?by\b/, 'admits'],
  [/asks nobody who he is/, 'no authentication'],
  [/\bputs? in force|stands? in force/, 'applies; applied'],
  [/Nobody is there to/, 'There is no terminal to …'],
  [/is a mistake in gates/, 'Bug in gates: … Please report it'],
];

const read = (file: string) => readFileSync(file, 'utf8');
const filesIn = (folder: string, recursive: boolean, name: RegExp) =>
  readdirSync(folder, { recursive, encoding: 'utf8' }).flatMap((file) =>
    name.test(file) ? [`${folder}/${file}`] : [],
  );

/** Pages for users, without decisions and reliability, which describe the past to people who change the code. */
const pages = ['README.md', 'SECURITY.md', ...filesIn('docs', false, /\.(?:md|yaml)$/)].filter(
  (page) => page !== 'docs/reliability.md',
);
const sources = ['src', 'reconcilers'].flatMap((folder) => filesIn(folder, true, /\.tsx?$/));
/** Sources that contain printed texts, without comments. The sandbox has its own texts. */
const printed = sources
  .filter((file) => !file.startsWith('src/lab/sandbox'))
  .map((file) => [file, read(file).replace(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, '')] as const);
const texts: readonly (readonly [place: string, text: string])[] = [
  ...pages.map((page) => [page, read(page)] as const),
  ['schema/gates.schema.json', read('schema/gates.schema.json')],
  ...printed,
];

/** Fragments of the old sentences in the second table of words.md, without names, numbers and short fragments. */
function oldSentences(table: string): readonly string[] {
  const rows = table.slice(table.indexOf('| where | now |')).split('\n').slice(2);
  const quoted = rows.flatMap((row) => row.split(' | ')[1]?.match(/"[^"]+"/g) ?? []);
  return quoted
    .flatMap((text) => text.slice(1, -1).split(/…|\d\w*/))
    .map((part) => part.replace(/^[\s.,;]+|[\s.,;]+$/g, ''))
    .filter((part) => part.length > 24);
}

describe('plain words', () => {
  it('are checked on the pages and in printed texts', () => {
    expect(pages.length).toBeGreaterThan(30);
    expect(printed.length).toBeGreaterThan(200);
    expect(printed.some(([, text]) => text.includes('Could not confirm that the gate works'))).toBe(true);
  });

  it('have replaced every sentence of the "now" column of words.md', (context) => {
    const table = path.join(SHARED, 'words.md');
    if (!existsSync(table))
      context.skip(`words.md is not in ${SHARED}: set GATES_SHARED to the folder that has it`);
    const old = oldSentences(read(table));
    expect(old.length).toBeGreaterThan(15);
    const places = [...texts, ...sources.map((file) => [file, read(file)] as const)];
    const found = places.flatMap(([place, text]) => {
      const plain = text.replace(/\s+(?:\/\/|\*)?\s*/g, ' ');
      return old.filter((sentence) => plain.includes(sentence)).map((sentence) => `${place}: ${sentence}`);
    });
    expect(found).toEqual([]);
  });

  it.each(idioms)('replace %s: %s', (idiom) => {
    const found = texts.flatMap(([place, text]) => (idiom.test(text) ? [place] : []));
    expect(found).toEqual([]);
  });
});
