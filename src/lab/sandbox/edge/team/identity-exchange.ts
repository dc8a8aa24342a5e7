import { createLocalJWKSet, type JSONWebKeySet, jwtVerify } from 'jose';
import { callbackOf } from '../../cloudflare/access/access-identity-provider.ts';
import { isObject } from '../../state/json.ts';
import type { Identity, IdentityLogin, JsonObject, World } from '../../state/world.ts';
import { now } from '../../state/world.ts';
import type { Visit } from '../view/visit.ts';
import { identityByToken, type OpenIdProvider } from './identity.ts';

/** A request on the internet, which goes by name through the edge like everybody's. */
export type Ask = (visit: Omit<Visit, 'sessions' | 'assertion'>) => Promise<Response>;

/** Keys that are published may verify; a secret that is shared never does. Access takes no RS384. */
const ALGORITHMS = ['RS256', 'RS512'];

/** Why Access learned of nobody. */
class Untold extends Error {}

/**
 * Redeems a code at the provider and reads its ID token: who logged in, or in words why nobody did. Access has no
 * session anywhere, so a provider behind an application that asks for identity answers it with a login page.
 */
export async function exchangeCode(
  world: World,
  given: { provider: OpenIdProvider; login: IdentityLogin; code: string },
  ask: Ask,
): Promise<Identity | string> {
  try {
    const token = await idTokenFor(world, given, ask);
    const told = await verified(world, given.provider, token, ask);
    return identityByToken(given.provider, told) ?? `the ID token has no claim ${given.provider.emailClaim}`;
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
  const reply = await told(ask, 'token endpoint', provider.tokenUrl, form.toString());
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
  const keys = await told(ask, 'certificate address', provider.certsUrl, null);
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

/** The JSON that an address answers with 200; everything else, a redirect to log in included, is a failure. */
async function told(ask: Ask, what: string, address: string, form: string | null): Promise<JsonObject> {
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
