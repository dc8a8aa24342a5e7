import type { Pseudonyms } from './pseudonyms.ts';
import { publicWords } from './public-words.ts';
import type { Remains } from './remains.ts';

/** An address or a range, roughly; what looks like one and is none is replaced word by word. */
const ADDRESS = String.raw`(?:\d+\.\d+\.\d+\.\d+|(?<![\w:])[0-9a-f]{0,4}:[0-9a-f:]*:[0-9a-f:.]*)(?:\/\d{1,3}(?!\w))?`;

/** The parts of a text, in the order in which they are tried; punctuation between them stays. */
const parts = new RegExp(
  [
    String.raw`(?<time>\d{4}-\d\d-\d\d(?:T[\d:.]+(?:Z|[+-]\d\d:?\d\d)?)?)`,
    `(?<id>[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{32,}|(?:[0-9a-f]{2}:){9,}[0-9a-f]{2})`,
    // A variable of an endpoint; a range of characters in a regular expression.
    String.raw`(?<syntax>\{var\d+\}|\[\^?(?:[a-z0-9]-[a-z0-9]|\\.|[^a-z0-9\]])+\])`,
    `(?<address>${ADDRESS})`,
    String.raw`(?<duration>(?<![\p{L}\p{N}])(?:\d+(?:ms|[smhdw]))+(?![\p{L}\p{N}]))`,
    String.raw`(?<word>[\p{L}\p{N}]+)`,
  ].join('|'),
  'giu',
);

/** Texts in quotes and comments, in the languages of both systems. */
const quoted = /(?<index>\[\s*)?(?<text>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')|(?<comment>#[^\n]*)/g;

const quotedOrAddress = new RegExp(`"[^"]*"|'[^']*'|${ADDRESS}`, 'gi');

/** The most digits of a number that is a port, an order or a status, and no name. */
const longestNumber = 5;

/** Replaces every word and address of a text, except public ones. */
export function anonymousText(text: string, pseudonyms: Pseudonyms, remains: Remains): string {
  return text.replace(parts, (found, ...rest) => {
    const groups = rest.at(-1) as Readonly<Record<string, string | undefined>>;
    if (groups.time !== undefined) return remains.keep('times', found);
    if (groups.id !== undefined) return remains.keep('ids', found);
    if (groups.syntax !== undefined || groups.duration !== undefined) return found;
    const offset = Number(rest.at(-3));
    const around = (start: number, word: string) => ({
      before: text.slice(0, start).slice(-1),
      after: text.slice(start + word.length),
    });
    if (groups.word !== undefined) return wordOf(found, around(offset, found), pseudonyms, remains);
    return (
      pseudonyms.address(found) ??
      found.replace(/[\p{L}\p{N}]+/gu, (word, at) =>
        wordOf(word, around(offset + at, word), pseudonyms, remains),
      )
    );
  });
}

/** Replaces what code has in quotes and in comments, and addresses. The names of its fields and headers stay. */
export function anonymousCode(code: string, pseudonyms: Pseudonyms, remains: Remains): string {
  remains.keep('code', code);
  const inTexts = code.replace(quoted, (found, ...rest) => {
    const { index, text, comment } = rest.at(-1) as Readonly<Record<string, string | undefined>>;
    // The names of headers stay, and so do countries.
    if (index !== undefined || /^"[A-Z]{2}"$/.test(found)) return found;
    return anonymousText(text ?? comment ?? '', pseudonyms, remains);
  });
  // Quoted addresses are replaced already; a second replacement would give them another number.
  return inTexts.replace(quotedOrAddress, (found) =>
    /^["']/.test(found) ? found : (pseudonyms.address(found) ?? found),
  );
}

/** The characters around a word. */
interface Surroundings {
  readonly before: string;
  readonly after: string;
}

function wordOf(word: string, place: Surroundings, pseudonyms: Pseudonyms, remains: Remains): string {
  if (word.length === 1 || (/^\d+$/.test(word) && word.length <= longestNumber)) return word;
  if (word.length === 2 && (/\d/.test(word) || isTopLevel(place))) return word;
  return publicWords.has(word.toLowerCase()) ? remains.keep('words', word) : pseudonyms.word(word);
}

/** True at the end of a host: the `de` of `example.de`. */
function isTopLevel({ before, after }: Surroundings): boolean {
  return before === '.' && /^\.?(?![\w@.-])/.test(after);
}
