import { type Change, type Plan, phases } from '../../src/core/change.ts';
import { addressId } from '../../src/core/objects/address.ts';
import type { DoorStep } from '../../src/core/objects/door.ts';
import { referencesIn } from '../../src/core/objects/reference.ts';

/** Mistakes that a planner could make, each as what it would make of a right plan. */
export const planMutants = {
  orderReversed,
  retiredWithoutProof,
  uncoveredBeforeProof,
  prunedBeforeClosed,
  boundAfterLinked,
  namedFirst,
} as const;

/** Only references keep their order, without which nothing could be written; what doors ask for is turned round. */
function orderReversed(plan: Plan): Plan {
  const turned = plan.changes.map((change) => ({
    ...change,
    needs: referencesOf(plan, change),
    phase: phases[phases.length - 1 - phases.indexOf(change.phase)] ?? 'prepare',
  }));
  return { ...plan, changes: turned.reverse() };
}

/** A gate is looked at, and whatever is seen, the rest goes on. */
function retiredWithoutProof(plan: Plan): Plan {
  const looks = idsOf(plan, ({ verb }) => verb === 'verify');
  return edited(plan, (change) => ({ ...change, needs: without(change.needs, looks) }));
}

/** A gate is looked at once its cover is gone. */
function uncoveredBeforeProof(plan: Plan): Plan {
  const looks = idsOf(plan, (change) => change.verb === 'verify' && does(change, 'prove'));
  const going = idsOf(plan, (change) => does(change, 'unguard') && meets(change.needs, looks));
  return edited(plan, (change) => {
    if (going.has(change.id)) return { ...change, phase: 'open', needs: without(change.needs, looks) };
    return looks.has(change.id) ? { ...change, needs: [...change.needs, ...going] } : change;
  });
}

/** What goes, goes at once, and nothing answers 503 before. */
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

/** An application gets its provider first, and then those who may use it. */
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

/** The name stands before anything that answers to it. */
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

/** Of what a change needs, that which it refers to. */
function referencesOf(plan: Plan, { needs, want }: Change): readonly string[] {
  const referred: ReadonlySet<string> = new Set(referencesIn(want));
  const made = idsOf(plan, ({ address }) => referred.has(addressId(address)));
  return needs.filter((need) => made.has(need));
}
