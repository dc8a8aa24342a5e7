import type { ScopeMappingRow } from '../../state/authentik-state.ts';
import { newUuid } from '../../state/ids.ts';
import type { JsonObject } from '../../state/json.ts';
import { checked, nullable, required, textField, unique } from '../api/field.ts';
import { equals, isTrue, type Model, modelRoutes, usage } from '../api/model.ts';
import { invalidField } from '../api/reply.ts';
import type { AuthentikCall, AuthentikRoute } from '../api/router.ts';
import { pythonMistake } from './python-syntax.ts';

const scopeMappingModel: Model<ScopeMappingRow> = {
  app: 'authentik_providers_oauth2',
  model: 'scopemapping',
  className: 'ScopeMapping',
  path: '/propertymappings/provider/scope/',
  lookup: 'pk',
  keyKind: 'uuid',
  parameter: 'pm_uuid',
  table: (state) => state.scopeMappings,
  title: (row) => row.name,
  pk: (row) => row.pk,
  fields: {
    managed: nullable(
      unique<ScopeMappingRow>(
        textField(),
        'managed',
        (state) => state.scopeMappings,
        'Property Mapping with this Managed by authentik already exists.',
      ),
    ),
    name: unique<ScopeMappingRow>(
      required(textField()),
      'name',
      (state) => state.scopeMappings,
      'Property Mapping with this name already exists.',
    ),
    expression: checked(required(textField()), (value, { row }) =>
      pythonMistake(String(value), (row as ScopeMappingRow | null)?.name ?? 'None'),
    ),
    scope_name: checked(required(textField()), (value) =>
      String(value).includes(' ') ? 'Value must not contain spaces.' : null,
    ),
    description: textField({ blank: true }),
  },
  ordering: 'scope_name',
  searched: ['name', 'scope_name'],
  filters: {
    managed: (value, { state }) => {
      if (state.scopeMappings.some((row) => row.managed === value)) return (row) => row.managed === value;
      throw invalidField('managed', `Select a valid choice. ${value} is not one of the available choices.`);
    },
    managed__isnull: isTrue((row) => row.managed === null),
    name: equals('name'),
    scope_name: equals('scope_name'),
  },
  view: scopeMappingView,
  create: (call, attributes) => ({
    pk: newUuid(call.world),
    managed: null,
    name: '',
    expression: '',
    scope_name: '',
    description: '',
    ...attributes,
  }),
  remove: ({ state }, row) => {
    for (const provider of state.providers) {
      provider.property_mappings = provider.property_mappings.filter((pk) => pk !== row.pk);
    }
  },
  usedBy: ({ state }, row) =>
    state.providers
      .filter(({ property_mappings }) => property_mappings.includes(row.pk))
      .map(({ pk, name }) => usage({ app: 'authentik_core', model: 'provider' }, pk, name, 'cascade_many')),
};

export const scopeMappingRoutes: readonly AuthentikRoute[] = modelRoutes(scopeMappingModel);

function scopeMappingView(_: AuthentikCall, row: ScopeMappingRow): JsonObject {
  const { pk, managed, name, expression, scope_name, description } = row;
  return {
    pk,
    managed,
    name,
    expression,
    component: 'ak-property-mapping-provider-scope-form',
    verbose_name: 'Scope Mapping',
    verbose_name_plural: 'Scope Mappings',
    meta_model_name: 'authentik_providers_oauth2.scopemapping',
    scope_name,
    description,
  };
}
