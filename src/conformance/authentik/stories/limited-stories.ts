import { scopeMapping } from '../../../../reconcilers/authentik/provider/scope-mapping.ts';
import { GatesError } from '../../../core/errors.ts';
import { addressId } from '../../../core/objects/address.ts';
import { authentikKinds } from '../all-kinds.ts';
import { claim, same, unchanged } from '../claims.ts';
import * as gate from '../gate.ts';
import { listedRow, theirApplication, theirGroup, theirOutpost } from '../hands.ts';
import { standing } from '../leftovers.ts';
import type { Names } from '../names.ts';
import { failures, pending } from '../outcomes.ts';
import type { Stage } from '../stage.ts';
import { type Story, Unshown } from '../story.ts';
import { all } from '../written-kind.ts';
import { limitedAccount, optional, type Right, required, seeing, working } from './limited-account.ts';
import { openedBy } from './openings.ts';
import { keepsUsedMapping } from './used-stories.ts';

/** The kinds that are unknown without a right, including kinds that are read through another one. */
const blindWithout: Readonly<Record<Right, readonly string[]>> = {
  'authentik_core.view_application': ['application', 'saml-provider', 'provider-link', 'binding'],
  'authentik_core.view_group': ['group', 'group-parent', 'binding', 'provider-link'],
  'authentik_providers_proxy.view_proxyprovider': [
    'proxy-provider',
    'oauth2-provider',
    'application',
    'saml-provider',
    'provider-link',
    'binding',
    'outpost-entry',
    'outpost-host',
  ],
  'authentik_providers_oauth2.view_oauth2provider': [
    'proxy-provider',
    'oauth2-provider',
    'application',
    'saml-provider',
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

const everything = (names: Names) => [...gate.gateFor(names, 'admins', 'family'), ...gate.clientOf(names)];

function tell(
  name: string,
  says: string,
  act: Story['act'],
  reconcilers: Story['reconcilers'] = authentikKinds,
): Story {
  return {
    id: `authentik/limited-token-${name}`,
    says: `A token without a superuser's rights: ${says}`,
    where: 'src/clients/authentik/authentik-error.ts',
    reconcilers,
    act: async (stage) => {
      await theirOutpost(stage);
      // Every server hides applications from an account that may not open them, in the list of applications.
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
  const kinds = authentikKinds.map(({ kind }) => kind).filter((kind) => kind !== 'authentik/version');
  same(
    'the kinds that are not known',
    plan.unknown.map(({ kind }) => kind),
    kinds,
  );
  for (const { reason } of plan.unknown) {
    claim(
      /Give .* the permission authentik_\w+\.view_/.test(reason),
      `the server names no permission: ${reason}`,
    );
  }
  const verbs = [...new Set(pending(plan).map(({ verb }) => verb))];
  same('what a run would do', verbs, ['refuse']);
  await isSkipped(limited, plan);
  same('what the run wrote', limited.written, []);
}

async function isSkipped(limited: Stage, plan: Awaited<ReturnType<Stage['plan']>>): Promise<void> {
  const states = new Set((await limited.carryOut(plan)).map(({ status }) => status));
  same('what came of each change', [...states], ['skipped']);
}

/** A token that may only read plans the same as a superuser, and learns for each write which right it lacks. */
async function mayOnlyLook(stage: Stage): Promise<void> {
  const wants = everything(stage.names);
  const { token } = await limitedAccount(stage, seeing);
  const limited = stage.as(token);
  const before = await standing(stage.person);
  same('what a run would do', await limited.due(wants), await stage.due(wants));
  const wrong = failures(await limited.apply(wants)).join('; ');
  for (const right of [
    'core.add_group',
    'providers_oauth2.add_scopemapping',
    'crypto.add_certificatekeypair',
  ]) {
    claim(wrong.includes(`authentik_${right}`), `no failure names authentik_${right}: ${wrong}`);
  }
  same('what the run wrote', limited.written, []);
  unchanged('the server', await standing(stage.person), before);
  await stage.make(wants);
  const secret = ['update authentik/oauth2-provider:client'];
  same('what a run would do, whose vault lacks the secret', await limited.due(wants), secret);
  same('what a run would remove', await limited.due([]), await stage.due([]));
}

/** With the rights of the documentation, gates does everything that it does as a superuser. */
async function mayDoItsWork(stage: Stage): Promise<void> {
  const wants = everything(stage.names);
  const { token } = await limitedAccount(stage, working);
  const limited = stage.as(token);
  const opened = openedBy(limited);
  const isOutpost = (name: string) => name === stage.names.outpost;
  const before = await standing(stage.person, isOutpost);
  await limited.make(wants);
  same('what a second run would do', await limited.due(wants), []);
  await limited.make([]);
  same('what a run would do after the removal', await limited.due([]), []);
  unchanged('the server', await standing(stage.person, isOutpost), before);
  same('writes that opened the application', opened, []);
}

/** Two more rights let the server answer who uses a group. Without them it crashes, and gates uses its own lists. */
async function removesGroupsWithoutUsedBy(stage: Stage): Promise<void> {
  const { names, person } = stage;
  const wants = [gate.groupNamed(names, 'admins')];
  const account = await limitedAccount(stage, required);
  const limited = stage.as(account.token);
  await limited.make(wants);
  const { pk } = await listedRow(person, '/core/groups/', names.own('admins'));
  const usedBy = () => limited.wire.get(`/core/groups/${pk}/used_by/`);
  const without = await usedBy().then(
    () => 200,
    (error: unknown) => (error instanceof GatesError ? error.facts.status : undefined),
  );
  await account.give(optional);
  claim(Array.isArray(await usedBy()), 'with both rights, the server does not answer who uses a group');
  await account.take(optional);
  await limited.make([]);
  same('what a run would do after the removal', await limited.due([]), []);
  if (without === 200) throw new Unshown('the server answers who uses a group to every token');
  claim(without !== undefined && without >= 500, `without the rights, the server answers ${without}`);
}

async function keepsMappingInUse(stage: Stage): Promise<void> {
  const { token } = await limitedAccount(stage, required);
  await keepsUsedMapping(stage.as(token), stage);
}

/** An invisible object does not count as absent: neither it nor its dependents are made or removed. */
async function unknownIsNotAbsent(stage: Stage, right: Right): Promise<void> {
  const wants = everything(stage.names);
  const account = await limitedAccount(stage, working);
  const limited = stage.as(account.token);
  const opened = openedBy(limited);
  await limited.make(wants);
  const before = await standing(stage.person);
  const written = limited.written.length;
  await account.take([right]);
  const blind = new Set(blindWithout[right].map((kind) => `authentik/${kind}`));
  const plan = await limited.plan(wants);
  same('the kinds that are not known', plan.unknown.map(({ kind }) => kind).sort(), [...blind].sort());
  for (const { reason } of plan.unknown)
    claim(reason.includes(right), `the server does not name ${right}: ${reason}`);
  const asked = new Set(wants.map(({ address }) => addressId(address)));
  for (const { verb, address } of pending(plan)) {
    const change = `${verb} ${addressId(address)}`;
    claim(asked.has(addressId(address)), `a run would ${change}`);
    claim(blind.has(address.kind) ? verb === 'refuse' : verb !== 'create', `a run would ${change}`);
  }
  // Changes that depend on something unknown wait for it.
  await isSkipped(limited, plan);
  same('what the run wrote', limited.written.slice(written), []);
  unchanged('the server', await standing(stage.person), before);
  // The file asks for nothing any more: visible objects may be removed, except those that an invisible one may use.
  const leaving = await limited.plan([]);
  const lookedUp = right === 'authentik_flows.view_flow';
  for (const { address, verb } of pending(leaving)) {
    const used = /group|scope-mapping|key-pair/.test(address.kind) && !lookedUp;
    if (used || blind.has(address.kind)) {
      same(`what a run would do about ${addressId(address)}`, verb, 'refuse');
    }
  }
  await limited.carryOut(leaving);
  await account.give([right]);
  await limited.make([]);
  same('what a run would do after the removal', await limited.due([]), []);
  same('writes that opened the application', opened, []);
}

/** One removal is refused although the plan allowed it a moment ago: the right has been taken away meanwhile. */
async function keepsWhatItCannotJudge(stage: Stage): Promise<void> {
  const { names } = stage;
  const wants = everything(names);
  const account = await limitedAccount(stage, working);
  const limited = stage.as(account.token);
  const opened = openedBy(limited);
  await limited.make(wants);
  const plan = await limited.plan([...gate.gateFor(names, 'guests'), ...gate.clientOf(names)]);
  await account.take(['authentik_core.view_application', 'authentik_policies.view_policybinding']);
  claim(failures(await limited.carryOut(plan)).length > 0, 'nothing failed');
  await account.give(['authentik_core.view_application', 'authentik_policies.view_policybinding']);
  await limited.make(wants);
  same('writes that opened the application', opened, []);
}

/** Users with few rights: the plan says what is unknown and refuses it, and is never wrong. */
export const limitedStories: readonly Story[] = [
  tell('without-rights', 'nothing is known, and nothing is written', nothingIsKnown),
  tell('may-look', 'it plans what a superuser plans, and every write is refused', mayOnlyLook),
  tell('may-work', 'the rights of the documentation suffice for all of it', mayDoItsWork),
  tell(
    'without-used-by',
    'groups are removed also where the server crashes when asked who uses them',
    removesGroupsWithoutUsedBy,
  ),
  tell(
    'scope-in-use',
    'a scope in use is known to be used without authentik_core.view_provider',
    keepsMappingInUse,
    all(scopeMapping),
  ),
  ...seeing.map((right) =>
    tell(`without-${right.replaceAll(/[._]/g, '-')}`, `without ${right}, unknown is not absent`, (stage) =>
      unknownIsNotAbsent(stage, right),
    ),
  ),
  tell(
    'rights-taken-away',
    'a right that goes between plan and writes opens nothing',
    keepsWhatItCannotJudge,
  ),
];
