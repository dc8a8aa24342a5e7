import type { PathForm } from '../../config/model/path-form.ts';
import { ingressPath } from '../../desired/terms/paths.ts';
import { skippedAddress, skippedAt } from '../../gates/authentik/skipped-paths.ts';
import { Inexpressible } from '../terms/inexpressible.ts';

/** A path as the file has it, and the expression with which Authentik's outpost does not ask there. */
interface Candidate {
  readonly path: string;
  /** The path in every spelling: Access guards it there, so it is not open. */
  readonly guarded: boolean;
  readonly line: string;
}

/** A path at which Authentik's outpost does not ask. `guarded`: Access asks there. */
export type SkippedPath = Pick<Candidate, 'path' | 'guarded'>;

/**
 * The paths of a host at which the provider of this host does not ask, as the file has them.
 * @throws Inexpressible for an expression that is not that of a path.
 */
export function unaskedPaths(skipPathRegex: string): readonly SkippedPath[] {
  return linesOf(skipPathRegex).flatMap((line) => {
    const found = candidates(prefixIn(line), ingressPath).find((each) => each.line === line);
    if (found === undefined)
      throw new Inexpressible(`Authentik does not ask at paths like ${line}, which is no path of the file`);
    return [found];
  });
}

/**
 * The paths of a host at which the provider of its domain does not ask. Its expressions are about addresses of all hosts of
 * the domain.
 * @throws Inexpressible for an expression that is not that of a path of one host.
 */
export function unaskedPathsOfDomain(skipPathRegex: string, host: string): readonly SkippedPath[] {
  return linesOf(skipPathRegex).flatMap((line) => {
    const { host: named = '', path = '' } = skippedAt(line) ?? {};
    const address = (form: PathForm, loosely: boolean) => skippedAddress(named, form, loosely);
    const found = candidates(prefixIn(`^${path}`), address).find((each) => each.line === line);
    if (found === undefined)
      throw new Inexpressible(
        `Authentik's login of the domain does not ask at ${line}, which is no path of a host`,
      );
    return named === host ? [found] : [];
  });
}

function linesOf(skipPathRegex: string): readonly string[] {
  return skipPathRegex.split('\n').filter((line) => line !== '');
}

/** The literal text at the front of an expression. */
function prefixIn(line: string): string {
  const literal = /^(?:\(\?i\))?\^((?:[^\\()[\]{}$?*+|.^]|\\.)*)/.exec(line)?.[1] ?? '';
  return literal.replace(/\\(.)/g, '$1');
}

function candidates(
  prefix: string,
  lineOf: (form: PathForm, guarded: boolean) => string,
): readonly Candidate[] {
  return (['exact', 'subtree'] as const).flatMap((form) =>
    [false, true].map((guarded) => ({
      path: form === 'exact' ? prefix : `${prefix}/**`,
      guarded,
      line: lineOf({ form, prefix }, guarded),
    })),
  );
}
