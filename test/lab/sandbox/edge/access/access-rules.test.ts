import { describe, expect, it } from 'vitest';
import type { JsonObject, World } from '../../../../../src/lab/sandbox/state/world.ts';
import { contradictions, HOST, RULE_ROWS, type RuleRow, reaches, ruleWorld } from './rule-rows.ts';

const rows = RULE_ROWS.map((row) => ({ ...row, text: JSON.stringify(row.rule) }));
const everyone = [{ everyone: {} }];

describe('the edge', () => {
  it.each(rows)('decides $text in include, require and exclude, for each decision', (row) => {
    expect(contradictions(row)).toEqual([]);
  });

  it.each(rows)(
    'decides $text in a group',
    ({ rule, inside, outside, decisions: [decision] = ['allow'] }) => {
      const group = { group: { id: 'g' } };
      const world = ruleWorld({ decision: decision as 'allow', include: [group] });
      world.accessGroups = [
        { id: 'g', name: 'g', include: [rule], exclude: [], require: [], createdAt: '', updatedAt: '' },
      ];
      expect(reaches(world, inside)).toBe(true);
      for (const visitor of outside) expect(reaches(world, visitor)).toBe(false);
    },
  );

  const places = rows.filter(({ isContinuous }) => isContinuous);
  it.each(places)('judges $text again with every request', ({ rule, inside, outside }) => {
    for (const form of [{ include: [rule] }, { include: everyone, require: [rule] }]) {
      const world = ruleWorld({ decision: 'allow', ...form });
      for (const visitor of outside) expect(reaches(world, visitor, inside)).toBe(false);
      expect(reaches(world, inside, inside)).toBe(true);
    }
  });

  it('judges neither the login method nor the methods of authentication again', () => {
    for (const row of RULE_ROWS.filter(({ rule }) => 'login_method' in rule || 'auth_method' in rule)) {
      const world = ruleWorld({ decision: 'allow', include: [row.rule] });
      expect(reaches(world, { email: 'me@example.dev', from: { country: 'DE' } }, row.inside)).toBe(true);
    }
  });
});

/** Takes a rule out of every policy, as an edge would that ignores it: it always holds, or never in `exclude`. */
function ignored({ rule }: RuleRow): (world: World) => void {
  const [selector] = Object.keys(rule);
  return (world) => {
    const others = (rules: JsonObject[]) => rules.filter((each) => !Object.hasOwn(each, selector ?? ''));
    for (const policy of world.policies) {
      if (others(policy.include).length < policy.include.length) policy.include = everyone;
      policy.require = others(policy.require);
      policy.exclude = others(policy.exclude);
    }
  };
}

/** Makes a rule hold for nobody, as an edge would that does not know it. */
function never({ rule }: RuleRow): (world: World) => void {
  const nobody = { email: { email: 'nobody@example.net' } };
  const replaced = (rules: JsonObject[]) => rules.map((each) => (each === rule ? nobody : each));
  return (world) => {
    for (const policy of world.policies) {
      policy.include = replaced(policy.include);
      policy.require = replaced(policy.require);
      policy.exclude = replaced(policy.exclude);
    }
  };
}

describe('planted mistakes', () => {
  it.each(rows)('an edge that ignores $text, or never lets it hold, is noticed in each part', (row) => {
    for (const plant of [ignored(row), never(row)]) {
      const found = contradictions(row, plant);
      for (const part of ['include', 'require', 'exclude']) {
        expect(found.filter((line) => line.includes(`, ${part}:`))).not.toEqual([]);
      }
    }
  });

  it('an authority of another host is noticed', () => {
    const [row] = RULE_ROWS.filter(({ rule }) => 'certificate' in rule);
    if (row === undefined) throw new Error('there is a row about certificates');
    const everywhere = (world: World) => {
      for (const each of world.accessCertificates ?? []) each.hostnames = [HOST];
    };
    expect(contradictions(row, everywhere)).not.toEqual([]);
  });
});
