import type * as file from '../../../schema/generated/config.ts';
import { equal } from '../../core/objects/equal.ts';
import { gateRules, policyCombinations } from '../../gates/cloudflare/rule.ts';
import type { ImportedRule } from './access-rules.ts';

/**
 * The same rules in fewer entries. A rule with several long lists becomes several policies of Access, one for each combination, and
 * here they become one rule again. Rules are joined only if gates makes the same policies from the joined one, in the same order.
 */
export function joinedRules(rules: readonly ImportedRule[]): readonly ImportedRule[] {
  for (const [place, second] of rules.entries()) {
    const first = rules[place - 1];
    const joined = first && joinedPair(first, second);
    if (joined !== undefined) return joinedRules(rules.toSpliced(place - 1, 2, joined));
  }
  return rules;
}

function joinedPair(first: ImportedRule, second: ImportedRule): ImportedRule | undefined {
  if (first.visitors !== 'people' || second.visitors !== 'people') return undefined;
  return candidates(first.rule, second.rule)
    .map((rule): ImportedRule => ({ visitors: 'people', rule }))
    .find((joined) => equal(policiesOf(joined), [...policiesOf(first), ...policiesOf(second)]));
}

/** Both rules in one, with the lists of each as alternatives: of the people, or of one condition. */
function candidates(first: file.AccessRule, second: file.AccessRule): readonly file.AccessRule[] {
  const { require: required = {}, ...who } = first;
  const { require: demanded = {}, ...others } = second;
  const people = equal(required, demanded) ? joinedLists(who, others) : undefined;
  const conditions = equal(who, others) ? joinedLists(required, demanded) : undefined;
  return [
    ...(people === undefined ? [] : [{ ...first, ...people }]),
    ...(conditions === undefined ? [] : [{ ...first, require: conditions }]),
  ];
}

/** Keys of which one value is enough. */
const alternatives = [
  'emails',
  'domains',
  'groups',
  'networks',
  'countries',
  'identityProviders',
  'commonNames',
] as const;

/** The two with the values of the only list in which they differ; undefined if they differ otherwise. */
function joinedLists<T extends file.AccessConditions>(first: T, second: T): T | undefined {
  const key = alternatives.find((each) => !equal(first[each], second[each]));
  const [ours, theirs] = key === undefined ? [] : [first[key], second[key]];
  if (key === undefined || ours === undefined || theirs === undefined) return undefined;
  if (!equal({ ...first, [key]: [] }, { ...second, [key]: [] })) return undefined;
  return { ...first, [key]: [...new Set([...ours, ...theirs])] };
}

function policiesOf({ rule }: ImportedRule): readonly unknown[] {
  return gateRules(rule, {}).flatMap(({ people, everyone, require, exclude }) =>
    policyCombinations<unknown>([everyone === undefined ? people : ['everyone'], ...require]).map(
      (policy) => ({
        ...policy,
        exclude,
      }),
    ),
  );
}
