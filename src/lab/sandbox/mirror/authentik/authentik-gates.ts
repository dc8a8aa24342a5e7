import { standardLdap } from '../../authentik/providers/ldap-providers.ts';
import { standardProvider } from '../../authentik/providers/oauth2-providers.ts';
import { standardPart } from '../../authentik/providers/proxy-providers.ts';
import { standardSaml } from '../../authentik/providers/saml-providers.ts';
import type {
  ApplicationRow,
  AuthentikState,
  BindingRow,
  ExpressionPolicyRow,
  OutpostRow,
} from '../../state/authentik-state.ts';
import { newUuid } from '../../state/ids.ts';
import type { JsonObject } from '../../state/json.ts';
import type { Naming, ProviderRow, RedirectUri } from '../../state/provider-row.ts';
import type { World } from '../../state/world.ts';
import { numberOf, numbersOf, objectsOf, put, rowFrom, textOf, textsOf, wordOf } from '../rows/row.ts';
import { standardUser } from './authentik-people.ts';
import { type AuthentikCopy, mirroredRows, standIns, tableWith } from './authentik-rows.ts';

const PROXY = 'ak-provider-proxy-form';
const OAUTH2 = 'ak-provider-oauth2-form';
const EXPRESSION = 'ak-policy-expression-form';

/** Reads applications, providers, outposts, bindings and policies. */
export function readGates(copy: AuthentikCopy): void {
  const { world, told } = copy;
  const { authentik: state } = world;
  const applications = mirroredRows(copy, told.applications, 'application', applicationOf);
  state.applications = tableWith(state.applications, told.applications, applications, 'pk');
  readProviders(copy);
  const outposts = mirroredRows(copy, told.outposts, 'outpost', outpostOf);
  state.outposts = tableWith(state.outposts, told.outposts, outposts, 'pk', 'name');
  const policies = mirroredRows(copy, told.policies, 'policy', policyOf);
  state.expressionPolicies = tableWith(state.expressionPolicies, told.policies, policies, 'pk');
  for (const { name, naming } of policies) {
    if (naming === undefined) continue;
    copy.omissions.say(
      `policy "${name}" is a ${naming.verbose_name}: here it is what its binding says of a failure`,
    );
  }
  const bindings = mirroredRows(copy, told.bindings, 'binding', bindingOf);
  state.bindings = tableWith(state.bindings, told.bindings, bindings, 'pk');
  standInGates(copy);
}

/** An application. Before 2025.12, its icon is the address of a file, or null. */
function applicationOf(object: JsonObject): ApplicationRow | null {
  const [pk, slug] = [wordOf(object.pk), wordOf(object.slug)];
  if (pk === undefined || slug === undefined) return null;
  const row = rowFrom(standardApplication(pk, slug), object);
  row.backchannel_providers = numbersOf(object.backchannel_providers);
  row.provider = numberOf(object.provider) ?? null;
  return row;
}

function standardApplication(pk: string, slug: string): ApplicationRow {
  return {
    pk,
    name: slug,
    slug,
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
  };
}

/** Reads providers from the endpoints of each type, and from applications and outposts. */
function readProviders(copy: AuthentikCopy): void {
  const { world, told } = copy;
  const all = new Map([...told.providers.glimpsed, ...told.providers.objects]);
  const types = [told.oauth2, told.proxies, told.saml, told.ldap] as const;
  const keys = new Set([...all.keys(), ...types.flatMap(({ objects }) => [...objects.keys()])]);
  for (const key of keys) {
    const shown = all.get(key);
    const [oauth2, proxy, saml, ldap] = types.map(({ objects }) => objects.get(key));
    const object = { ...shown, ...oauth2, ...proxy, ...saml, ...ldap };
    const pk = numberOf(object.pk);
    if (pk === undefined) {
      copy.omissions.leaveOut('provider', key, 'its reply does not say what it is called');
      continue;
    }
    const row = providerOf(world, pk, object);
    if (proxy !== undefined || shown?.component === PROXY) {
      row.proxy = rowFrom(standardPart(world), object);
    } else if (saml !== undefined) {
      row.saml = rowFrom(standardSaml(world.authentik), object);
    } else if (ldap !== undefined) {
      row.ldap = rowFrom(standardLdap(), object);
    } else if (oauth2 === undefined && shown?.component !== OAUTH2) {
      row.naming = namingOf(object);
      const what = `provider "${row.name}" is a ${row.naming.verbose_name}`;
      copy.omissions.say(`${what}, which is not played: it is only shown where others name it`);
    }
    put(world.authentik.providers, 'pk', row);
  }
}

/** A provider. Without known grant types it gets those for logins: no gate may look tighter than it is. */
function providerOf(world: World, pk: number, object: JsonObject): ProviderRow {
  const row = rowFrom(standardProvider(world, pk), object);
  row.name = textOf(object.name) ?? `provider-${pk}`;
  row.property_mappings = textsOf(object.property_mappings);
  row.grant_types = object.grant_types === undefined ? ['authorization_code'] : textsOf(object.grant_types);
  row.redirect_uris = objectsOf(object.redirect_uris).flatMap(redirectUriOf);
  row.logout_uri = textOf(object.logout_uri) ?? textOf(object.backchannel_logout_uri) ?? '';
  row.jwt_federation_sources = textsOf(object.jwt_federation_sources);
  row.jwt_federation_providers = numbersOf(object.jwt_federation_providers);
  return row;
}

function redirectUriOf({ matching_mode: mode, url, redirect_uri_type: type }: JsonObject): RedirectUri[] {
  if (typeof url !== 'string') return [];
  return [
    {
      matching_mode: mode === 'regex' ? 'regex' : 'strict',
      url,
      redirect_uri_type: type === 'logout' ? 'logout' : 'authorization',
    },
  ];
}

function namingOf(object: JsonObject): Naming {
  const name = textOf(object.verbose_name) ?? 'object of an unknown type';
  return {
    component: textOf(object.component) ?? '',
    verbose_name: name,
    verbose_name_plural: textOf(object.verbose_name_plural) ?? name,
    meta_model_name: textOf(object.meta_model_name) ?? '',
  };
}

function outpostOf(object: JsonObject): OutpostRow | null {
  const [pk, name] = [wordOf(object.pk), wordOf(object.name)];
  if (pk === undefined || name === undefined) return null;
  return { ...rowFrom(standardOutpost(pk, name), object), providers: numbersOf(object.providers) };
}

function standardOutpost(pk: string, name: string): OutpostRow {
  return { pk, name, type: 'proxy', providers: [], service_connection: null, config: {}, managed: null };
}

function policyOf(object: JsonObject): ExpressionPolicyRow | null {
  const pk = wordOf(object.pk);
  if (pk === undefined) return null;
  const row = rowFrom({ pk, name: pk, execution_logging: false, expression: '' }, object);
  const isOther = object.component !== undefined && object.component !== EXPRESSION;
  return isOther ? { ...row, naming: namingOf(object) } : row;
}

function bindingOf(object: JsonObject): BindingRow | null {
  const [pk, target] = [wordOf(object.pk), wordOf(object.target)];
  if (pk === undefined || target === undefined) return null;
  return rowFrom(standardBinding(pk, target), object);
}

function standardBinding(pk: string, target: string): BindingRow {
  return {
    pk,
    policy: null,
    group: null,
    user: null,
    target,
    negate: false,
    enabled: true,
    order: 0,
    timeout: 30,
    failure_result: false,
    expires: null,
  };
}

/** Adds objects that others name and that were not read. */
function standInGates({ world, told }: AuthentikCopy): void {
  const { authentik: state } = world;
  const { providers, bindings } = state;
  for (const object of shownProviders(state, told)) {
    standInApplication(world, told.applications.isWhole, object);
    for (const shown of textsOf(object.outpost_set)) {
      const name = shown.replace(/^Outpost /, '');
      standIns(told.outposts, state.outposts, 'name', [name], () => standardOutpost(newUuid(world), name));
      const outpost = state.outposts.find((row) => row.name === name);
      const pk = numberOf(object.pk);
      if (outpost === undefined || pk === undefined || told.outposts.objects.has(outpost.pk)) continue;
      if (!outpost.providers.includes(pk)) outpost.providers.push(pk);
    }
  }
  const named = [
    ...state.applications.flatMap((row) => [row.provider, ...row.backchannel_providers]),
    ...state.outposts.flatMap((row) => row.providers),
    ...providers.flatMap((row) => row.jwt_federation_providers),
  ];
  const isWhole = told.providers.isWhole || told.oauth2.isWhole;
  standIns({ ...told.providers, isWhole }, providers, 'pk', named, (pk) => providerOf(world, pk, {}));
  standIns(
    told.users,
    state.users,
    'pk',
    bindings.map(({ user }) => user),
    (pk) => standardUser(world, pk),
  );
  standIns(
    told.groups,
    state.groups,
    'pk',
    bindings.map(({ group }) => group),
    (pk) => ({ pk, name: pk, is_superuser: false, parents: [], roles: [], attributes: {} }),
  );
  standIns(
    told.policies,
    state.expressionPolicies,
    'pk',
    bindings.map(({ policy }) => policy),
    (pk) => ({ pk, name: pk, execution_logging: false, expression: '' }),
  );
}

function shownProviders(state: AuthentikState, told: AuthentikCopy['told']): JsonObject[] {
  return state.providers.map(({ pk }) => {
    const key = String(pk);
    return {
      ...(told.providers.objects.get(key) ?? told.providers.glimpsed.get(key)),
      ...told.oauth2.objects.get(key),
      ...told.proxies.objects.get(key),
      ...told.ldap.objects.get(key),
    };
  });
}

/** The application that a provider names, by its slug; its key is invented. */
function standInApplication(world: World, isWhole: boolean, object: JsonObject): void {
  const { applications } = world.authentik;
  const pk = numberOf(object.pk);
  const applicationCalled = (slug: string, name: string) => {
    const known = applications.find((row) => row.slug === slug);
    if (known !== undefined || isWhole) return undefined;
    const made = { ...standardApplication(newUuid(world), slug), name };
    applications.push(made);
    return made;
  };
  const slug = wordOf(object.assigned_application_slug);
  if (pk === undefined) return;
  if (slug !== undefined) {
    const made = applicationCalled(slug, textOf(object.assigned_application_name) ?? slug);
    if (made !== undefined) made.provider = pk;
  }
  const other = wordOf(object.assigned_backchannel_application_slug);
  if (other === undefined) return;
  const made = applicationCalled(other, textOf(object.assigned_backchannel_application_name) ?? other);
  const backchannel = made ?? applications.find((row) => row.slug === other);
  if (backchannel === undefined || backchannel.backchannel_providers.includes(pk)) return;
  if (!isWhole) backchannel.backchannel_providers.push(pk);
}
