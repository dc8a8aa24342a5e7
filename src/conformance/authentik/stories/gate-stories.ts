import { claim, each, same } from '../claims.ts';
import * as gate from '../gate.ts';
import { outpostOf, theOne } from '../hands.ts';
import { failures } from '../outcomes.ts';
import type { Stage, Written } from '../stage.ts';
import type { Story } from '../story.ts';
import { ofGates } from './gate-story.ts';
import { openedBy } from './openings.ts';

const tell = ofGates('src/plan/order/order.ts');

/** The index of the first write of that sort; throws if there is none. */
function at(
  written: readonly Written[],
  sort: RegExp,
  body: (sent: unknown) => boolean = () => true,
): number {
  const place = written.findIndex((one) => sort.test(`${one.method} ${one.path}`) && body(one.body));
  const seen = written.map((one) => `${one.method} ${one.path}`).join(', ');
  claim(place !== -1, `no ${sort} among ${seen}`);
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
  same('how many bindings were made', bound.length, 2);
  same('the order of the writes', places, ascending(places));
  same('writes that opened the application', opened, []);
}

async function removedInOrder(stage: Stage): Promise<void> {
  const opened = openedBy(stage);
  await stage.make(gate.gateFor(stage.names, 'admins', 'family'));
  const before = stage.written.length;
  await stage.make([]);
  const written = stage.written.slice(before);
  const letGo = at(written, /^PATCH \/core\/applications\//, (sent) => provider(sent) === null);
  const takenOut = at(written, /^PATCH \/outposts\/instances\//);
  // The first of two bindings may be removed earlier, because another still exists.
  const lastBinding = written.findLastIndex(({ method, path }) =>
    `${method} ${path}`.startsWith('DELETE /policies/bindings/'),
  );
  const removal = at(written, /^DELETE \/core\/applications\//);
  claim(lastBinding > letGo, 'the last binding went before the provider was taken from the application');
  claim(removal > letGo, 'the application went before the provider was taken from it');
  const provided = at(written, /^DELETE \/providers\/proxy\//);
  claim(provided > Math.max(letGo, takenOut), 'the provider went before the references to it');
  claim(at(written, /^DELETE \/core\/groups\//) > lastBinding, 'a group went before its binding');
  same('what a second run would do', await stage.due([]), []);
  same('writes that opened the application', opened, []);
}

/** New groups are bound before the first ones are removed. */
async function admitsOthers(stage: Stage): Promise<void> {
  const opened = openedBy(stage);
  for (const groups of [['admins', 'family'], ['family'], ['guests'], ['guests', 'admins']]) {
    const wants = gate.gateFor(stage.names, ...groups);
    await stage.make(wants);
    same('what a second run would do', await stage.due(wants), []);
  }
  same('writes that opened the application', opened, []);
}

async function noLoginWithoutBinding(stage: Stage): Promise<void> {
  const { person, names } = stage;
  const opened = openedBy(stage);
  const { needs: _, ...reckless } = gate.linkOf(names, ['admins']);
  const wants = [...gate.leanedOn, gate.wantedProxyProvider(names), gate.wantedApplication(names), reckless];
  each('what failed', failures(await stage.apply(wants)), ['has no binding']);
  const { provider: linked } = await person.get(`/core/applications/${names.application}/`);
  same('the provider of the application', linked, null);
  same('writes that opened the application', opened, []);
}

/** A saved or faulty plan must not remove the only binding that exists. */
async function keepsLastBinding(stage: Stage): Promise<void> {
  const { names } = stage;
  await stage.make(gate.gateFor(names, 'admins'));
  const opened = openedBy(stage);
  const plan = await stage.plan(gate.gateFor(names, 'family'));
  const removal = theOne(
    plan.changes.filter((one) => one.verb === 'prune' && one.address.kind === 'authentik/binding'),
  );
  const outcomes = await stage.carryOut({ ...plan, changes: [{ ...removal, needs: [] }] });
  each('what failed', failures(outcomes), ['everybody would get through']);
  same('writes that opened the application', opened, []);
  same('what a run would do', await stage.due(gate.gateFor(names, 'admins')), []);
}

/** The settings are written as one document, and only one of them is ours. */
async function keepsOtherSettings(stage: Stage): Promise<void> {
  const { config: before } = await outpostOf(stage);
  await stage.make([gate.wantedOutpostHost(stage.names)]);
  const { config: after } = await outpostOf(stage);
  claim(Object.keys(before).length > 0, 'the outpost has no settings');
  same('its settings', after, { ...before, authentik_host: gate.loginAddress(stage.names) });
}

/** Complete gates, made, changed and removed. */
export const gateStories: readonly Story[] = [
  tell('made-in-order', 'the login comes after the bindings, so nobody else is admitted', madeInOrder),
  tell('removed-in-order', 'the login goes before the bindings, so nobody else is admitted', removedInOrder),
  tell('for-other-groups', 'other groups come before the first ones go', admitsOthers),
  tell('without-binding', 'an application without a binding gets no login', noLoginWithoutBinding),
  tell('last-binding', 'the last binding stays, whatever the plan says', keepsLastBinding),
  tell('other-settings', 'a run keeps the other settings of the outpost', keepsOtherSettings),
];
