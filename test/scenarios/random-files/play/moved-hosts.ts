import { type Admission, type Served, union } from '../admission.ts';
import type { RandomFile } from '../file.ts';
import { originUrls } from '../file-text.ts';

/** A file, and the people whom its origins may admit. */
export interface Asking {
  readonly file: RandomFile;
  readonly people: Admission;
}

/**
 * The hosts that the files lead to several origins, with the people of each. A host that waits may still lead to the origin
 * of an earlier file.
 */
export function movedHosts(
  files: readonly Asking[],
  waiting: ReadonlySet<string>,
): ReadonlyMap<string, readonly Served[]> {
  const found = new Map<string, Map<string, Admission>>();
  for (const { file, people } of files) {
    for (const { host, origin } of file.services) {
      const origins = found.get(host) ?? new Map<string, Admission>();
      const url = originUrls[origin];
      const others = origins.get(url);
      origins.set(url, others === undefined ? people : union(others, people));
      found.set(host, origins);
    }
  }
  return new Map(
    [...found]
      .filter(([host, origins]) => origins.size > 1 && !waiting.has(host))
      .map(([host, origins]) => [
        host,
        [...origins].map(([by, { hosts }]) => ({ by, doors: hosts.get(host) ?? new Map() })),
      ]),
  );
}
