import type { AccessApp } from '../../state/world.ts';
import { requireAccount } from '../api/accounts.ts';
import { CloudflareApiError } from '../api/reply.ts';
import { type CloudflareCall, type CloudflareRoute, param } from '../api/router.ts';
import { requireZone } from '../api/zones.ts';

/** The same routes under `/accounts/{scope_id}` and `/zones/{scope_id}`, as in most of Access. */
export function underBoth(routes: readonly CloudflareRoute[]): readonly CloudflareRoute[] {
  return routes.flatMap(([method, pattern, handler]) =>
    ['accounts', 'zones'].map(
      (kind): CloudflareRoute => [
        method,
        `/${kind}/{scope_id}${pattern}`,
        (call) => handler({ ...call, params: { ...call.params, scope_kind: kind } }),
      ],
    ),
  );
}

/** The account or zone of the path; refused if the token cannot see it. */
export function scopeOf(call: CloudflareCall): AccessApp['scope'] {
  if (param(call, 'scope_kind') === 'zones') return { kind: 'zones', id: requireZone(call, 'scope_id').id };
  requireAccount(call, 'scope_id');
  return { kind: 'accounts', id: call.world.account.id };
}

/** The application of the path, among those of its scope. */
export function requireApp(call: CloudflareCall): AccessApp {
  const scope = scopeOf(call);
  const id = param(call, 'app_id');
  const app = call.world.apps.find((candidate) => candidate.id === id && isIn(candidate, scope));
  if (app === undefined) {
    throw new CloudflareApiError(404, { code: 11021, message: 'access.api.error.unknown_application' });
  }
  return app;
}

/** True if an application is in a scope: the account contains all, a zone only those made for it. */
export function isIn(app: AccessApp, scope: AccessApp['scope']): boolean {
  return scope.kind === 'accounts' || (app.scope.kind === 'zones' && app.scope.id === scope.id);
}
