import type { PathForm } from '../config/path-form.ts';

/**
 * One path exception has to mean the same to everybody who looks at a path: the person who asks `gates why`,
 * Access at the edge, and the tunnel's connector. This module writes all of them from one form, `/a` (this path)
 * or `/a/**` (this path and all below it). Where systems may disagree (encoded slashes, dot segments), the
 * tunnel's expression is the narrow one: a request opens a door only when all of them say so.
 */

/** Whether a request's path, as it was sent and without its query, belongs to the exception. */
export function matchesPath({ form, prefix }: PathForm, path: string): boolean {
  if (path === prefix) return true;
  if (form === 'exact' || !path.startsWith(`${prefix}/`)) return false;
  return !decoded(path).split('/').some(isTraversal);
}

/** Of several exceptions the one a path belongs to: the longest, and an exact one before a subtree. */
export function exceptionFor<Exception extends PathForm>(
  exceptions: readonly Exception[],
  path: string,
): Exception | undefined {
  return exceptions
    .filter((exception) => matchesPath(exception, path))
    .sort(
      (left, right) => right.prefix.length - left.prefix.length || left.form.localeCompare(right.form),
    )[0];
}

/**
 * Destinations of the Access application that guards or opens the exception. Access lets `h/a` cover what is
 * below `/a` too, so an exact exception needs {@link destinationBelow} beside it, on the application around it.
 */
export function accessDestinations(host: string, { form, prefix }: PathForm): readonly string[] {
  const path = `${host}${prefix}`;
  return form === 'exact' ? [path] : [path, `${path}/*`];
}

/** What is below an exact exception and belongs to the door around it. */
export function destinationBelow(host: string, { prefix }: PathForm): string {
  return `${host}${prefix}/*`;
}

/**
 * The expression of the exception's ingress rule, in the syntax that Go's RE2 and JavaScript share. cloudflared
 * matches it unanchored on the decoded path [facts/edge.md], so it is anchored here; below a subtree no segment
 * may be `.` or `..` or hold a backslash, or `/public/../admin` would pass by the exception.
 */
export function ingressPath({ form, prefix }: PathForm): string {
  const literal = prefix.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  return form === 'exact' ? `^${literal}$` : `^${literal}(/${segment}?)*$`;
}

/** A path segment that is neither empty, nor `.`, nor `..`, and holds no backslash. */
const segment = String.raw`([^/.\\][^/\\]*|\.[^/.\\][^/\\]*|\.\.[^/\\]+)`;

function isTraversal(part: string): boolean {
  return part === '.' || part === '..' || part.includes('\\');
}

/** Decoded once, as a server would; what cannot be decoded stays as it is. */
function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}
