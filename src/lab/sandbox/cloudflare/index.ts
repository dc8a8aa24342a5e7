import { chanceHex } from '../state/ids.ts';
import { TextResponse } from '../state/text-response.ts';
import { type JsonObject, now, type World } from '../state/world.ts';
import { accessAppPolicyRoutes } from './access/access-app-policies.ts';
import { accessAppRoutes } from './access/access-apps.ts';
import { accessCertificateRoutes } from './access/access-certificates.ts';
import { accessGroupRoutes } from './access/access-groups.ts';
import { accessIdentityProviderRoutes } from './access/access-identity-providers.ts';
import { accessOrganizationRoutes } from './access/access-organization.ts';
import { accessPolicyRoutes } from './access/access-policies.ts';
import { accessTagRoutes } from './access/access-tags.ts';
import { serviceTokenRoutes } from './access/service-tokens.ts';
import { accountRoutes, isInForce, tokenOf } from './api/accounts.ts';
import { auditLogRoutes } from './api/audit-log.ts';
import { budgetHeaders, spendCall } from './api/budget.ts';
import { refuseForeignZone, refuseLackOfPermission } from './api/permission.ts';
import { CloudflareApiError, type CloudflareReply, failureBody, successBody } from './api/reply.ts';
import { type CloudflareRoute, cloudflareRouter, type FormParts } from './api/router.ts';
import { zoneRoutes } from './api/zones.ts';
import { postureRuleRoutes } from './devices/posture-rules.ts';
import { dnsRecordRoutes } from './dns/dns-records.ts';
import { ipRuleRoutes } from './rulesets/ip-rules.ts';
import { purgeCacheRoutes } from './rulesets/purge-cache.ts';
import { phaseOfCall, rulesetRoutes } from './rulesets/rulesets.ts';
import { zoneExtraRoutes } from './rulesets/zone-extras.ts';
import { zoneSettingRoutes } from './rulesets/zone-settings.ts';
import { apiOperationRoutes } from './shield/api-operations.ts';
import { tokenConfigurationRoutes } from './shield/token-configurations.ts';
import { tokenRuleRoutes } from './shield/token-rules.ts';
import { tunnelConfigurationRoutes } from './tunnels/tunnel-configurations.ts';
import { tunnelRoutes } from './tunnels/tunnels.ts';
import { workersRouteRoutes } from './workers/worker-routes.ts';
import { workerScriptRoutes } from './workers/worker-scripts.ts';

const BASE = '/client/v4';

/** Every endpoint of this API; any other gets 404 code 7003. */
export const cloudflareRoutes: readonly CloudflareRoute[] = [
  ...accountRoutes,
  ...zoneRoutes,
  ...zoneSettingRoutes,
  ...ipRuleRoutes,
  ...auditLogRoutes,
  ...dnsRecordRoutes,
  ...accessAppRoutes,
  ...accessAppPolicyRoutes,
  ...accessPolicyRoutes,
  ...accessTagRoutes,
  ...accessGroupRoutes,
  ...accessOrganizationRoutes,
  ...accessIdentityProviderRoutes,
  ...accessCertificateRoutes,
  ...serviceTokenRoutes,
  ...postureRuleRoutes,
  ...tunnelRoutes,
  ...tunnelConfigurationRoutes,
  ...rulesetRoutes,
  ...purgeCacheRoutes,
  ...zoneExtraRoutes,
  ...workerScriptRoutes,
  ...workersRouteRoutes,
  ...tokenConfigurationRoutes,
  ...tokenRuleRoutes,
  ...apiOperationRoutes,
];

const route = cloudflareRouter(cloudflareRoutes);

/** The options of a request. */
export interface CloudflareCallOptions {
  /** An edit by another actor, without a token and outside the token's budget. */
  trusted?: boolean;
}

/**
 * Answers one call to the Cloudflare API (`/client/v4/…`, any host) and changes the world. Checks the token and the
 * budget. Never throws. Does not log the call, judge exposures or apply faults: the dispatcher does, since it must log
 * a dropped call but not an edit.
 */
export async function handleCloudflare(
  world: World,
  request: Request,
  options: CloudflareCallOptions = {},
): Promise<Response> {
  try {
    const sent = await sentBy(request);
    return response(world, answer(world, request, sent, options.trusted === true));
  } catch (error) {
    if (error instanceof CloudflareApiError) return failure(world, error);
    const broken = new CloudflareApiError(500, { code: 1000, message: `sandbox: ${String(error)}` });
    return failure(world, broken);
  }
}

/** The text of a body, or the parts of a form. */
async function sentBy(request: Request): Promise<string | FormParts> {
  if (!/^multipart\/form-data/i.test(request.headers.get('content-type') ?? '')) return request.text();
  const form = await request.formData().catch(() => {
    throw new CloudflareApiError(400, { code: 6007, message: 'Malformed form in request body' });
  });
  const parts = [...form].map(
    async ([name, value]): Promise<[string, FormParts[string]]> => [
      name,
      typeof value === 'string' ? { type: '', text: value } : { type: value.type, text: await value.text() },
    ],
  );
  return Object.fromEntries(await Promise.all(parts));
}

function answer(world: World, request: Request, sent: string | FormParts, trusted: boolean): CloudflareReply {
  const url = new URL(request.url);
  const path = url.pathname.startsWith(`${BASE}/`)
    ? url.pathname.slice(BASE.length).replace(/\/$/, '')
    : url.pathname;
  const bearer = bearerOf(request);
  if (!trusted) {
    refuseStranger(world, bearer, path);
    spendCall(world);
  }
  const { handler, pattern, params } = route(request.method, path);
  const parts = typeof sent === 'string' ? undefined : sent;
  const body = typeof sent === 'string' ? parsed(sent) : fieldsOf(sent);
  if (!trusted) {
    const token = tokenOf(world, bearer);
    refuseLackOfPermission(token, request.method, { pattern, phase: phaseOfCall({ world, params, body }) });
    const [, zoneId] = /^\/zones\/([^/]+)/.exec(path) ?? [];
    refuseForeignZone(
      token,
      world.zones.find(({ id }) => id === zoneId),
    );
  }
  return handler({ world, params, query: url.searchParams, bearer, body, ...(parts && { parts }) });
}

function fieldsOf(parts: FormParts): JsonObject {
  return Object.fromEntries(Object.entries(parts).map(([name, { text }]) => [name, text]));
}

/** The value of a Bearer header, empty without one; a header of another form gets 400 code 6003. */
function bearerOf(request: Request): string {
  const header = request.headers.get('authorization');
  if (header === null) return '';
  const match = /^Bearer (\S+)$/i.exec(header);
  if (match?.[1] !== undefined) return match[1];
  throw new CloudflareApiError(400, {
    code: 6003,
    message: 'Invalid request headers',
    error_chain: [{ code: 6111, message: 'Invalid format for Authorization header' }],
  });
}

/** Refuses an unknown token with 403, never 401; verifying an invalid one gets 400 code 1000 (facts §1). */
function refuseStranger(world: World, bearer: string, path: string): void {
  const token = tokenOf(world, bearer);
  // An expired token may verify itself, and the answer says that it has expired.
  if (token !== undefined && (isInForce(world, token) || path.endsWith('/tokens/verify'))) return;
  if (path.endsWith('/tokens/verify'))
    throw new CloudflareApiError(400, { code: 1000, message: 'Invalid API Token' });
  throw new CloudflareApiError(403, { code: 10000, message: 'Authentication error' });
}

function parsed(text: string): unknown {
  if (text === '') return undefined;
  try {
    return JSON.parse(text);
  } catch {
    throw new CloudflareApiError(400, { code: 6007, message: 'Malformed JSON in request body' });
  }
}

function response(world: World, reply: CloudflareReply): Response {
  const init = { status: reply.status, headers: headers(world) };
  if (reply.text !== undefined) {
    const type = { 'content-type': 'text/plain; charset=utf-8' };
    return new TextResponse(reply.text, { status: reply.status, headers: { ...init.headers, ...type } });
  }
  return reply.status === 204 ? new Response(null, init) : jsonResponse(successBody(reply), init);
}

function failure(world: World, error: CloudflareApiError): Response {
  const all = { ...headers(world), ...error.headers };
  return jsonResponse(failureBody(error.detail), { status: error.status, headers: all });
}

/** The same as `Response.json`, which takes several times as long. */
function jsonResponse(
  body: unknown,
  { status, headers }: { status: number; headers: { [name: string]: string } },
): Response {
  return new TextResponse(JSON.stringify(body), {
    status,
    headers: { 'content-type': 'application/json', ...headers },
  });
}

function headers(world: World): { [name: string]: string } {
  const date = new Date(now(world)).toUTCString();
  return { ...budgetHeaders(world), 'cf-ray': `${chanceHex(16)}-SBX`, date };
}
