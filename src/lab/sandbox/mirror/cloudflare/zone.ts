import { isObject, type JsonObject } from '../../state/json.ts';
import type { Plan, World, Zone } from '../../state/world.ts';
import { type Copy, has } from '../rows/copy.ts';
import { put, textOf, without, wordOf } from '../rows/row.ts';

const PLANS: readonly Plan[] = ['free', 'pro', 'business', 'enterprise'];

/** The only account of the copy. */
export function readAccount(copy: Copy, object: JsonObject): void {
  const { world, omissions } = copy;
  if (!has(copy, 'account', object, 'id', 'name')) return;
  if (object.id !== world.account.id) {
    omissions.leaveOut(`account "${object.name}"`, object.id, 'a copy is of one account');
    return;
  }
  const { id, name, created_on } = object;
  const createdOn = wordOf(created_on) ?? world.account.createdOn;
  world.account = { id, name, createdOn, details: without(object, 'id', 'name') };
}

export function readZone(copy: Copy, object: JsonObject): void {
  const { world, omissions } = copy;
  if (!has(copy, 'zone', object, 'id', 'name')) return;
  const planId = isObject(object.plan) ? textOf(object.plan.legacy_id) : undefined;
  const plan = PLANS.find((known) => known === planId);
  if (plan === undefined && planId !== undefined) {
    omissions.say(`zone ${object.name}: the plan "${planId}" is played as ${world.plan}`);
  }
  const { id, name, status, created_on } = object;
  put(world.zones, 'id', {
    id,
    name: name.toLowerCase(),
    status: (wordOf(status) ?? 'active') as Zone['status'],
    plan: plan ?? world.plan,
    createdOn: wordOf(created_on) ?? world.account.createdOn,
    details: without(object, 'id', 'name', 'status'),
  });
}

/** Bot Fight Mode, the only part of it that is played. */
export function readBotManagement({ world }: Copy, object: JsonObject, [id = '']: readonly string[]): void {
  const zone = world.zones.find((each) => each.id === id);
  if (zone !== undefined && typeof object.fight_mode === 'boolean') zone.fightMode = object.fight_mode;
}

/** Names an unread zone by the common end of the names that were read in it. */
export function standInZones(world: World): void {
  const names = new Map<string, string[]>();
  const add = (id: string, found: readonly string[]) => names.set(id, [...(names.get(id) ?? []), ...found]);
  for (const { zoneId, name } of world.records) add(zoneId, [name]);
  for (const { scope, destinations } of world.apps) {
    if (scope.kind === 'zones')
      add(
        scope.id,
        destinations.map(({ uri }) => String(uri).split('/')[0] ?? ''),
      );
  }
  for (const [id, found] of names) {
    if (world.zones.some((zone) => zone.id === id)) continue;
    const { createdOn } = world.account;
    world.zones.push({ id, name: commonEnd(found), status: 'active', plan: world.plan, createdOn });
  }
}

function commonEnd(names: readonly string[]): string {
  const [labels = [], ...others] = names.map((name) => name.split('.').reverse());
  const differs = labels.findIndex((label, at) => others.some((other) => other[at] !== label));
  return (differs < 0 ? labels : labels.slice(0, differs)).toReversed().join('.') || 'unknown.invalid';
}
