/**
 * A rule's `path` as a regular expression, or null when cloudflared could not compile it. cloudflared uses Go's
 * RE2: look-around and back-references do not exist there, and flags stand as `(?i)` in front. JavaScript's own
 * expressions stand in for the rest, so a pattern may be taken here that RE2 refuses in a corner.
 */
export function pathPattern(path: string): RegExp | null {
  if (/\(\?(?:[=!]|<[=!])/.test(path) || /(?<!\\)(?:\\\\)*\\[1-9]/.test(path)) return null;
  const flags = /^\(\?([ims]+)\)/.exec(path);
  const source = (flags === null ? path : path.slice(flags[0].length)).replaceAll('(?P<', '(?<');
  try {
    return new RegExp(source, flags?.[1] ?? '');
  } catch {
    return null;
  }
}
