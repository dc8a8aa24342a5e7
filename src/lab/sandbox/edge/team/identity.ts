import { decidingNames } from '../../authentik/api/passing.ts';
import { claimsOf, grantedScopes } from '../../authentik/oidc/claims.ts';
import { PASSWORD } from '../../authentik/oidc/login.ts';
import type { UserRow } from '../../state/authentik-state.ts';
import { isObject } from '../../state/json.ts';
import type { AccessApp, Identity, JsonObject, World } from '../../state/world.ts';
import { route } from '../routing/route.ts';
import { sameElements, sameText } from '../view/answers.ts';
import type { EdgeView } from '../view/view.ts';

/** An OpenID Connect provider from its row; missing addresses are empty. */
export interface OpenIdProvider {
  id: string;
  clientId: string;
  authUrl: string;
  tokenUrl: string;
  certsUrl: string;
  scopes: readonly string[];
  /** Names of the claims that policies may use. */
  claims: readonly string[];
  emailClaim: string;
  pkce: boolean;
}

/** A login method of a login page. */
export interface LoginMethod {
  /** Null for the one-time code of an account without a provider. */
  id: string | null;
  name: string;
  /** Null if the person just states an address: they are played as its owner. */
  openId: OpenIdProvider | null;
  /** True if the stated address is everything: other providers would say more. */
  isPin: boolean;
}

const ONE_TIME_CODE: LoginMethod = { id: null, name: 'One-time code', openId: null, isPin: true };

/** The login methods of an application: the providers that it allows, else all of the account. */
export function loginMethods(world: World, app: AccessApp): readonly LoginMethod[] {
  const { identityProviders } = world;
  if (identityProviders.length === 0) return [ONE_TIME_CODE];
  const allowed = textsOf(app.settings.allowed_idps);
  return identityProviders
    .filter(({ id }) => allowed.length === 0 || allowed.includes(String(id)))
    .map((row) => ({
      id: String(row.id),
      name: String(row.name),
      openId: row.type === 'oidc' ? openIdOf(row) : null,
      isPin: row.type === 'onetimepin',
    }));
}

function openIdOf({ id, config }: JsonObject): OpenIdProvider {
  const settings = isObject(config) ? config : {};
  const text = (name: string) => (typeof settings[name] === 'string' ? settings[name] : '');
  return {
    id: String(id),
    clientId: text('client_id'),
    authUrl: text('auth_url'),
    tokenUrl: text('token_url'),
    certsUrl: text('certs_url'),
    scopes: textsOf(settings.scopes),
    claims: textsOf(settings.claims),
    emailClaim: text('email_claim_name') || 'email',
    pkce: settings.pkce_enabled === true,
  };
}

function textsOf(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((each) => typeof each === 'string') : [];
}

/** The identity of a person who states an address. A one-time code reports no method of authentication. */
export function identityByWord({ id, isPin }: LoginMethod, email: string, amr?: string[]): Identity {
  const identity = { email, provider: id, claims: isPin ? {} : null };
  const methods = isPin ? [] : amr;
  return methods === undefined ? identity : { ...identity, amr: methods };
}

/** The identity from the claims of an ID token; null without an address, by which Access identifies people. */
export function identityByToken(provider: OpenIdProvider, claims: JsonObject): Identity | null {
  const email = claims[provider.emailClaim];
  if (typeof email !== 'string' || email === '') return null;
  const namedClaims = provider.claims.flatMap((name) => {
    const value = Object.hasOwn(claims, name) ? claims[name] : undefined;
    return value === undefined ? [] : [[name, value] as const];
  });
  return {
    email,
    provider: provider.id,
    claims: Object.fromEntries(namedClaims),
    amr: textsOf(claims.amr),
  };
}

/** A person at the login page: their address, and their account at Authentik. */
export interface LoggingIn {
  email: string;
  user: UserRow | undefined;
  /** The provider, and the methods by which the person authenticates there; absent: any of them, and a password. */
  by?: LoginBy;
}

export interface LoginBy {
  provider?: string | null;
  amr?: string[];
}

/**
 * The possible identities of a person at Access: for each login method of the application, even if the login itself is
 * broken, since no gate may count as closed because its login fails. A provider outside Authentik may claim anything
 * about anybody.
 */
export function identitiesOf(view: EdgeView, app: AccessApp, person: LoggingIn): Identity[] {
  const { email, user, by = {} } = person;
  const byDevice =
    allowsDevices(view.world, app) && email !== '' ? [{ email, provider: null, claims: {}, amr: [] }] : [];
  const byProvider = methodsOf(view, app).flatMap((method) =>
    view.answers.ask(
      ['identities', method, user, email, by.amr?.join(' ')],
      () => identitiesBy(view, method, person),
      sameText,
    ),
  );
  const all = [...byProvider, ...byDevice];
  return by.provider === undefined ? all : all.filter(({ provider }) => provider === by.provider);
}

/** The same methods as `loginMethods`, remembered. */
function methodsOf(view: EdgeView, app: AccessApp): readonly LoginMethod[] {
  return view.answers.ask(['loginMethods', app], () => loginMethods(view.world, app), sameText);
}

/** True if a device in WARP logs people in: the application's setting overrides the organization's. */
function allowsDevices({ organization }: World, { settings }: AccessApp): boolean {
  return (
    (settings.allow_authenticate_via_warp ?? organization?.details?.allow_authenticate_via_warp) === true
  );
}

function identitiesBy(view: EdgeView, method: LoginMethod, { email, user, by }: LoggingIn): Identity[] {
  const { openId } = method;
  if (openId === null || isForeign(view, openId)) {
    return email === '' ? [] : [identityByWord(method, email, by?.amr)];
  }
  const { authentik } = view.world;
  const provider = authentik.providers.find(({ client_id }) => client_id === openId.clientId);
  // Whoever passes a flow or a policy once has a session of Access from then on.
  const anything = view.answers.ask(['decidingNames'], () => decidingNames(authentik), sameElements);
  if (provider === undefined || user === undefined || !view.mayEnter(provider.pk, user, anything)) return [];
  if (!provider.include_claims_in_id_token) return [];
  const scopes = grantedScopes(authentik, provider, openId.scopes);
  const claims = claimsOf(authentik, provider, user, scopes);
  const identity = identityByToken(openId, { ...claims, amr: by?.amr ?? PASSWORD });
  return identity === null ? [] : [identity];
}

function isForeign(view: EdgeView, { authUrl, tokenUrl, certsUrl }: OpenIdProvider): boolean {
  return [authUrl, tokenUrl, certsUrl].some((address) =>
    view.answers.ask(['leadsElsewhere', address], () => leadsElsewhere(view, address)),
  );
}

/** True if an address leads outside Authentik: outside the zones, or to another application in one of them. */
function leadsElsewhere(view: EdgeView, address: string): boolean {
  if (!URL.canParse(address)) return true;
  const { hostname: host, pathname: path } = new URL(address);
  if (!view.world.zones.some(({ name }) => host === name || host.endsWith(`.${name}`))) return true;
  const knock = { method: 'GET', host, path, query: '', headers: [], body: null };
  const { verdict } = route(view, { ...knock, sessions: [], assertion: null });
  return verdict.kind === 'delivery' && verdict.servedBy === 'origin';
}
