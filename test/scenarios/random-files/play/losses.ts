import type { Pass } from '../../stage/stage.ts';

/** Foreign objects, as `othersIn` names them, around another owner's run in the middle of ours. */
interface BesideOwner {
  readonly before: string;
  readonly after: string;
  /** After our run. */
  readonly now: string;
}

/** The foreign parts of documents that our runs write too. */
const shared = [
  { part: 'rules', document: 'tunnel', what: 'cloudflare/tunnel:' },
  { part: 'entries', document: 'outpost', what: 'authentik/outpost:' },
] as const;

/**
 * The foreign objects that have to be there after our run: those after the other owner's run, without what it wrote to a document at
 * which our run could take no turn (decision 19), if our run reports the loss.
 */
export function withoutReportedLosses({ before, after, now }: BesideOwner, { report }: Pass): string {
  const [earlier, later, found] = [before, after, now].map((text) => JSON.parse(text));
  const isLost = ({ part, document, what }: (typeof shared)[number]) =>
    JSON.stringify(found[part]) === JSON.stringify(earlier[part]) &&
    report?.plan?.warnings.some((text) => text.startsWith(`No turn could be taken at ${document} `)) ===
      true &&
    report.interferences.some((each) => each.severity === 'loss' && each.what.startsWith(what));
  const lost = shared.filter(isLost).map(({ part }) => [part, earlier[part]]);
  return JSON.stringify({ ...later, ...Object.fromEntries(lost) }, undefined, 1);
}
