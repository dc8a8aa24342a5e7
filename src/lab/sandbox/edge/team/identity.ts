import { claimsOf, grantedScopes } from '../../authentik/oidc/claims.ts';
import type { UserRow } from '../../state/authentik-state.ts';
import { isObject } from '../../state/json.ts';
import type { AccessApp, Identity, JsonObject, World } from '../../state/world.ts';
import { route } from '../routing/route.ts';
import type { EdgeView } from '../view/view.ts';

/** An identity provider of OpenID Connect, as its row says; addresses that it lacks are empty. */
export interface OpenIdProvider {
  id: string;
  clientId: string;
  authUrl: string;
  tokenUrl: string;
  certsUrl: string;
  scopes: readonly string[];
  /** Names of the claims that policies may ask about. */
  claims: readonly string[];
  emailClaim: string;
  pkce: boolean;
}

/** What a login page offers. */
export interface LoginMethod {
  /** Null for the one-time code of an account without any provider. */
  id: string | null;
  name: string;
  /** Null where the person's word for an address is taken: they are played as one who reads its mail. */
  openId: OpenIdProvider | null;
  /** Whether that word is all there is to know: other providers would say more. */
  isPin: boolean;
}

const ONE_TIME_CODE: LoginMethod = { id: null, name: 'One-time code', openId: null, isPin: true };

/** How people log in to an application: by the providers that it allows, else by all of the account. */
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
  const said = isObject(config) ? config : {};
  const text = (name: string) => (typeof said[name] === 'string' ? said[name] : '');
  return {
    id: String(id),
    clientId: text('client_id'),
    authUrl: text('auth_url'),
    tokenUrl: text('token_url'),
    certsUrl: text('certs_url'),
    scopes: textsOf(said.scopes),
    claims: textsOf(said.claims),
    emailClaim: text('email_claim_name') || 'email',
    pkce: said.pkce_enabled === true,
  };
}

function textsOf(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((each) => typeof each === 'string') : [];
}

/** Who somebody is by an address that they say is theirs. */
export function identityByWord({ id, isPin }: LoginMethod, email: string): Identity {
  return { email, provider: id, claims: isPin ? {} : null };
}

/** Who somebody is by the claims of an ID token; null without an address, since Access knows people by theirs. */
export function identityByToken(provider: OpenIdProvider, told: JsonObject): Identity | null {
  const email = told[provider.emailClaim];
  if (typeof email !== 'string' || email === '') return null;
  const kept = provider.claims.flatMap((name) => {
    const value = Object.hasOwn(told, name) ? told[name] : undefined;
    return value === undefined ? [] : [[name, value] as const];
  });
  return { email, provider: provider.id, claims: Object.fromEntries(kept) };
}

/** What a view was asked already: the oracle asks of every person at every application. */
interface Memory {
  methods: Map<string, readonly LoginMethod[]>;
  identities: Map<string, Identity[]>;
  foreign: Map<string, boolean>;
}

const memories = new WeakMap<EdgeView, Memory>();

function memoryOf(view: EdgeView): Memory {
  const memory = memories.get(view) ?? { methods: new Map(), identities: new Map(), foreign: new Map() };
  memories.set(view, memory);
  return memory;
}

/**
 * Who a person can be at Access: by each login method of the application, whatever else of that login is broken, since
 * no gate may count as closed because its login fails. A provider that Authentik does not answer for may say
 * everything of everybody.
 */
export function identitiesOf(
  view: EdgeView,
  app: AccessApp,
  person: { email: string; user: UserRow | undefined },
): Identity[] {
  const { email, user } = person;
  const { methods, identities } = memoryOf(view);
  const byDevice =
    allowsDevices(view.world, app) && email !== '' ? [{ email, provider: null, claims: {} }] : [];
  const offered = methods.get(app.id) ?? loginMethods(view.world, app);
  methods.set(app.id, offered);
  const byProvider = offered.flatMap((method) => {
    const key = `${method.id}/${user?.uuid}/${email}`;
    const found = identities.get(key) ?? identitiesBy(view, method, email, user);
    identities.set(key, found);
    return found;
  });
  return [...byProvider, ...byDevice];
}

/** A device in WARP is a login of its own, whatever providers the application allows; its own word beats the organization's. */
function allowsDevices({ organization }: World, { settings }: AccessApp): boolean {
  return (
    (settings.allow_authenticate_via_warp ?? organization?.details?.allow_authenticate_via_warp) === true
  );
}

function identitiesBy(
  view: EdgeView,
  method: LoginMethod,
  email: string,
  user: UserRow | undefined,
): Identity[] {
  const { openId } = method;
  if (openId === null || isForeign(view, openId)) {
    return email === '' ? [] : [identityByWord(method, email)];
  }
  const { authentik } = view.world;
  const provider = authentik.providers.find(({ client_id }) => client_id === openId.clientId);
  if (provider === undefined || user === undefined || !view.mayEnter(provider.pk, user)) return [];
  if (!provider.include_claims_in_id_token) return [];
  const scopes = grantedScopes(authentik, provider, openId.scopes);
  const identity = identityByToken(openId, claimsOf(authentik, provider, user, scopes));
  return identity === null ? [] : [identity];
}

function isForeign(view: EdgeView, { id, authUrl, tokenUrl, certsUrl }: OpenIdProvider): boolean {
  const memory = memoryOf(view).foreign;
  const foreign =
    memory.get(id) ?? [authUrl, tokenUrl, certsUrl].some((address) => leadsElsewhere(view, address));
  memory.set(id, foreign);
  return foreign;
}

/** To somebody else than Authentik: outside of the zones, or to an application in one of them. */
function leadsElsewhere(view: EdgeView, address: string): boolean {
  if (!URL.canParse(address)) return true;
  const { hostname: host, pathname: path } = new URL(address);
  if (!view.world.zones.some(({ name }) => host === name || host.endsWith(`.${name}`))) return true;
  const knock = { method: 'GET', host, path, query: '', headers: [], body: null };
  const { verdict } = route(view, { ...knock, sessions: [], assertion: null });
  return verdict.kind === 'delivery' && verdict.servedBy === 'origin';
}
