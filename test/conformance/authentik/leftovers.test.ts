import { beforeEach, describe, expect, it } from 'vitest';
import { authentikKinds } from '../../../src/conformance/authentik/all-kinds.ts';
import * as gate from '../../../src/conformance/authentik/gate.ts';
import {
  type OutpostRow,
  theirApplication,
  theirGroup,
  theirOutpost,
  theirProxy,
  theOne,
} from '../../../src/conformance/authentik/hands.ts';
import {
  hashOf,
  leftInAuthentik,
  ownerIn,
  ownersAt,
  standing,
  sweep,
} from '../../../src/conformance/authentik/leftovers.ts';
import { namesFor } from '../../../src/conformance/authentik/names.ts';
import type { Person } from '../../../src/conformance/authentik/person.ts';
import { createStage, type Stage } from '../../../src/conformance/authentik/stage.ts';
import { createSandbox } from '../../../src/lab/sandbox/index.ts';
import { openAt } from '../../live/server.ts';

describe('the owner in the name of an object', () => {
  const owner = 'conformance-1a2b';
  it.each([
    { because: 'it is marked', name: 'gates:conformance-1a2b/app', expected: owner },
    { because: 'it begins with the owner', name: 'gates-conformance-1a2b-admins', expected: owner },
    { because: 'a space follows', name: 'gates-conformance-1a2b outpost', expected: owner },
    { because: 'the owner has one character more', name: 'gates-conformance-1a2b3-admins' },
    { because: 'the mark has one character more', name: 'gates:conformance-1a2b3/app' },
    { because: 'it is an owner that a person chose', name: 'gates:conformance-prod/app' },
    { because: 'it only contains the name', name: 'not gates-conformance-1a2b' },
  ])('of $name is $expected: $because', ({ name, expected }) => {
    expect(ownerIn(name)).toBe(expected);
  });
});

describe('the state that the API shows of an object', () => {
  const row = {
    pk: 1,
    name: 'wiki',
    provider: 3,
    user_obj: { last_login: 'now' },
    meta_icon_url: '/a?signed=1',
  };
  it.each([
    { because: 'somebody logged in', changes: { user_obj: { last_login: 'later' } }, same: true },
    {
      because: 'the address of its icon was signed again',
      changes: { meta_icon_url: '/a?signed=2' },
      same: true,
    },
    { because: 'it has another provider', changes: { provider: 4 }, same: false },
    { because: 'it has another address', changes: { meta_launch_url: 'https://x.invalid' }, same: false },
  ])('after $because is unchanged: $same', ({ changes, same }) => {
    expect(hashOf({ ...row, ...changes }) === hashOf(row)).toBe(same);
  });
});

describe('objects that a killed run left behind', () => {
  let stage: Stage;
  beforeEach(async () => {
    const sandbox = await createSandbox({ zones: ['example.dev'] });
    const at = { url: sandbox.urls.authentik, token: sandbox.authentikToken };
    const server = await openAt(at, (input, init) => sandbox.authentik(new Request(input, init)));
    stage = createStage({ server, names: namesFor('conformance-1a2b'), reconcilers: authentikKinds });
  });

  /** Makes a gate in every kind, an account, foreign objects, and our provider in the shared outpost. */
  async function mess(): Promise<void> {
    const { names, person } = stage;
    await theirOutpost(stage);
    await stage.make([...gate.gateFor(names, 'admins', 'family'), ...gate.clientOf(names)]);
    const { pk } = await theirProxy(stage);
    await theirApplication(stage, { provider: pk });
    await theirGroup(stage);
    const shared = await sharedOutpost(person);
    await person.patch(`/outposts/instances/${shared.pk}/`, { providers: [...shared.providers, pk] });
    const name = names.limited;
    const user = await person.post('/core/users/', { username: name, name });
    const role = await person.post('/rbac/roles/', { name });
    await person.post('/core/groups/', { name, roles: [role.pk], users: [user.pk] });
    await person.post('/core/tokens/', { identifier: name, user: user.pk });
  }

  it('are all found and removed, and nothing else is', async () => {
    const { person, names } = stage;
    await person.post('/core/groups/', { name: 'gates-conformance-1a2b3-admins' });
    const before = await standing(person);
    await mess();
    const left = (await leftInAuthentik(person, names)).map(({ what }) => what);
    for (const path of [
      '/outposts/instances/',
      '/core/applications/',
      '/providers/proxy/',
      '/providers/oauth2/',
      '/propertymappings/provider/scope/',
      '/crypto/certificatekeypairs/',
      '/core/groups/',
      '/core/tokens/',
      '/core/users/',
      '/rbac/roles/',
    ]) {
      expect(left.filter((line) => line.startsWith(path))).not.toEqual([]);
    }
    expect(await ownersAt(person)).toEqual([names.owner]);
    await sweep(person, names);
    expect(await ownersAt(person)).toEqual([]);
    expect(await leftInAuthentik(person, names)).toEqual([]);
    expect(await standing(person)).toEqual(before);
  });

  it.each([
    {
      because: 'a member was taken in',
      meddle: async (person: Person) => {
        const [group] = await person.list('/core/groups/');
        const members = group?.users as readonly unknown[];
        const [stranger] = (await person.list('/core/users/')).filter(({ pk }) => !members.includes(pk));
        return person.patch(`/core/groups/${group?.pk}/`, { users: [...members, stranger?.pk] });
      },
    },
    {
      because: 'an outpost sends people elsewhere',
      meddle: async (person: Person) => {
        const { pk, config } = await sharedOutpost(person);
        const changed = { ...config, authentik_host: 'https://elsewhere.invalid' };
        return person.patch(`/outposts/instances/${pk}/`, { config: changed });
      },
    },
    {
      because: 'a group was bound to a flow',
      meddle: async (person: Person) => {
        const [[group], [flow]] = [
          await person.list('/core/groups/'),
          await person.list('/flows/instances/'),
        ];
        return person.post('/policies/bindings/', { target: flow?.pk, group: group?.pk, order: 0 });
      },
    },
  ])('would show in foreign objects: $because', async ({ meddle }) => {
    const { person } = stage;
    const before = await standing(person);
    await meddle(person);
    expect(await standing(person)).not.toEqual(before);
  });
});

async function sharedOutpost(person: Person): Promise<OutpostRow> {
  const query = '?managed__iexact=goauthentik.io/outposts/embedded';
  return theOne((await person.list(`/outposts/instances/${query}`)) as readonly OutpostRow[]);
}
