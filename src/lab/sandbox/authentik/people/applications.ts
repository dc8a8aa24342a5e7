import type { ApplicationRow, AuthentikState, UserRow } from '../../state/authentik-state.ts';
import { isAtLeast } from '../../state/authentik-version.ts';
import { newUuid } from '../../state/ids.ts';
import type { JsonObject } from '../../state/json.ts';
import { admits } from '../api/access.ts';
import { rememberedPage } from '../api/application-pages.ts';
import {
  checked,
  choiceOf,
  flagField,
  integerOf,
  nullable,
  required,
  type SerializerField,
  setOf,
  since,
  slug,
  textField,
  unique,
  url,
} from '../api/field.ts';
import { ended, equals, type Model, modelRoutes, rowByKey, selectedRows, usage } from '../api/model.ts';
import { listReply, ordered, pageOf } from '../api/paging.ts';
import { uidOf } from '../api/partial.ts';
import { isSuperuser } from '../api/permission.ts';
import { type AuthentikReply, denied, invalid, ok } from '../api/reply.ts';
import { type AuthentikCall, type AuthentikRoute, routeKey } from '../api/router.ts';
import { shown } from '../api/serializer.ts';
import { providerView } from '../providers/provider.ts';
import { bindingModel, bindingTitle } from './bindings.ts';

const RESERVED = ['authorize', 'token', 'device', 'userinfo', 'introspect', 'revoke'];

/** `blank://blank` hides an application from the people whom it admits. */
const launchAddress: SerializerField = {
  ...url({ blank: true }),
  read: (value, around) => (value === 'blank://blank' ? value : url({ blank: true }).read(value, around)),
};

const providerReference = integerOf((state, pk) => state.providers.some((row) => row.pk === pk));

export const applicationModel: Model<ApplicationRow> = {
  app: 'authentik_core',
  model: 'application',
  className: 'Application',
  path: '/core/applications/',
  lookup: 'slug',
  keyKind: 'text',
  parameter: 'slug',
  table: (state) => state.applications,
  title: (row) => row.name,
  pk: (row) => row.pk,
  fields: {
    name: required(textField()),
    slug: unique<ApplicationRow>(
      checked(required(slug), (value) =>
        RESERVED.includes(String(value))
          ? `The slug '${value}' is reserved and cannot be used for applications.`
          : null,
      ),
      'slug',
      (state) => state.applications,
      'Application with this slug already exists.',
    ),
    provider: nullable(
      unique<ApplicationRow>(
        providerReference,
        'provider',
        (state) => state.applications,
        'Application with this provider already exists.',
      ),
    ),
    backchannel_providers: setOf(providerReference),
    open_in_new_tab: flagField,
    meta_launch_url: launchAddress,
    meta_icon: since('2025.12', textField({ blank: true })),
    meta_description: textField({ blank: true }),
    meta_publisher: textField({ blank: true }),
    policy_engine_mode: choiceOf('any', 'all'),
    group: textField({ blank: true }),
    meta_hide: since('2026.8', flagField),
  },
  ordering: 'name',
  searched: ['name', 'slug', 'meta_description', 'meta_publisher', 'group'],
  filters: {
    name: equals('name'),
    slug: equals('slug'),
    group: equals('group'),
    meta_description: equals('meta_description'),
    meta_launch_url: equals('meta_launch_url'),
    meta_publisher: equals('meta_publisher'),
  },
  view: applicationView,
  create: (call, attributes) => ({
    pk: newUuid(call.world),
    name: '',
    slug: '',
    provider: null,
    backchannel_providers: [],
    open_in_new_tab: false,
    meta_launch_url: '',
    meta_icon: '',
    meta_description: '',
    meta_publisher: '',
    policy_engine_mode: 'any',
    group: '',
    meta_hide: false,
    ...attributes,
  }),
  remove: (call, row) => {
    const { state } = call;
    for (const binding of state.bindings.filter(({ target }) => target === row.pk)) {
      ended(bindingModel, call, binding);
    }
    for (const brand of state.brands) {
      if (brand.default_application === row.pk) brand.default_application = null;
    }
  },
  usedBy: ({ state }, row) =>
    state.bindings
      .filter(({ target }) => target === row.pk)
      .map((binding) => usage(bindingModel, binding.pk, bindingTitle(state, binding), 'cascade')),
};

export const applicationRoutes: readonly AuthentikRoute[] = [
  ...modelRoutes(applicationModel, ['create', 'retrieve', 'put', 'patch', 'delete', 'used_by']),
  ['GET', '/core/applications/', listApplications],
  ['GET', '/core/applications/{slug}/check_access/', checkAccess],
];

/**
 * Lists applications: for a superuser all, with `superuser_full_list`. Anybody else gets those whose policies admit
 * them, selected after paging and remembered for a day by user and page, whatever the filters (facts §2.1).
 */
function listApplications(call: AuthentikCall): AuthentikReply {
  const { state, query } = call;
  const caller = callerOf(call);
  const found = ordered(call, selectedRows(applicationModel, call), applicationModel.ordering);
  const { items, pagination } = pageOf(found, query);
  const isFull = query.get('superuser_full_list')?.toLowerCase() === 'true';
  if (isFull && isSuperuser(state, caller)) return listed(call, pagination, items);
  const userId = query.get('for_user');
  const person = userId !== null && isSuperuser(state, caller) ? personOf(state, userId) : caller;
  const allowed = items.filter((row) => admits(call, row, person));
  if (person !== caller || (query.get('search') ?? '') !== '') return listed(call, pagination, allowed);
  const page = rememberedPage(call.world, `${caller.pk}/${String(pagination.current)}`, allowed);
  return listed(call, pagination, page);
}

function listed(
  call: AuthentikCall,
  pagination: JsonObject,
  rows: readonly ApplicationRow[],
): AuthentikReply {
  return listReply(
    pagination,
    rows.map((row) => applicationView(call, row)),
  );
}

/** Checks access without any cache; only a superuser may ask about somebody else. */
function checkAccess(call: AuthentikCall): AuthentikReply {
  const { state, query } = call;
  const row = rowByKey(applicationModel, state, routeKey(call));
  const caller = callerOf(call);
  const userId = query.get('for_user');
  const person = userId !== null && isSuperuser(state, caller) ? personOf(state, userId) : caller;
  const passing = admits(call, row, person);
  const messages = passing ? [] : ['Permission denied'];
  return ok({ passing, messages, log_messages: [] });
}

function callerOf(call: AuthentikCall): UserRow {
  if (call.caller === null) throw denied('Authentication credentials were not provided.');
  return call.caller;
}

function personOf(state: AuthentikState, pk: string): UserRow {
  const person = state.users.find((row) => String(row.pk) === pk);
  if (person === undefined) throw invalid({ for_user: 'User not found' });
  return person;
}

function applicationView(call: AuthentikCall, row: ApplicationRow): JsonObject {
  const { state } = call;
  const objOf = (pk: number) => {
    const provider = state.providers.find((candidate) => candidate.pk === pk);
    return provider === undefined ? [] : [providerView(state, provider)];
  };
  const icon = row.meta_icon === '' ? null : row.meta_icon;
  return {
    pk: row.pk,
    ...(isAtLeast(state.version, '2026.8') ? { pbm_uuid: row.pk } : {}),
    ...shown(applicationModel.fields, state, row),
    provider_obj: row.provider === null ? null : (objOf(row.provider)[0] ?? null),
    backchannel_providers_obj: row.backchannel_providers.flatMap(objOf),
    launch_url: filledIn(launchUrl(state, row), call.caller),
    ...(isAtLeast(state.version, '2025.12')
      ? { meta_icon_url: icon, meta_icon_themed_urls: null }
      : { meta_icon: icon }),
  };
}

/** The launch address that was set, else the address to which the provider would send a browser. */
function launchUrl(state: AuthentikState, row: ApplicationRow): string | null {
  if (row.meta_launch_url !== '') return row.meta_launch_url;
  const provider = state.providers.find(({ pk }) => pk === row.provider);
  if (provider === undefined) return null;
  if (provider.proxy !== null) return provider.proxy.external_host;
  if (provider.saml !== undefined) return `/application/saml/${row.slug}/sso/binding/init/`;
  if (provider.ldap !== undefined) return null;
  const first = provider.redirect_uris.find((uri) => uri.redirect_uri_type === 'authorization');
  return first !== undefined && URL.canParse(first.url) ? `${new URL(first.url).origin}/` : null;
}

/** Formats text by names as Python does: with an unknown name or a lone `%`, the text stays unchanged. */
function filledIn(address: string | null, person: UserRow | null): string | null {
  if (address === null || person === null) return address;
  const known: { readonly [name: string]: string | number } = {
    pk: person.pk,
    username: person.username,
    name: person.name,
    email: person.email,
    uuid: person.uuid,
    uid: uidOf(person),
  };
  let isSound = true;
  const filled = address.replace(/%(?:%|\((\w+)\)s)?/g, (whole, name: string | undefined) => {
    const value = whole === '%%' ? '%' : known[name ?? ''];
    isSound &&= value !== undefined;
    return String(value);
  });
  return isSound ? filled : address;
}
