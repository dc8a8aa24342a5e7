import { type Change, type Plan, phases } from '../../src/core/change.ts';
import { addressId } from '../../src/core/objects/address.ts';
import type { DoorStep } from '../../src/core/objects/door.ts';
import { referencesIn } from '../../src/core/objects/reference.ts';

/** Mistakes that a planner could make, each as a function that damages a correct plan. */
export const planMutants = {
  orderReversed,
  retiredWithoutProof,
  uncoveredBeforeProof,
  prunedBeforeClosed,
  boundAfterLinked,
  namedFirst,
} as const;

/** Reverses the order of steps at doors, and keeps the order of references, without which nothing could be written. */
function orderReversed(plan: Plan): Plan {
  const turned = plan.changes.map((change) => ({
    ...change,
    needs: referencesOf(plan, change),
    phase: phases[phases.length - 1 - phases.indexOf(change.phase)] ?? 'prepare',
  }));
  return { ...plan, changes: turned.reverse() };
}

/** Removes the old gate whatever the check of the new one finds. */
function retiredWithoutProof(plan: Plan): Plan {
  const looks = idsOf(plan, ({ verb }) => verb === 'verify');
  return edited(plan, (change) => ({ ...change, needs: without(change.needs, looks) }));
}

/** Checks a gate only after its cover is gone. */
function uncoveredBeforeProof(plan: Plan): Plan {
  const looks = idsOf(plan, (change) => change.verb === 'verify' && does(change, 'prove'));
  const going = idsOf(plan, (change) => does(change, 'unguard') && meets(change.needs, looks));
  return edited(plan, (change) => {
    if (going.has(change.id)) return { ...change, phase: 'open', needs: without(change.needs, looks) };
    return looks.has(change.id) ? { ...change, needs: [...change.needs, ...going] } : change;
  });
}

/** Removes objects at once, without answering 503 before. */
function prunedBeforeClosed(plan: Plan): Plan {
  const closes = idsOf(plan, ({ id, have }) => id.startsWith('close ') && have !== undefined);
  const prunes = idsOf(plan, ({ verb }) => verb === 'prune');
  const left = { ...plan, changes: plan.changes.filter(({ id }) => !closes.has(id)) };
  return edited(left, (change) => {
    const needs = without(change.needs, closes);
    if (!prunes.has(change.id)) return { ...change, needs: without(needs, prunes) };
    return { ...change, phase: 'prepare', needs: needs.filter((need) => prunes.has(need)) };
  });
}

/** Links an application to its provider before its bindings exist. */
function boundAfterLinked(plan: Plan): Plan {
  const links = idsOf(plan, ({ address }) => address.kind === 'authentik/provider-link');
  const bindings = idsOf(
    plan,
    ({ address, verb }) => address.kind === 'authentik/binding' && verb === 'create',
  );
  return edited(plan, (change) => {
    if (links.has(change.id)) return { ...change, phase: 'prepare', needs: without(change.needs, bindings) };
    return bindings.has(change.id) ? { ...change, needs: [...change.needs, ...links] } : change;
  });
}

/** Publishes the name before anything answers at it. */
function namedFirst(plan: Plan): Plan {
  return edited(plan, (change) =>
    change.address.kind === 'cloudflare/dns-record'
      ? { ...change, phase: 'prepare', needs: referencesOf(plan, change) }
      : change,
  );
}

function edited(plan: Plan, edit: (change: Change) => Change): Plan {
  return { ...plan, changes: plan.changes.map(edit) };
}

function idsOf(plan: Plan, which: (change: Change) => boolean): ReadonlySet<string> {
  return new Set(plan.changes.filter(which).map(({ id }) => id));
}

function without(needs: readonly string[], ids: ReadonlySet<string>): readonly string[] {
  return needs.filter((need) => !ids.has(need));
}

function meets(needs: readonly string[], ids: ReadonlySet<string>): boolean {
  return needs.some((need) => ids.has(need));
}

function does({ doors }: Pick<Change, 'doors'>, step: DoorStep): boolean {
  return doors.some((effect) => effect.step === step);
}

/** The needs of a change that its references cause. */
function referencesOf(plan: Plan, { needs, want }: Change): readonly string[] {
  const referred: ReadonlySet<string> = new Set(referencesIn(want));
  const made = idsOf(plan, ({ address }) => referred.has(addressId(address)));
  return needs.filter((need) => made.has(need));
}
