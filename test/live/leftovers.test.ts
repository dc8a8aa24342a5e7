import { beforeEach, describe, expect, it } from 'vitest';
import { createSandbox } from '../../src/sandbox/index.ts';
import { authentikKinds } from '../reconcilers/authentik/grafana.ts';
import * as gate from './gate.ts';
import { type OutpostRow, theirApplication, theirGroup, theirOutpost, theirProxy, theOne } from './hands.ts';
import { hashOf, isOf, leftovers, limitedName, standing, sweep } from './leftovers.ts';
import { namesFor } from './names.ts';
import type { Person } from './person.ts';
import { createStage, type Stage } from './stage.ts';

describe('an object of the suite', () => {
  const owner = 'gates-live-ab12';
  it.each([
    { because: 'it is marked', name: 'gates:gates-live-ab12/app', expected: true },
    { because: 'it begins with the owner', name: 'gates-live-ab12-admins', expected: true },
    { because: 'it is called so with a space', name: 'gates-live-ab12 outpost', expected: true },
    { because: 'it is of another run', name: 'gates-live-ab123-admins', expected: false },
    { because: 'it is marked by another run', name: 'gates:gates-live-ab123/app', expected: false },
    { because: 'somebody only speaks of it', name: 'not gates-live-ab12', expected: false },
  ])('$name: $expected, since $because', ({ name, expected }) => {
    expect(isOf(owner, name)).toBe(expected);
  });

  it.each([
    { because: 'nobody said one', given: undefined, expected: /^gates-live-[a-z0-9]{5}$/ },
    { because: 'an earlier run was killed', given: 'gates-live-ab12', expected: /^gates-live-ab12$/ },
  ])('has an owner of up to 16 characters when $because', ({ given, expected }) => {
    expect(namesFor(given).owner).toMatch(expected);
    expect(namesFor(given).owner.length).toBeLessThanOrEqual(16);
  });

  it('is never one of an owner that somebody uses', () => {
    expect(() => namesFor('home')).toThrow('GATES_LIVE_OWNER');
  });
});

describe('what the API shows of an object', () => {
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
  ])('is the same after $because: $same', ({ changes, same }) => {
    expect(hashOf({ ...row, ...changes }) === hashOf(row)).toBe(same);
  });
});

describe('what a run leaves behind when it is killed', () => {
  let stage: Stage;
  beforeEach(async () => {
    const sandbox = await createSandbox({ zones: ['example.dev'] });
    const server = {
      name: 'sandbox',
      url: sandbox.urls.authentik,
      token: sandbox.authentikToken,
      release: '2026.8',
      fetch: (input: string, init: RequestInit) => sandbox.authentik(new Request(input, init)),
    };
    stage = createStage({ server, names: namesFor('gates-live-ab12'), reconcilers: authentikKinds });
  });

  /** A gate in every kind, an account, other people's objects, and our provider in the outpost that all share. */
  async function mess(): Promise<void> {
    const { names, person } = stage;
    await theirOutpost(stage);
    await stage.make([...gate.gateFor(names, 'admins', 'family'), ...gate.clientOf(names)]);
    const { pk } = await theirProxy(stage);
    await theirApplication(stage, { provider: pk });
    await theirGroup(stage);
    const shared = await sharedOutpost(person);
    await person.patch(`/outposts/instances/${shared.pk}/`, { providers: [...shared.providers, pk] });
    const name = limitedName(names.owner);
    const user = await person.post('/core/users/', { username: name, name });
    const role = await person.post('/rbac/roles/', { name });
    await person.post('/core/groups/', { name, roles: [role.pk], users: [user.pk] });
    await person.post('/core/tokens/', { identifier: name, user: user.pk });
  }

  it('is all found, all removed, and nothing else with it', async () => {
    const { person, names } = stage;
    await person.post('/core/groups/', { name: 'gates-live-ab123-admins' });
    const before = await standing(person);
    await mess();
    const left = await leftovers(person, names.owner);
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
    await sweep(person, names.owner);
    expect(await leftovers(person, names.owner)).toEqual([]);
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
  ])('would be seen in what others have: $because', async ({ meddle }) => {
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
