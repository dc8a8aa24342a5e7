import type { AuthentikState, FlowRow } from '../../state/authentik-state.ts';
import { newUuid } from '../../state/ids.ts';
import type { JsonObject } from '../../state/json.ts';
import type { ProviderRow } from '../../state/provider-row.ts';
import { choiceOf, required, slug, textField, unique } from '../api/field.ts';
import { ended, equals, type Model, modelRoutes, usage } from '../api/model.ts';
import type { AuthentikCall, AuthentikRoute } from '../api/router.ts';
import { OAUTH2, PROXY } from '../providers/provider.ts';
import { endProvider } from '../providers/providers.ts';
import { bindingModel } from './bindings.ts';

const DESIGNATIONS = [
  ...['authentication', 'authorization', 'invalidation', 'enrollment', 'unenrollment', 'recovery'],
  'stage_configuration',
];
const AUTHENTICATIONS = [
  ...['none', 'require_authenticated', 'require_unauthenticated', 'require_superuser'],
  ...['require_redirect', 'require_outpost'],
];

/** Flows without their stages: who passes a flow that somebody made is up to the visitor (`passing.ts`). */
const flowModel: Model<FlowRow> = {
  app: 'authentik_flows',
  model: 'flow',
  className: 'Flow',
  path: '/flows/instances/',
  lookup: 'slug',
  keyKind: 'text',
  parameter: 'slug',
  table: (state) => state.flows,
  title: (row) => row.name,
  pk: (row) => row.pk,
  fields: {
    name: required(textField()),
    slug: unique<FlowRow>(
      required(slug),
      'slug',
      ({ flows }) => flows,
      'Flow with this slug already exists.',
    ),
    title: required(textField()),
    designation: required(choiceOf(...DESIGNATIONS)),
    authentication: choiceOf(...AUTHENTICATIONS),
  },
  ordering: 'slug',
  searched: ['name', 'slug', 'designation', 'title'],
  filters: {
    slug: equals('slug'),
    name: equals('name'),
    designation: equals('designation'),
    flow_uuid: equals('pk'),
  },
  view: flowView,
  create: ({ world }, attributes) => ({
    pk: newUuid(world),
    policybindingmodel_ptr_id: newUuid(world),
    authentication: 'none',
    ...(attributes as Pick<FlowRow, 'name' | 'slug' | 'title' | 'designation'>),
  }),
  // The database cascades from either of a provider's two flows, and unsets the third.
  remove: (call, row) => {
    const { state } = call;
    for (const provider of leaning(state, row)) endProvider(call, provider);
    for (const provider of state.providers) {
      if (provider.authentication_flow === row.pk) provider.authentication_flow = null;
    }
    for (const binding of state.bindings.filter(({ target }) => target === row.policybindingmodel_ptr_id)) {
      ended(bindingModel, call, binding);
    }
    for (const brand of state.brands) {
      for (const [name, value] of Object.entries(brand.settings)) {
        if (value === row.pk) brand.settings[name] = null;
      }
    }
  },
  usedBy: ({ state }, row) =>
    leaning(state, row).map(({ pk, name, proxy }) =>
      usage(proxy === null ? OAUTH2 : PROXY, pk, name, 'cascade'),
    ),
};

export const flowRoutes: readonly AuthentikRoute[] = modelRoutes(flowModel, [
  'list',
  'create',
  'retrieve',
  'delete',
  'used_by',
]);

function leaning(state: AuthentikState, row: FlowRow): ProviderRow[] {
  return state.providers.filter(
    ({ authorization_flow, invalidation_flow }) =>
      authorization_flow === row.pk || invalidation_flow === row.pk,
  );
}

function flowView({ state }: AuthentikCall, row: FlowRow): JsonObject {
  const { pk, policybindingmodel_ptr_id, name, slug, title, designation, authentication } = row;
  const policies = state.bindings
    .filter(({ target }) => target === policybindingmodel_ptr_id)
    .map((binding) => binding.pk);
  const own = { pk, policybindingmodel_ptr_id, name, slug, title, designation, authentication };
  if (row.details !== undefined) return { ...own, policies, ...row.details };
  return {
    ...own,
    background: '',
    background_url: '/static/dist/assets/images/flow_background.jpg',
    background_themed_urls: null,
    stages: [],
    policies,
    cache_count: 0,
    policy_engine_mode: 'any',
    compatibility_mode: false,
    export_url: `/api/v3/flows/instances/${slug}/export/`,
    layout: 'stacked',
    denied_action: 'message_continue',
  };
}
