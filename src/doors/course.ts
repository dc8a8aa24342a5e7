import { type Admission, allOf, anyOf, everybody, nobody } from './admission/admission.ts';
import type { Layer } from './state/view.ts';

/**
 * What leads to an answer: a tunnel's rule for the host itself, a name that leads to no tunnel, or another thing such as a rule for a
 * domain. `rule`: the origin to which such a rule leads, as in `Way.to`: Authentik, for an application behind its outpost.
 */
export type LedBy = { readonly rule: string } | 'name' | 'other';

/**
 * One course of a request to something that answers it, with the visitors whom each layer lets past. A layer outside
 * the course lets everybody past.
 */
export interface Course {
  /** See `Way.to`. Empty: the course ends before anything answers. */
  readonly to: string;
  readonly by: LedBy;
  readonly name: Admission;
  readonly rules: Admission;
  /** The ways past Access, each with the visitors whom Worker and tunnel let past: both check the JWT that Access adds. */
  readonly passages: readonly Passed[];
  /** The condition for a stored copy, on the course that ends at Cloudflare's cache; undefined on every other. */
  readonly copies: Admission | undefined;
  readonly origin: Admission;
  readonly authentik: Admission;
}

interface Passed {
  readonly access: Admission;
  /** See `Passage.application`. */
  readonly application: string | undefined;
  readonly worker: Admission;
  readonly tunnel: Admission;
}

/** The formula of everybody whom a course admits as far as this layer, the layers before it included. */
export function admittedThrough(course: Course, layer: Layer): Admission {
  const { name, rules, passages, copies, origin, authentik } = course;
  const passed = () => anyOf(...passages.map(({ access }) => access));
  const worked = () => anyOf(...passages.map(({ access, worker }) => allOf(access, worker)));
  const tunneled = () =>
    anyOf(...passages.map(({ access, worker, tunnel }) => allOf(access, worker, tunnel)));
  switch (layer) {
    case 'name':
      return name;
    case 'edge rules':
      return allOf(name, rules);
    case 'Access':
      return allOf(name, rules, passed());
    case 'Worker':
      return allOf(name, rules, worked());
    case 'cache':
      return allOf(name, rules, worked(), copies ?? everybody);
    case 'tunnel rule':
      return allOf(name, rules, tunneled());
    case 'origin':
      return allOf(name, rules, tunneled(), origin);
    case 'Authentik':
      return allOf(name, rules, tunneled(), copies ?? everybody, origin, authentik);
  }
}

/**
 * Everybody whom a gate of Access lets past, whatever the origin asks; nobody if the gate asks nothing and is none of those that
 * are `open` on purpose. `layer`: they get as far as this.
 */
export function admittedByAccess(
  { copies, passages, ...course }: Course,
  open: ReadonlySet<string>,
  layer: 'Access' | 'tunnel rule',
): Admission {
  if (copies !== undefined) return nobody;
  const guarded = passages.filter(
    ({ access, application = '' }) => demandsSomething(access) || open.has(application),
  );
  return admittedThrough({ ...course, copies, passages: guarded }, layer);
}

/**
 * Everybody whom a tunnel lets past to an origin by a token that they send themselves, where Access adds none; nobody where the tunnel asks
 * for none. `access`: in place of what Access asks.
 */
export function admittedByOwnToken({ copies, passages, ...course }: Course, access?: Admission): Admission {
  if (copies !== undefined) return nobody;
  const asked = passages.filter(({ tunnel }) => demandsSomething(tunnel));
  const passed = asked.map((passage) => ({ ...passage, access: access ?? passage.access }));
  return admittedThrough({ ...course, copies, passages: passed }, 'tunnel rule');
}

/** True for a formula that depends on the visitor. Unknown facts, such as the content of a list, are no gate. */
function demandsSomething(admission: Admission): boolean {
  if ('all' in admission) return admission.all.some(demandsSomething);
  if ('any' in admission) return admission.any.some(demandsSomething);
  if ('not' in admission) return demandsSomething(admission.not);
  return 'has' in admission;
}
