import type { AuthentikState, ScopeMappingRow, UserRow } from '../../state/authentik-state.ts';
import { isAtLeast } from '../../state/authentik-version.ts';
import type { Json, JsonObject } from '../../state/json.ts';
import type { ProviderRow } from '../../state/provider-row.ts';
import { uidOf } from '../api/partial.ts';
import { groupsOf } from '../api/permission.ts';

type Expression = (state: AuthentikState, user: UserRow) => Json;

/** The known values of an expression; there is no Python here. */
const WORDS: { readonly [expression: string]: Expression } = {
  'request.user.email': (_, { email }) => email,
  'request.user.name': (_, { name }) => name,
  'request.user.username': (_, { username }) => username,
  'request.user.uid': (_, user) => uidOf(user),
  'request.user.pk': (_, { pk }) => pk,
  True: () => true,
  False: () => false,
  None: () => null,
  '[]': () => [],
};

/**
 * A list of the names of a person's groups, with any name for the variable. The first two forms give direct groups, the
 * last also their ancestors (Authentik's page on user objects).
 */
const GROUP_LIST =
  /^\[\s*(\w+)\.name\s+for\s+\1\s+in\s+(?:request\.)?user\.(groups\.all|ak_groups\.all|all_groups)\(\)\s*\]$/;

/** The claims of managed mappings, which say more than their shortened expressions in the first world. */
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
    groups: ownGroupNames(state, user),
  }),
  'goauthentik.io/providers/oauth2/scope-entitlements': () => ({ entitlements: [], roles: [] }),
  'goauthentik.io/providers/proxy/scope-proxy': () => ({ ak_proxy: { user_attributes: {} } }),
};

/** The requested scopes for which this provider has a mapping; others are silently dropped. */
export function grantedScopes(
  state: AuthentikState,
  provider: ProviderRow,
  asked: readonly string[],
): string[] {
  const known = mappingsOf(state, provider).map(({ scope_name }) => scope_name);
  return [...new Set(asked)].filter((scope) => known.includes(scope));
}

/**
 * The claims of a person by the mappings of these scopes, in the order of their names. If two mappings set one claim,
 * they are merged: the later text counts, lists are joined, with duplicates (authentik#25842).
 */
export function claimsOf(
  state: AuthentikState,
  provider: ProviderRow,
  user: UserRow,
  scopes: readonly string[],
): JsonObject {
  const asked = mappingsOf(state, provider).filter(({ scope_name }) => scopes.includes(scope_name));
  return asked
    .toSorted((left, right) => order(left.scope_name, right.scope_name))
    .reduce<JsonObject>((claims, mapping) => merged(claims, mappedClaims(state, mapping, user)), {});
}

function order(left: string, right: string): number {
  return left < right ? -1 : Number(left > right);
}

function merged(claims: JsonObject, more: JsonObject): JsonObject {
  const together = { ...claims };
  for (const [name, value] of Object.entries(more)) {
    const before = together[name];
    together[name] = Array.isArray(before) && Array.isArray(value) ? [...before, ...value] : value;
  }
  return together;
}

/** The subject by the provider's `sub_mode`. */
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

function ownGroupNames(state: AuthentikState, user: UserRow): string[] {
  return groupsOf(state, user).flatMap(({ pk, name }) => (user.groups.includes(pk) ? [name] : []));
}

/** The names; undefined for any other text. `user.groups` are Django's own groups, empty before 2025.12. */
function groupList(state: AuthentikState, user: UserRow, text: string): string[] | undefined {
  switch (GROUP_LIST.exec(text)?.[2]) {
    case 'all_groups':
      return groupsOf(state, user).map(({ name }) => name);
    case 'ak_groups.all':
      return ownGroupNames(state, user);
    case 'groups.all':
      return isAtLeast(state.version, '2025.12') ? ownGroupNames(state, user) : [];
    default:
      return undefined;
  }
}

function mappedClaims(state: AuthentikState, mapping: ScopeMappingRow, user: UserRow): JsonObject {
  const managed = MANAGED[mapping.managed ?? ''];
  return managed === undefined ? evaluated(state, mapping.expression, user) : managed(state, user);
}

/** The claims of `return {"a": …, "b": …}` with known words, text and numbers; any other expression adds none. */
function evaluated(state: AuthentikState, expression: string, user: UserRow): JsonObject {
  const inside = /^return \{\s*(.*?),?\s*\}$/s.exec(expression.trim())?.[1];
  if (inside === undefined) return {};
  const claims: JsonObject = {};
  const member = /\s*["']([\w:./-]+)["']\s*:\s*(\[[^\]]*\]|"[^"]*"|'[^']*'|[^,[\]{}"']+?)\s*(?:,|$)/gsy;
  while (member.lastIndex < inside.length) {
    const [, name = '', text = ''] = member.exec(inside) ?? [];
    if (name === '') return {};
    const value = WORDS[text]?.(state, user) ?? groupList(state, user, text) ?? literal(text);
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
