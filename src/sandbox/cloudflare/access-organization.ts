import { scopeOf, underBoth } from './access-scope.ts';
import { ApiError, ok, type Reply } from './reply.ts';
import type { ApiCall, Route } from './router.ts';

export const accessOrganizationRoutes: readonly Route[] = underBoth([
  ['GET', '/access/organizations', getOrganization],
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
