import { expect } from 'vitest';
import { certificateKeyPair } from '../../reconcilers/authentik/certificate-key-pair.ts';
import type { DesiredObject } from '../../src/core/object.ts';
import { authentikKinds } from '../reconcilers/authentik/grafana.ts';
import { failures } from '../world.ts';
import * as gate from './gate.ts';
import { listed, outpostOf, theirGroup, theirOutpost, theOne } from './hands.ts';
import type { Names } from './names.ts';
import type { Stage, Written } from './stage.ts';
import type { Story } from './story.ts';

function told(name: string, act: Story['act']): Story {
  return {
    about: 'authentik/*',
    name,
    reconcilers: authentikKinds,
    act: async (stage) => {
      await theirOutpost(stage);
      await act(stage);
    },
  };
}

/**
 * An application with a login and no binding that stands lets everybody in. The writes of ours after which it does:
 * a list that grows.
 */
export function openedBy(stage: Stage): readonly string[] {
  const { person, names, written } = stage;
  const opened: string[] = [];
  stage.watch(async () => {
    const all = await person.list('/core/applications/?superuser_full_list=true');
    const app = all.find(({ slug }) => slug === names.application);
    if (app === undefined || app.provider === null) return;
    const bindings = await person.list(`/policies/bindings/?target=${app.pk}`);
    const last = written.at(-1);
    if (!bindings.some(({ enabled, negate }) => enabled === true && negate === false))
      opened.push(`${last?.method} ${last?.path}`);
  });
  return opened;
}

/** Where the first write of that sort is; rejects when there is none. */
function at(
  written: readonly Written[],
  sort: RegExp,
  body: (sent: unknown) => boolean = () => true,
): number {
  const place = written.findIndex((one) => sort.test(`${one.method} ${one.path}`) && body(one.body));
  expect(place, `${sort} among ${written.map((one) => `${one.method} ${one.path}`).join(', ')}`).not.toBe(-1);
  return place;
}

const provider = (sent: unknown) => (sent as { readonly provider?: unknown }).provider;
const ascending = (places: readonly number[]) => [...places].sort((left, right) => left - right);

async function madeInOrder(stage: Stage): Promise<void> {
  const opened = openedBy(stage);
  await stage.make(gate.gateFor(stage.names, 'admins', 'family'));
  const { written } = stage;
  const bound = written.filter(({ method, path }) => method === 'POST' && path === '/policies/bindings/');
  const places = [
    at(written, /^POST \/core\/applications\/$/, (sent) => provider(sent) === undefined),
    at(written, /^POST \/policies\/bindings\/$/),
    written.lastIndexOf(bound.at(-1) as Written),
    at(written, /^PATCH \/core\/applications\//, (sent) => typeof provider(sent) === 'number'),
    at(written, /^PATCH \/outposts\/instances\//, (sent) => 'providers' in (sent as object)),
  ];
  expect(bound).toHaveLength(2);
  expect(places).toEqual(ascending(places));
  expect(opened).toEqual([]);
}

async function removedInOrder(stage: Stage): Promise<void> {
  const opened = openedBy(stage);
  await stage.make(gate.gateFor(stage.names, 'admins', 'family'));
  const before = stage.written.length;
  await stage.make([]);
  const written = stage.written.slice(before);
  const letGo = at(written, /^PATCH \/core\/applications\//, (sent) => provider(sent) === null);
  const takenOut = at(written, /^PATCH \/outposts\/instances\//);
  // The first of two may go before: another still stands.
  const lastBinding = written.findLastIndex(({ method, path }) =>
    `${method} ${path}`.startsWith('DELETE /policies/bindings/'),
  );
  const gone = at(written, /^DELETE \/core\/applications\//);
  expect(lastBinding).toBeGreaterThan(letGo);
  expect(gone).toBeGreaterThan(letGo);
  expect(at(written, /^DELETE \/providers\/proxy\//)).toBeGreaterThan(Math.max(letGo, takenOut));
  expect(at(written, /^DELETE \/core\/groups\//)).toBeGreaterThan(lastBinding);
  expect(await stage.due([])).toEqual([]);
  expect(opened).toEqual([]);
}

/** Other groups come before the first ones go. */
async function admitsOthers(stage: Stage): Promise<void> {
  const opened = openedBy(stage);
  for (const groups of [['admins', 'family'], ['family'], ['guests'], ['guests', 'admins']]) {
    const wants = gate.gateFor(stage.names, ...groups);
    await stage.make(wants);
    expect(await stage.due(wants)).toEqual([]);
  }
  expect(opened).toEqual([]);
}

/**
 * Somebody removes a part of a gate: what a pass does about it, in its order, and that it ends well. `stillOpen` are
 * writes after which what that person opened is not closed yet.
 */
function removedByHand(
  what: string,
  wantsOf: (names: Names) => readonly DesiredObject[],
  remove: (stage: Stage) => Promise<unknown>,
  due: (names: Names) => readonly string[],
  stillOpen: readonly string[] = [],
): Story {
  return told(`${what} removed by hand`, async (stage) => {
    const wants = wantsOf(stage.names);
    await stage.make(wants);
    await remove(stage);
    const opened = openedBy(stage);
    expect(await stage.due(wants)).toEqual(due(stage.names));
    await stage.make(wants);
    expect(await stage.due(wants)).toEqual([]);
    expect(opened).toEqual(stillOpen);
  });
}

const gateOf = (names: Names) => gate.gateFor(names, 'admins');
const bindingId = (names: Names) => `authentik/binding:${names.application}/${names.own('admins')}`;

const healing: readonly Story[] = [
  removedByHand(
    'group',
    gateOf,
    async ({ person, names }) => {
      const { pk } = await listed(person, '/core/groups/', names.own('admins'));
      return person.remove(`/core/groups/${pk}/`);
    },
    (names) => [`create authentik/group:${names.own('admins')}`, `create ${bindingId(names)}`],
    // Whoever removed the group opened it; there is nothing to bind before it is made.
    ['POST /core/groups/'],
  ),
  removedByHand(
    'binding',
    gateOf,
    async ({ person, names }) => {
      const { pk } = await person.get(`/core/applications/${names.application}/`);
      for (const one of await person.list(`/policies/bindings/?target=${pk}`)) {
        await person.remove(`/policies/bindings/${one.pk}/`);
      }
    },
    (names) => [`create ${bindingId(names)}`],
  ),
  removedByHand(
    'application',
    gateOf,
    ({ person, names }) => person.remove(`/core/applications/${names.application}/`),
    (names) => [
      `create authentik/application:${names.application}`,
      `create ${bindingId(names)}`,
      `create authentik/provider-link:${names.application}`,
    ],
  ),
  removedByHand(
    'proxy provider',
    gateOf,
    async ({ person, names }) => {
      const { pk } = await listed(person, '/providers/proxy/', `gates:${names.owner}/app`);
      return person.remove(`/providers/proxy/${pk}/`);
    },
    (names) => [
      'create authentik/proxy-provider:app',
      `create authentik/provider-link:${names.application}`,
      'create authentik/outpost-entry:app',
    ],
  ),
  removedByHand(
    'outpost entry',
    gateOf,
    async (stage) => {
      const { pk, providers } = await outpostOf(stage);
      const ours = await listed(stage.person, '/providers/proxy/', `gates:${stage.names.owner}/app`);
      const left = providers.filter((id) => id !== ours.pk);
      return stage.person.patch(`/outposts/instances/${pk}/`, { providers: left });
    },
    () => ['create authentik/outpost-entry:app'],
  ),
  removedByHand(
    'key pair',
    gate.clientOf,
    async (stage) => {
      const pairs = await stage.read(certificateKeyPair);
      const ours = pairs.find(({ owner }) => owner === stage.names.owner);
      return stage.person.remove(`/crypto/certificatekeypairs/${ours?.id}/`);
    },
    () => ['create authentik/certificate-key-pair:signing', 'update authentik/oauth2-provider:client'],
  ),
];

/** A client that was removed by hand has the id and the secret that were delivered, and neither is said. */
async function keepsItsSecret(stage: Stage): Promise<void> {
  const { person, names } = stage;
  const wants = gate.clientOf(names);
  const row = () => listed(person, '/providers/oauth2/', `gates:${names.owner}/client`);
  await stage.make(wants);
  const first = await row();
  await person.remove(`/providers/oauth2/${first.pk}/`);
  await stage.make(wants);
  const second = await row();
  expect(second.pk).not.toBe(first.pk);
  expect(second.client_id === first.client_id, 'the same id').toBe(true);
  expect(second.client_secret === first.client_secret, 'the same secret').toBe(true);
  const secret = String(first.client_secret);
  expect(secret.length).toBeGreaterThan(20);
  expect(
    stage.said.some((text) => text.includes(secret)),
    'the secret was said',
  ).toBe(false);
}

async function noLoginWithoutBinding(stage: Stage): Promise<void> {
  const { person, names } = stage;
  const opened = openedBy(stage);
  const { needs: _, ...reckless } = gate.linkOf(names, ['admins']);
  const wants = [...gate.leanedOn, gate.proxyProvider(names), gate.application(names), reckless];
  expect(failures(await stage.apply(wants))).toEqual([expect.stringContaining('has no binding')]);
  expect((await person.get(`/core/applications/${names.application}/`)).provider).toBeNull();
  expect(opened).toEqual([]);
}

/** A plan that somebody saved, or that went wrong: the one binding that stands stays for all that. */
async function keepsLastBinding(stage: Stage): Promise<void> {
  const { names } = stage;
  await stage.make(gate.gateFor(names, 'admins'));
  const opened = openedBy(stage);
  const plan = await stage.plan(gate.gateFor(names, 'family'));
  const removal = theOne(
    plan.changes.filter((one) => one.verb === 'prune' && one.address.kind === 'authentik/binding'),
  );
  const outcomes = await stage.carryOut({ ...plan, changes: [{ ...removal, needs: [] }] });
  expect(failures(outcomes)).toEqual([expect.stringContaining('everybody would get through')]);
  expect(opened).toEqual([]);
  expect(await stage.due(gate.gateFor(names, 'admins'))).toEqual([]);
}

/** Authentik refuses a PUT of either binding: a person negated ours and gave another one the order that ours has. */
async function repairsBesideSameOrder(stage: Stage): Promise<void> {
  const { person, names } = stage;
  const wants = gate.gateFor(names, 'admins');
  await stage.make(wants);
  const { pk: target } = await person.get(`/core/applications/${names.application}/`);
  const ours = theOne(await person.list(`/policies/bindings/?target=${target}`));
  const { pk, group, order } = ours;
  const whole = { target, group, order, policy: null, user: null, enabled: true, negate: true };
  await person.put(`/policies/bindings/${pk}/`, whole);
  const foreign = (await theirGroup(stage)).pk;
  await person.post('/policies/bindings/', { target, group: foreign, order });
  await stage.make(wants);
  expect(await stage.due(wants)).toEqual([]);
  const left = theOne(await person.list(`/policies/bindings/?target=${target}`));
  expect([left.group, left.negate]).toEqual([group, false]);
}

/** The settings are written as a whole, and only one of them is ours. */
async function keepsOtherSettings(stage: Stage): Promise<void> {
  const { config: before } = await outpostOf(stage);
  await stage.make([gate.outpostHost(stage.names)]);
  const { config: after } = await outpostOf(stage);
  expect(Object.keys(before)).not.toEqual([]);
  expect(after).toEqual({ ...before, authentik_host: gate.loginOf(stage.names) });
}

/** Whole gates. */
export const gateStories: readonly Story[] = [
  told('made in order', madeInOrder),
  told('removed in order', removedInOrder),
  told('admits others, and never everybody', admitsOthers),
  told('no login without a binding', noLoginWithoutBinding),
  told('last binding stays, whatever the plan', keepsLastBinding),
  told('binding negated beside another of the same order', repairsBesideSameOrder),
  ...healing,
  told('client removed by hand keeps its secret', keepsItsSecret),
  told('other settings of the outpost stay', keepsOtherSettings),
];
