import { createLocalJWKSet, type JSONWebKeySet, jwtVerify } from 'jose';
import { callbackOf } from '../../cloudflare/access/access-identity-provider.ts';
import { isObject } from '../../state/json.ts';
import type { Identity, IdentityLogin, JsonObject, World } from '../../state/world.ts';
import { now } from '../../state/world.ts';
import type { Visit } from '../view/visit.ts';
import { identityByToken, type OpenIdProvider } from './identity.ts';

/** Makes a request on the internet, by name and through the edge like any visitor. */
export type Ask = (visit: Omit<Visit, 'sessions' | 'assertion'>) => Promise<Response>;

/** Published keys may verify; a shared secret never does. Access does not accept RS384. */
const ALGORITHMS = ['RS256', 'RS512'];

/** The reason why Access learned no identity. */
class Untold extends Error {}

/**
 * Redeems a code at the provider and reads its ID token. Returns the identity, or the reason why there is none. Access
 * itself has no session, so a provider behind an application that demands a login answers with a login page.
 */
export async function exchangeCode(
  world: World,
  given: { provider: OpenIdProvider; login: IdentityLogin; code: string },
  ask: Ask,
): Promise<Identity | string> {
  try {
    const token = await idTokenFor(world, given, ask);
    const info = await verified(world, given.provider, token, ask);
    return identityByToken(given.provider, info) ?? `the ID token has no claim ${given.provider.emailClaim}`;
  } catch (error) {
    if (error instanceof Untold) return error.message;
    throw error;
  }
}

async function idTokenFor(
  world: World,
  { provider, login, code }: { provider: OpenIdProvider; login: IdentityLogin; code: string },
  ask: Ask,
): Promise<string> {
  const form = new URLSearchParams({
    grant_type: 'authorization_code',
    code,
    redirect_uri: callbackOf(world),
    client_id: provider.clientId,
    client_secret: world.identitySecrets?.[provider.id] ?? '',
    ...(login.verifier === null ? {} : { code_verifier: login.verifier }),
  });
  const reply = await jsonFrom(ask, 'token endpoint', provider.tokenUrl, form.toString());
  if (typeof reply.id_token !== 'string') throw new Untold('the token endpoint gave no ID token');
  return reply.id_token;
}

async function verified(
  world: World,
  provider: OpenIdProvider,
  token: string,
  ask: Ask,
): Promise<JsonObject> {
  if (token.split('.').length !== 3) throw new Untold('the ID token is encrypted');
  const keys = await jsonFrom(ask, 'certificate address', provider.certsUrl, null);
  if (!Array.isArray(keys.keys)) throw new Untold('the certificate address shows no keys');
  try {
    const { payload } = await jwtVerify<JsonObject>(
      token,
      createLocalJWKSet(keys as unknown as JSONWebKeySet),
      {
        audience: provider.clientId,
        algorithms: ALGORITHMS,
        currentDate: new Date(now(world)),
      },
    );
    return payload;
  } catch (error) {
    throw new Untold(`the ID token does not verify: ${error instanceof Error ? error.message : ''}`);
  }
}

/** The JSON of an answer with 200; anything else, even a redirect to a login, is a failure. */
async function jsonFrom(ask: Ask, what: string, address: string, form: string | null): Promise<JsonObject> {
  if (!URL.canParse(address)) throw new Untold(`the ${what} is no URL`);
  const { hostname, pathname, search } = new URL(address);
  const type = ['content-type', 'application/x-www-form-urlencoded'] as const;
  const reply = await ask({
    method: form === null ? 'GET' : 'POST',
    host: hostname,
    path: pathname,
    query: search,
    headers: [
      ['accept', 'application/json'],
      ['user-agent', 'Cloudflare-Access'],
      ...(form === null ? [] : [type]),
    ],
    body: form === null ? null : new TextEncoder().encode(form),
  });
  if (reply.status !== 200) throw new Untold(`the ${what} answers ${reply.status}`);
  const body: unknown = await reply.json().catch(() => null);
  if (!isObject(body)) throw new Untold(`the ${what} does not answer JSON`);
  return body;
}
