import type { Attributes, AuthentikState, BindingRow } from '../../state/authentik-state.ts';
import { isAtLeast } from '../../state/authentik-version.ts';
import { newUuid } from '../../state/ids.ts';
import type { JsonObject } from '../../state/json.ts';
import { Crash } from '../api/crash.ts';
import { flagField, integerField, integerOf, nullable, required, uuidOf } from '../api/field.ts';
import { equals, isTrue, type Model, modelRoutes, refersTo } from '../api/model.ts';
import { boundPolicyView, partialGroup, partialUser } from '../api/partial.ts';
import { invalid } from '../api/reply.ts';
import type { AuthentikCall, AuthentikRoute } from '../api/router.ts';
import { shown } from '../api/serializer.ts';

const INT32 = 2_147_483_647;
const KINDS = ['group', 'policy', 'user'] as const;

export const bindingModel: Model<BindingRow> = {
  app: 'authentik_policies',
  model: 'policybinding',
  className: 'PolicyBinding',
  path: '/policies/bindings/',
  lookup: 'pk',
  keyKind: 'uuid',
  parameter: 'policy_binding_uuid',
  table: (state) => state.bindings,
  title: (row) => `Binding #${row.order}`,
  pk: (row) => row.pk,
  fields: {
    policy: nullable(uuidOf((state, pk) => state.expressionPolicies.some((row) => row.pk === pk))),
    group: nullable(uuidOf((state, pk) => state.groups.some((row) => row.pk === pk))),
    user: nullable(integerOf((state, pk) => state.users.some((row) => row.pk === pk))),
    target: required(uuidOf((state, pk) => targetOf(state, pk) !== null)),
    negate: flagField,
    enabled: flagField,
    order: required(integerField(-INT32 - 1, INT32)),
    timeout: integerField(0, INT32),
    failure_result: flagField,
  },
  ordering: 'order,pk',
  searched: [],
  filters: {
    target: refersTo(
      'target',
      (state, pk) => isBound(state, pk),
      (row, pk) => row.target === pk,
    ),
    target_in: (value) => {
      const wanted = value.split(',');
      return (row) => wanted.includes(row.target);
    },
    policy: refersTo(
      'policy',
      (state, pk) => state.expressionPolicies.some((row) => row.pk === pk),
      (row, pk) => row.policy === pk,
    ),
    policy__isnull: isTrue((row) => row.policy === null),
    enabled: isTrue((row) => row.enabled),
    order: equals('order'),
    timeout: equals('timeout'),
  },
  view: bindingView,
  validate: validateBinding,
  create: (call, attributes) => ({
    pk: newUuid(call.world),
    policy: null,
    group: null,
    user: null,
    negate: false,
    enabled: true,
    timeout: 30,
    failure_result: false,
    expires: null,
    ...(attributes as Pick<BindingRow, 'target' | 'order'>),
    ...resolvedTarget(call.state, attributes),
  }),
  update: (call, row, attributes) => {
    Object.assign(row, attributes, resolvedTarget(call.state, attributes));
  },
  remove: () => {},
};

export const bindingRoutes: readonly AuthentikRoute[] = modelRoutes(bindingModel);

/**
 * A PATCH without `target` crashes Authentik itself; one without policy, group or user is refused. A PUT that leaves
 * out `policy` unsets it, while `group` and `user` stay (facts §2.6).
 */
function validateBinding(
  call: AuthentikCall,
  attributes: Attributes,
  row: BindingRow | null,
  mode: 'create' | 'put' | 'patch',
): void {
  if (mode === 'put' && attributes.policy === undefined) attributes.policy = null;
  refuseSameOrder(call, attributes, row);
  if (attributes.target === undefined) throw new Crash();
  const set = KINDS.filter((kind) => attributes[kind] !== undefined && attributes[kind] !== null);
  if (set.length > 1) throw notForField("Only one of 'group', 'policy', 'user' can be set.");
  if (set.length === 0) throw notForField("One of 'group', 'policy', 'user' must be set.");
}

/**
 * Refuses a binding if another one of the target has the same policy and the same order. A POST is compared only with
 * bindings of policies. A PUT, or a PATCH that names the target or a new order, is also compared with those of groups
 * and users: they all have the same policy, none.
 */
function refuseSameOrder(call: AuthentikCall, attributes: Attributes, row: BindingRow | null): void {
  const target =
    attributes.target === undefined ? row?.target : resolvedTarget(call.state, attributes).target;
  const { policy = row?.policy ?? null, order = row?.order } = attributes;
  if (row === null && policy === null) return;
  if (attributes.target === undefined && order === row?.order && policy === row?.policy) return;
  const others = call.state.bindings.filter((other) => other !== row && other.target === target);
  if (others.some((other) => other.policy === policy && other.order === order)) {
    throw notForField('The fields policy, target, order must make a unique set.');
  }
}

function notForField(message: string): Error {
  return invalid({ non_field_errors: [message] });
}

/** The attributes with their target. A flow has two ids; the binding stores the one that filters use. */
function resolvedTarget(state: AuthentikState, attributes: Attributes): { target: string } {
  const target = String(attributes.target);
  return { target: targetOf(state, target)?.bound ?? target };
}

/** The target of a UUID: the id that bindings store, and the one that they show. */
function targetOf(state: AuthentikState, pk: string): { bound: string; shown: string; name: string } | null {
  const application = state.applications.find((row) => row.pk === pk);
  if (application !== undefined) return { bound: pk, shown: pk, name: application.name };
  const flow = state.flows.find((row) => row.pk === pk || row.policybindingmodel_ptr_id === pk);
  return flow === undefined
    ? null
    : { bound: flow.policybindingmodel_ptr_id, shown: flow.pk, name: flow.name };
}

function isBound(state: AuthentikState, pk: string): boolean {
  return (
    state.applications.some((row) => row.pk === pk) ||
    state.flows.some((row) => row.policybindingmodel_ptr_id === pk) ||
    // In a copy, a binding may have a target that was not read, such as a stage of a flow.
    state.bindings.some(({ target }) => target === pk)
  );
}

function bindingView(call: AuthentikCall, row: BindingRow): JsonObject {
  const { state } = call;
  const policy = state.expressionPolicies.find((candidate) => candidate.pk === row.policy);
  const group = state.groups.find((candidate) => candidate.pk === row.group);
  const user = state.users.find((candidate) => candidate.pk === row.user);
  return {
    pk: row.pk,
    ...shown(bindingModel.fields, state, row),
    target: targetOf(state, row.target)?.shown ?? row.target,
    policy_obj: policy === undefined ? null : boundPolicyView(state, policy),
    group_obj: group === undefined ? null : partialGroup(group),
    user_obj: user === undefined ? null : partialUser(user),
    ...(isAtLeast(state.version, '2026.8') ? { expires: row.expires, expiring: row.expires !== null } : {}),
  };
}

/** The name of a binding in `used_by/`. */
export function bindingTitle(state: AuthentikState, row: BindingRow): string {
  const group = state.groups.find((candidate) => candidate.pk === row.group);
  const user = state.users.find((candidate) => candidate.pk === row.user);
  const policy = state.expressionPolicies.find((candidate) => candidate.pk === row.policy);
  const what = group
    ? `Group ${group.name}`
    : user
      ? `User ${user.username}`
      : `Policy ${policy?.name ?? row.policy}`;
  return `Binding from ${targetOf(state, row.target)?.name ?? row.target} #${row.order} to ${what}`;
}
