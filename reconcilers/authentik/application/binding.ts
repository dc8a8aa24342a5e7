import { UnsafeError } from '../../../src/core/errors.ts';
import type { Observed } from '../../../src/core/objects/object.ts';
import type { Reconciler } from '../../../src/core/reconciler.ts';
import type { World } from '../../../src/core/world.ts';
import { carryOutBy } from '../../shared/carry-out.ts';
import { authentikOf, listAuthentik } from '../reading/api.ts';
import { atHosts } from '../reading/door-effects.ts';
import { type ApplicationSpec, application, applicationNamed, replyOf } from './application.ts';
import { group } from './group.ts';

/**
 * Admits a group or a user to an application. Keyed by `bindingKey`. It has no place for a marker, so it belongs to the
 * owner of the application, even if somebody else added it, since it admits people.
 */
export interface BindingSpec {
  /** Id of the application. */
  readonly application: string;
  /** Id of the group; empty for a binding of a user or a policy. */
  readonly group: string;
  /** Id of the user; empty for a binding of a group or a policy. */
  readonly user: string;
  readonly enabled: boolean;
  /** Everybody but the group or the user. */
  readonly negated: boolean;
  /** The hosts it guards; never sent. */
  readonly hosts: readonly string[];
  /** Hosts that its application guards only until they have another gate; never sent. */
  readonly behind?: readonly string[];
  /**
   * Observed only: the last binding that keeps an application with a provider from admitting everybody. It is removed
   * last.
   */
  readonly last?: true;
}

interface BindingReply {
  readonly pk: string;
  readonly policy: string | null;
  readonly group: string | null;
  readonly user: number | null;
  readonly user_obj?: { readonly username: string } | null;
  readonly target: string;
  readonly negate?: boolean;
  readonly enabled?: boolean;
  readonly order: number;
  readonly timeout?: number;
  readonly failure_result?: boolean;
  /** Since 2026.8: a person has this access for a limited time; it ends by itself. */
  readonly expiring?: boolean;
}

const kind = 'authentik/binding';
const bindings = '/policies/bindings/';

/** Notes: ids of wrong bindings that a right one has replaced, until they are removed. */
const exchanges = 'authentik-binding-exchange';

/** `grafana/admins` for a group, `grafana:user/ada` for a user: a slug has no colon, and a name may have any. */
export function bindingKey(
  slug: string,
  who: { readonly group: string } | { readonly user: string },
): string {
  return 'group' in who ? `${slug}/${who.group}` : `${slug}:user/${who.user}`;
}

export const binding: Reconciler<BindingSpec> = {
  kind,
  title: 'Authentik binding',
  unmarked: true,

  async observe(world) {
    if (world.authentik === undefined) return [];
    const [replies, applications, groups, exchanged] = await Promise.all([
      listAuthentik(world, bindings) as Promise<readonly BindingReply[]>,
      world.read(application),
      world.read(group),
      world.notes.list(exchanges),
    ]);
    const apps = new Map(applications.map((app) => [app.id, app]));
    const names = new Map(groups.map(({ id, address }) => [id, address.key]));
    const taken = new Set<string>();
    const last = lastOnes(replies);
    return [...replies].sort(byStrength).map((reply) => {
      const app = apps.get(reply.target);
      const free = keyOf(reply, app?.address.key, names);
      // A group or a user can be bound twice. The binding that counts has the key; gates removes every other one.
      const key = taken.has(free) ? `${free} (${reply.pk})` : free;
      taken.add(free);
      const unfinished = exchanged.includes(reply.pk);
      return observed(reply, { key, app, last: last.has(reply.pk), unfinished });
    });
  },

  recognizes: (want, { spec }) =>
    want.application === spec.application && want.group === spec.group && want.user === spec.user,

  drift: (want, have) =>
    (['application', 'group', 'user', 'enabled', 'negated'] as const).filter(
      (field) => want[field] !== undefined && want[field] !== have[field],
    ),

  doors(want, have) {
    if (want !== undefined) {
      // Hosts that are leaving this login must not gain people, so a new binding waits until they have left. A binding
      // that somebody negated admits everybody but those it names, so its repair waits for nothing.
      const behind = have?.spec.negated === true ? [] : (want.behind ?? []);
      const leaving = behind.map(String).filter((host) => !want.hosts.map(String).includes(host));
      return [...atHosts(want.hosts, 'guard'), ...atHosts(leaving, 'unguard')];
    }
    if (have === undefined || !have.spec.enabled) return [];
    const effects = atHosts(have.spec.hosts, have.spec.last === true ? 'unguard' : 'guard');
    const slug = slugOf(have);
    if (slug === undefined) return effects;
    return effects.map((effect) => ({ ...effect, exchangedFor: `authentik/provider-link:${slug}` as const }));
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
  const { application: target, group: groupId, user, enabled, negated: negate } = want;
  const subject = { policy: null, group: groupId || null, user: user === '' ? null : Number(user) };
  const body = { target, ...subject, enabled, negate, order, timeout: 30, failure_result: false };
  return (await authentikOf(world).post(bindings, body)) as BindingReply;
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
  const { group: groupId, user } = subjectOf(reply);
  const isSame = target === want.application && groupId === want.group && user === want.user;
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
): Promise<readonly Pick<BindingReply, 'pk' | 'group' | 'user' | 'negate'>[]> {
  return (await bindingsOf(world, applicationId)).filter(
    ({ enabled, expiring }) => enabled !== false && expiring !== true,
  );
}

function subjectOf({ group: groupId, user }: BindingReply): Pick<BindingSpec, 'group' | 'user'> {
  return { group: groupId ?? '', user: user === null ? '' : String(user) };
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
    const others = linked ? (await countingBindings(world, id)).filter(({ pk }) => pk !== have.id) : [];
    if (linked && others.length === 0) {
      throw new UnsafeError('Without this binding everybody would get through', {
        hint: 'It is the last of its application; the next run removes it once another stands',
      });
    }
  }
  await discard(have.id, world);
}

function slugOf({ raw }: Observed<BindingSpec>): string | undefined {
  return (raw as { readonly slug?: string } | undefined)?.slug;
}

/**
 * Sorts bindings by strength: enabled before disabled, plain before negated, then in the order in which Authentik
 * evaluates them.
 */
function byStrength(left: BindingReply, right: BindingReply): number {
  return (
    Number(left.enabled === false) - Number(right.enabled === false) ||
    Number(left.negate === true) - Number(right.negate === true) ||
    left.order - right.order ||
    left.pk.localeCompare(right.pk)
  );
}

/** Ids of the strongest binding of each target: a negated one only if no other counts. */
function lastOnes(replies: readonly BindingReply[]): ReadonlySet<string> {
  const first = new Map<string, string>();
  for (const reply of [...replies].sort(byStrength)) {
    const counts = reply.enabled !== false && reply.expiring !== true;
    if (counts && !first.has(reply.target)) first.set(reply.target, reply.pk);
  }
  return new Set(first.values());
}

function keyOf(
  { target, group: groupId, user, user_obj: named, policy }: BindingReply,
  slug: string | undefined,
  names: ReadonlyMap<string, string>,
): string {
  const place = slug ?? `target ${target}`;
  if (groupId !== null) return bindingKey(place, { group: names.get(groupId) ?? `group ${groupId}` });
  if (user === null) return `${place}/policy ${policy}`;
  return named?.username === undefined
    ? `${place}/user ${user}`
    : bindingKey(place, { user: named.username });
}

function observed(
  reply: BindingReply,
  {
    key,
    app,
    last,
    unfinished,
  }: {
    readonly key: string;
    readonly app: Observed<ApplicationSpec> | undefined;
    readonly last: boolean;
    readonly unfinished: boolean;
  },
): Observed<BindingSpec> {
  const linked = app !== undefined && replyOf(app).provider !== null;
  const { group: groupId, user } = subjectOf(reply);
  const used = [reply.target, groupId, user, reply.policy ?? ''].filter((id) => id !== '');
  return {
    address: { kind, key },
    id: reply.pk,
    owner: reply.expiring === true ? undefined : app?.owner,
    spec: {
      application: reply.target,
      ...subjectOf(reply),
      enabled: reply.enabled ?? true,
      negated: reply.negate ?? false,
      // Set without a provider too: the application admits these people as soon as it has one.
      hosts: app?.spec.hosts ?? [],
      ...(linked && last && { last: true as const }),
    },
    attributes: { id: reply.pk, ...(reply.user_obj && { username: reply.user_obj.username }) },
    uses: used,
    ...(app !== undefined && { partOf: `authentik/provider-link:${app.address.key}` as const }),
    ...(linked && last && { outlives: [`authentik/provider-link:${app.address.key}` as const] }),
    ...(app?.protection !== undefined && { protection: app.protection }),
    ...(unfinished && { unfinished: true as const }),
    raw: { ...reply, ...(app !== undefined && { slug: app.address.key }) },
  };
}
