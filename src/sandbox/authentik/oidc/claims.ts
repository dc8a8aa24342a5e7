import type { Json, JsonObject } from '../../json.ts';
import { uidOf } from '../partial.ts';
import { groupsOf } from '../permission.ts';
import type { AuthentikState, ProviderRow, ScopeMappingRow, UserRow } from '../state.ts';
import { isAtLeast } from '../version.ts';

type Expression = (state: AuthentikState, user: UserRow) => Json;

/** What an expression may say of a person; there is no Python here. */
const WORDS: { readonly [expression: string]: Expression } = {
  'request.user.email': (_, { email }) => email,
  'request.user.name': (_, { name }) => name,
  'request.user.username': (_, { username }) => username,
  'request.user.uid': (_, user) => uidOf(user),
  'request.user.pk': (_, { pk }) => pk,
  '[group.name for group in request.user.groups.all()]': groupNames,
  True: () => true,
  False: () => false,
  None: () => null,
  '[]': () => [],
};

/** The managed mappings say more than the shortened expressions that the first world shows of them. */
const MANAGED: { readonly [managed: string]: (state: AuthentikState, user: UserRow) => JsonObject } = {
  'goauthentik.io/providers/oauth2/scope-openid': () => ({}),
  'goauthentik.io/providers/oauth2/scope-email': (state, { email }) => ({
    email,
    email_verified: !isAtLeast(state.version, '2025.12'),
  }),
  'goauthentik.io/providers/oauth2/scope-profile': (state, user) => ({
    name: user.name,
    given_name: user.name,
    preferred_username: user.username,
    nickname: user.username,
    groups: groupNames(state, user),
  }),
  'goauthentik.io/providers/oauth2/scope-entitlements': () => ({ entitlements: [], roles: [] }),
  'goauthentik.io/providers/proxy/scope-proxy': () => ({ ak_proxy: { user_attributes: {} } }),
};

/** Which of the scopes asked for this provider has a mapping of; the others are dropped without a word. */
export function grantedScopes(
  state: AuthentikState,
  provider: ProviderRow,
  asked: readonly string[],
): string[] {
  const known = mappingsOf(state, provider).map(({ scope_name }) => scope_name);
  return [...new Set(asked)].filter((scope) => known.includes(scope));
}

/** What the mappings of these scopes say of a person. */
export function claimsOf(
  state: AuthentikState,
  provider: ProviderRow,
  user: UserRow,
  scopes: readonly string[],
): JsonObject {
  const claims: JsonObject = {};
  for (const mapping of mappingsOf(state, provider)) {
    if (scopes.includes(mapping.scope_name)) Object.assign(claims, mappedClaims(state, mapping, user));
  }
  return claims;
}

/** By the provider's `sub_mode`. */
export function subjectOf(provider: ProviderRow, user: UserRow): string {
  const upn = user.attributes.upn;
  const subjects: { readonly [mode: string]: string } = {
    hashed_user_id: uidOf(user),
    user_id: String(user.pk),
    user_uuid: user.uuid,
    user_username: user.username,
    user_email: user.email,
    user_upn: typeof upn === 'string' ? upn : uidOf(user),
  };
  return subjects[provider.sub_mode] ?? uidOf(user);
}

function mappingsOf(state: AuthentikState, provider: ProviderRow): ScopeMappingRow[] {
  return state.scopeMappings.filter(({ pk }) => provider.property_mappings.includes(pk));
}

function groupNames(state: AuthentikState, user: UserRow): string[] {
  return groupsOf(state, user).map(({ name }) => name);
}

function mappedClaims(state: AuthentikState, mapping: ScopeMappingRow, user: UserRow): JsonObject {
  const managed = MANAGED[mapping.managed ?? ''];
  return managed === undefined ? evaluated(state, mapping.expression, user) : managed(state, user);
}

/** `return {"a": …, "b": …}` of known words, text and numbers; any other expression adds no claim. */
function evaluated(state: AuthentikState, expression: string, user: UserRow): JsonObject {
  const inside = /^return \{\s*(.*?),?\s*\}$/s.exec(expression.trim())?.[1];
  if (inside === undefined) return {};
  const claims: JsonObject = {};
  const member = /\s*["']([\w:./-]+)["']\s*:\s*(\[[^\]]*\]|"[^"]*"|'[^']*'|[^,[\]{}"']+?)\s*(?:,|$)/gsy;
  while (member.lastIndex < inside.length) {
    const [, name = '', text = ''] = member.exec(inside) ?? [];
    if (name === '') return {};
    const value = WORDS[text]?.(state, user) ?? literal(text);
    if (value === undefined) return {};
    claims[name] = value;
  }
  return claims;
}

function literal(text: string): Json | undefined {
  if (text === 'None') return null;
  try {
    return JSON.parse(text.replace(/^'(.*)'$/s, '"$1"'));
  } catch {
    return undefined;
  }
}
