import type { Observed } from '../../../src/core/objects/object.ts';
import { type ApplicationSpec, replyOf } from './application.ts';

/**
 * Admits a group or a user to an application, or those about whom a policy agrees. Keyed by `bindingKey`. It has no place for a marker, so it belongs to the
 * owner of the application, even if somebody else added it, since it admits people.
 */
export interface BindingSpec {
  /** Id of the application. */
  readonly application: string;
  /** Id of the group; empty for a binding of a user or a policy. */
  readonly group: string;
  /** Id of the user; empty for a binding of a group or a policy. */
  readonly user: string;
  /** Id of the policy; absent for a binding of a group or a user. */
  readonly policy?: string;
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
  /** Observed only: its application asks for all of its bindings, so each removal admits more people. */
  readonly demanded?: true;
  /** Observed only: it admits everybody when its policy fails. */
  readonly passesOnError?: true;
}

export interface BindingReply {
  readonly pk: string;
  readonly policy: string | null;
  readonly group: string | null;
  readonly user: number | null;
  readonly user_obj?: { readonly username: string } | null;
  readonly policy_obj?: { readonly name: string } | null;
  readonly target: string;
  readonly negate?: boolean;
  readonly enabled?: boolean;
  readonly order: number;
  readonly timeout?: number;
  readonly failure_result?: boolean;
  /** Since 2026.8: a person has this access for a limited time; it ends by itself. */
  readonly expiring?: boolean;
}

export const bindingKind = 'authentik/binding';

/** A group, a user or a policy, by its name. */
type Bound = { readonly group: string } | { readonly user: string } | { readonly policy: string };

/**
 * `grafana/admins` for a group, `grafana:user/ada` for a user, `grafana:policy/office` for a policy: a slug has no colon,
 * and a name may have any.
 */
export function bindingKey(slug: string, bound: Bound): string {
  if ('group' in bound) return `${slug}/${bound.group}`;
  return 'user' in bound ? `${slug}:user/${bound.user}` : `${slug}:policy/${bound.policy}`;
}

/** The ids of a group and a user, one of which is empty, or of a policy. */
export function bindingSubject({
  group: groupId,
  user,
  policy,
}: BindingReply): Pick<BindingSpec, 'group' | 'user' | 'policy'> {
  return {
    group: groupId ?? '',
    user: user === null ? '' : String(user),
    ...(policy !== null && { policy }),
  };
}

/** The bindings as the live system has them, the strongest first. `exchanged`: ids of those that a right one has replaced. */
export function observedBindings(
  replies: readonly BindingReply[],
  {
    applications,
    groups,
    exchanged,
  }: {
    readonly applications: readonly Observed<ApplicationSpec>[];
    readonly groups: readonly Observed[];
    readonly exchanged: readonly string[];
  },
): readonly Observed<BindingSpec>[] {
  const apps = new Map(applications.map((app) => [app.id, app]));
  const names = new Map(groups.map(({ id, address }) => [id, address.key]));
  const taken = new Set<string>();
  const last = lastOnes(replies);
  return [...replies].sort(byStrength).map((reply) => {
    const app = apps.get(reply.target);
    const free = keyOf(reply, app?.address.key, names);
    const replaced = isReplaced(reply, app) ? free : undefined;
    // A group or a user can be bound twice. The binding that counts has the key; gates removes every other one.
    const key = taken.has(free) || replaced !== undefined ? `${free} (${reply.pk})` : free;
    taken.add(key);
    const unfinished = exchanged.includes(reply.pk);
    return observed(reply, { key, app, last: last.has(reply.pk), unfinished, replaced });
  });
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

/**
 * True for a negated policy of an application that asks for all bindings. A right one is made beside it, so that nobody gets in until the
 * people of the file are bound. If one replaced the other at once, those of before would get in.
 */
function isReplaced(
  { policy, negate, enabled }: BindingReply,
  app: Observed<ApplicationSpec> | undefined,
): boolean {
  return policy !== null && negate === true && enabled !== false && app?.spec.engine === 'all';
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
  { target, group: groupId, user, user_obj: named, policy, policy_obj: rule }: BindingReply,
  slug: string | undefined,
  names: ReadonlyMap<string, string>,
): string {
  const place = slug ?? `target ${target}`;
  if (groupId !== null) return bindingKey(place, { group: names.get(groupId) ?? `group ${groupId}` });
  if (user === null) {
    return rule?.name === undefined ? `${place}/policy ${policy}` : bindingKey(place, { policy: rule.name });
  }
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
    replaced,
  }: {
    readonly key: string;
    readonly app: Observed<ApplicationSpec> | undefined;
    readonly last: boolean;
    readonly unfinished: boolean;
    readonly replaced: string | undefined;
  },
): Observed<BindingSpec> {
  const linked = app !== undefined && replyOf(app).provider !== null;
  const { group: groupId, user } = bindingSubject(reply);
  const used = [reply.target, groupId, user, reply.policy ?? ''].filter((id) => id !== '');
  const isLast = linked && last;
  const demanded = linked && app.spec.engine === 'all' && reply.enabled !== false;
  return {
    address: { kind: bindingKind, key },
    id: reply.pk,
    owner: reply.expiring === true ? undefined : app?.owner,
    spec: {
      application: reply.target,
      ...bindingSubject(reply),
      enabled: reply.enabled ?? true,
      negated: reply.negate ?? false,
      // Set without a provider too: the application admits these people as soon as it has one.
      hosts: app?.spec.hosts ?? [],
      ...(isLast && { last: true as const }),
      ...(demanded && { demanded: true as const }),
      ...(reply.policy !== null && reply.failure_result === true && { passesOnError: true as const }),
    },
    attributes: {
      id: reply.pk,
      ...(reply.user_obj && { username: reply.user_obj.username }),
      ...(reply.policy_obj && { policy: reply.policy_obj.name }),
    },
    uses: used,
    ...(app !== undefined && { partOf: `authentik/provider-link:${app.address.key}` as const }),
    ...((isLast || demanded) && {
      outlives: [`authentik/provider-link:${app.address.key}` as const],
    }),
    ...(app?.protection !== undefined && { protection: app.protection }),
    ...(unfinished && { unfinished: true as const }),
    ...(replaced !== undefined && { replacedBy: `${bindingKind}:${replaced}` as const }),
    raw: { ...reply, ...(app !== undefined && { slug: app.address.key }) },
  };
}
