import type { AnyReconciler } from '../../core/reconciler.ts';
import { makePaint, type Paint } from '../screen/paint.ts';
import { paragraph, table } from '../screen/screen.ts';
import type { Orphan, OrphansDocument, OwnerOrphans } from './orphans.ts';

export interface OrphansTextOptions {
  readonly color: boolean;
  /** Columns of a line. */
  readonly width: number;
  /** Only the summary. */
  readonly quiet: boolean;
  readonly kinds: readonly Pick<AnyReconciler, 'kind' | 'title'>[];
}

/** The orphans of each owner as a table: the object, then its age and what the next run does. */
export function formatOrphans(document: OrphansDocument, options: OrphansTextOptions): string {
  const paint = makePaint(options.color);
  const { owners, unknown } = document;
  const sections = options.quiet ? [] : owners.flatMap((owner) => ownerLines(owner, options, paint));
  const unread = unknown.flatMap(({ kind, account, reason }) =>
    paragraph(
      `${account === undefined ? '' : `account ${account}: `}${kind} could not be read, and may have more: ${reason}`,
      options.width,
      `${paint.warn('!')} `,
    ),
  );
  const end = paragraph(summary(document), options.width);
  return `${[...sections, ...unread, ...(unread.length > 0 ? [''] : []), ...end].join('\n')}\n`;
}

function ownerLines(
  { owner, file, account, objects }: OwnerOrphans,
  { kinds, width }: OrphansTextOptions,
  paint: Paint,
): readonly string[] {
  const titles = new Map<string, string>(kinds.map(({ kind, title }) => [kind, title]));
  const rows = objects.map((orphan) => [
    `${titles.get(orphan.kind) ?? orphan.kind} ${orphan.key}`,
    [...ageWords(orphan), ...nextWords(orphan)].join('; '),
  ]);
  const inAccount = account === undefined ? '' : `, account ${account}`;
  const whose = file === undefined ? 'no file of this owner was given' : `${file}${inAccount}`;
  return [`${paint.strong(owner)}  ${paint.quiet(whose)}`, ...table(rows, width), ''];
}

function ageWords({ createdAt }: Orphan): readonly string[] {
  return createdAt === undefined ? [] : [`since ${createdAt.slice(0, 10)}`];
}

function nextWords({ next, reason }: Orphan): readonly string[] {
  if (next === undefined) return [];
  if (next === 'removed') return ['to be removed'];
  const words = next === 'refused' ? 'not removed' : 'kept';
  return [reason === undefined ? words : `${words}: ${reason}`];
}

function summary({ owners }: OrphansDocument): string {
  const count = owners.reduce((sum, { objects }) => sum + objects.length, 0);
  if (count === 0) return 'No orphans: a file names every object with a mark.';
  const nouns = count === 1 ? '1 object' : `${count} objects`;
  const whose = owners.length === 1 ? '1 owner' : `${owners.length} owners`;
  return `${nouns} of ${whose} that no given file names.`;
}
