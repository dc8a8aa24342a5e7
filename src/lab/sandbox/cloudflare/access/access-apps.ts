import { isObject } from '../../state/json.ts';
import { type AccessApp, now } from '../../state/world.ts';
import { paged } from '../api/paging.ts';
import { accepted, type CloudflareReply, createdEnvelope, okEnvelope } from '../api/reply.ts';
import type { CloudflareCall, CloudflareRoute } from '../api/router.ts';
import { appOf, appView } from './access-app.ts';
import { attachedPolicies, storePolicies } from './access-app-policy.ts';
import { isIn, requireApp, scopeOf, underBoth } from './access-scope.ts';

export const accessAppRoutes: readonly CloudflareRoute[] = underBoth([
  ['GET', '/access/apps', listApps],
  ['POST', '/access/apps', createApp],
  ['GET', '/access/apps/{app_id}', getApp],
  ['PUT', '/access/apps/{app_id}', overwriteApp],
  ['DELETE', '/access/apps/{app_id}', deleteApp],
  ['POST', '/access/apps/{app_id}/revoke_tokens', revokeTokens],
]);

function listApps(call: CloudflareCall): CloudflareReply {
  const scope = scopeOf(call);
  const found = call.world.apps.filter((app) => isIn(app, scope) && isAskedFor(app, call.query));
  const { page, info } = paged(found, call.query, { perPage: 1000, max: 1000, totalPages: true });
  return okEnvelope(
    page.map((app) => appView(call.world, app)),
    info,
  );
}

/** True if an application matches the filters: name and domain match substrings, unless `exact`. */
function isAskedFor(app: AccessApp, query: URLSearchParams): boolean {
  const exact = query.get('exact') === 'true';
  const uris = app.destinations.map((destination) => String(destination.uri));
  const holds = (have: string, want: string) => (exact ? have === want : have.includes(want));
  const [name, domain, aud, search] = ['name', 'domain', 'aud', 'search'].map((key) => query.get(key));
  return (
    (name == null || holds(app.name, name)) &&
    (domain == null || uris.some((uri) => holds(uri, domain))) &&
    (aud == null || app.aud === aud) &&
    (search == null || [app.name, ...uris].some((have) => have.includes(search)))
  );
}

function createApp(call: CloudflareCall): CloudflareReply {
  const app = appOf(call.world, call.body, scopeOf(call));
  const attached = attachedPolicies(call.world, app, isObject(call.body) ? call.body.policies : undefined);
  call.world.apps.push(app);
  storePolicies(call.world, app, attached);
  return createdEnvelope(appView(call.world, app));
}

function getApp(call: CloudflareCall): CloudflareReply {
  return okEnvelope(appView(call.world, requireApp(call)));
}

function overwriteApp(call: CloudflareCall): CloudflareReply {
  const before = requireApp(call);
  const app = appOf(call.world, call.body, before.scope, before);
  const attached = attachedPolicies(call.world, app, isObject(call.body) ? call.body.policies : undefined);
  call.world.apps = call.world.apps.map((other) => (other.id === app.id ? app : other));
  storePolicies(call.world, app, attached);
  return okEnvelope(appView(call.world, app));
}

/** Deletes an application and its own policies; reusable ones stay. */
function deleteApp(call: CloudflareCall): CloudflareReply {
  const { id } = requireApp(call);
  call.world.apps = call.world.apps.filter((app) => app.id !== id);
  call.world.policies = call.world.policies.filter((policy) => policy.appId !== id);
  return accepted({ id });
}

/** Revokes an application's tokens. The reply is the short one of its schema: `success` and an empty result. */
function revokeTokens(call: CloudflareCall): CloudflareReply {
  requireApp(call).revokedAt = now(call.world);
  return { status: 202, result: null, body: { success: true, result: {} } };
}
