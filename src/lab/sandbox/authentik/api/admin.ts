import { versionSaid } from '../../state/authentik-version.ts';
import { isObject } from '../../state/json.ts';
import { flagField } from './field.ts';
import { need } from './permission.ts';
import { type AuthentikReply, invalidField, ok } from './reply.ts';
import type { AuthentikCall, AuthentikRoute } from './router.ts';

export const adminRoutes: readonly AuthentikRoute[] = [
  ['GET', '/admin/version/', version],
  ['GET', '/admin/settings/', showSettings],
  ['PATCH', '/admin/settings/', changeSettings],
  ['GET', '/root/config/', showConfig],
];

/** The only endpoint that needs no token. */
export const ANONYMOUS = /^\/(?:root\/config|providers\/saml\/\d+\/metadata)\/$/;

function version(call: AuthentikCall): AuthentikReply {
  const { told } = call.state;
  if (told?.version !== undefined) return ok(told.version);
  const full = versionSaid(call.state);
  return ok({
    version_current: full,
    version_latest: full,
    version_latest_valid: true,
    build_hash: '',
    outdated: false,
    outpost_outdated: false,
  });
}

function showSettings(call: AuthentikCall): AuthentikReply {
  need(call, 'authentik_rbac.view_system_settings');
  const { told, flags } = call.state;
  if (told?.settings !== undefined) return ok({ ...told.settings, flags });
  return ok({
    avatars: 'gravatar,initials',
    default_user_change_name: true,
    default_user_change_email: false,
    default_user_change_username: false,
    event_retention: 'days=365',
    reputation_lower_limit: -5,
    reputation_upper_limit: 5,
    footer_links: [],
    gdpr_compliance: true,
    impersonation: true,
    impersonation_require_reason: true,
    default_token_duration: 'days=1',
    default_token_length: 60,
    pagination_default_page_size: 20,
    pagination_max_page_size: 100,
    flags,
  });
}

/** Stores only the flags; a write must name all four (facts §2.1). */
function changeSettings(call: AuthentikCall): AuthentikReply {
  need(call, 'authentik_rbac.edit_system_settings');
  const flags = isObject(call.body) ? call.body.flags : undefined;
  if (flags !== undefined && !isObject(flags)) throw invalidField('flags', 'This field must be an object.');
  for (const name of Object.keys(call.state.flags)) {
    if (flags === undefined) break;
    if (flags[name] === undefined) throw invalidField('flags', `${name}: This field is required.`);
  }
  for (const name of Object.keys(flags ?? {})) {
    if (!(name in call.state.flags)) continue;
    call.state.flags[name] = flagField.read(flags?.[name], { state: call.state, row: null }) === true;
  }
  return showSettings(call);
}

function showConfig({ state }: AuthentikCall): AuthentikReply {
  if (state.told?.config !== undefined) return ok(state.told.config);
  return ok({
    error_reporting: {
      enabled: false,
      sentry_dsn: '',
      environment: 'customer',
      send_pii: false,
      traces_sample_rate: 0,
    },
    capabilities: ['can_save_media', 'can_impersonate'],
    cache_timeout: 300,
    cache_timeout_flows: 300,
    cache_timeout_policies: 300,
  });
}
