import { type FieldTable, fieldMistake, flag, object, text, texts } from '../../state/field.ts';
import { isObject } from '../../state/json.ts';
import { type Json, type JsonObject, timestamp, type World } from '../../state/world.ts';
import { CloudflareApiError, type CloudflareReply, okEnvelope } from '../api/reply.ts';
import type { CloudflareCall, CloudflareRoute } from '../api/router.ts';
import { scopeOf, underBoth } from './access-scope.ts';
import { goDurationMs } from './go-duration.ts';

export const accessOrganizationRoutes: readonly CloudflareRoute[] = underBoth([
  ['GET', '/access/organizations', getOrganization],
  ['PUT', '/access/organizations', changeOrganization],
]);

/** The settings of a new account. Strict: as in accounts since October 2026. */
export const FIRST_SETTINGS: JsonObject = {
  login_design: {},
  is_ui_read_only: false,
  auto_redirect_to_identity: false,
  allow_authenticate_via_warp: false,
  deny_unmatched_requests: false,
  deny_unmatched_requests_exempted_zone_names: [],
  strict_service_token_auth: true,
  session_duration: '24h',
};

const SETTINGS: FieldTable = {
  ...{ login_design: object, is_ui_read_only: flag, auto_redirect_to_identity: flag },
  ...{ allow_authenticate_via_warp: flag, deny_unmatched_requests: flag, strict_service_token_auth: flag },
  deny_unmatched_requests_exempted_zone_names: texts,
  session_duration: {
    says: 'must be a duration',
    holds: (value) => typeof value === 'string' && goDurationMs(value) !== null,
  },
};

/** A setting in replies; in a copy whose reply lacked it, the value of a new account. */
export function organizationSetting(
  { organization }: Pick<World, 'organization'>,
  name: string,
): Json | undefined {
  return organization?.details?.[name] ?? FIRST_SETTINGS[name];
}

/** Refuses an account that never set up Zero Trust: 403, which does not only mean a lack of permission. */
function requireOrganization(call: CloudflareCall): NonNullable<World['organization']> {
  scopeOf(call);
  const { organization } = call.world;
  if (organization !== null) return organization;
  throw new CloudflareApiError(403, {
    code: 9999,
    message: 'access.api.error.not_enabled: Access is not enabled',
  });
}

function getOrganization(call: CloudflareCall): CloudflareReply {
  const { name, authDomain, createdAt, updatedAt, details } = requireOrganization(call);
  const settings = details ?? { ...FIRST_SETTINGS, created_at: createdAt, updated_at: updatedAt };
  return okEnvelope({ name, auth_domain: authDomain, ...settings });
}

/** Changes the organization; omitted settings stay. */
function changeOrganization(call: CloudflareCall): CloudflareReply {
  const organization = requireOrganization(call);
  const { body } = call;
  const given = isObject(body) ? body : {};
  const mistake = isObject(body)
    ? fieldMistake(given, { ...SETTINGS, name: text, auth_domain: text })
    : 'the body must be an object';
  if (mistake !== null)
    throw new CloudflareApiError(400, {
      code: 12130,
      message: `access.api.error.invalid_request: ${mistake}`,
    });
  const { name, auth_domain: authDomain, ...settings } = given;
  if (authDomain !== undefined && authDomain !== organization.authDomain) {
    throw new CloudflareApiError(400, {
      code: 12130,
      message: 'access.api.error.invalid_request: auth_domain is not changed here',
    });
  }
  const at = timestamp(call.world);
  organization.updatedAt = at;
  organization.name = typeof name === 'string' ? name : organization.name;
  organization.details = {
    ...(organization.details ?? { ...FIRST_SETTINGS, created_at: organization.createdAt }),
    ...settings,
    updated_at: at,
  };
  return getOrganization(call);
}
