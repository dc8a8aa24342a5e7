import type { Attributes, BrandRow } from '../../state/authentik-state.ts';
import { newUuid } from '../../state/ids.ts';
import type { JsonObject } from '../../state/json.ts';
import {
  dictionary,
  type Fields,
  flagField,
  nullable,
  required,
  setOf,
  since,
  textField,
  unique,
  uuidOf,
} from '../api/field.ts';
import { equals, isTrue, type Model, modelRoutes } from '../api/model.ts';
import { invalidField } from '../api/reply.ts';
import type { AuthentikCall, AuthentikRoute } from '../api/router.ts';
import { shown } from '../api/serializer.ts';

const flow = nullable(uuidOf((state, pk) => state.flows.some((row) => row.pk === pk)));

/** Fields of a brand that the sandbox stores and never uses. */
const settings: Fields = {
  branding_title: textField(),
  branding_logo: textField(),
  branding_favicon: textField(),
  branding_custom_css: textField({ blank: true }),
  branding_default_flow_background: textField(),
  branding_map_tiles: since('2026.8', textField({ blank: true })),
  flow_authentication: flow,
  flow_user_switch: since('2026.8', flow),
  flow_invalidation: flow,
  flow_recovery: flow,
  flow_unenrollment: flow,
  flow_user_settings: flow,
  flow_device_code: flow,
  flow_lockdown: since('2026.8', flow),
  flow_request: since('2026.8', flow),
  client_certificates: setOf(uuidOf((state, pk) => state.keyPairs.some((row) => row.pk === pk))),
};

export const STANDARD_SETTINGS: JsonObject = {
  branding_title: 'authentik',
  branding_logo: '/static/dist/assets/icons/icon_left_brand.svg',
  branding_favicon: '/static/dist/assets/icons/icon.png',
  branding_custom_css: '',
  branding_default_flow_background: '/static/dist/assets/images/flow_background.jpg',
  branding_map_tiles: '',
  flow_authentication: null,
  flow_user_switch: null,
  flow_invalidation: null,
  flow_recovery: null,
  flow_unenrollment: null,
  flow_user_settings: null,
  flow_device_code: null,
  flow_lockdown: null,
  flow_request: null,
  client_certificates: [],
};

/** Named by `brand_uuid`: a brand has no `pk` (facts §2.12). */
const brandModel: Model<BrandRow> = {
  app: 'authentik_brands',
  model: 'brand',
  className: 'Brand',
  path: '/core/brands/',
  lookup: 'brand_uuid',
  keyKind: 'uuid',
  parameter: 'brand_uuid',
  table: (state) => state.brands,
  title: (row) => row.domain,
  pk: (row) => row.brand_uuid,
  fields: {
    domain: unique<BrandRow>(
      required(textField()),
      'domain',
      (state) => state.brands,
      'This field must be unique.',
    ),
    default: flagField,
    default_application: nullable(uuidOf((state, pk) => state.applications.some((row) => row.pk === pk))),
    web_certificate: nullable(uuidOf((state, pk) => state.keyPairs.some((row) => row.pk === pk))),
    attributes: dictionary,
    ...settings,
  },
  ordering: 'domain',
  searched: ['domain'],
  filters: {
    domain: equals('domain'),
    brand_uuid: equals('brand_uuid'),
    default: isTrue((row) => row.default),
  },
  view: ({ state }, row) => ({
    brand_uuid: row.brand_uuid,
    domain: row.domain,
    default: row.default,
    ...shown(settings, state, row.settings),
    default_application: row.default_application,
    web_certificate: row.web_certificate,
    attributes: row.attributes,
  }),
  validate: ({ state }, attributes, row) => {
    if (attributes.default !== true || !state.brands.some((other) => other !== row && other.default)) return;
    throw invalidField('default', 'Only a single brand can be set as default.');
  },
  create: (call, attributes) => {
    const row: BrandRow = {
      brand_uuid: newUuid(call.world),
      domain: '',
      default: false,
      settings: { ...STANDARD_SETTINGS },
      default_application: null,
      web_certificate: null,
      attributes: {},
    };
    assign(call, row, attributes);
    return row;
  },
  update: assign,
  remove: () => {},
};

export const brandRoutes: readonly AuthentikRoute[] = modelRoutes(brandModel);

function assign(_: AuthentikCall, row: BrandRow, attributes: Attributes): void {
  for (const [name, value] of Object.entries(attributes)) {
    Object.assign(name in settings ? row.settings : row, { [name]: value });
  }
}
