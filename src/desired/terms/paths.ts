import type { PathForm } from '../../config/model/path-form.ts';

/**
 * One path exception, `/a` (this path) or `/a/**` (this path and all below it), as each of those who look at a
 * path is told of it. They do not read the same: Access sees the path as the edge normalises it, with an encoded
 * slash left encoded; cloudflared sees it decoded once; the origin makes of it what it likes.
 *
 * They agree on *plain* paths: no empty segment, no segment that ends in a dot or a space (which covers `.` and
 * `..`, and what some servers cut off), no backslash, no `;` parameter, no control character, and no percent
 * sign that double encoding leaves over. No other path comes to an exception.
 */
const segment = String.raw`[^/\\%;\x00-\x1f\x7f]*[^/\\%;. \x00-\x1f\x7f]`;

/**
 * The expression of what is not plain, the exact complement of `^(/segment)*(/)?$` among paths. Like all
 * expressions here it is in the syntax that Go's RE2 and JavaScript share; cloudflared looks for it anywhere in
 * the decoded path.
 */
export const ambiguousPath = String.raw`//|[\\%;\x00-\x1f\x7f]|[. ](/|$)`;

/** The expression of the files that the check of Cloudflare's cache asks for (reconcilers/edge/storing-check.ts). */
export const storingPath = String.raw`^/gates-cache/[0-9a-z-]+\.css$`;

/**
 * The expression of an exception's ingress rule, anchored here because cloudflared does not.
 *
 * An open exception matches what is surely meant and nothing else: what it misses is guarded. A guarded one
 * matches in any case and with a final slash too, since many servers answer those alike, and what it missed
 * would pass by its gate.
 */
export function ingressPath({ form, prefix }: PathForm, guarded: boolean): string {
  const below = form === 'subtree' ? `(/${segment})*` : '';
  const finalSlash = form === 'subtree' || guarded ? '(/)?' : '';
  return `${guarded ? '(?i)' : ''}^${literally(prefix)}${below}${finalSlash}$`;
}

/**
 * The expression of what the hooks listener of the daemon takes (src/daemon/hooks/hooks.ts), without capital letters: pushes,
 * calls of actions, and questions what became of a call.
 */
export const hookPaths = '^/hooks/(git|actions/[a-z0-9-]+(/[0-9a-f-]+)?)$';

/** Text as an expression that matches it and nothing else. */
export function literally(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}

/** Whether a decoded path belongs to the exception; the same as {@link ingressPath}, said without expressions. */
export function matchesPath({ form, prefix }: PathForm, guarded: boolean, path: string): boolean {
  if (!isPlain(path)) return false;
  const [asked, own] = guarded ? [path.toLowerCase(), prefix.toLowerCase()] : [path, prefix];
  if (asked === own) return true;
  return form === 'subtree' ? asked.startsWith(`${own}/`) : guarded && asked === `${own}/`;
}

/** Whether everybody reads a decoded path alike. */
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
 * A request's path, as it was sent and without its query, decoded once as cloudflared does it; undefined where
 * an escape is broken, which cloudflared refuses. Bytes that are no text become U+FFFD.
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
 * Destinations of the Access application that guards or opens the exception. Access lets `h/a` cover what is
 * below `/a` too, so an exact exception needs {@link destinationBelow} beside it, on the application around it.
 */
export function accessDestinations(host: string, { form, prefix }: PathForm): readonly string[] {
  const path = `${host}${prefix}`;
  return form === 'exact' ? [path] : [path, `${path}/*`];
}

/** The destination below an exact exception, which belongs to the door around it. */
export function destinationBelow(host: string, { prefix }: PathForm): string {
  return `${host}${prefix}/*`;
}
