import type { Admission, Served } from '../admission.ts';
import { originUrls, type RandomFile, type Service } from '../file.ts';
import type { Files } from './allowances.ts';

/** The people of both files, whom the origins of a moving host must tell apart. */
export interface BothPeople {
  readonly before: Admission;
  readonly after: Admission;
}

/**
 * The hosts that lead to one origin by the file before and to another by the new one, with the people of each. A host
 * that waits may still lead to the origin of an earlier file.
 */
export function movedHosts(
  { before, file }: Files,
  people: BothPeople,
  waiting: ReadonlySet<string>,
): ReadonlyMap<string, readonly Served[]> {
  const doorsIn = ({ hosts }: Admission, host: string) => hosts.get(host) ?? new Map();
  return new Map(
    file.services.flatMap(({ host, origin }): readonly (readonly [string, readonly Served[]])[] => {
      const earlier = serviceAt(before, host)?.origin;
      if (earlier === undefined || earlier === origin || waiting.has(host)) return [];
      const served = [
        { by: originUrls[earlier], doors: doorsIn(people.before, host) },
        { by: originUrls[origin], doors: doorsIn(people.after, host) },
      ];
      return [[host, served]];
    }),
  );
}

function serviceAt({ services }: RandomFile, host: string): Service | undefined {
  return services.find((service) => service.host === host);
}
