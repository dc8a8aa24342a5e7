import { type Admission, anyOf, nobody, unknown } from './admission/admission.ts';
import { unsatisfiable } from './admission/decision.ts';
import { admittedThrough, coursesIn } from './courses.ts';
import { Inquiry } from './inquiry.ts';
import { anywhere } from './layers/origin.ts';
import type { PartStore } from './state/part-store.ts';
import type { DoorRequest } from './state/snapshot.ts';

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
export function waysTo(store: PartStore, request: DoorRequest): readonly Way[] {
  return waysBy(new Inquiry(store), request);
}

/** The same by an inquiry, which knows afterwards what the answer depends on. */
export function waysBy(inquiry: Inquiry, request: DoorRequest): readonly Way[] {
  const courses = coursesIn(inquiry, request);
  if (inquiry.isUndecided) {
    return [{ to: anywhere, admits: unknown('too many choices', `${request.host}${request.path}`) }];
  }
  const ways = courses.map((course) => ({ to: course.to, admits: admittedThrough(course, 'Authentik') }));
  return merged(ways).filter(({ admits }) => !unsatisfiable(admits));
}

/** One way for each thing that answers. */
function merged(ways: readonly Way[]): readonly Way[] {
  const admissions = new Map<string, Admission>();
  for (const { to, admits } of ways) admissions.set(to, anyOf(admissions.get(to) ?? nobody, admits));
  return [...admissions].map(([to, admits]) => ({ to, admits }));
}
