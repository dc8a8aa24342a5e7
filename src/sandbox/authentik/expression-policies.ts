import { newUuid } from '../ids.ts';
import { bindingModel, bindingTitle } from './bindings.ts';
import { checked, flag, required, text, unique } from './field.ts';
import { ended, equals, isTrue, type Model, modelRoutes, usage } from './model.ts';
import { policyView } from './partial.ts';
import { expressionMistake } from './python-syntax.ts';
import type { AuthentikRoute } from './router.ts';
import type { ExpressionPolicyRow } from './state.ts';

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
      required(text()),
      'name',
      (state) => state.expressionPolicies,
      'Policy with this name already exists.',
    ),
    execution_logging: flag,
    expression: checked(required(text()), (value, { row }) =>
      expressionMistake(String(value), (row as ExpressionPolicyRow | null)?.name ?? 'temp-policy'),
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
  view: (call, row) => ({ ...policyView(call.state, row), expression: row.expression }),
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

export const expressionPolicyRoutes: readonly AuthentikRoute[] = modelRoutes(expressionPolicyModel);
