import type { SamlMappingRow } from '../../state/authentik-state.ts';
import { newUuid } from '../../state/ids.ts';
import type { JsonObject } from '../../state/json.ts';
import { checked, nullable, required, textField, unique } from '../api/field.ts';
import { equals, isTrue, type Model, modelRoutes, usage } from '../api/model.ts';
import { invalidField } from '../api/reply.ts';
import type { AuthentikCall, AuthentikRoute } from '../api/router.ts';
import { pythonMistake } from './python-syntax.ts';

/** The attributes of SAML assertions, each with the expression of its value (providers/saml/models.py). */
const samlMappingModel: Model<SamlMappingRow> = {
  app: 'authentik_providers_saml',
  model: 'samlpropertymapping',
  className: 'SAMLPropertyMapping',
  path: '/propertymappings/provider/saml/',
  lookup: 'pk',
  keyKind: 'uuid',
  parameter: 'pm_uuid',
  table: (state) => state.samlMappings,
  title: ({ name, saml_name, friendly_name }) =>
    `${name} (${friendly_name === '' ? saml_name : friendly_name})`,
  pk: (row) => row.pk,
  fields: {
    managed: nullable(
      unique<SamlMappingRow>(
        textField(),
        'managed',
        (state) => state.samlMappings,
        'Property Mapping with this Managed by authentik already exists.',
      ),
    ),
    name: unique<SamlMappingRow>(
      required(textField()),
      'name',
      (state) => state.samlMappings,
      'Property Mapping with this name already exists.',
    ),
    expression: checked(required(textField()), (value, { row }) =>
      pythonMistake(String(value), (row as SamlMappingRow | null)?.name ?? 'None'),
    ),
    saml_name: required(textField()),
    friendly_name: nullable(textField({ blank: true })),
  },
  ordering: 'name',
  searched: ['name', 'saml_name'],
  filters: {
    managed: (value, { state }) => {
      if (state.samlMappings.some((row) => row.managed === value)) return (row) => row.managed === value;
      throw invalidField('managed', `Select a valid choice. ${value} is not one of the available choices.`);
    },
    managed__isnull: isTrue((row) => row.managed === null),
    name: equals('name'),
    saml_name: equals('saml_name'),
    friendly_name: equals('friendly_name'),
  },
  view: samlMappingView,
  create: (call, attributes) => ({
    pk: newUuid(call.world),
    managed: null,
    name: '',
    expression: '',
    saml_name: '',
    friendly_name: null,
    ...attributes,
  }),
  remove: ({ state }, row) => {
    for (const provider of state.providers) {
      provider.property_mappings = provider.property_mappings.filter((pk) => pk !== row.pk);
      if (provider.saml?.name_id_mapping === row.pk) provider.saml.name_id_mapping = null;
    }
  },
  usedBy: ({ state }, row) =>
    state.providers
      .filter(({ property_mappings }) => property_mappings.includes(row.pk))
      .map(({ pk, name }) => usage({ app: 'authentik_core', model: 'provider' }, pk, name, 'cascade_many')),
};

export const samlMappingRoutes: readonly AuthentikRoute[] = modelRoutes(samlMappingModel);

function samlMappingView(_: AuthentikCall, row: SamlMappingRow): JsonObject {
  const { pk, managed, name, expression, saml_name, friendly_name } = row;
  return {
    pk,
    managed,
    name,
    expression,
    component: 'ak-property-mapping-provider-saml-form',
    verbose_name: 'SAML Provider Property Mapping',
    verbose_name_plural: 'SAML Provider Property Mappings',
    meta_model_name: 'authentik_providers_saml.samlpropertymapping',
    saml_name,
    friendly_name,
  };
}
