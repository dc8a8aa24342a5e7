import { type Admission, allOf, anyOf, nobody, unknown } from './admission.ts';
import { admittedThrough, coursesIn } from './courses.ts';
import { unsatisfiable } from './decision.ts';
import { anywhere } from './origin.ts';
import type { PartStore } from './part-store.ts';
import type { DoorRequest } from './snapshot.ts';
import { inEachCase, type Witness } from './view.ts';

/** A way by which a request gets through to something that answers it. */
export interface Way {
  /**
   * What answers: the origin as its rule or record names it, and the host that it is asked for
   * (`http://traefik.lan:80 for app.example.dev`); `copies of HOST`, for Cloudflare's cache; or `any origin`, where nobody
   * knows which.
   */
  readonly to: string;
  readonly admits: Admission;
}

/** Every way of a request, with whom each admits. A request that is refused whoever makes it has none. */
export function waysTo(store: PartStore, request: DoorRequest, witness?: Witness): readonly Way[] {
  const cases = inEachCase(store, (view) => coursesIn(view, request), witness);
  if (cases === undefined) {
    return [{ to: anywhere, admits: unknown('too many choices', `${request.host}${request.path}`) }];
  }
  const ways = cases.flatMap(({ when, item }) =>
    item.map((course) => ({ to: course.to, admits: allOf(when, admittedThrough(course, 'Authentik')) })),
  );
  return merged(ways).filter(({ admits }) => !unsatisfiable(admits));
}

/** One way for each thing that answers. */
function merged(ways: readonly Way[]): readonly Way[] {
  const admissions = new Map<string, Admission>();
  for (const { to, admits } of ways) admissions.set(to, anyOf(admissions.get(to) ?? nobody, admits));
  return [...admissions].map(([to, admits]) => ({ to, admits }));
}
