import { passagesOf } from './access.ts';
import { type Admission, allOf, anyOf, everybody, nobody, unknown } from './admission.ts';
import { servesCopies } from './cache.ts';
import { admittedByEdgeRules, type ZoneRequest } from './edge-rules.ts';
import { type End, type Lead, leadsOf, zoneOf } from './names.ts';
import { answersAt, anywhere, type OriginAnswer } from './origin.ts';
import type { DoorRequest } from './snapshot.ts';
import { admittedByRule, answersOf } from './tunnel.ts';
import type { Layer, View } from './view.ts';

/**
 * One course that a request can take to something that answers it, with whom each layer lets past. A layer that the course
 * does not meet lets everybody past.
 */
export interface Course {
  /** See `Way.to`. Empty: it ends before anything answers. */
  readonly to: string;
  readonly name: Admission;
  readonly rules: Admission;
  /** The ways past Access, each with whom of those the tunnel rule lets past: it looks at what Access adds. */
  readonly passages: readonly PassedTunnel[];
  /** The condition on which Cloudflare has a copy, on the course that ends at its cache; undefined on every other. */
  readonly copies: Admission | undefined;
  readonly origin: Admission;
  readonly authentik: Admission;
}

interface PassedTunnel {
  readonly access: Admission;
  readonly tunnel: Admission;
}

/** The formula of everybody whom a course admits as far as this layer, the layers before it included. */
export function admittedThrough(course: Course, layer: Layer): Admission {
  const { name, rules, passages, copies, origin, authentik } = course;
  const passed = () => anyOf(...passages.map(({ access }) => access));
  const tunneled = () => anyOf(...passages.map(({ access, tunnel }) => allOf(access, tunnel)));
  switch (layer) {
    case 'name':
      return name;
    case 'edge rules':
      return allOf(name, rules);
    case 'Access':
      return allOf(name, rules, passed());
    case 'cache':
      return allOf(name, rules, passed(), copies ?? everybody);
    case 'tunnel rule':
      return allOf(name, rules, tunneled());
    case 'origin':
      return allOf(name, rules, tunneled(), origin);
    case 'Authentik':
      return allOf(name, rules, tunneled(), copies ?? everybody, origin, authentik);
  }
}

/** Every course of a request, those included on which nobody gets anywhere. */
export function coursesIn(view: View, { host, path, method = 'GET' }: DoorRequest): readonly Course[] {
  const zone = zoneOf(view, host);
  const leads = leadsOf(view, host);
  const direct = leads
    .filter(({ through }) => through === 'nothing')
    .flatMap((lead) => coursesBeyond(startOf(lead), answersBehind(view, lead.end, host, path)));
  const edge = leads.filter(({ through }) => through === 'edge');
  if (zone === undefined || edge.length === 0) return direct;
  const request = { host, path, method: method.toUpperCase(), zone: zone.name };
  return [...direct, ...coursesThroughEdge(view, request, edge)];
}

type Start = Omit<Course, 'to' | 'origin' | 'authentik'>;

function startOf({ when }: Lead): Start {
  return {
    name: when,
    rules: everybody,
    passages: [{ access: everybody, tunnel: everybody }],
    copies: undefined,
  };
}

/** Edge rules, then Access, then the cache, then the tunnel or the address (documents, "Phases list"). */
function coursesThroughEdge(view: View, request: ZoneRequest, leads: readonly Lead[]): readonly Course[] {
  const { host, path } = request;
  const rules = admittedByEdgeRules(view, request);
  const passages = passagesOf(view, request);
  const passed = passages.map(({ admits }) => ({ access: admits, tunnel: everybody }));
  const courses = leads.flatMap((lead): readonly Course[] => {
    const { end } = lead;
    const start: Start = { ...startOf(lead), rules, passages: passed };
    if (end.at !== 'tunnel') return coursesBeyond(start, answersBehind(view, end, host, path));
    return answersOf(view, end.id, request).flatMap(({ when, item: rule }): readonly Course[] => {
      const asked = (tunnel: Admission) =>
        passed.map(({ access }) => ({ access, tunnel: allOf(when, tunnel) }));
      if (rule === undefined)
        return [{ ...start, to: '', passages: asked(nobody), origin: everybody, authentik: everybody }];
      if (rule === 'unknown') {
        const fact = unknown('rules of a tunnel', `${end.id}, ${host}${path}`);
        return [{ ...start, to: anywhere, passages: asked(fact), origin: everybody, authentik: everybody }];
      }
      const { service, hostHeader } = rule;
      const through = passages.map((passage) => ({
        access: passage.admits,
        tunnel: allOf(when, admittedByRule(view, rule, passage)),
      }));
      return coursesBeyond(
        { ...start, passages: through },
        answersAt(view, { service, host, path, hostHeader }),
      );
    });
  });
  const stored: Course = {
    ...{ to: `copies of ${host}`, name: everybody, rules, passages: passed },
    ...{ copies: servesCopies(view, request), origin: everybody, authentik: everybody },
  };
  return [...courses, stored];
}

function answersBehind(view: View, end: End, host: string, path: string): readonly OriginAnswer[] {
  if (end.at === 'address') return answersAt(view, { service: end.service, host, path });
  return [{ to: anywhere, admits: everybody, by: 'origin' }];
}

function coursesBeyond(start: Start, answers: readonly OriginAnswer[]): readonly Course[] {
  return answers.map(({ to, admits, by }) => ({
    ...start,
    to,
    origin: by === 'origin' ? admits : everybody,
    authentik: by === 'authentik' ? admits : everybody,
  }));
}
