import type { Finding, Path } from '../mistakes/finding.ts';

/**
 * The findings that follow from no other. A finding follows from another if that one spoils its place, or is an error
 * at, above or below a place that it rests on. Nothing follows from a warning. If there are errors among the findings,
 * there are errors in the result, whatever they spoil.
 */
export function rootCauses(findings: readonly Finding[]): readonly Finding[] {
  const roots = withoutConsequences(findings);
  return roots.some(isError) ? roots : findings;
}

function isError({ severity }: Finding): boolean {
  return severity === 'error';
}

function withoutConsequences(findings: readonly Finding[]): readonly Finding[] {
  const tree = new Branch();
  const ranks = new Map(findings.map((finding, rank) => [finding, rank]));
  // If two findings spoil each other, the first stays.
  const outranks = (one: Finding, other: Finding) =>
    (ranks.get(one) ?? 0) < (ranks.get(other) ?? 0) &&
    (one.spoils ?? []).some((path) => isAlong(path, placeOf(other)));
  for (const finding of findings) {
    if (!isError(finding)) continue;
    tree.add(placeOf(finding), finding, 'wrong');
    for (const path of finding.spoils ?? []) tree.add(path, finding, 'spoiled');
  }
  return findings.filter((finding) => {
    const rests = finding.restsOn ?? [];
    const isSpoiled = tree.spoilersOf(placeOf(finding), finding).some((other) => !outranks(finding, other));
    return !isSpoiled && !rests.some((path) => tree.touches(path, finding));
  });
}

function isAlong(start: Path, path: Path): boolean {
  return start.every((key, index) => String(key) === String(path[index]));
}

function placeOf({ absent, path }: Finding): Path {
  return absent === undefined ? path : [...path, absent];
}

type Sort = 'wrong' | 'spoiled';

/** Findings by the keys that lead to them. Two of a sort suffice: one of them is not the finding that asks. */
class Branch {
  readonly #branches = new Map<string, Branch>();
  readonly #here: Record<Sort, Finding[]> = { wrong: [], spoiled: [] };
  readonly #within: Finding[] = [];

  add(path: Path, finding: Finding, sort: Sort): void {
    let branch: Branch = this;
    remember(branch.#within, finding);
    for (const key of path) {
      const next = branch.#branches.get(String(key)) ?? new Branch();
      branch.#branches.set(String(key), next);
      branch = next;
      remember(branch.#within, finding);
    }
    remember(branch.#here[sort], finding);
  }

  spoilersOf(path: Path, finding: Finding): readonly Finding[] {
    return this.#along(path)
      .flatMap((branch) => branch.#here.spoiled)
      .filter((other) => isAnother(other, finding));
  }

  touches(path: Path, finding: Finding): boolean {
    const branches = this.#along(path);
    const alongPath = branches.flatMap((branch) => [...branch.#here.wrong, ...branch.#here.spoiled]);
    const within = branches.slice(path.length).flatMap((branch) => branch.#within);
    return [...alongPath, ...within].some((other) => isAnother(other, finding));
  }

  /** The existing branches along the path: one more than its keys if all of them exist. */
  #along(path: Path): readonly Branch[] {
    const branches: Branch[] = [this];
    let branch: Branch = this;
    for (const key of path) {
      const next = branch.#branches.get(String(key));
      if (next === undefined) break;
      branches.push(next);
      branch = next;
    }
    return branches;
  }
}

/** Findings with one cause are one mistake, and do not follow from each other. */
function isAnother(other: Finding, finding: Finding): boolean {
  return other !== finding && (other.cause === undefined || other.cause !== finding.cause);
}

function remember(list: Finding[], finding: Finding): void {
  if (list.length < 2 && !list.includes(finding)) list.push(finding);
}
