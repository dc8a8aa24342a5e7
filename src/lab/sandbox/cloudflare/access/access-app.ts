import {
  type FieldTable,
  fieldMistake,
  flag,
  ignored,
  isStringArray,
  list,
  numberWithin,
  object,
  oneOf,
  orNull,
  stringOf,
  text,
  texts,
  webAddress,
} from '../../state/field.ts';
import { newHex, newUuid } from '../../state/ids.ts';
import { isObject } from '../../state/json.ts';
import { type AccessApp, type JsonObject, timestamp, type World } from '../../state/world.ts';
import { invalidAccessRequest } from '../api/reply.ts';
import { destinationsOf, refuseTaken } from './access-destination.ts';
import { linkedPolicyView } from './access-policy.ts';
import { isSessionDuration } from './go-duration.ts';

/** An empty text is the value of an application without one. */
const urlOrEmpty = {
  says: webAddress.says,
  holds: (value: unknown) => value === '' || webAddress.holds(value),
};

const CORS_FIELDS: FieldTable = {
  allow_all_headers: flag,
  allow_all_methods: flag,
  allow_all_origins: flag,
  allow_credentials: flag,
  allowed_headers: texts,
  allowed_methods: texts,
  allowed_origins: texts,
  max_age: numberWithin(-1, 86_400),
};

const CORS_METHODS = ['GET', 'POST', 'HEAD', 'PUT', 'DELETE', 'CONNECT', 'OPTIONS', 'TRACE', 'PATCH'];

/** Fields that are only stored and shown, with the values that they read back as if they were never sent. */
const SETTINGS: FieldTable = {
  allowed_idps: orNull(texts),
  app_launcher_visible: flag,
  allow_authenticate_via_warp: orNull(flag),
  allow_iframe: orNull(flag),
  auto_redirect_to_identity: orNull(flag),
  cors_headers: orNull(object),
  custom_deny_message: text,
  custom_deny_url: urlOrEmpty,
  custom_non_identity_deny_url: urlOrEmpty,
  custom_pages: texts,
  eager_redirect_cookie_setting: flag,
  enable_binding_cookie: orNull(flag),
  http_only_cookie_attribute: orNull(flag),
  logo_url: urlOrEmpty,
  mfa_config: object,
  oauth_configuration: object,
  options_preflight_bypass: orNull(flag),
  path_cookie_attribute: orNull(flag),
  read_service_tokens_from_header: text,
  same_site_cookie_attribute: oneOf('none', 'lax', 'strict'),
  service_auth_401_redirect: orNull(flag),
  skip_interstitial: orNull(flag),
  use_clientless_isolation_app_launcher_url: flag,
};

const FIELDS: FieldTable = {
  type: text,
  name: text,
  domain: text,
  destinations: list,
  self_hosted_domains: texts,
  session_duration: text,
  policies: orNull(list),
  tags: orNull(texts),
  ...SETTINGS,
  id: ignored,
  uid: ignored,
  aud: ignored,
  created_at: ignored,
  updated_at: ignored,
  app_count: ignored,
};

const HOSTLESS_FIELDS: FieldTable = {
  ...Object.fromEntries(
    Object.entries(FIELDS).filter(([name]) => !['destinations', 'self_hosted_domains'].includes(name)),
  ),
  saas_app: object,
};

/** Fields that read back the same for false and null, so neither is shown (facts §3.1). */
const SILENT_WHEN_FALSE = [
  'service_auth_401_redirect',
  'enable_binding_cookie',
  'options_preflight_bypass',
  'auto_redirect_to_identity',
  'skip_interstitial',
  'allow_iframe',
  'path_cookie_attribute',
  'allow_authenticate_via_warp',
];

const MOST_APPS = 500;

/**
 * Types that guard no hostname of ours. Real accounts have them (the launcher and WARP have one each), in the same list
 * and without destinations: a client must handle them.
 */
export const HOSTLESS_TYPES: readonly string[] = ['app_launcher', 'warp', 'bookmark', 'saas'];

/**
 * The application of a complete body without its policies, or the refusal; nothing is stored yet. A PUT replaces
 * everything: omitted fields get their defaults.
 */
export function appOf(world: World, body: unknown, scope: AccessApp['scope'], before?: AccessApp): AccessApp {
  const given = isObject(body) ? body : {};
  const hostless = typeof given.type === 'string' && HOSTLESS_TYPES.includes(given.type);
  if (!hostless && given.type !== 'self_hosted') throw invalidAccessRequest('app type is missing or invalid');
  const mistake = fieldMistake(given, hostless ? HOSTLESS_FIELDS : FIELDS);
  if (mistake !== null) throw invalidAccessRequest(mistake);
  const type = stringOf(given.type, '');
  if (before !== undefined && before.type !== type) throw invalidAccessRequest('app type can not be changed');
  const domain = stringOf(given.domain, '') || firstDestination(given);
  if (!hostless && domain === '') throw invalidAccessRequest('domain is missing or invalid');
  if (stringOf(given.name, '').length > 350) throw invalidAccessRequest('name is longer than 350 characters');
  refuseContradictions(world, given);
  const destinations = hostless ? [] : destinationsOf(world, { ...given, domain });
  refuseTaken(world, destinations, before?.id);
  const most = world.accessLimits?.applications ?? MOST_APPS;
  if (before === undefined && world.apps.length >= most) {
    throw invalidAccessRequest(`maximum number of applications (${most}) has been reached`);
  }
  const at = timestamp(world);
  const id = before?.id ?? newUuid(world);
  return {
    id,
    uid: id,
    aud: before?.aud ?? newHex(world),
    scope: before?.scope ?? scope,
    name: stringOf(given.name, domain || type),
    type,
    destinations,
    policies: before?.policies ?? [],
    tags: tagsOf(world, given),
    sessionDuration: sessionDurationOf(given),
    settings: settingsOf(given, hostless),
    createdAt: before?.createdAt ?? at,
    updatedAt: at,
    revokedAt: before?.revokedAt ?? null,
  };
}

/** The domain of an application with destinations and without a domain. */
function firstDestination({ destinations }: JsonObject): string {
  const [first] = Array.isArray(destinations) ? destinations : [];
  return isObject(first) ? stringOf(first.uri, '') : '';
}

/** The settings of a body. Without destinations, `domain` is a field like any other. */
export function settingsOf(given: JsonObject, hostless: boolean): JsonObject {
  const settings = Object.entries(given).filter(
    ([name]) => Object.hasOwn(SETTINGS, name) || (hostless && ['domain', 'saas_app'].includes(name)),
  );
  return Object.fromEntries(settings);
}

function sessionDurationOf(given: JsonObject): string {
  const duration = stringOf(given.session_duration, '24h');
  if (!isSessionDuration(duration)) {
    throw invalidAccessRequest('session_duration must be a duration such as 24h, 730h at most');
  }
  return duration;
}

/** The tags, which must exist, in alphabetical order. */
function tagsOf(world: World, given: JsonObject): string[] {
  const tags = isStringArray(given.tags) ? given.tags : [];
  if (!tags.every((tag) => world.tags.some((known) => known.name === tag))) {
    throw invalidAccessRequest('tags contain a tag that does not exist');
  }
  return [...new Set(tags)].sort();
}

function refuseContradictions(world: World, given: JsonObject): void {
  const existing = world.identityProviders.map(({ id }) => id);
  const allowed = isStringArray(given.allowed_idps) ? given.allowed_idps : [];
  if (!allowed.every((id) => existing.includes(id))) {
    throw invalidAccessRequest('allowed_idps contains an identity provider that does not exist');
  }
  if (given.auto_redirect_to_identity === true && new Set(allowed).size !== 1) {
    throw invalidAccessRequest(
      'auto_redirect_to_identity needs exactly one identity provider in allowed_idps',
    );
  }
  if (given.options_preflight_bypass === true && isObject(given.cors_headers)) {
    throw invalidAccessRequest('options_preflight_bypass can not be used with cors_headers');
  }
  if (isObject(given.cors_headers)) refuseWrongCors(given.cors_headers);
}

function refuseWrongCors(cors: JsonObject): void {
  const mistake = fieldMistake(cors, CORS_FIELDS);
  if (mistake !== null) throw invalidAccessRequest(`invalid cors_headers: ${mistake}`);
  if (Object.values(cors).includes(false)) throw invalidAccessRequest('cors_headers can not say false');
  for (const sort of ['headers', 'methods', 'origins']) {
    if (cors[`allow_all_${sort}`] === true && cors[`allowed_${sort}`] !== undefined) {
      throw invalidAccessRequest(`cors_headers can not allow all ${sort} and list some`);
    }
  }
  if (cors.allow_credentials === true && cors.allow_all_origins === true) {
    throw invalidAccessRequest('cors_headers can not allow credentials to all origins');
  }
  const methods = isStringArray(cors.allowed_methods) ? cors.allowed_methods : [];
  if (!methods.every((method) => CORS_METHODS.includes(method))) {
    throw invalidAccessRequest('cors_headers allow a method that does not exist');
  }
}

/** An application in every reply, with its complete policies. */
export function appView(world: World, app: AccessApp): JsonObject {
  const uris = app.destinations.map((destination) => String(destination.uri));
  return {
    id: app.id,
    uid: app.uid,
    aud: app.aud,
    name: app.name,
    type: app.type,
    ...(uris.length === 0
      ? {}
      : { domain: uris[0] ?? '', self_hosted_domains: uris, destinations: app.destinations }),
    app_launcher_visible: true,
    // A bookmark has no session.
    ...(app.type === 'bookmark' ? {} : { session_duration: app.sessionDuration }),
    ...shownSettings(app.settings),
    tags: app.tags,
    policies: app.policies.map((link) => linkedPolicyView(world, link)),
    created_at: app.createdAt,
    updated_at: app.updatedAt,
  };
}

function shownSettings(settings: JsonObject): JsonObject {
  const shown = Object.entries(settings).filter(([name, value]) => {
    if (value === null || (Array.isArray(value) && value.length === 0)) return false;
    if (SILENT_WHEN_FALSE.includes(name)) return value !== false;
    return !(name === 'http_only_cookie_attribute' && value === true);
  });
  return Object.fromEntries(shown);
}
