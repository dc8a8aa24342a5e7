import { askedOf, endsRuleset } from '../edge/rules/rule-verdict.ts';
import type { EdgeView } from '../edge/view/view.ts';
import type { Visit } from '../edge/view/visit.ts';
import type { ZoneRules } from '../edge/view/zone-rules.ts';
import { pathsMatching } from '../expressions/go-samples.ts';
import { tokensOf } from '../expressions/lexer.ts';

type CustomRule = ZoneRules['custom'][number];

const METHODS = ['GET', 'POST'];
/** The most texts of an expression that are tried in pairs. */
const MOST_PAIRED = 6;

/** Custom rules that exempt some visits to the host from a later blocking rule. */
export function skipsAt(view: EdgeView, host: string): readonly CustomRule[] {
  const custom = view.rules(host)?.custom ?? [];
  return custom.filter(({ rule }, index) => {
    const later = custom.slice(index + 1);
    return (
      rule.action === 'skip' &&
      endsRuleset(rule.action_parameters) &&
      later.some((each) => each.rule.action === 'block' || each.rule.action.endsWith('challenge'))
    );
  });
}

/** Paths of the host for which such a rule matches, from the texts in its expression. */
export function skippedPaths(view: EdgeView, host: string): string[] {
  return skipsAt(view, host).flatMap(({ rule, condition }) =>
    pathsIn(rule.expression).filter((path) => condition.holds(asking(view, { host, path }))),
  );
}

/** True if the rule matches a visit to a path, and whether it clearly concerns another host. */
export function isSkipTried(
  view: EdgeView,
  host: string,
  { rule, condition }: CustomRule,
  paths: readonly string[],
): boolean {
  const places = METHODS.flatMap((method) => paths.map((path) => ({ method, path })));
  const holds = (at: Partial<Visit>) =>
    places.some((place) => condition.holds(asking(view, { ...place, host, ...at })));
  if (holds({})) return true;
  const others = textsOf(rule.expression, 'string');
  const addresses = textsOf(rule.expression, 'ip').map((text) => text.replace(/\/.*$/, ''));
  const holdsFor = (at: string) =>
    places.some((place) =>
      [undefined, ...addresses].some((ip) =>
        condition.holds({ ...asking(view, { ...place, host: at }, host), ...(ip !== undefined && { ip }) }),
      ),
    );
  return !holdsFor(host) && others.some(holdsFor);
}

/** Candidates for a path: the texts of an expression, alone and joined in pairs. */
function pathsIn(expression: string): readonly string[] {
  const texts = textsOf(expression, 'string').map((text) => text.replace(/^https?:\/\/[^/]*/, ''));
  const paired = texts.slice(0, MOST_PAIRED);
  const joined = [...texts, ...paired.flatMap((first) => paired.map((second) => first + second))];
  const literal = joined
    .map((text) => text.replaceAll('*', 'x'))
    .flatMap((text) => [text, `/${text}`, `/x${text}`, `/x.${text}`]);
  const found = [...literal.filter((path) => /^\/[\x21-\x7e]*$/.test(path)), ...texts.flatMap(pathsMatching)];
  return [...new Set(found)];
}

function textsOf(expression: string, wanted: 'string' | 'ip'): readonly string[] {
  return tokensOf(expression).flatMap(({ kind, text }) => (kind === wanted ? [text] : []));
}

/** An anonymous visit as the rules of the zone of `place` see it. */
function asking(
  view: EdgeView,
  visit: Pick<Visit, 'host' | 'path'> & Partial<Visit>,
  place: string = visit.host,
): ReturnType<typeof askedOf> {
  const { configurations = [], operations = [] } = view.rules(place) ?? {};
  const nobody = { method: 'GET', query: '', headers: [], body: null, sessions: [], assertion: null };
  return askedOf(view, { configurations, operations }, { ...nobody, ...visit });
}
