import { isObject, type JsonObject } from '../../state/json.ts';
import { type Endpoint, matchPath } from '../rows/reply.ts';
import { objectsOf } from '../rows/row.ts';

/** The kinds of Authentik's objects that can be read. */
export type Kind =
  | 'users'
  | 'groups'
  | 'roles'
  | 'tokens'
  | 'applications'
  | 'providers'
  | 'proxies'
  | 'oauth2'
  | 'saml'
  | 'ldap'
  | 'scopeMappings'
  | 'samlMappings'
  | 'bindings'
  | 'policies'
  | 'outposts'
  | 'flows'
  | 'keyPairs'
  | 'brands'
  | 'events';

/** The list of each kind, and the name of its objects in the paths below. */
export const PATHS: Readonly<Record<Kind, readonly [path: string, key: string]>> = {
  users: ['/core/users/', 'pk'],
  groups: ['/core/groups/', 'pk'],
  roles: ['/rbac/roles/', 'pk'],
  tokens: ['/core/tokens/', 'identifier'],
  applications: ['/core/applications/', 'slug'],
  providers: ['/providers/all/', 'pk'],
  proxies: ['/providers/proxy/', 'pk'],
  oauth2: ['/providers/oauth2/', 'pk'],
  saml: ['/providers/saml/', 'pk'],
  ldap: ['/providers/ldap/', 'pk'],
  scopeMappings: ['/propertymappings/provider/scope/', 'pk'],
  samlMappings: ['/propertymappings/provider/saml/', 'pk'],
  bindings: ['/policies/bindings/', 'pk'],
  policies: ['/policies/expression/', 'pk'],
  outposts: ['/outposts/instances/', 'pk'],
  flows: ['/flows/instances/', 'slug'],
  keyPairs: ['/crypto/certificatekeypairs/', 'pk'],
  brands: ['/core/brands/', 'brand_uuid'],
  events: ['/events/events/', 'pk'],
};

/** A second list of some kinds. */
const OTHER_LISTS: Readonly<Partial<Record<Kind, string>>> = { policies: '/policies/all/' };

export const KINDS = Object.keys(PATHS) as Kind[];

/** Paths that only look like those of objects. */
const NO_OBJECTS = ['/core/users/me/', '/outposts/instances/default_settings/'];

/** Members that contain objects of another kind, in part. */
const EMBEDDED: Readonly<Record<string, Kind>> = {
  users_obj: 'users',
  user_obj: 'users',
  groups_obj: 'groups',
  group_obj: 'groups',
  parents_obj: 'groups',
  children_obj: 'groups',
  roles_obj: 'roles',
  inherited_roles_obj: 'roles',
  policy_obj: 'policies',
  provider_obj: 'providers',
  providers_obj: 'providers',
  backchannel_providers_obj: 'providers',
};

/** The known members of each object of a kind, by its key. */
export type Objects = Map<string, JsonObject>;

export interface ToldKind {
  /** From its own endpoints. */
  objects: Objects;
  /** Only from inside other objects. */
  glimpsed: Objects;
  /** The list was read completely: there are no others. */
  isWhole: boolean;
}

export type Told = Readonly<Record<Kind, ToldKind>>;

/** Everything that the replies say about objects, combined: one may contain what another omits. */
export function toldOf(endpoints: readonly Endpoint[]): Told {
  const told = Object.fromEntries(
    KINDS.map((kind): [Kind, ToldKind] => [
      kind,
      { objects: new Map(), glimpsed: new Map(), isWhole: false },
    ]),
  ) as Record<Kind, ToldKind>;
  for (const { path, objects, isWhole } of endpoints) {
    if (NO_OBJECTS.includes(path)) continue;
    const kind = KINDS.find((each) =>
      [PATHS[each][0], OTHER_LISTS[each] ?? []].flat().some((list) => isOf(list, path)),
    );
    if (kind === undefined) continue;
    told[kind].isWhole ||= isWhole;
    for (const object of objects) {
      add(told[kind].objects, object);
      glimpse(told, object);
    }
  }
  for (const kind of KINDS) {
    for (const key of told[kind].objects.keys()) told[kind].glimpsed.delete(key);
  }
  return told;
}

function isOf(list: string, path: string): boolean {
  return [list, `${list}*/`].some((at) => matchPath(at, path));
}

function glimpse(told: Told, object: JsonObject): void {
  for (const [member, kind] of Object.entries(EMBEDDED)) {
    const value = object[member];
    for (const part of isObject(value) ? [value] : objectsOf(value)) {
      add(told[kind].glimpsed, part);
      glimpse(told, part);
    }
  }
}

/** Adds an object. Two replies about one key are combined, whatever the type. */
function add(objects: Objects, object: JsonObject): void {
  const key = object.pk ?? object.brand_uuid;
  const name = typeof key === 'string' || typeof key === 'number' ? String(key) : JSON.stringify(object);
  objects.set(name, { ...objects.get(name), ...object });
}
