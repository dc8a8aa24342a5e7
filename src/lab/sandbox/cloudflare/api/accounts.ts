import { type ApiToken, type JsonObject, now, type World } from '../../state/world.ts';
import { paged } from './paging.ts';
import { CloudflareApiError, okEnvelope } from './reply.ts';
import { type CloudflareCall, type CloudflareRoute, param } from './router.ts';

export const accountRoutes: readonly CloudflareRoute[] = [
  ['GET', '/accounts', listAccounts],
  ['GET', '/accounts/{account_id}', getAccount],
  ['GET', '/user/tokens/verify', verifyToken],
  ['GET', '/accounts/{account_id}/tokens/verify', verifyToken],
];

/**
 * Refuses an account that the token cannot see. A well-formed id gets 403 code 9109, whether or not it exists; any
 * other text is no account id: 400 code 7003.
 */
export function requireAccount(call: CloudflareCall, name = 'account_id'): void {
  requireId(param(call, name), [call.world.account.id], `/accounts/${param(call, name)}`);
}

/** The same as `requireAccount`, for any id of 32 hex digits and the existing ids of its sort. */
export function requireId(id: string, existing: readonly string[], path: string): void {
  if (existing.includes(id)) return;
  if (!/^[0-9a-f]{32}$/.test(id)) {
    throw new CloudflareApiError(400, {
      code: 7003,
      message: `Could not route to ${path}, perhaps your object identifier is invalid?`,
    });
  }
  throw new CloudflareApiError(403, { code: 9109, message: 'Unauthorized to access requested resource' });
}

/** The token with this value, valid or not. */
export function tokenOf(world: World, value: string): ApiToken | undefined {
  return world.apiTokens.find((token) => token.value === value);
}

/** True if a token is valid: neither disabled nor expired. */
export function isInForce(world: World, token: ApiToken): boolean {
  return statusOf(world, token) === 'active';
}

function statusOf(world: World, { status, expiresOn }: ApiToken): ApiToken['status'] {
  const isOver = expiresOn !== undefined && Date.parse(expiresOn) <= now(world);
  return status === 'active' && isOver ? 'expired' : status;
}

function accountView(world: World): JsonObject {
  const { id, name, createdOn, details } = world.account;
  if (details !== undefined) return { id, name, ...details };
  return { id, name, type: 'standard', settings: { enforce_twofactor: false }, created_on: createdOn };
}

function listAccounts(call: CloudflareCall) {
  const name = call.query.get('name');
  const accounts = [accountView(call.world)].filter((account) => name === null || account.name === name);
  const { page, info } = paged(accounts, call.query, { perPage: 20, max: 50, min: 5 });
  return okEnvelope(page, info);
}

function getAccount(call: CloudflareCall) {
  requireAccount(call);
  return okEnvelope(accountView(call.world));
}

function verifyToken(call: CloudflareCall) {
  if (call.params.account_id !== undefined) requireAccount(call);
  const token = tokenOf(call.world, call.bearer);
  if (token === undefined) throw new CloudflareApiError(400, { code: 1000, message: 'Invalid API Token' });
  const end = token.expiresOn === undefined ? {} : { expires_on: token.expiresOn };
  return okEnvelope({ id: token.id, status: statusOf(call.world, token), ...end });
}
