import { scopeMapping } from '../../../../reconcilers/authentik/provider/scope-mapping.ts';
import { GatesError, UnreachableError } from '../../../core/errors.ts';
import { authentikKinds } from '../all-kinds.ts';
import { claim, each, same, unchanged } from '../claims.ts';
import * as gate from '../gate.ts';
import { theirApplication, theirGroup, theOne } from '../hands.ts';
import { leftInAuthentik, standing } from '../leftovers.ts';
import { failures } from '../outcomes.ts';
import type { Row } from '../person.ts';
import type { Stage } from '../stage.ts';
import { type Story, Unshown } from '../story.ts';
import { all } from '../written-kind.ts';
import { ofGates } from './gate-story.ts';
import { openedBy } from './openings.ts';

const bindings = '/policies/bindings/';
const tell = ofGates('reconcilers/authentik/application/binding.ts');

async function bindingsOf({ person, names }: Stage): Promise<readonly Row[]> {
  const { pk } = await person.get(`/core/applications/${names.application}/`);
  return person.list(`${bindings}?target=${pk}`);
}

/** A complete binding with some fields changed, as a person writes it back. */
function whole({ target, group, order }: Row, changes: object): object {
  return { target, group, order, policy: null, user: null, enabled: true, negate: false, ...changes };
}

/** Two bindings of one order could never be changed again: Authentik refuses every PUT of either. */
async function ordersDiffer(stage: Stage): Promise<void> {
  await stage.make(gate.gateFor(stage.names, 'admins', 'family'));
  const bound = await bindingsOf(stage);
  same('how many orders two bindings have', new Set(bound.map(({ order }) => order)).size, 2);
  for (const one of bound) await stage.person.put(`${bindings}${one.pk}/`, whole(one, {}));
  same('what a run would do', await stage.due(gate.gateFor(stage.names, 'admins', 'family')), []);
}

/** A person negated our binding, and gave another one its order. */
async function repairsBesideSameOrder(stage: Stage): Promise<void> {
  const { person, names } = stage;
  const wants = gate.gateFor(names, 'admins');
  await stage.make(wants);
  const ours = theOne(await bindingsOf(stage));
  const { pk, target, group, order } = ours;
  await person.put(`${bindings}${pk}/`, whole(ours, { negate: true }));
  await person.post(bindings, { target, group: (await theirGroup(stage)).pk, order });
  const before = stage.written.length;
  const opened = openedBy(stage);
  await stage.make(wants);
  same('what a second run would do', await stage.due(wants), []);
  const row = theOne(await bindingsOf(stage));
  same('the group of the binding, and whether it is negated', [row.group, row.negate], [group, false]);
  same('writes that opened the application', opened, []);
  const written = stage.written.slice(before);
  const creation = written.findIndex(({ method }) => method === 'POST');
  const removed = written.findIndex(
    ({ method, path }) => method === 'DELETE' && path === `${bindings}${pk}/`,
  );
  claim(creation !== -1 && creation < removed, 'the wrong binding went before the right one was made');
}

/** Authentik itself shows the reason: it refuses the second PUT of two bindings of one order. */
async function refusesSameOrder(stage: Stage): Promise<void> {
  const { person } = stage;
  const { pk: target } = await theirApplication(stage);
  const [one, other] = [await theirGroup(stage, 'one'), await theirGroup(stage, 'other')];
  const first = await person.post(bindings, { target, group: one.pk, order: 0 });
  await person.post(bindings, { target, group: other.pk, order: 0 });
  const status = await stage.wire.put(`${bindings}${first.pk}/`, whole(first, { negate: true })).then(
    () => 200,
    (error: unknown) => (error instanceof GatesError ? error.facts.status : undefined),
  );
  if (status === 200) throw new Unshown('the server takes two bindings of one order');
  same('the answer to a PUT of one of two bindings with one order', status, 400);
}

/** The file still names Authentik, but the last gate, client and group have left it. */
async function removesOrphans(stage: Stage): Promise<void> {
  const { person, names } = stage;
  const isOutpost = (name: string) => name === names.outpost;
  const before = await standing(person, isOutpost);
  await stage.make([...gate.gateFor(names, 'admins', 'family'), ...gate.clientOf(names)]);
  const idle = { idle: true } as const;
  const due = await stage.due([], idle);
  const kinds = new Set(due.map((change) => change.replace(/:.*/, '')));
  for (const kind of ['proxy-provider', 'oauth2-provider', 'application', 'group', 'scope-mapping']) {
    claim(
      kinds.has(`prune authentik/${kind}`),
      `a run would not remove authentik/${kind}: ${due.join(', ')}`,
    );
  }
  await stage.make([], idle);
  same('what a second run would do', await stage.due([], idle), []);
  unchanged('the server', await standing(person, isOutpost), before);
  const leftovers = (await leftInAuthentik(person, names)).map(({ what }) => what);
  const marked = leftovers.filter((what) => what.includes(`gates:${names.owner}/`));
  same('objects with our mark', marked, []);
}

/** Authentik crashes on a PATCH of a binding that does not repeat its target. The result of such a write is unknown. */
async function crashIsUnknown(stage: Stage): Promise<void> {
  const { pk: target } = await theirApplication(stage);
  const { pk: group } = await theirGroup(stage);
  const { pk } = await stage.person.post(bindings, { target, group, order: 0 });
  const error = await stage.wire.patch(`${bindings}${pk}/`, { enabled: true }).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error === undefined)
    throw new Unshown('the server does not crash on the write that is known to crash it');
  if (!(error instanceof GatesError)) throw error;
  const { status, applied } = error.facts;
  const isUnknown = error instanceof UnreachableError && applied === 'maybe';
  claim(isUnknown, `a write that crashed the server was answered ${status}, and read as applied: ${applied}`);
}

async function refusesWrongPython(stage: Stage): Promise<void> {
  const wrong = { ...gate.mapping, spec: { ...(gate.mapping.spec as object), expression: 'return {' } };
  each('what failed', failures(await stage.apply([wrong])), ['Expression Syntax Error']);
  same('what the run wrote', stage.written, []);
  same('what a run would do', await stage.due([wrong]), ['create authentik/scope-mapping:extra']);
  await stage.make([gate.mapping]);
}

/** Answers that real servers gave, and that no document mentions. */
export const troubleStories: readonly Story[] = [
  tell('orders-differ', 'each binding of an application has an order of its own', ordersDiffer),
  tell(
    'negated-beside-same-order',
    'a negated binding is repaired beside a foreign one of the same order',
    repairsBesideSameOrder,
  ),
  tell('orphans', 'all of it goes when the file asks nothing of Authentik any more', removesOrphans),
  {
    id: 'authentik/binding-same-order-refused',
    says: 'Authentik refuses a PUT of a binding while another one of the application has its order',
    where: 'reconcilers/authentik/application/binding.ts',
    reconcilers: authentikKinds,
    act: refusesSameOrder,
  },
  {
    id: 'authentik/crash-is-unknown',
    says: 'A write that crashes the server is answered so that gates looks whether it was done',
    where: 'src/clients/authentik/authentik-error.ts',
    reconcilers: authentikKinds,
    act: crashIsUnknown,
  },
  {
    id: 'authentik/scope-mapping-wrong-python',
    says: 'Authentik refuses a scope whose expression is not Python, and nothing is created',
    where: 'src/desired/terms/python.ts',
    reconcilers: all(scopeMapping),
    act: refusesWrongPython,
  },
];
