import { makePaint } from '../report/screen/paint.ts';
import { hanging } from '../report/screen/screen.ts';
import { formatDifference } from '../report/screen/value.ts';
import type { ChangesSince, ExportedChange } from './changes-since.ts';
import { titleOfPath } from './exported-title.ts';

const signs: Readonly<Record<ExportedChange['change'], string>> = { added: '+', removed: '-', changed: '~' };

export interface ChangesTextOptions {
  readonly color: boolean;
  /** Columns of a line. */
  readonly width: number;
  /** Only the objects, without their fields. */
  readonly quiet: boolean;
}

/** The changes since an export: one line for each object, its fields below it, and the number of changes. */
export function formatChanges(
  { changes, notCompared }: ChangesSince,
  { color, width, quiet }: ChangesTextOptions,
): string {
  const paint = makePaint(color);
  const objects = changes.flatMap(({ kind, name, change, fields }) => [
    ...hanging(`${signs[change]} ${kind}${name === undefined ? '' : ` ${paint.strong(name)}`}`, width),
    ...(quiet ? [] : fields.flatMap((field) => formatDifference(field))).flatMap(({ sign, text }) =>
      hanging(`    ${sign} ${text}`, width),
    ),
  ]);
  const unknown = notCompared.flatMap(({ system, path }) =>
    hanging(paint.bad(`? ${titleOfPath(system, path)}: refused then or now, so not compared`), width),
  );
  return `${[...objects, ...unknown, ...(objects.length === 0 ? [] : ['']), summaryOf(changes)].join('\n')}\n`;
}

function summaryOf(changes: readonly ExportedChange[]): string {
  if (changes.length === 0) return 'Nothing has changed since the export.';
  const counted = (['added', 'changed', 'removed'] as const).flatMap((sort) => {
    const count = changes.filter(({ change }) => change === sort).length;
    return count === 0 ? [] : [`${count} ${sort}`];
  });
  return `Since the export: ${counted.join(', ')}.`;
}
