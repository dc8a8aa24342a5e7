/** A commit as people read it: `1a2b3c4d "Open grafana" by Ada`. */
export function revisionText(revision: {
  readonly revision: string;
  readonly subject?: string;
  readonly author?: string;
}): string {
  const subject = revision.subject === undefined ? '' : ` "${revision.subject}"`;
  const author = revision.author === undefined ? '' : ` by ${revision.author}`;
  return `${shortRevision(revision.revision)}${subject}${author}`;
}

/** The first eight characters of a commit. */
export function shortRevision(revision: string): string {
  return revision.slice(0, 8);
}

/** `1 problem`, `2 problems` */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
