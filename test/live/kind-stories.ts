import { expect } from 'vitest';
import type { DesiredObject, Observed } from '../../src/core/object.ts';
import { failures, pending } from '../world.ts';
import { theOne } from './hands.ts';
import { standing } from './leftovers.ts';
import type { Drift, LiveKind } from './live-kind.ts';
import type { Stage } from './stage.ts';
import type { Story } from './story.ts';

/** The owner of another file at the same server. It writes nothing, so that nothing of it has to be removed. */
const otherOwner = 'gates-other';

/** What every kind that is written has to keep at every server. */
export function storiesOf(kind: LiveKind, release: string): readonly Story[] {
  const told = (name: string, act: Story['act']): Story => ({
    about: kind.about,
    name,
    reconcilers: kind.reconcilers,
    act: async (stage) => {
      await kind.before?.(stage);
      await act(stage);
    },
  });
  const { remove, twin } = kind;
  return [
    told('round trip, then silence', (stage) => roundTrip(kind, stage)),
    ...kind
      .drifts(release)
      .map((drift) => told(`${drift.field} changed by hand`, (stage) => healed(kind, drift, stage))),
    told('marked, and left alone by another owner', (stage) => owned(kind, stage)),
    told('made meanwhile', (stage) => madeMeanwhile(kind, stage)),
    ...(twin === undefined
      ? []
      : [told('made by somebody else before', (stage) => takenOver(kind, twin, stage))]),
    told('others are left as they are', (stage) => othersStay(kind, stage)),
    ...(remove === undefined
      ? []
      : [
          told('gone by hand', (stage) => comesBack(kind, remove, stage)),
          told('gone before it is removed', (stage) => goneAlready(kind, remove, stage)),
        ]),
  ];
}

type Remove = NonNullable<LiveKind['remove']>;

async function roundTrip(kind: LiveKind, stage: Stage): Promise<void> {
  const wants = kind.desired(stage.names);
  await stage.make(wants);
  await found(kind, stage);
  const before = stage.written.length;
  expect(await stage.due(wants)).toEqual([]);
  await stage.make(wants);
  expect(stage.written.slice(before)).toEqual([]);
}

async function healed(kind: LiveKind, { field, besides = [], edit }: Drift, stage: Stage): Promise<void> {
  const wants = kind.desired(stage.names);
  await stage.make(wants);
  const have = await found(kind, stage);
  await edit(have, stage);
  const changes = pending(await stage.plan(wants));
  expect(
    changes.map(({ verb, address, drift }) => [verb, address.kind, drift.map((one) => one.field)]),
  ).toEqual([['update', kind.reconciler.kind, [field, ...besides]]]);
  await stage.make(wants);
  expect(await stage.due(wants)).toEqual([]);
  expect((await found(kind, stage)).id === have.id).toBe(kind.exchanged === undefined);
}

async function owned(kind: LiveKind, stage: Stage): Promise<void> {
  const wants = kind.desired(stage.names);
  await stage.make(wants);
  const have = await found(kind, stage);
  const asSeen = (await stage.read(kind.reconciler, otherOwner)).find(({ id }) => id === have.id);
  const owner = kind.owned === 'none' ? undefined : stage.names.owner;
  expect([have.owner, asSeen?.owner]).toEqual([owner, owner]);
  const before = stage.written.length;
  expect(failures(await stage.apply([], { owner: otherOwner }))).toEqual([]);
  expect(stage.written.slice(before)).toEqual([]);
  if (kind.owned !== 'marker' && kind.owned !== 'space') return;
  const plan = await stage.plan([wanted(kind, stage)], { owner: otherOwner });
  const verbs = kind.reconciler.shareable ? [] : [kind.owned === 'space' ? 'create' : 'refuse'];
  expect(pending(plan).map((change) => change.verb)).toEqual(verbs);
}

/** Two passes at once, of which the second was planned before the first wrote. */
async function madeMeanwhile(kind: LiveKind, stage: Stage): Promise<void> {
  const wants = kind.desired(stage.names);
  const early = await stage.plan(wants);
  await stage.make(wants);
  await stage.carryOut(early);
  await stage.make(wants);
  expect(await stage.due(wants)).toEqual([]);
  await found(kind, stage);
}

/** Nobody's object is never made a second time, and taken over by whoever asks to, and by nobody else. */
async function takenOver(
  kind: LiveKind,
  twin: (stage: Stage) => Promise<unknown>,
  stage: Stage,
): Promise<void> {
  const wants = kind.desired(stage.names);
  await twin(stage);
  const { id, owner } = await found(kind, stage);
  expect(owner).toBeUndefined();
  await stage.apply(wants);
  await stage.apply([]);
  expect(stage.written).toEqual([]);
  expect(failures(await stage.apply(wants, { adopt: true }))).toEqual([]);
  expect(await stage.due(wants)).toEqual([]);
  expect(await found(kind, stage)).toMatchObject({ id, owner: stage.names.owner });
}

async function othersStay(kind: LiveKind, stage: Stage): Promise<void> {
  await kind.beside(stage);
  const without = kind.remove === undefined ? stage.names.outpost : undefined;
  const look = () => standing(stage.person, (name) => name === without);
  const before = await look();
  await stage.make(kind.desired(stage.names));
  await stage.make([]);
  expect(await look()).toEqual(before);
}

async function comesBack(kind: LiveKind, remove: Remove, stage: Stage): Promise<void> {
  const wants = kind.desired(stage.names);
  await stage.make(wants);
  await remove(await found(kind, stage), stage);
  const { kind: name } = kind.reconciler;
  const changes = pending(await stage.plan(wants));
  expect(changes.map(({ verb, address }) => [verb, address.kind])).toContainEqual(['create', name]);
  await stage.make(wants);
  expect(await stage.due(wants)).toEqual([]);
  await found(kind, stage);
}

async function goneAlready(kind: LiveKind, remove: Remove, stage: Stage): Promise<void> {
  await stage.make(kind.desired(stage.names));
  const plan = await stage.plan([]);
  const { kind: name } = kind.reconciler;
  expect(pending(plan).map(({ verb, address }) => [verb, address.kind])).toContainEqual(['prune', name]);
  await remove(await found(kind, stage), stage);
  expect(failures(await stage.carryOut(plan))).toEqual([]);
  expect(await stage.due([])).toEqual([]);
}

/** The object that the story is about; rejects unless there is exactly one with its key. */
async function found(kind: LiveKind, stage: Stage): Promise<Observed> {
  const { key } = wanted(kind, stage).address;
  return theOne((await stage.read(kind.reconciler)).filter(({ address }) => address.key === key));
}

function wanted({ desired, reconciler }: LiveKind, { names }: Stage): DesiredObject {
  return theOne(
    desired(names).filter(
      ({ address, mustExist }) =>
        address.kind === reconciler.kind && (mustExist === undefined || address.key === names.outpost),
    ),
  );
}
