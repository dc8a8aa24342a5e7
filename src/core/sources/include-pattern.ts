/** The most entries of `include`. */
export const MAX_PATTERNS = 100;
const MAX_LENGTH = 200;

/** The reason why a text cannot be an entry of `include`; undefined if it can. */
export function patternRefusal(pattern: string): { message: string; hint: string } | undefined {
  const segments = pattern.split('/');
  const name = segments.at(-1) ?? '';
  if (pattern.startsWith('/')) return refusal('is an absolute path', RELATIVE);
  if (segments.includes('..')) return refusal('leads out of the folder of gates.yaml', RELATIVE);
  if (/[\\\p{Cc}]/u.test(pattern) || pattern.length > MAX_LENGTH)
    return refusal('is not a path of a file', RELATIVE);
  if (segments.some((segment) => segment === '' || segment === '.'))
    return refusal('has an empty part or a `.`', RELATIVE);
  if (segments.slice(0, -1).some((segment) => segment.includes('*')) || name.split('*').length > 2)
    return refusal('has more than a `*` in its file name', 'write one `*`, as in services/*.yaml');
  if (/[?[\]{}!]/.test(pattern))
    return refusal('has a character that file names here cannot have', 'only `*` stands for other text');
  if (!/\.ya?ml$/.test(name)) return refusal('does not end in .yaml', 'name files that end in .yaml or .yml');
  return undefined;
}

const RELATIVE = 'write a path below the folder of gates.yaml, as in services/*.yaml';

function refusal(message: string, hint: string): { message: string; hint: string } {
  return { message, hint };
}

/** The folder of an entry of `include`, empty for that of gates.yaml, and its file name. */
export function splitPattern(pattern: string): { readonly folder: string; readonly name: string } {
  const slash = pattern.lastIndexOf('/');
  return { folder: pattern.slice(0, Math.max(slash, 0)), name: pattern.slice(slash + 1) };
}

/** True if the entry stands for every file name that matches. */
export function isGlob(pattern: string): boolean {
  return pattern.includes('*');
}

/** True if the entry of `include` names the file. `*` matches no name that begins with a dot. */
export function matchesPattern(pattern: string, file: string): boolean {
  if (!isGlob(pattern)) return pattern === file;
  const [wanted, given] = [splitPattern(pattern), splitPattern(file)];
  const [before = '', after = ''] = wanted.name.split('*');
  const isLong = given.name.length >= before.length + after.length;
  if (wanted.folder !== given.folder || !isLong) return false;
  if (before === '' && given.name.startsWith('.')) return false;
  return given.name.startsWith(before) && given.name.endsWith(after);
}
