import { createPrivateKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { signJwt } from '../authentik/api/jwt.ts';
import { signerOf } from '../authentik/oidc/signing.ts';
import { providerIssuer } from '../authentik/oidc/token.ts';
import { typeOf } from '../authentik/providers/provider.ts';
import { configurationsIn } from '../cloudflare/shield/token-configurations.ts';
import type { EdgeView } from '../edge/view/view.ts';
import type { Visit } from '../edge/view/visit.ts';
import { zoneOf } from '../edge/view/zone-rules.ts';
import { fixedKey } from '../state/fixed-keys.ts';
import type { JsonObject } from '../state/json.ts';
import type { ProviderRow } from '../state/provider-row.ts';
import type { Guard, World } from '../state/world.ts';

/** A visitor at a door for tokens, and the reason why it must not admit them. */
export interface BearerVisit {
  principal: string;
  visit: Visit;
}

/** An operation of a guard with its variables filled in. */
interface Place {
  method: string;
  path: string;
}

interface Shown {
  principal: string;
  /** Null: no token at all. */
  token: string | null;
}

/** 2100: a token that was signed once is valid in every world. */
const FAR = 4_102_444_800;
const OTHER_CLIENTS = 5;
const METHODS = ['GET', 'POST', 'DELETE'];
const GARBAGE = 'garbage';

/**
 * The visits that a guard for bearers must withstand: on its operations, visitors without a valid token for its
 * audience; everywhere else, visitors with one. The tokens are real, with the client's own key if the sandbox has it.
 */
export function bearerVisits(view: EdgeView, guard: Guard): BearerVisit[] {
  const { bearer, operations } = guard.admit;
  if (bearer === undefined) return [];
  const places = placesOf(operations ?? ['GET /', 'GET /below']);
  const { valid, others } = tokensFor(view.world, guard.host, bearer);
  const show = carrierOf(view.world, guard.host);
  const wrong = others.flatMap(({ principal, token }) => {
    const where = token === null ? [...places, ...disguised(places)] : places;
    return where.map((place) => ({
      principal: named(principal, place),
      visit: show(guard.host, place, token),
    }));
  });
  if (valid === null || operations === undefined) return wrong;
  const beside = besideOf(places, operations).map((place) => ({
    principal: named('valid token beside the operations', place),
    visit: show(guard.host, place, valid),
  }));
  return [...wrong, ...beside];
}

function named(principal: string, { method }: Place): string {
  return method === 'GET' ? principal : `${principal}, ${method}`;
}

function placesOf(operations: readonly string[]): Place[] {
  return operations.map((operation) => {
    const [method = 'GET', template = '/'] = operation.split(' ');
    return { method, path: template.replace(/\{[^}]*\}/g, 'oracle') };
  });
}

/** The same places in other spellings, as an origin may read them. */
function disguised(places: readonly Place[]): Place[] {
  return places.flatMap(({ method, path }) =>
    [`${path}/`, `/${path}`, path.toUpperCase(), path.replace(/[a-z]/, encoded)]
      .filter((other) => other !== path)
      .map((other) => ({ method, path: other })),
  );
}

function encoded(letter: string): string {
  return `%${letter.charCodeAt(0).toString(16)}`;
}

/** Other methods of the same paths, and neighboring paths. */
function besideOf(places: readonly Place[], operations: readonly string[]): Place[] {
  const paths = [...new Set(places.map(({ path }) => path))];
  const candidates = [
    ...paths.flatMap((path) => METHODS.map((method) => ({ method, path }))),
    ...paths.flatMap((path) =>
      [`${path}/below`, `${path}/`].map((other) => ({ method: 'GET', path: other })),
    ),
    ...['/', '/below'].map((path) => ({ method: 'GET', path })),
  ];
  return candidates.filter((place) => !operations.some((operation) => isAt(operation, place)));
}

function isAt(operation: string, place: Place): boolean {
  const [method, template = ''] = operation.split(' ');
  const wanted = template.split('/');
  const parts = place.path.split('/');
  return (
    method === place.method &&
    parts.length === wanted.length &&
    wanted.every((part, at) => (part.startsWith('{') ? parts[at] !== '' : part === parts[at]))
  );
}

function tokensFor(
  world: World,
  host: string,
  { audience, client }: NonNullable<Guard['admit']['bearer']>,
): { valid: string | null; others: Shown[] } {
  const { applications, providers } = world.authentik;
  const ofSlug = (slug: string | undefined) =>
    providers.find(({ pk }) => pk === applications.find((row) => row.slug === slug)?.provider);
  const own = ofSlug(client);
  const claims: JsonObject = { sub: 'oracle', aud: audience ?? own?.client_id ?? '', exp: FAR };
  const sign = (provider: ProviderRow | undefined, more: JsonObject) =>
    provider === undefined
      ? null
      : signedBy(world, provider, { ...claims, iss: issuer(world, provider), ...more });
  const strangers = applications
    .filter(({ slug }) => slug !== client)
    .flatMap(({ slug }) => {
      const provider = ofSlug(slug);
      if (provider === undefined || typeOf(provider) !== 'oauth2') return [];
      return [{ principal: `token of client ${slug}`, token: sign(provider, { aud: provider.client_id }) }];
    });
  const valid = sign(own, {});
  const signed: Shown[] = [
    { principal: 'expired token', token: sign(own, { exp: 1 }) },
    { principal: 'token for another audience', token: sign(own, { aud: 'somebody-else' }) },
    ...strangers.slice(0, OTHER_CLIENTS),
    ...forged(world, host, valid, claims),
  ];
  return {
    valid,
    others: [
      { principal: 'no token', token: null },
      { principal: 'garbage token', token: GARBAGE },
      { principal: 'unsigned token', token: unsigned(valid, claims) },
      ...signed.filter(({ token }) => token !== null),
    ],
  };
}

function issuer(world: World, provider: ProviderRow): string {
  return providerIssuer(
    world,
    provider,
    `https://${world.authentikHost ?? `auth.${world.zones[0]?.name ?? ''}`}`,
  );
}

const tokens = new Map<string, string | null>();

/** A signed token, cached, since RSA takes longer than all other steps. Null if the key signs nothing. */
function signedBy(world: World, provider: ProviderRow, claims: JsonObject): string | null {
  const pair = world.authentik.keyPairs.find(({ pk }) => pk === provider.signing_key);
  const name = `${pair?.key_data ?? provider.client_secret} ${JSON.stringify(claims)}`;
  const known = tokens.get(name);
  if (known !== undefined) return known;
  let token: string | null = null;
  try {
    token = signJwt(claims, signerOf(world.authentik, provider));
  } catch {
    // Nobody has a token of such a key, which signs none.
  }
  if (tokens.size > 10_000) tokens.clear();
  tokens.set(name, token);
  return token;
}

function unsigned(valid: string | null, claims: JsonObject): string {
  const header = { ...headerOf(valid), alg: 'none' };
  return `${[header, claims].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.')}.`;
}

function headerOf(token: string | null): JsonObject {
  if (token === null) return {};
  return JSON.parse(Buffer.from(token.split('.')[0] ?? '', 'base64url').toString('utf8'));
}

const FORGEABLE = ['RS256', 'ES256', 'ES384'] as const;
type ForgedAlgorithm = (typeof FORGEABLE)[number];

const foreign = new Map<string, KeyObject>();
const forgeries = new Map<string, string>();

/** Tokens that an unknown key signed under the name of a trusted one. */
function forged(world: World, host: string, valid: string | null, claims: JsonObject): Shown[] {
  const zone = zoneOf(world, host);
  const known = zone === undefined ? [] : configurationsIn(world, zone).flatMap(({ keys }) => keys);
  const header = headerOf(valid);
  const [first] = [header, ...known].flatMap(({ alg, kid }) => {
    const forgeable = FORGEABLE.find((each) => each === alg);
    return typeof kid === 'string' && forgeable !== undefined ? [{ alg: forgeable, kid }] : [];
  });
  if (first === undefined) return [];
  return [{ principal: 'token of a foreign key', token: forgery(first.alg, first.kid, claims) }];
}

function forgery(alg: ForgedAlgorithm, kid: string, claims: JsonObject): string {
  const name = `${alg} ${kid} ${JSON.stringify(claims)}`;
  const token = forgeries.get(name) ?? signJwt(claims, { alg, kid, key: foreignKey(alg) });
  forgeries.set(name, token);
  return token;
}

function foreignKey(alg: ForgedAlgorithm): KeyObject {
  const key = foreign.get(alg) ?? newForeignKey(alg);
  foreign.set(alg, key);
  return key;
}

function newForeignKey(alg: ForgedAlgorithm): KeyObject {
  if (alg === 'RS256') return createPrivateKey({ key: fixedKey(2), format: 'jwk' });
  return generateKeyPairSync('ec', { namedCurve: alg === 'ES384' ? 'P-384' : 'P-256' }).privateKey;
}

const SOURCE = /^http\.request\.(headers|cookies)\["([^"]+)"\]/;

/** Makes visits with the token in every place where this zone looks for one, including `Authorization`. */
function carrierOf(world: World, host: string): (host: string, place: Place, token: string | null) => Visit {
  const zone = zoneOf(world, host);
  const sources =
    zone === undefined ? [] : configurationsIn(world, zone).flatMap(({ tokenSources }) => tokenSources);
  const namesOf = (kind: string) =>
    [...new Set(sources)].flatMap((source) => {
      const [, place, name = ''] = SOURCE.exec(source) ?? [];
      return place === kind ? [name] : [];
    });
  const headers = [...new Set(['authorization', ...namesOf('headers')])];
  const cookies = namesOf('cookies');
  return (at, { method, path }, token) => ({
    ...{
      method,
      host: at,
      path,
      query: '',
      body: null,
      sessions: [],
      assertion: null,
      solvesChallenges: true,
    },
    headers:
      token === null
        ? []
        : [
            ...headers.map((name) => [name, `Bearer ${token}`] as const),
            ...(cookies.length === 0
              ? []
              : [['cookie', cookies.map((name) => `${name}=${token}`).join('; ')] as const]),
          ],
  });
}
