import { createHash } from 'node:crypto';
import { isScratchOwner } from '../scratch-owner.ts';
import type { Leftover } from '../sweep.ts';
import type { Names } from './names.ts';
import type { Person, Row } from './person.ts';

/** A place where stories make objects: their list, and the functions that name and remove one. */
interface Collection {
  readonly list: string;
  /** The object's name for people; it contains the owner if the object belongs to a run. */
  readonly name: (row: Row) => string;
  readonly path: (row: Row) => string;
}

/** One object of a server, as its list shows it. */
interface Found {
  readonly name: string;
  readonly path: string;
  readonly row: Row;
}

/** The number of lists that are read simultaneously: a slow server does not answer more of them sooner. */
const sideBySide = 4;

const nameOf = (row: Row) => String(row.name);
const inside = (base: string) => (row: Row) => `${base}${row.pk}/`;
const simple = (list: string, base = list.replace(/\?.*/, '')): Collection => ({
  list,
  name: nameOf,
  path: inside(base),
});

/** In the order of removal: an object is removed before the objects that it uses. */
const objects: readonly Collection[] = [
  simple('/outposts/instances/'),
  {
    list: '/core/applications/?superuser_full_list=true',
    name: ({ slug }) => String(slug),
    path: ({ slug }) => `/core/applications/${slug}/`,
  },
  // Before the OAuth2 providers, whose list contains them too.
  simple('/providers/proxy/'),
  simple('/providers/oauth2/'),
  simple('/providers/saml/'),
  simple('/providers/ldap/'),
  simple('/propertymappings/provider/scope/'),
  simple('/crypto/certificatekeypairs/'),
  simple('/core/groups/?include_users=false'),
];

/** Objects without a name. They are removed with the objects that they bind. */
const bindings: Collection = {
  list: '/policies/bindings/',
  name: ({ pk }) => String(pk),
  path: inside('/policies/bindings/'),
};

/**
 * The roles of a run. The role of its account is made first and removed last, because it leads a sweep to the owner.
 */
const roles = simple('/rbac/roles/?search=gates-conformance');

/** Requested by name: a server may have very many users. */
function accounts({ limited }: Pick<Names, 'limited'>): readonly Collection[] {
  return [
    {
      list: `/core/tokens/?identifier=${limited}`,
      name: ({ identifier }) => String(identifier),
      path: ({ identifier }) => `/core/tokens/${identifier}/`,
    },
    {
      list: `/core/users/?username=${limited}`,
      name: ({ username }) => String(username),
      path: inside('/core/users/'),
    },
    roles,
  ];
}

/** The owner of a run in the name of one of its objects; undefined for every other name. */
export function ownerIn(name: string): string | undefined {
  const owner = /^gates[:-](conformance-[a-z0-9]{4})(?![a-z0-9])/.exec(name)?.[1];
  return isScratchOwner(owner) ? owner : undefined;
}

/** Owners of the runs that left something at a server, except accounts without a role. */
export async function ownersAt(person: Person): Promise<readonly string[]> {
  const found = (await read(person, [...objects, roles])).flat();
  return [...new Set(found.flatMap(({ name }) => ownerIn(name) ?? []))].sort();
}

/** The existing objects that a run made, in the order of removal. */
export async function leftInAuthentik(person: Person, names: Names): Promise<readonly Leftover[]> {
  const found = (await read(person, [...objects, ...accounts(names)])).flat();
  return found
    .filter(({ name }) => ownerIn(name) === names.owner)
    .map(({ path, name }) => ({
      owner: names.owner,
      what: `${path} ${name}`,
      remove: () => person.remove(path),
    }));
}

/** Removes only objects with the owner in their name. */
export async function sweep(person: Person, names: Names): Promise<void> {
  for (const { remove } of await leftInAuthentik(person, names)) await remove();
}

/**
 * The objects of a server, by `path name`, each with a hash of everything that the API shows of it, because some of
 * that is secret. Leaves out those that `leaveOut` names.
 */
export async function standing(
  person: Person,
  leaveOut: (name: string, path: string) => boolean = () => false,
): Promise<ReadonlyMap<string, string>> {
  const found = (await read(person, [...objects, bindings])).flat();
  return new Map(
    found
      .filter(({ name, path }) => !leaveOut(name, path))
      .map(({ name, path, row }) => [`${path} ${name}`, hashOf(row)]),
  );
}

async function read(
  person: Person,
  collections: readonly Collection[],
): Promise<readonly (readonly Found[])[]> {
  const found: (readonly Found[])[] = [];
  for (let n = 0; n < collections.length; n += sideBySide) {
    const some = collections.slice(n, n + sideBySide);
    const rows = await Promise.all(some.map(({ list }) => person.list(list)));
    found.push(
      ...some.map(({ name, path }, at) =>
        (rows[at] ?? []).map((row) => ({ name: name(row), path: path(row), row })),
      ),
    );
  }
  return found;
}

/**
 * The hash omits fields that the API adds from elsewhere and that change by themselves: the login times of the people
 * behind a binding, and the addresses of icons, which some stores sign each time.
 */
export function hashOf(row: Row): string {
  const own = Object.entries(row).filter(([field]) => !/_obj$|^meta_icon/.test(field));
  return createHash('sha256').update(JSON.stringify(own)).digest('hex');
}
