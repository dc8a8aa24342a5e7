import { type ProtectedEntry, protectedEntries } from './protection.ts';

/**
 * The marks of owners on live objects. Two owners can share a zone: an object belongs to the owner that its mark names,
 * or to nobody if it has none.
 */

const commentMarker = /^gates:([a-z][a-z0-9-]{0,15})(?: (.*))?$/s;
const nameMarker = /^gates:([a-z][a-z0-9-]{0,15})\/(.+)$/s;
const tagMarker = /^gates-([a-z][a-z0-9-]{0,15})$/;

/** The parts of a marked comment. */
interface MarkedComment {
  readonly owner: string | undefined;
  /** The user's own part. */
  readonly comment: string;
  readonly protect: ProtectedEntry | undefined;
}

/**
 * `gates:<owner>` + space + the user's comment: the comment of a DNS record. A protected object has `[protected record]`
 * between them, which older versions read as the beginning of the user's comment.
 */
export function markComment(owner: string, comment: string, protect?: ProtectedEntry): string {
  const parts = [`gates:${owner}`, ...(protect === undefined ? [] : [`[protected ${protect}]`]), comment];
  return parts.filter((part) => part !== '').join(' ');
}

/** Owner, protection, and the user's own part of a comment. */
export function readComment(comment: string): MarkedComment {
  const match = commentMarker.exec(comment);
  if (match === null) return { owner: undefined, comment, protect: undefined };
  const [, owner, text = ''] = match;
  const protect = protectedEntries.find((entry) => text.startsWith(`[protected ${entry}]`));
  const rest = protect === undefined ? text : text.slice(`[protected ${protect}]`.length).trimStart();
  return { owner, comment: rest, protect };
}

/** `gates:<owner>/<key>`: the name of a policy or a service token. */
export function markName(owner: string, key: string): string {
  return `gates:${owner}/${key}`;
}

/** Owner and key of a marked name; a name without a marker is its own key. */
export function readName(name: string): { owner: string | undefined; key: string } {
  const match = nameMarker.exec(name);
  return match === null ? { owner: undefined, key: name } : { owner: match[1], key: match[2] ?? '' };
}

/** `gates-<owner>`: the Access tag on an application, and the Host header of a closing ingress rule. */
export function markTag(owner: string): string {
  return `gates-${owner}`;
}

export function readTag(tag: string): string | undefined {
  return tagMarker.exec(tag)?.[1];
}
