import type { Plan, WatchedDifference, WatchedHost } from '../../core/change.ts';
import type { Paint } from '../screen/paint.ts';
import { paragraph } from '../screen/screen.ts';
import { fieldLines, type NamesById } from './change-lines.ts';

/** The title of the section about hosts that gates only watches. */
export const watchedTitle = 'Watched: gates reports and changes nothing';

/** The hosts that gates only watches, each with how it differs from the file. */
export function watchedLines(
  { watched = [] }: Plan,
  width: number,
  paint: Paint,
  names: NamesById,
): readonly string[] {
  if (watched.length === 0) return [];
  return [
    paint.strong(watchedTitle),
    ...watched.flatMap((each) =>
      watchedWords(each, names).flatMap(({ indent, text }) => paragraph(text, width, indent)),
    ),
  ];
}

/** A line of the section, and its indent with the sign. */
export interface WatchedLine {
  readonly indent: string;
  readonly text: string;
}

export function watchedWords(
  { service, host, differences }: WatchedHost,
  names: NamesById,
): readonly WatchedLine[] {
  const head = `services.${service}  ${host}`;
  if (differences.length === 0) return [{ indent: '  = ', text: `${head}: as the file says` }];
  return [
    { indent: '  ! ', text: head },
    ...differences.flatMap((difference) => [
      { indent: '      ', text: stateWords(difference) },
      ...fieldLines({ ...difference, verb: 'update' }, names).map(({ sign, text }) => ({
        indent: `        ${sign} `,
        text,
      })),
    ]),
  ];
}

function stateWords({ address: { kind, key }, state, reason }: WatchedDifference): string {
  const object = `${kind} ${key}`;
  if (state === 'missing') return `${object} does not exist`;
  if (state === 'differs') return `${object} differs`;
  if (state === 'extra') return `${object} is not in the file`;
  return `${object}: ${reason ?? 'not known'}`;
}
