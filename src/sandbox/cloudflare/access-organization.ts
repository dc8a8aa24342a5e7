import { scopeOf, underBoth } from './access-scope.ts';
import { paged } from './paging.ts';
import { ApiError, ok, type Reply } from './reply.ts';
import type { ApiCall, Route } from './router.ts';

export const accessOrganizationRoutes: readonly Route[] = underBoth([
  ['GET', '/access/organizations', getOrganization],
  ['GET', '/access/identity_providers', listIdentityProviders],
]);

/** An account that never set up Zero Trust has none: 403, which must not be read as a lack of permission alone. */
function getOrganization(call: ApiCall): Reply {
  scopeOf(call);
  const { organization } = call.world;
  if (organization === null) {
    throw new ApiError(403, { code: 9999, message: 'access.api.error.not_enabled: Access is not enabled' });
  }
  const { name, authDomain, createdAt, updatedAt, details } = organization;
  if (details !== undefined) return ok({ name, auth_domain: authDomain, ...details });
  return ok({
    name,
    auth_domain: authDomain,
    login_design: {},
    is_ui_read_only: false,
    auto_redirect_to_identity: false,
    session_duration: '24h',
    created_at: createdAt,
    updated_at: updatedAt,
  });
}

/** None can be made yet, and only a copy has any: people log in with a one-time code. */
function listIdentityProviders(call: ApiCall): Reply {
  scopeOf(call);
  const { page, info } = paged(call.world.identityProviders, call.query, {
    perPage: 200,
    max: 1000,
    totalPages: true,
  });
  return ok(page, info);
}
