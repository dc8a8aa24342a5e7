import { makePaint } from '../report/screen/paint.ts';
import { paragraph, table } from '../report/screen/screen.ts';
import type { DoorMapDocument, MappedDoor } from './door-map.ts';
import { groundNotes, groundWords, type WhyTextOptions } from './why-text.ts';

/** One row for each group of paths of a host: the paths, and the visitors whom they admit. */
export function formatDoorMap(
  document: DoorMapDocument,
  { color, width }: Pick<WhyTextOptions, 'color' | 'width'>,
): string {
  const paint = makePaint(color);
  const { host, visitor, doors } = document;
  const targets = new Set(doors.map(({ to }) => JSON.stringify(originsOf(to))));
  const rows = doors.map((door) => {
    const { paths, admits, to, method } = door;
    const where = targets.size > 1 && to.length > 0 ? paint.quiet(` → ${originsOf(to).join(', ')}`) : '';
    const methodText = method === undefined ? '' : `${method} `;
    const answer = visitor === 'anonymous' ? [] : [tintOf(door, paint)(door.verdict)];
    return [paint.strong(`${methodText}${paths.join(' ')}`), ...answer, `${admits.join(', ')}${where}`];
  });
  const visitorText = visitor === 'anonymous' ? '' : `, with what ${visitor} gets`;
  const head = `Who gets in at ${paint.strong(host)}, ${groundWords(document)}${visitorText}`;
  const hint = `One path, layer by layer: gates why https://${host}/`;
  const notes = groundNotes(document, width);
  return `${[...paragraph(head, width), '', ...table(rows, width), '', ...paragraph(paint.quiet(hint), width), ...notes].join('\n')}\n`;
}

function tintOf({ verdict }: MappedDoor, paint: ReturnType<typeof makePaint>): (text: string) => string {
  return { allow: paint.good, deny: paint.bad, login: paint.warn, unknown: paint.warn }[verdict];
}

/** The origins without the host, which is in the heading. */
function originsOf(to: readonly string[]): readonly string[] {
  return to.map((each) => each.replace(/ for .*$/, ''));
}
