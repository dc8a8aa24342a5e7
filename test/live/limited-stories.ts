import { expect } from 'vitest';
import { addressId } from '../../src/core/address.ts';
import { authentikKinds } from '../reconcilers/authentik/grafana.ts';
import { failures, pending } from '../world.ts';
import * as gate from './gate.ts';
import { openedBy } from './gate-stories.ts';
import { theirApplication, theirGroup, theirOutpost } from './hands.ts';
import { limitedName, standing } from './leftovers.ts';
import type { Names } from './names.ts';
import type { Stage } from './stage.ts';
import type { Story } from './story.ts';

const rights = (model: string, ...verbs: readonly string[]) => {
  const [app, name] = model.split('.');
  return verbs.map((verb) => `${app}.${verb}_${name}`);
};

/** What a pass has to see. Without any one of these it does not know whether something is there. */
const seeing = [
  'authentik_core.view_application',
  'authentik_core.view_group',
  'authentik_providers_proxy.view_proxyprovider',
  'authentik_providers_oauth2.view_oauth2provider',
  'authentik_providers_oauth2.view_scopemapping',
  'authentik_policies.view_policybinding',
  'authentik_outposts.view_outpost',
  'authentik_flows.view_flow',
  'authentik_crypto.view_certificatekeypair',
] as const;

type Right = (typeof seeing)[number];

/** What a pass has to do. */
const doing = [
  ...rights('authentik_core.application', 'add', 'change', 'delete'),
  ...rights('authentik_core.group', 'add', 'change', 'delete'),
  ...rights('authentik_providers_proxy.proxyprovider', 'add', 'change', 'delete'),
  ...rights('authentik_providers_oauth2.oauth2provider', 'add', 'change', 'delete'),
  ...rights('authentik_providers_oauth2.scopemapping', 'add', 'change', 'delete'),
  ...rights('authentik_policies.policybinding', 'add', 'change', 'delete'),
  ...rights('authentik_outposts.outpost', 'change'),
  ...rights('authentik_crypto.certificatekeypair', 'add', 'delete'),
  // Without both, Authentik crashes when it is asked who uses a group.
  ...rights('authentik_core.groupancestrynode', 'view'),
  ...rights('authentik_sources_scim.scimsourcegroup', 'view'),
];

/** The kinds that are not known without a right; what is read through another kind is unknown with it. */
const blindWithout: Readonly<Record<Right, readonly string[]>> = {
  'authentik_core.view_application': ['application', 'provider-link', 'binding'],
  'authentik_core.view_group': ['group', 'binding', 'provider-link'],
  'authentik_providers_proxy.view_proxyprovider': [
    'proxy-provider',
    'oauth2-provider',
    'application',
    'provider-link',
    'binding',
    'outpost-entry',
    'outpost-host',
  ],
  'authentik_providers_oauth2.view_oauth2provider': [
    'proxy-provider',
    'oauth2-provider',
    'application',
    'provider-link',
    'binding',
    'outpost-entry',
    'outpost-host',
  ],
  'authentik_providers_oauth2.view_scopemapping': ['scope-mapping'],
  'authentik_policies.view_policybinding': ['binding', 'provider-link'],
  'authentik_outposts.view_outpost': ['outpost-host', 'outpost-entry'],
  'authentik_flows.view_flow': ['flow'],
  'authentik_crypto.view_certificatekeypair': ['certificate', 'certificate-key-pair'],
};

/** A passer-by with a token and these rights, which can be changed; by a group, as every release has it. */
interface Account {
  readonly token: string;
  give(permissions: readonly string[]): Promise<void>;
  take(permissions: readonly string[]): Promise<void>;
}

async function limitedAccount({ person, names }: Stage, permissions: readonly string[]): Promise<Account> {
  const name = limitedName(names.owner);
  const user = await person.post('/core/users/', { username: name, name, type: 'service_account' });
  const role = await person.post('/rbac/roles/', { name });
  await person.post('/core/groups/', { name, roles: [role.pk], users: [user.pk] });
  await person.post('/core/tokens/', { identifier: name, intent: 'api', user: user.pk, expiring: false });
  const { key } = await person.get(`/core/tokens/${name}/view_key/`);
  const assigned = `/rbac/permissions/assigned_by_roles/${role.pk}`;
  const account: Account = {
    token: String(key),
    give: async (more) => void (await person.post(`${assigned}/assign/`, { permissions: more })),
    take: async (less) => void (await person.patch(`${assigned}/unassign/`, { permissions: less })),
  };
  if (permissions.length > 0) await account.give(permissions);
  return account;
}

const everything = (names: Names) => [...gate.gateFor(names, 'admins', 'family'), ...gate.clientOf(names)];

function told(name: string, act: Story['act']): Story {
  return {
    about: 'token without superuser rights',
    name,
    reconcilers: authentikKinds,
    act: async (stage) => {
      await theirOutpost(stage);
      // What the account may not open is hidden from it in the list of applications, at every server.
      const { pk: target } = await theirApplication(stage);
      const { pk } = await theirGroup(stage);
      await stage.person.post('/policies/bindings/', { target, group: pk, order: 0 });
      await act(stage);
    },
  };
}

async function nothingIsKnown(stage: Stage): Promise<void> {
  const { token } = await limitedAccount(stage, []);
  const limited = stage.as(token);
  const plan = await limited.plan(everything(stage.names));
  expect(plan.unknown.map(({ kind }) => kind)).toEqual(
    authentikKinds.map(({ kind }) => kind).filter((kind) => kind !== 'authentik/version'),
  );
  for (const { reason } of plan.unknown)
    expect(reason).toMatch(/Give .* the permission authentik_\w+\.view_/);
  expect([...new Set(pending(plan).map(({ verb }) => verb))]).toEqual(['refuse']);
  expect(new Set((await limited.carryOut(plan)).map(({ status }) => status))).toEqual(new Set(['skipped']));
  expect(limited.written).toEqual([]);
}

/** Whoever may only look plans what a superuser plans, and is told of each write which right it lacks. */
async function mayOnlyLook(stage: Stage): Promise<void> {
  const wants = everything(stage.names);
  const { token } = await limitedAccount(stage, seeing);
  const limited = stage.as(token);
  const before = await standing(stage.person);
  expect(await limited.due(wants)).toEqual(await stage.due(wants));
  const wrong = failures(await limited.apply(wants));
  for (const right of [
    'core.add_group',
    'providers_oauth2.add_scopemapping',
    'crypto.add_certificatekeypair',
  ]) {
    expect(wrong.join('\n')).toContain(`authentik_${right}`);
  }
  expect(limited.written).toEqual([]);
  expect(await standing(stage.person)).toEqual(before);
  await stage.make(wants);
  expect(await limited.due(wants)).toEqual([`update authentik/oauth2-provider:client`]);
  expect(await limited.due([])).toEqual(await stage.due([]));
}

/** With the rights of the documentation it does all that a superuser does. */
async function mayDoItsWork(stage: Stage): Promise<void> {
  const wants = everything(stage.names);
  const { token } = await limitedAccount(stage, [...seeing, ...doing]);
  const limited = stage.as(token);
  const opened = openedBy(limited);
  const before = await standing(stage.person, (name) => name === stage.names.outpost);
  await limited.make(wants);
  expect(await limited.due(wants)).toEqual([]);
  await limited.make([]);
  expect(await limited.due([])).toEqual([]);
  expect(await standing(stage.person, (name) => name === stage.names.outpost)).toEqual(before);
  expect(opened).toEqual([]);
}

/** What cannot be seen is not taken for absent: nothing of it, and nothing that leans on it, is made or removed. */
async function unknownIsNotAbsent(stage: Stage, right: Right): Promise<void> {
  const wants = everything(stage.names);
  const account = await limitedAccount(stage, [...seeing, ...doing]);
  const limited = stage.as(account.token);
  const opened = openedBy(limited);
  await limited.make(wants);
  const before = await standing(stage.person);
  const written = limited.written.length;
  await account.take([right]);
  const blind = new Set(blindWithout[right].map((kind) => `authentik/${kind}`));
  const plan = await limited.plan(wants);
  expect(new Set(plan.unknown.map(({ kind }) => kind))).toEqual(blind);
  for (const { reason } of plan.unknown) expect(reason).toContain(right);
  const asked = new Set(wants.map(({ address }) => addressId(address)));
  for (const { verb, address } of pending(plan)) {
    expect(asked).toContain(addressId(address));
    if (blind.has(address.kind)) expect([verb, address.kind]).toEqual(['refuse', address.kind]);
    else expect([verb, address.kind]).not.toEqual(['create', address.kind]);
  }
  // What leans on something unknown waits for it.
  expect(new Set((await limited.carryOut(plan)).map(({ status }) => status))).toEqual(new Set(['skipped']));
  expect(limited.written.slice(written)).toEqual([]);
  expect(await standing(stage.person)).toEqual(before);
  // Nothing is asked for any more: what is seen may go, but for what something unseen may use.
  const leaving = await limited.plan([]);
  const lookedUp = right === 'authentik_flows.view_flow';
  for (const { address, verb } of pending(leaving)) {
    const used = /group|scope-mapping|key-pair/.test(address.kind) && !lookedUp;
    if (used || blind.has(address.kind)) expect([verb, address.kind]).toEqual(['refuse', address.kind]);
  }
  await limited.carryOut(leaving);
  await account.give([right]);
  await limited.make([]);
  expect(await limited.due([])).toEqual([]);
  expect(opened).toEqual([]);
}

/** One removal is refused, though the plan of a moment ago thought that it may be: the right is gone meanwhile. */
async function keepsWhatItCannotJudge(stage: Stage): Promise<void> {
  const { names } = stage;
  const wants = everything(names);
  const account = await limitedAccount(stage, [...seeing, ...doing]);
  const limited = stage.as(account.token);
  const opened = openedBy(limited);
  await limited.make(wants);
  const plan = await limited.plan([...gate.gateFor(names, 'guests'), ...gate.clientOf(names)]);
  await account.take(['authentik_core.view_application', 'authentik_policies.view_policybinding']);
  expect(failures(await limited.carryOut(plan)).length).toBeGreaterThan(0);
  await account.give(['authentik_core.view_application', 'authentik_policies.view_policybinding']);
  await limited.make(wants);
  expect(opened).toEqual([]);
}

/** Accounts with some rights: the plan is refused in words where something is unknown, and never wrong. */
export const limitedStories: readonly Story[] = [
  told('no rights: nothing is known, nothing written', nothingIsKnown),
  told('rights to look: a superuser’s plan, every write refused', mayOnlyLook),
  told('rights to look and to do: all of it', mayDoItsWork),
  ...seeing.map((right) =>
    told(`without ${right}: unknown is not absent`, (stage) => unknownIsNotAbsent(stage, right)),
  ),
  told('rights that go between plan and writes', keepsWhatItCannotJudge),
];
