import type { PathForm } from '../../config/model/path-form.ts';

/**
 * One path exception, `/a` (this path) or `/a/**` (this path and everything below it), in the form of each reader of
 * paths. They read differently: Access sees the path as the edge normalizes it, with an encoded slash left encoded;
 * cloudflared sees it decoded once; the origin may do anything.
 *
 * They agree on *plain* paths: no empty segment, no segment that ends in a dot or a space (which covers `.` and `..`,
 * and endings that some servers cut off), no backslash, no `;` parameter, no control character, and no percent sign
 * that double encoding leaves over. No other path reaches an exception.
 */
const segment = String.raw`[^/\\%;\x00-\x1f\x7f]*[^/\\%;. \x00-\x1f\x7f]`;

/**
 * The expression of paths that are not plain, the exact complement of `^(/segment)*(/)?$` among paths. Like all
 * expressions here it is in the syntax that Go's RE2 and JavaScript share; cloudflared searches for it anywhere in the
 * decoded path.
 */
export const ambiguousPath = String.raw`//|[\\%;\x00-\x1f\x7f]|[. ](/|$)`;

/** The expression of the files that the check of Cloudflare's cache asks for (reconcilers/edge/storing-check.ts). */
export const storingPath = String.raw`^/gates-cache/[0-9a-z-]+\.css$`;

/**
 * The expression of an exception's ingress rule, anchored here because cloudflared does not.
 *
 * An open exception matches only paths that are surely meant: the gate guards those that it misses. A guarded one
 * ignores case and matches a final slash too, because many servers answer those alike, and a missed path would pass the
 * gate.
 */
export function ingressPath({ form, prefix }: PathForm, guarded: boolean): string {
  const below = form === 'subtree' ? `(/${segment})*` : '';
  const finalSlash = form === 'subtree' || guarded ? '(/)?' : '';
  return `${guarded ? '(?i)' : ''}^${literally(prefix)}${below}${finalSlash}$`;
}

/**
 * The expression of the paths that the daemon's hooks listener accepts (src/daemon/hooks/hooks.ts), without capital
 * letters: pushes, calls of actions, and requests for the result of a call.
 */
export const hookPaths = '^/hooks/(git|actions/[a-z0-9-]+(/[0-9a-f-]+)?)$';

/** Text as an expression that matches it and nothing else. */
export function literally(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}

/** True if a decoded path belongs to the exception; the same as {@link ingressPath}, without expressions. */
export function matchesPath({ form, prefix }: PathForm, guarded: boolean, path: string): boolean {
  if (!isPlain(path)) return false;
  const [asked, own] = guarded ? [path.toLowerCase(), prefix.toLowerCase()] : [path, prefix];
  if (asked === own) return true;
  return form === 'subtree' ? asked.startsWith(`${own}/`) : guarded && asked === `${own}/`;
}

/** True if every reader reads a decoded path alike. */
export function isPlain(path: string): boolean {
  const segments = path.split('/').slice(1);
  return segments.every((part, index) => {
    if (part === '') return index === segments.length - 1;
    return !part.endsWith('.') && !part.endsWith(' ') && ![...part].some(isTreacherous);
  });
}

function isTreacherous(character: string): boolean {
  return '\\%;\x7f'.includes(character) || character < ' ';
}

/**
 * A request's path, as sent and without its query, decoded once as cloudflared does it; undefined if an escape is
 * broken, which cloudflared refuses. Bytes that are not text become U+FFFD.
 */
export function decodePath(raw: string): string | undefined {
  if (/%(?![0-9a-f]{2})/i.test(raw)) return undefined;
  const parts = raw.split(/((?:%[0-9a-f]{2})+)/i);
  return parts.map((part, index) => (index % 2 === 0 ? part : bytesOf(part).toString('utf8'))).join('');
}

function bytesOf(escapes: string): Buffer {
  return Buffer.from(escapes.replaceAll('%', ''), 'hex');
}

/**
 * Destinations of the Access application that guards or opens the exception. Access lets `h/a` cover the paths below
 * `/a` too, so the outer application of an exact exception also needs {@link destinationBelow}.
 */
export function accessDestinations(host: string, { form, prefix }: PathForm): readonly string[] {
  const path = `${host}${prefix}`;
  return form === 'exact' ? [path] : [path, `${path}/*`];
}

/** The destination below an exact exception, which belongs to the outer door. */
export function destinationBelow(host: string, { prefix }: PathForm): string {
  return `${host}${prefix}/*`;
}
