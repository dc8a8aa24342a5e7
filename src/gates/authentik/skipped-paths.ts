import type { PathException, Service } from '../../config/model/config.ts';
import type { PathForm } from '../../config/model/path-form.ts';
import { isAccessGate } from '../../desired/terms/doors.ts';
import { ingressPath, literally } from '../../desired/terms/paths.ts';

/**
 * Lines of `skip_path_regex`: paths at which the outpost does not ask, because they are open or Access asks there. It
 * searches for them anywhere in the path, decoded once, as cloudflared does: the same expressions serve both.
 */
export function skippedPaths({ paths }: Service): readonly string[] {
  return paths.map((path) => ingressPath(path, isSkippedLoosely(path)));
}

/**
 * The lines for an outpost that serves a domain. It searches in the complete address, `https://host/a?b`, with the path
 * as sent. So each line names its host, and encoded characters are skipped only below a subtree, where no program can
 * read them differently.
 */
export function skippedAddresses({ host, paths }: Service): readonly string[] {
  return paths.map((path) => skippedAddress(host, path, isSkippedLoosely(path)));
}

/** The line of one path of a host. `loosely`: in every spelling. */
export function skippedAddress(host: string, path: PathForm, loosely: boolean): string {
  const address = `^https?://${literally(host)}(:[0-9]+)?${sentPath(path, loosely)}(\\?.*)?$`;
  return loosely ? `(?i)${address}` : address;
}

/** The host of such a line, and the expression for the path; undefined for another expression. */
export function skippedAt(line: string): { readonly host: string; readonly path: string } | undefined {
  const [, host, path] =
    /^(?:\(\?i\))?\^https\?:\/\/((?:[a-z0-9_-]|\\\.)+)\(:\[0-9\]\+\)\?(.*)$/.exec(line) ?? [];
  return host === undefined || path === undefined ? undefined : { host: host.replaceAll('\\.', '.'), path };
}

/** True if every spelling of the path is skipped, because Access guards it in all of them. */
function isSkippedLoosely({ gate }: PathException): boolean {
  return isAccessGate(gate);
}

/** An escape of a byte that is not a slash, backslash, percent sign, semicolon or control character. */
const anyEscape =
  '%([46][0-9A-Fa-f]|[89A-Fa-f][0-9A-Fa-f]|2[0-46-9A-Ea-e]|3[0-9ACDEFacdef]|5[0-9ABDEFabdef]|7[0-9A-Ea-e])';
/** Such an escape that is neither a dot nor a space. */
const lastEscape = anyEscape.replace('2[0-46-9A-Ea-e]', '2[1-46-9A-Da-d]');
const sentSegment = String.raw`([^/\\%;?# \x00-\x1f\x7f]|${anyEscape})*([^/\\%;?#. \x00-\x1f\x7f]|${lastEscape})`;

function sentPath({ form, prefix }: PathForm, loosely: boolean): string {
  const below = form === 'subtree' ? `(/${sentSegment})*` : '';
  return `${literally(prefix)}${below}${form === 'subtree' || loosely ? '(/)?' : ''}`;
}
