import { type Admission, anyOf, nobody, unknown } from './admission/admission.ts';
import { unsatisfiable } from './admission/decision.ts';
import { admittedThrough, type LedBy } from './course.ts';
import { coursesIn } from './courses.ts';
import { Inquiry } from './inquiry.ts';
import { anywhere } from './layers/origin.ts';
import type { PartStore } from './state/part-store.ts';
import type { DoorRequest } from './state/snapshot.ts';

/** A way by which a request gets through to something that answers it. */
export interface Way {
  /**
   * The answering origin, by its rule or record and the host that it is asked for (`http://traefik.lan:80 for
   * app.example.dev`); `copies of HOST` for Cloudflare's cache; or `any origin` if nobody knows which.
   */
  readonly to: string;
  readonly by: LedBy;
  readonly admits: Admission;
}

/** Every way of a request, with its admission. A request that is refused whoever makes it has none. */
export function waysTo(store: PartStore, request: DoorRequest): readonly Way[] {
  return waysBy(new Inquiry(store), request);
}

/** The same by an inquiry, which afterwards knows what the answer depends on. */
export function waysBy(inquiry: Inquiry, request: DoorRequest): readonly Way[] {
  const courses = coursesIn(inquiry, request);
  if (inquiry.isUndecided) {
    const admits = unknown('too many choices', `${request.host}${request.path}`);
    return [{ to: anywhere, by: 'other', admits }];
  }
  const ways = courses.map((course) => ({
    ...{ to: course.to, by: course.by },
    admits: admittedThrough(course, 'Authentik'),
  }));
  return merged(ways).filter(({ admits }) => !unsatisfiable(admits));
}

/** Merges the ways to each answering origin by the same sort of lead. */
function merged(ways: readonly Way[]): readonly Way[] {
  const byOrigins = new Map<string, Way>();
  for (const way of ways) {
    const key = JSON.stringify([way.by, way.to]);
    byOrigins.set(key, { ...way, admits: anyOf(byOrigins.get(key)?.admits ?? nobody, way.admits) });
  }
  return [...byOrigins.values()];
}

/** Everything that answers on some ways, each once. */
export function answering(ways: readonly Way[]): readonly string[] {
  return [...new Set(ways.map(({ to }) => to))];
}
