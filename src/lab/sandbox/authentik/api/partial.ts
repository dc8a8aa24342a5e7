import { createHash } from 'node:crypto';
import type { AuthentikState, ExpressionPolicyRow, GroupRow, UserRow } from '../../state/authentik-state.ts';
import type { Json, JsonObject } from '../../state/json.ts';
import type { Naming } from '../../state/provider-row.ts';

/** Rows in the form in which other rows contain them: the `*_obj` members. */

export function partialGroup(group: GroupRow): JsonObject {
  const { pk, name, is_superuser, attributes } = group;
  return { pk, num_pk: groupNumber(group), name, is_superuser, attributes };
}

export function relatedGroup(group: GroupRow): JsonObject {
  const { pk, name, is_superuser, attributes } = group;
  return { pk, name, is_superuser, attributes, group_uuid: pk };
}

export function partialUser(user: UserRow): JsonObject {
  const { pk, username, name, is_active, last_login, email, attributes } = user;
  return { pk, username, name, is_active, last_login, email, attributes, uid: uidOf(user) };
}

export function roleViews(state: AuthentikState, pks: readonly string[]): Json[] {
  return state.roles.filter((role) => pks.includes(role.pk)).map(({ pk, name }) => ({ pk, name }));
}

const EXPRESSION_NAMING: Naming = {
  component: 'ak-policy-expression-form',
  verbose_name: 'Expression Policy',
  verbose_name_plural: 'Expression Policies',
  meta_model_name: 'authentik_policies_expression.expressionpolicy',
};

export function boundPolicyView(state: AuthentikState, policy: ExpressionPolicyRow): JsonObject {
  return {
    pk: policy.pk,
    name: policy.name,
    execution_logging: policy.execution_logging,
    ...(policy.naming ?? EXPRESSION_NAMING),
    bound_to: state.bindings.filter((binding) => binding.policy === policy.pk).length,
  };
}

/** A number that follows from the UUID: LDAP needs one for each group. */
export function groupNumber({ pk, num_pk }: GroupRow): number {
  return num_pk ?? Number.parseInt(pk.slice(0, 5), 16);
}

export function uidOf(user: UserRow): string {
  return user.uid ?? createHash('sha256').update(user.uuid).digest('hex');
}
