import type { ExpressionPolicyRow } from '../../state/authentik-state.ts';
import { newUuid } from '../../state/ids.ts';
import { checked, flagField, required, textField, unique } from '../api/field.ts';
import { ended, equals, isTrue, type Model, modelRoutes, usage } from '../api/model.ts';
import { boundPolicyView } from '../api/partial.ts';
import type { AuthentikRoute } from '../api/router.ts';
import { pythonMistake } from '../providers/python-syntax.ts';
import { bindingModel, bindingTitle } from './bindings.ts';

const expressionPolicyModel: Model<ExpressionPolicyRow> = {
  app: 'authentik_policies_expression',
  model: 'expressionpolicy',
  className: 'ExpressionPolicy',
  path: '/policies/expression/',
  lookup: 'pk',
  keyKind: 'uuid',
  parameter: 'policy_uuid',
  table: (state) => state.expressionPolicies,
  belongs: (row) => row.naming === undefined,
  title: (row) => row.name,
  pk: (row) => row.pk,
  fields: {
    name: unique<ExpressionPolicyRow>(
      required(textField()),
      'name',
      (state) => state.expressionPolicies,
      'Policy with this name already exists.',
    ),
    execution_logging: flagField,
    expression: checked(required(textField()), (value, { row }) =>
      pythonMistake(String(value), (row as ExpressionPolicyRow | null)?.name ?? 'temp-policy'),
    ),
  },
  ordering: 'name',
  searched: ['name'],
  filters: {
    name: equals('name'),
    policy_uuid: equals('pk'),
    expression: equals('expression'),
    execution_logging: isTrue((row) => row.execution_logging),
  },
  view: (call, row) => ({ ...boundPolicyView(call.state, row), expression: row.expression }),
  create: (call, attributes) => ({
    pk: newUuid(call.world),
    name: '',
    execution_logging: false,
    expression: '',
    ...attributes,
  }),
  remove: (call, row) => {
    for (const binding of call.state.bindings.filter(({ policy }) => policy === row.pk)) {
      ended(bindingModel, call, binding);
    }
  },
  usedBy: ({ state }, row) =>
    state.bindings
      .filter(({ policy }) => policy === row.pk)
      .map((binding) => usage(bindingModel, binding.pk, bindingTitle(state, binding), 'cascade')),
};

/** Policies of every type, as their base class shows them (policies/api/policies.py). */
const anyPolicyModel: Model<ExpressionPolicyRow> = {
  ...expressionPolicyModel,
  app: 'authentik_policies',
  model: 'policy',
  className: 'Policy',
  path: '/policies/all/',
  belongs: () => true,
  fields: {},
  filters: {},
  view: ({ state }, row) => boundPolicyView(state, row),
};

export const policyRoutes: readonly AuthentikRoute[] = [
  ...modelRoutes(expressionPolicyModel),
  ...modelRoutes(anyPolicyModel, ['list', 'retrieve']),
];
