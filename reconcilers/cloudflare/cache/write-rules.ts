import type { ReadyChange } from '../../../src/core/change.ts';
import { RejectedError } from '../../../src/core/errors.ts';
import type { Outcome } from '../../../src/core/outcome.ts';
import type { World } from '../../../src/core/world.ts';
import { done, failed } from '../../shared/carry-out.ts';
import { zone } from '../account/zone.ts';
import {
  addRule,
  changeRule,
  makeRuleset,
  mostRules,
  type RuleBody,
  type Ruleset,
  type RulesetRule,
  readRuleset,
  removeRule,
} from '../rules/ruleset.ts';
import { clearZone, noteZone } from '../rules/zones.ts';
import { cacheExpression, hostsIn } from './expression.ts';
import {
  type CacheRuleSpec,
  cacheAction,
  cacheMark,
  cacheRef,
  cacheRules,
  isIntact,
  isOverruled,
} from './rule-spec.ts';
import { divide, type Share } from './shares.ts';

type CacheChange = ReadyChange<CacheRuleSpec>;

/** Carries out changes to our cache rules, those of one zone together. */
export async function writeCacheRules(
  changes: readonly CacheChange[],
  world: World,
): Promise<readonly Outcome[]> {
  const byZone = new Map<string, CacheChange[]>();
  for (const change of changes) {
    const zoneId = change.want?.zoneId ?? change.have?.spec.zoneId ?? '';
    byZone.set(zoneId, [...(byZone.get(zoneId) ?? []), change]);
  }
  const outcomes: Outcome[] = [];
  for (const [zoneId, own] of byZone) outcomes.push(...(await writeZone(zoneId, own, world)));
  return outcomes;
}

/** One of our rules as it is now. */
interface Standing extends Share {
  readonly rule: RulesetRule;
  /** The rule keeps its hosts' answers out of the cache. */
  readonly sound: boolean;
}

/**
 * Changes the rules as they are now. Rules that gain hosts are written before a dissolved one is removed, so every host
 * always has a rule.
 */
async function writeZone(
  zoneId: string,
  changes: readonly CacheChange[],
  world: World,
): Promise<readonly Outcome[]> {
  try {
    const ruleset = await readRuleset(world, zoneId, cacheRules);
    const standing = ownRules(ruleset, world.scope.owner);
    const foreign = (ruleset?.rules.length ?? 0) - standing.length;
    const hosts = mergedHosts(standing, changes);
    const room = Math.max(standing.length, (await mostIn(world, zoneId)) - foreign);
    const { shares, left } = divide(standing, hosts, room);
    if (shares.length > 0) await noteZone(world, 'cache-rule', zoneId);
    await writeShares(world, zoneId, { ruleset, standing, shares });
    if (shares.length === 0) await clearZone(world, 'cache-rule', zoneId);
    return changes.map((change) => {
      const plain = change as ReadyChange<unknown>;
      return change.want !== undefined && left.includes(change.want.host)
        ? failed(plain, noRoom(change.want.zone))
        : done(plain, {});
    });
  } catch (error) {
    return changes.map((change) => failed(change as ReadyChange<unknown>, error));
  }
}

function ownRules(ruleset: Ruleset | undefined, owner: string): readonly Standing[] {
  return (ruleset?.rules ?? []).flatMap((rule) => {
    const mark = cacheMark(rule);
    if (ruleset === undefined || mark?.owner !== owner) return [];
    const { enabled = true, expression } = rule;
    const sound = enabled && isIntact(rule) && !isOverruled(ruleset, rule);
    return [{ number: mark.number, hosts: hostsIn(expression).hosts, rule, sound }];
  });
}

function mergedHosts(standing: readonly Standing[], changes: readonly CacheChange[]): readonly string[] {
  const hosts = new Set(standing.flatMap((one) => one.hosts));
  for (const { want, have } of changes) {
    if (want === undefined) hosts.delete(have?.spec.host ?? '');
    else hosts.add(want.host);
  }
  return [...hosts];
}

interface Written {
  readonly ruleset: Ruleset | undefined;
  readonly standing: readonly Standing[];
  readonly shares: readonly Share[];
}

async function writeShares(
  world: World,
  zoneId: string,
  { ruleset, standing, shares }: Written,
): Promise<void> {
  const bodies = shares.map((share) => ({ share, body: bodyOf(world.scope.owner, share) }));
  if (ruleset === undefined) {
    const rules = bodies.map(({ body }) => body);
    if (rules.length > 0) await makeRuleset(world, zoneId, { phase: cacheRules, rules });
    return;
  }
  for (const { share, body } of bodies) {
    const own = standing.find(({ number }) => number === share.number);
    if (own === undefined) await addRule(world, zoneId, ruleset, body);
    else if (!own.sound || own.rule.expression !== body.expression) {
      // The last rule that matches wins, so ours must be behind the foreign ones.
      const position = isOverruled(ruleset, own.rule) && { position: { after: '' } };
      await changeRule(world, zoneId, ruleset, own.rule.id, { ...body, ...position });
    }
  }
  for (const { number, rule } of standing) {
    if (!shares.some((share) => share.number === number)) await removeRule(world, zoneId, ruleset, rule.id);
  }
}

function bodyOf(owner: string, { number, hosts }: Share): RuleBody {
  return {
    ref: cacheRef(owner, number),
    action: cacheAction,
    action_parameters: { cache: false },
    expression: cacheExpression(hosts),
    description: 'gates: stores nothing of hosts whose origin decides who gets in',
    enabled: true,
  };
}

async function mostIn(world: World, zoneId: string): Promise<number> {
  const own = (await world.read(zone)).find(({ id }) => id === zoneId);
  return mostRules(cacheRules, own?.attributes.plan);
}

function noRoom(name: string): RejectedError {
  return new RejectedError('The zone has as many cache rules as its plan allows', {
    hint: `Remove one of its cache rules (${cacheRules.place}), or move the zone to a larger plan`,
    facts: { address: `cloudflare/zone:${name}`, applied: 'no' },
  });
}
