import { createHash } from 'node:crypto';
import type { Person, Row } from './person.ts';

/** Where the suite makes objects: their list, and how one of them is told and removed. */
interface Collection {
  readonly list: string;
  /** What names an object to people, and holds the owner where it is one of the suite's. */
  readonly name: (row: Row) => string;
  readonly path: (row: Row) => string;
}

const nameOf = (row: Row) => String(row.name);
const inside = (base: string) => (row: Row) => `${base}${row.pk}/`;
const simple = (list: string, base = list.replace(/\?.*/, '')): Collection => ({
  list,
  name: nameOf,
  path: inside(base),
});

/** In the order of removal: whoever uses something goes before it. */
const objects: readonly Collection[] = [
  simple('/outposts/instances/'),
  {
    list: '/core/applications/?superuser_full_list=true',
    name: ({ slug }) => String(slug),
    path: ({ slug }) => `/core/applications/${slug}/`,
  },
  // Before the OAuth2 providers, whose list has them too.
  simple('/providers/proxy/'),
  simple('/providers/oauth2/'),
  simple('/propertymappings/provider/scope/'),
  simple('/crypto/certificatekeypairs/'),
  simple('/core/groups/?include_users=false'),
];

/** Objects that have no name. With what they bind they go by themselves. */
const bindings: Collection = {
  list: '/policies/bindings/',
  name: ({ pk }) => String(pk),
  path: inside('/policies/bindings/'),
};

/** Asked for by name: a server may have very many users. */
function accounts(owner: string): readonly Collection[] {
  const name = limitedName(owner);
  return [
    {
      list: `/core/tokens/?identifier=${name}`,
      name: ({ identifier }) => String(identifier),
      path: ({ identifier }) => `/core/tokens/${identifier}/`,
    },
    {
      list: `/core/users/?username=${name}`,
      name: ({ username }) => String(username),
      path: inside('/core/users/'),
    },
    simple(`/rbac/roles/?name=${name}`),
  ];
}

/** The one name of an account without a superuser's rights, and of its token, role and group. */
export function limitedName(owner: string): string {
  return `${owner}-limited`;
}

/** What the suite made and is still there, as `path name`. */
export async function leftovers(person: Person, owner: string): Promise<readonly string[]> {
  const left: string[] = [];
  for (const collection of [...objects, ...accounts(owner)]) {
    for (const row of await person.list(collection.list)) {
      if (isOf(owner, collection.name(row))) left.push(`${collection.path(row)} ${collection.name(row)}`);
    }
  }
  return left;
}

/** Removes what carries the owner in its name, and nothing else. */
export async function sweep(person: Person, owner: string): Promise<void> {
  for (const { list, name, path } of [...objects, ...accounts(owner)]) {
    for (const row of await person.list(list)) {
      if (isOf(owner, name(row))) await person.remove(path(row));
    }
  }
}

/** A name is `gates:<owner>/…`, or begins with the owner; `gates-live-ab12` is not `gates-live-ab123`. */
export function isOf(owner: string, name: string): boolean {
  return new RegExp(`^(gates:)?${owner}(?![a-z0-9])`).test(name);
}

/**
 * What is there, by `path name`, each object with a hash of all that the API shows of it, since some of that is
 * secret. Without those that `leaveOut` names.
 */
export async function standing(
  person: Person,
  leaveOut: (name: string, path: string) => boolean = () => false,
): Promise<ReadonlyMap<string, string>> {
  const found = new Map<string, string>();
  for (const { list, name, path } of [...objects, bindings]) {
    for (const row of await person.list(list)) {
      if (leaveOut(name(row), path(row))) continue;
      found.set(`${path(row)} ${name(row)}`, hashOf(row));
    }
  }
  return found;
}

/**
 * Without what the API adds from elsewhere, which changes by itself: when the people behind a binding logged in, and
 * the addresses of icons, which some stores sign anew each time.
 */
export function hashOf(row: Row): string {
  const own = Object.entries(row).filter(([field]) => !/_obj$|^meta_icon/.test(field));
  return createHash('sha256').update(JSON.stringify(own)).digest('hex');
}
