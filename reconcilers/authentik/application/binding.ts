import { UnsafeError } from '../../../src/core/errors.ts';
import type { Observed } from '../../../src/core/objects/object.ts';
import type { Reconciler } from '../../../src/core/reconciler.ts';
import type { World } from '../../../src/core/world.ts';
import { carryOutBy } from '../../shared/carry-out.ts';
import { authentikOf, listAuthentik } from '../reading/api.ts';
import { atHosts, atLeavingHosts } from '../reading/door-effects.ts';
import { strictnessRank } from '../reading/flow-strictness.ts';
import { application, applicationNamed } from './application.ts';
import {
  type BindingReply,
  type BindingSpec,
  bindingKind,
  bindingSubject,
  observedBindings,
} from './binding-form.ts';
import { group } from './group.ts';

const bindings = '/policies/bindings/';

/** Notes: ids of wrong bindings that a right one has replaced, until they are removed. */
const exchanges = 'authentik-binding-exchange';

export const binding: Reconciler<BindingSpec> = {
  kind: bindingKind,
  title: 'Authentik binding',
  traits: { unmarked: true },

  async observe(world) {
    if (world.authentik === undefined) return [];
    const [replies, applications, groups, exchanged] = await Promise.all([
      listAuthentik(world, bindings) as Promise<readonly BindingReply[]>,
      world.read(application),
      world.read(group),
      world.notes.list(exchanges),
    ]);
    return observedBindings(replies, { applications, groups, exchanged });
  },

  siblings: {
    recognizes: (want, { spec }) =>
      want.application === spec.application &&
      want.group === spec.group &&
      want.user === spec.user &&
      want.policy === spec.policy,
  },

  drift: (want, have) => [
    ...(['application', 'group', 'user', 'policy', 'enabled', 'negated'] as const).filter(
      (field) => want[field] !== undefined && want[field] !== have[field],
    ),
    ...(have.passesOnError === true && want.policy !== undefined ? ['passesOnError'] : []),
  ],

  doors(want, have) {
    if (want !== undefined) {
      // A binding that somebody negated admits everybody but those it names, so its repair waits for nothing.
      const leaving = have?.spec.negated === true ? [] : atLeavingHosts(want);
      const admits = want.policy === undefined && have?.spec.enabled !== true;
      const effects = atHosts(want.hosts, 'guard').map((effect) => (admits ? { ...effect, admits } : effect));
      return [...effects, ...leaving];
    }
    if (have === undefined || !have.spec.enabled) return [];
    const { hosts, last, demanded, policy } = have.spec;
    const effects = atHosts(hosts, last === true || demanded === true ? 'unguard' : 'guard');
    const slug = slugOf(have);
    // Without such a policy, more people get in: all those who are to stay out have to be out by then.
    if (slug === undefined || (demanded === true && policy !== undefined)) return effects;
    return effects.map((effect) => ({ ...effect, exchangedFor: `authentik/provider-link:${slug}` as const }));
  },

  login: {
    negated: ({ enabled, negated }) => enabled && negated,

    strictness(want, { spec: { demanded, last, negated, policy } }) {
      if (want !== undefined) return 0;
      if (demanded === true) return policy === undefined ? strictnessRank.fewerPeople : strictnessRank.laxer;
      return last === true && !negated ? strictnessRank.laxer : 0;
    },
  },

  async write(changes, world) {
    // This run may have made the application or the group; the read after a lost reply has to know their names.
    world.forget(application, group);
    const orders = changes.some(({ want }) => want !== undefined) ? await ordersInUse(world) : new Map();
    const { sideBySide } = world;
    return carryOutBy({ sideBySide }, changes, async ({ want, have }) => {
      if (want === undefined) {
        if (have !== undefined) await remove(have, world);
        return undefined;
      }
      const { pk } =
        have === undefined ? await make(want, orders, world) : await exchange(have, want, orders, world);
      return { id: pk };
    });
  },
};

/** Orders that bindings have, by the id of what they bind to. */
type Orders = Map<string, Set<number>>;

async function ordersInUse(world: World): Promise<Orders> {
  const orders: Orders = new Map();
  for (const { spec, raw } of await world.read(binding))
    takeOrder(orders, spec.application, raw as BindingReply);
  return orders;
}

function takeOrder(orders: Orders, target: string, { order }: Pick<BindingReply, 'order'>): void {
  orders.set(target, (orders.get(target) ?? new Set()).add(order));
}

/**
 * Makes a binding with the smallest order that no other binding of the application has. Authentik accepts a POST with
 * an order that is taken, but from then on refuses every PUT of both bindings, also one that a person makes.
 */
async function make(want: BindingSpec, orders: Orders, world: World): Promise<BindingReply> {
  const taken = orders.get(want.application) ?? new Set();
  let order = 0;
  while (taken.has(order)) order += 1;
  takeOrder(orders, want.application, { order });
  const { application: target, group: groupId, user, policy = null, enabled, negated: negate } = want;
  if (policy !== null) await refuseAlternative(target, world);
  const subject = { policy, group: groupId || null, user: user === '' ? null : Number(user) };
  const body = { target, ...subject, enabled, negate, order, timeout: 30, failure_result: false };
  return (await authentikOf(world).post(bindings, body)) as BindingReply;
}

/** Refuses a policy that would admit people by itself. */
async function refuseAlternative(applicationId: string, world: World): Promise<void> {
  const app = (await world.read(application)).find(({ id }) => id === applicationId);
  if (app?.spec.engine === 'all') return;
  throw new UnsafeError('The application admits everybody about whom any of its bindings agrees', {
    hint: 'The next run makes it ask for all of them, and then binds the policy',
  });
}

/**
 * Replaces a wrong binding: makes a right one, reads it back, and then removes the wrong one. Authentik would refuse a
 * PUT if another binding of the application, perhaps a foreign one, has the same order. Repeatable: a right binding of
 * an earlier attempt is used. The note lets a later run remove the wrong one, even if pruning is off.
 */
async function exchange(
  have: Observed<BindingSpec>,
  want: BindingSpec,
  orders: Orders,
  world: World,
): Promise<BindingReply> {
  const wire = authentikOf(world);
  const live = await bindingsOf(world, want.application);
  for (const reply of live) takeOrder(orders, want.application, reply);
  await world.notes.put(exchanges, have.id);
  const right =
    live.find((reply) => reply.pk !== have.id && isRight(reply, want)) ?? (await make(want, orders, world));
  const seen = (await wire.get(`${bindings}${right.pk}/`)) as BindingReply | undefined;
  if (seen === undefined || !isRight(seen, want)) {
    throw new UnsafeError('Authentik does not show the new binding as gates wrote it', {
      hint: 'The old binding stays until it does: look at the bindings of the application in Authentik',
    });
  }
  await discard(have.id, world);
  return right;
}

function isRight(reply: BindingReply, want: BindingSpec): boolean {
  const { target, enabled = true, negate = false, expiring = false } = reply;
  const { group: groupId, user, policy } = bindingSubject(reply);
  const isSame =
    target === want.application && groupId === want.group && user === want.user && policy === want.policy;
  if (policy !== undefined && reply.failure_result === true) return false;
  return isSame && enabled === want.enabled && negate === want.negated && !expiring;
}

async function discard(id: string, world: World): Promise<void> {
  await authentikOf(world).delete(`${bindings}${id}/`);
  await world.notes.clear(exchanges, id);
}

async function bindingsOf(world: World, target: string): Promise<readonly BindingReply[]> {
  return (await authentikOf(world).list(bindings, { target })) as readonly BindingReply[];
}

/** Ids of the bindings that now keep an application from admitting everybody, without those that will expire. */
export async function standingBindings(world: World, applicationId: string): Promise<readonly string[]> {
  return (await bindingsOf(world, applicationId)).filter(stands).map(({ pk }) => pk);
}

/** The enabled bindings of an application as they are now, without those that will expire. */
export async function countingBindings(
  world: World,
  applicationId: string,
): Promise<readonly Pick<BindingReply, 'pk' | 'group' | 'user' | 'policy' | 'negate'>[]> {
  return (await bindingsOf(world, applicationId)).filter(
    ({ enabled, expiring }) => enabled !== false && expiring !== true,
  );
}

function stands({ enabled, negate, expiring }: BindingReply): boolean {
  return enabled !== false && negate !== true && expiring !== true;
}

/** Refuses, whatever the plan assumed, to open a login to everybody, unless the file opens it. */
async function remove(have: Observed<BindingSpec>, world: World): Promise<void> {
  const { application: id, enabled } = have.spec;
  const slug = slugOf(have);
  if (enabled && slug !== undefined && world.scope.authentik?.open?.includes(slug) !== true) {
    const live = await applicationNamed(world, slug);
    const linked = live?.pk === id && live.provider !== null;
    // A negated binding suffices: if any of several bindings may agree, each removal only admits fewer people.
    // A policy that is asked for too does not stand for the people whom the file names.
    const asksAll = live?.policy_engine_mode === 'all';
    const isBeside = (policy: string | null) => asksAll && policy !== null;
    const others = linked
      ? (await countingBindings(world, id)).filter(
          ({ pk, policy }) =>
            pk !== have.id && !(have.spec.policy === undefined && isBeside(policy) && !isTested(slug, world)),
        )
      : [];
    if (linked && others.length === 0) {
      throw new UnsafeError('Without this binding everybody would get through', {
        hint: 'It is the last of its application; the next run removes it once another stands',
      });
    }
  }
  await discard(have.id, world);
}

/** True if the file admits everybody about whom the policies of the application agree. */
function isTested(slug: string, world: World): boolean {
  return world.scope.authentik?.tested?.includes(slug) === true;
}

function slugOf({ raw }: Observed<BindingSpec>): string | undefined {
  return (raw as { readonly slug?: string } | undefined)?.slug;
}
