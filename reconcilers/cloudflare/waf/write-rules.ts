import type { ReadyChange } from '../../../src/core/change.ts';
import { RejectedError } from '../../../src/core/errors.ts';
import type { Outcome } from '../../../src/core/outcome.ts';
import type { World } from '../../../src/core/world.ts';
import { done, failed } from '../../shared/carry-out.ts';
import {
  addRule,
  changeRule,
  customRules,
  makeRuleset,
  type Position,
  type RuleBody,
  type Ruleset,
  type RulesetRule,
  readRuleset,
  removeRule,
} from '../rules/ruleset.ts';
import { clearZone, noteZone } from '../rules/zones.ts';
import { entriesIn, type WafEntry, type WafPurpose, wafExpression, wafPurposes } from './expression.ts';
import { answersBefore, refusalBy, shadowOver, type WafMark, wafMark, wafRef } from './marks.ts';
import type { WafRuleSpec } from './rule-spec.ts';

interface RuleGroup {
  readonly zoneId: string;
  readonly purpose: WafPurpose;
  readonly changes: readonly ReadyChange<WafRuleSpec>[];
}

/** Carries out changes to our rules, with one call for each rule. */
export async function writeWafRules(
  changes: readonly ReadyChange<WafRuleSpec>[],
  world: World,
): Promise<readonly Outcome[]> {
  const outcomes: Outcome[] = [];
  for (const group of byRule(changes)) outcomes.push(...(await writeRule(group, world)));
  return outcomes;
}

function byRule(changes: readonly ReadyChange<WafRuleSpec>[]): readonly RuleGroup[] {
  const groups = new Map<string, RuleGroup>();
  for (const change of changes) {
    const { zoneId, purpose } = change.want ?? change.have?.spec ?? { zoneId: '', purpose: 'other' as const };
    if (purpose === 'other') continue;
    const key = `${zoneId} ${purpose}`;
    groups.set(key, { zoneId, purpose, changes: [...(groups.get(key)?.changes ?? []), change] });
  }
  // Rules that close come before rules that admit, and of the former the one whose answer a check waits for comes last.
  // Rules reach the edge together as one version of the zone, so its answer shows that the others are there too.
  return [...groups.values()].sort(
    (left, right) => wafPurposes.indexOf(left.purpose) - wafPurposes.indexOf(right.purpose),
  );
}

/** Makes all changes to one rule in one write, based on its current state. */
async function writeRule({ zoneId, purpose, changes }: RuleGroup, world: World): Promise<readonly Outcome[]> {
  try {
    const ruleset = await readRuleset(world, zoneId, customRules);
    const ref = wafRef(world.scope.owner, purpose);
    const standing = ruleset?.rules.find((rule) => rule.ref === ref);
    const entries = merged(
      standing === undefined ? [] : entriesIn(purpose, standing.expression).entries,
      changes,
    );
    if (entries.length === 0) {
      if (ruleset !== undefined && standing !== undefined)
        await removeRule(world, zoneId, ruleset, standing.id);
      if (!hasOthers(ruleset, standing, world)) await clearZone(world, 'waf-rule', zoneId);
    } else {
      await noteZone(world, 'waf-rule', zoneId);
      await put(world, zoneId, {
        ruleset,
        standing,
        purpose,
        body: bodyOf(world, purpose, entries, { changes, standing }),
      });
    }
    return changes.map((change) => done(change as ReadyChange<unknown>, {}));
  } catch (error) {
    return changes.map((change) => failed(change as ReadyChange<unknown>, error));
  }
}

/** True if the zone has another rule of ours. */
function hasOthers(
  ruleset: Ruleset | undefined,
  standing: RulesetRule | undefined,
  { scope: { owner } }: World,
): boolean {
  return (ruleset?.rules ?? []).some((rule) => rule !== standing && wafMark(rule)?.owner === owner);
}

function merged(
  standing: readonly WafEntry[],
  changes: readonly ReadyChange<WafRuleSpec>[],
): readonly WafEntry[] {
  const entries = new Map(standing.map((entry) => [entry.host, entry]));
  for (const { want, have } of changes) {
    if (want === undefined) entries.delete(have?.spec.host ?? '');
    else {
      const { host, audience, configuration } = want;
      entries.set(host, {
        host,
        ...(audience !== undefined && { audience }),
        ...(configuration !== undefined && { configuration }),
      });
    }
  }
  return [...entries.values()];
}

/** The most characters of an expression. */
const longestExpression = 4096;

function bodyOf(
  { scope: { owner } }: World,
  purpose: WafPurpose,
  entries: readonly WafEntry[],
  {
    changes,
    standing,
  }: { readonly changes: RuleGroup['changes']; readonly standing: RulesetRule | undefined },
): RuleBody {
  const expression = wafExpression(purpose, entries);
  if (expression.length > longestExpression) {
    throw new RejectedError('The expression of the WAF rule would be too long', {
      hint: 'One rule of a zone can hold some 25 hosts: move some of them to another zone',
      facts: { applied: 'no' },
    });
  }
  const body = { ref: wafRef(owner, purpose), expression, description: descriptions[purpose], enabled: true };
  if (purpose !== 'skip')
    return { ...body, action: 'block', action_parameters: { response: refusalBy(purpose) } };
  const wanted = changes.find(({ want }) => want !== undefined)?.want;
  const { products = [], phases = [] } = wanted ?? standing?.action_parameters ?? {};
  const parameters = {
    ...(products.length > 0 && { products }),
    ...(phases.length > 0 && { phases }),
  };
  return { ...body, action: 'skip', action_parameters: parameters, logging: { enabled: true } };
}

const descriptions: Readonly<Record<WafPurpose, string>> = {
  fallthrough: 'gates: closes what is no saved operation of an API',
  audience: 'gates: closes to tokens that are not for the API',
  skip: 'gates: lets machines past the bot checks',
};

interface Written {
  readonly ruleset: Ruleset | undefined;
  readonly standing: RulesetRule | undefined;
  readonly purpose: WafPurpose;
  readonly body: RuleBody;
}

async function put(
  world: World,
  zoneId: string,
  { ruleset, standing, purpose, body }: Written,
): Promise<void> {
  if (ruleset === undefined) return makeRuleset(world, zoneId, { phase: customRules, rules: [body] });
  const mark = { owner: world.scope.owner, purpose };
  const position = purpose === 'skip' ? undefined : positionIn(ruleset, standing, mark);
  const rule = { ...body, ...(position && { position }) };
  return standing === undefined
    ? addRule(world, zoneId, ruleset, rule)
    : changeRule(world, zoneId, ruleset, standing.id, rule);
}

/** The place before the first rule that would skip it, or answer instead of it. */
function positionIn(
  { id, rules }: Ruleset,
  standing: RulesetRule | undefined,
  mark: WafMark,
): Position | undefined {
  const before = standing === undefined ? rules : rules.slice(0, rules.indexOf(standing));
  const shadow = shadowOver(before, id, standing ?? ({ id: '' } as RulesetRule));
  const first = before.find((rule) => rule === shadow || answersBefore(rule, mark));
  return first === undefined ? undefined : { before: first.id };
}
