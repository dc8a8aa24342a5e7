import type { EdgeRulePart, OperationPart, TokenRulePart } from '../../core/objects/parts/edge-parts.ts';
import {
  type Admission,
  allOf,
  alternatives,
  anyOf,
  everybody,
  nobody,
  unknown,
} from '../admission/admission.ts';
import { anyHostOf } from '../state/places.ts';
import type { View } from '../state/view.ts';
import { readingsOf } from './path-reading.ts';

/** A request as the layers of the edge see it. */
export interface ZoneRequest {
  readonly host: string;
  readonly path: string;
  readonly method: string;
  /** Name of the zone of the host. */
  readonly zone: string;
}

/** Visitors whom custom rules of the zone and API Shield let past. They only block, in this order, before Access. */
export function admittedByEdgeRules(view: View, request: ZoneRequest): Admission {
  return allOf(admittedByCustomRules(view, request), admittedByTokenRules(view, request));
}

/** The name of a request in the facts about it. */
export function nameOf({ host, path, method }: Pick<ZoneRequest, 'host' | 'path' | 'method'>): string {
  return `${method} ${host}${path}`;
}

function admittedByCustomRules(view: View, request: ZoneRequest): Admission {
  const { zone, host } = request;
  if (view.unread('edge-rule')) return unknown('not read', `custom rules for ${nameOf(request)}`);
  const rules = view.parts('edge-rule', [host, anyHostOf(zone)], ({ enabled }) => enabled);
  return admittedFrom(view, request, rules, 0);
}

/**
 * The visitors whom the rules from `place` on let past. A foreign rule that skips may spare a request the rest. The
 * formula begins with the decisions of earlier rules: so `decision.ts` needs two cases a rule, not two to their number.
 */
function admittedFrom(
  view: View,
  request: ZoneRequest,
  rules: readonly EdgeRulePart[],
  place: number,
): Admission {
  const part = rules[place];
  if (part === undefined) return everybody;
  const rest = () => admittedFrom(view, request, rules, place + 1);
  const { rule } = part;
  const weigh = (admits: Admission) => view.weigh?.({ layer: 'edge rules', part, admits });
  if (rule.blocks === 'unknown') {
    const foreign = rules.slice(0, place).filter((earlier) => earlier.rule.blocks === 'unknown').length;
    const name = `${part.id ?? `rule ${foreign + 1}`} of ${request.zone}, ${nameOf(request)}`;
    if (rule.action === 'log') return rest();
    if (rule.action === 'skip') return anyOf(unknown('foreign rule', `${name} skips the rest`), rest());
    const lets = unknown('foreign rule', `${name} lets the request past`);
    weigh(lets);
    return allOf(lets, rest());
  }
  const past = admittedBy(view, request, rule);
  weigh(past);
  const skipped = rules.slice(0, place).some((earlier) => 'action' in earlier.rule);
  // The rule that shadows this one is usually listed itself, and has the same effect in its own place.
  if (!part.shadowed || skipped) return allOf(past, rest());
  return allOf(
    anyOf(past, unknown('foreign rule', `a rule before ours skips it, ${nameOf(request)}`)),
    rest(),
  );
}

function admittedBy(view: View, request: ZoneRequest, rule: EdgeRulePart['rule']): Admission {
  if (rule.blocks === 'other-audiences')
    return { has: 'audience', configuration: rule.configuration, audience: rule.audience };
  if (rule.blocks !== 'other-operations') return everybody;
  const found = operationsAt(view, request);
  if (found === 'not read') return unknown('not read', `operations for ${nameOf(request)}`);
  // `cf.api_gateway.fallthrough_detected` is true only on hosts that have saved operations.
  if (view.parts('operation', request.host).length === 0) return everybody;
  return anyOf(
    ...alternatives(
      'path spelling',
      `API Shield, ${nameOf(request)}`,
      found.map(([path, operations]) => [path, operations.length > 0] as const),
    ).map(({ when, item: saved }) => (saved ? when : nobody)),
  );
}

/** Rules of API Shield act only on saved operations; the first rule about an operation decides. */
function admittedByTokenRules(view: View, request: ZoneRequest): Admission {
  const about = nameOf(request);
  const found = operationsAt(view, request);
  if (found === 'not read' || view.unread('token-rule'))
    return unknown('not read', `token rules for ${about}`);
  const rules = view.parts('token-rule', [request.host, anyHostOf(request.zone)], ({ enabled }) => enabled);
  return anyOf(
    ...alternatives('path spelling', `API Shield, ${about}`, found).map(({ when, item: operations }) => {
      const verdicts = operations.map(
        (operation) => [operation.id, admittedAt(view, operation, rules, about)] as const,
      );
      if (verdicts.length === 0) return when;
      // The documents do not say to which of several saved operations a request belongs.
      const ids = operations.map(({ id }) => id).join(', ');
      const each = alternatives('overlapping operations', `${about} among ${ids}`, verdicts);
      return allOf(when, anyOf(...each.map(({ when: is, item }) => allOf(is, item))));
    }),
  );
}

function admittedAt(
  view: View,
  operation: OperationPart,
  rules: readonly TokenRulePart[],
  about: string,
): Admission {
  view.weigh?.({ layer: 'edge rules', part: operation, admits: everybody });
  const rule = rules.find(({ excluded }) => !excluded.includes(operation.id));
  if (rule === undefined) return everybody;
  const admits = admittedByTokenRule(rule, about);
  view.weigh?.({ layer: 'edge rules', part: rule, admits });
  return admits;
}

function admittedByTokenRule({ action, configuration }: TokenRulePart, about: string): Admission {
  if (action === 'log') return everybody;
  if (configuration === undefined) return unknown('foreign rule', `token rule, ${about}`);
  return { has: 'bearer', configuration };
}

/** The saved operations that a request matches, by each reading of its path. */
function operationsAt(
  view: View,
  request: ZoneRequest,
): readonly (readonly [reading: string, operations: readonly OperationPart[]])[] | 'not read' {
  if (view.unread('operation')) return 'not read';
  return readingsOf(request.path).map((path) => {
    const matches = ({ method, endpoint }: OperationPart) =>
      method === request.method && endpointExpression(endpoint).test(path);
    return [path, view.parts('operation', request.host, matches)];
  });
}

/** A variable stands for one segment. */
export function endpointExpression(endpoint: string): RegExp {
  const parts = endpoint.split(/\{[^{}]*\}/).map((part) => part.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&'));
  return new RegExp(`^${parts.join('[^/]+')}$`);
}
