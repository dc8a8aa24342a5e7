import { passagesOf } from './access.ts';
import { type Admission, allOf, anyOf, nobody, unknown } from './admission.ts';
import { servesCopies } from './cache.ts';
import { unsatisfiable } from './decision.ts';
import { admittedByEdgeRules, type ZoneRequest } from './edge-rules.ts';
import { type End, leadsOf, zoneOf } from './names.ts';
import { answersAt, anywhere, type OriginAnswer } from './origin.ts';
import type { DoorRequest, Snapshot } from './snapshot.ts';
import { admittedByRule, answersOf } from './tunnel.ts';
import { inEachCase, type View } from './view.ts';

export type { Choice, DoorRequest, Snapshot } from './snapshot.ts';

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

/**
 * Every way of a request, with whom each admits. A request that is refused whoever makes it has none. `note` is told each place
 * of the snapshot that the answer depends on (`placesOf`).
 */
export function waysTo(
  snapshot: Snapshot,
  request: DoorRequest,
  note?: (place: string) => void,
): readonly Way[] {
  const cases = inEachCase(snapshot, (view) => waysIn(view, request), note);
  if (cases === undefined) {
    return [{ to: anywhere, admits: unknown('too many choices', `${request.host}${request.path}`) }];
  }
  const ways = cases.flatMap(({ when, item }) => beyond(when, item));
  return merged(ways).filter(({ admits }) => !unsatisfiable(admits));
}

/** The ways where each choice has one value. */
function waysIn(view: View, { host, path, method = 'GET' }: DoorRequest): readonly Way[] {
  const zone = zoneOf(view, host);
  const leads = leadsOf(view, host);
  const direct = leads.flatMap(({ when, through, end }) =>
    through === 'nothing' ? beyond(when, answersBehind(view, end, host, path)) : [],
  );
  const edge = leads.filter(({ through }) => through === 'edge');
  if (zone === undefined || edge.length === 0) return direct;
  const request = { host, path, method: method.toUpperCase(), zone: zone.name };
  return [...direct, ...waysThroughEdge(view, request, edge)];
}

/** Edge rules, then Access, then the cache, then the tunnel or the address (documents, "Phases list"). */
function waysThroughEdge(
  view: View,
  request: ZoneRequest,
  leads: readonly { readonly when: Admission; readonly end: End }[],
): readonly Way[] {
  const { host, path } = request;
  const rules = admittedByEdgeRules(view, request);
  const passages = passagesOf(view, request).map((passage) => ({
    ...passage,
    admits: allOf(rules, passage.admits),
  }));
  const passed = anyOf(...passages.map(({ admits }) => admits));
  const ways = leads.flatMap(({ when, end }): readonly Way[] => {
    if (end.at !== 'tunnel') return beyond(allOf(when, passed), answersBehind(view, end, host, path));
    return answersOf(view, end.id, request).flatMap((answer): readonly Way[] => {
      const rule = answer.item;
      const reached = allOf(when, answer.when);
      if (rule === undefined) return [];
      if (rule === 'unknown') {
        const fact = unknown('rules of a tunnel', `${end.id}, ${host}${path}`);
        return [{ to: anywhere, admits: allOf(reached, passed, fact) }];
      }
      const asked = anyOf(
        ...passages.map((passage) => allOf(passage.admits, admittedByRule(view, rule, passage))),
      );
      const { service, hostHeader } = rule;
      return beyond(allOf(reached, asked), answersAt(view, { service, host, path, hostHeader }));
    });
  });
  const copies = servesCopies(view, request);
  return [...ways, { to: `copies of ${host}`, admits: allOf(passed, copies) }];
}

function answersBehind(view: View, end: End, host: string, path: string): readonly OriginAnswer[] {
  if (end.at === 'address') return answersAt(view, { service: end.service, host, path });
  return [{ to: anywhere, admits: allOf() }];
}

function beyond(gate: Admission, answers: readonly OriginAnswer[]): readonly Way[] {
  return answers.map(({ to, admits }) => ({ to, admits: allOf(gate, admits) }));
}

/** One way for each thing that answers. */
function merged(ways: readonly Way[]): readonly Way[] {
  const admissions = new Map<string, Admission>();
  for (const { to, admits } of ways) admissions.set(to, anyOf(admissions.get(to) ?? nobody, admits));
  return [...admissions].map(([to, admits]) => ({ to, admits }));
}
