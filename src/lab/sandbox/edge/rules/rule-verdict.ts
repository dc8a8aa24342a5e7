import { includesHost } from '../../cloudflare/shield/token-rules.ts';
import type { Asked, FoundToken } from '../../expressions/fields.ts';
import { normalizedPath } from '../../expressions/request-path.ts';
import { isObject, type Json, type JsonObject } from '../../state/json.ts';
import type { RulesetRule, TokenRule } from '../../state/world.ts';
import { isBrowser } from '../view/browser.ts';
import { VISITOR_COUNTRY, VISITOR_IP } from '../view/circumstances.ts';
import { errorPage, wantsPage } from '../view/error-page.ts';
import { operationFor } from '../view/saved-operation.ts';
import type { EdgeView } from '../view/view.ts';
import { type Answer, answer, type Visit } from '../view/visit.ts';
import type { ZoneRules } from '../view/zone-rules.ts';
import { ipRulesAbout } from './ip-access.ts';
import { tokenFound } from './token-check.ts';

/**
 * The answer of the zone's custom rules, and then API Shield, to a visit; null if it continues to Access. Custom rules
 * see claims before any rule of API Shield runs, and for visits to unsaved operations too (facts §6).
 */
export function ruleVerdict(view: EdgeView, visit: Visit): Answer | null {
  const rules = view.rules(visit.host);
  if (rules === null) return null;
  const asked = askedOf(view, rules, visit);
  const custom = isAllowed(view, rules, visit) ? null : customVerdict(rules, visit, asked);
  return custom ?? tokenVerdict(rules, visit, asked);
}

/** True if an IP Access rule allows the visitor: then custom rules do not run (facts §7). */
function isAllowed(view: EdgeView, { zone }: ZoneRules, { from }: Visit): boolean {
  return ipRulesAbout(view.world, zone, from).some(({ mode }) => mode === 'whitelist');
}

/** The answer of the first blocking rule; a skip of the current ruleset exempts a visit from later rules. */
function customVerdict({ custom }: ZoneRules, visit: Visit, asked: Asked): Answer | null {
  for (const { rule, condition } of custom) {
    if (!condition.holds(asked)) continue;
    if (rule.action === 'block') return blocked(visit, `waf-rule ${rule.id}`, responseOf(rule));
    if (rule.action === 'skip' && endsRuleset(rule.action_parameters)) return null;
    if (rule.action.endsWith('challenge') && !isBrowser(visit)) return challenged(`waf-rule ${rule.id}`);
  }
  return null;
}

/** True if a skip rule exempts a visit from the rules after it. */
export function endsRuleset(parameters: JsonObject = {}): boolean {
  return parameters.ruleset === 'current' || parameters.phase === 'current';
}

/** The answer for saved operations: of the first rule that concerns the operation (facts §6). */
function tokenVerdict({ token, operations }: ZoneRules, visit: Visit, asked: Asked): Answer | null {
  if (token.length === 0) return null;
  const operation = operationFor(operations, asked);
  if (operation === undefined) return null;
  const first = token.find(({ rule }) => isAbout(rule, operation));
  if (first === undefined || first.rule.action !== 'block' || first.condition.holds(asked)) return null;
  return blocked(visit, `api-shield-rule ${first.rule.id}`);
}

function isAbout({ selector }: TokenRule, { id, host }: { id: string; host: string }): boolean {
  const excluded = selector.exclude?.some((each) => each.operation_ids?.includes(id) === true) === true;
  return includesHost(selector, host) && !excluded;
}

/** A visit as a zone's rules see it; without configurations and operations there are no claims and no fallthrough. */
export function askedOf(
  view: EdgeView,
  { configurations, operations }: Pick<ZoneRules, 'configurations' | 'operations'>,
  visit: Visit,
): Asked {
  const { method, host, query, headers } = visit;
  const path = normalizedPath(visit.path);
  const found = new Map<string, FoundToken>();
  const token = (id: string): FoundToken => {
    const configuration = configurations.find((each) => each.id === id);
    const known =
      found.get(id) ??
      (configuration === undefined
        ? { present: false, claims: null }
        : tokenFound(configuration, visit, view.now));
    found.set(id, known);
    return known;
  };
  return {
    method,
    host,
    path,
    query,
    headers,
    token,
    rawPath: visit.path,
    ip: visit.from?.ip ?? VISITOR_IP,
    country: visit.from?.country ?? VISITOR_COUNTRY,
    get time() {
      return Math.floor(view.now / 1000);
    },
    fallthrough: () =>
      operations.some((each) => each.coversHost(host)) &&
      operationFor(operations, { method, host, path }) === undefined,
    claims: () =>
      new Map(
        configurations.flatMap(({ id }): [string, JsonObject][] => {
          const { claims } = token(id);
          return claims === null ? [] : [[id, claims]];
        }),
      ),
  };
}

const HTML = { 'content-type': 'text/html; charset=UTF-8' };
const PAGE =
  '<!DOCTYPE html><html><head><title>Attention Required! | Cloudflare</title></head><body><h1>Sorry, you have been blocked</h1></body></html>\n';
const CHALLENGE = '<!DOCTYPE html><html><head><title>Just a moment...</title></head><body></body></html>\n';

interface OwnResponse {
  status: number;
  type: string;
  content: string;
}

/** The refusal: the rule's own response or Cloudflare's; rules of API Shield have none of their own. */
function blocked(visit: Visit, reason: string, own?: OwnResponse): Answer {
  if (own === undefined && !wantsPage(visit)) return errorPage(visit, 1020, reason);
  const { status, type, content } = own ?? { status: 403, type: HTML['content-type'], content: PAGE };
  return answer('edge', status, content, { 'content-type': type, 'x-sandbox-error': reason });
}

function challenged(reason: string): Answer {
  return answer('edge', 403, CHALLENGE, { ...HTML, 'cf-mitigated': 'challenge', 'x-sandbox-error': reason });
}

function responseOf({ action_parameters: parameters }: RulesetRule): OwnResponse | undefined {
  const response: Json | undefined = parameters?.response;
  if (!isObject(response)) return undefined;
  const { status_code: status, content_type: type, content } = response;
  return { status: Number(status), type: String(type), content: String(content) };
}
