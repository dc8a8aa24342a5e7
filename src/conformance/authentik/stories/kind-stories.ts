import type { DesiredObject, Observed } from '../../../core/objects/object.ts';
import { claim, same, unchanged } from '../claims.ts';
import { theOne } from '../hands.ts';
import { standing } from '../leftovers.ts';
import { failures, pending } from '../outcomes.ts';
import type { Stage } from '../stage.ts';
import type { Story } from '../story.ts';
import type { Drift, WrittenKind } from '../written-kind.ts';

/** The owner of another file at the same server. It writes nothing, so it leaves nothing to remove. */
const otherOwner = 'gates-other';

/** The stories that every written kind must pass at every server. */
export function storiesOf(kind: WrittenKind, release: string): readonly Story[] {
  const { about, reconciler, remove, twin } = kind;
  const tell = (name: string, says: string, act: Story['act']): Story => ({
    id: `authentik/${about}-${name}`,
    says: `${reconciler.title}: ${says}`,
    where: `reconcilers/${reconciler.kind}.ts`,
    reconcilers: kind.reconcilers,
    act: async (stage) => {
      await kind.before?.(stage);
      await act(stage);
    },
  });
  const adopted = 'one without a mark is never made twice, and adopted only when a person asks for it';
  return [
    tell('round-trip', 'a run reads back what it wrote, and then writes nothing', (stage) =>
      roundTrip(kind, stage),
    ),
    ...kind
      .drifts(release)
      .map((drift) =>
        tell(`${kebab(drift.field)}-by-hand`, `a run repairs ${drift.field}`, (stage) =>
          healed(kind, drift, stage),
        ),
      ),
    tell('marked', 'it names its owner, and a run of another owner leaves it alone', (stage) =>
      owned(kind, stage),
    ),
    tell('made-meanwhile', 'two runs at once make one', (stage) => madeMeanwhile(kind, stage)),
    ...(twin === undefined ? [] : [tell('adopted', adopted, (stage) => takenOver(kind, twin, stage))]),
    tell('beside-others', 'foreign objects stay unchanged', (stage) => othersStay(kind, stage)),
    ...(remove === undefined
      ? []
      : [
          tell('gone-by-hand', 'a run makes it again', (stage) => comesBack(kind, remove, stage)),
          tell('already-gone', 'removing one that is gone already succeeds', (stage) =>
            goneAlready(kind, remove, stage),
          ),
        ]),
  ];
}

/** `skip-path-regex` of `skipPathRegex`. */
function kebab(field: string): string {
  return field.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

type Remove = NonNullable<WrittenKind['remove']>;

async function roundTrip(kind: WrittenKind, stage: Stage): Promise<void> {
  const wants = kind.desired(stage.names);
  await stage.make(wants);
  await found(kind, stage);
  const before = stage.written.length;
  same('what a second run would do', await stage.due(wants), []);
  await stage.make(wants);
  same('what the run wrote', stage.written.slice(before), []);
}

async function healed(kind: WrittenKind, { field, besides = [], edit }: Drift, stage: Stage): Promise<void> {
  const wants = kind.desired(stage.names);
  await stage.make(wants);
  const have = await found(kind, stage);
  await edit(have, stage);
  const changes = pending(await stage.plan(wants));
  const seen = changes.map(({ verb, address, drift }) => [verb, address.kind, drift.map((one) => one.field)]);
  same('what a run would repair', seen, [['update', kind.reconciler.kind, [field, ...besides]]]);
  await stage.make(wants);
  same('what a second run would do', await stage.due(wants), []);
  same(
    'whether it is the same object',
    (await found(kind, stage)).id === have.id,
    kind.exchanged === undefined,
  );
}

async function owned(kind: WrittenKind, stage: Stage): Promise<void> {
  const wants = kind.desired(stage.names);
  await stage.make(wants);
  const have = await found(kind, stage);
  const asSeen = (await stage.read(kind.reconciler, otherOwner)).find(({ id }) => id === have.id);
  const owner = kind.owned === 'none' ? undefined : stage.names.owner;
  same('its owner, for us and for another owner', [have.owner, asSeen?.owner], [owner, owner]);
  const before = stage.written.length;
  same('what failed for another owner', failures(await stage.apply([], { owner: otherOwner })), []);
  same('what the run wrote', stage.written.slice(before), []);
  if (kind.owned !== 'marker' && kind.owned !== 'space') return;
  const plan = await stage.plan([wanted(kind, stage)], { owner: otherOwner });
  const verbs = kind.reconciler.traits?.shareable ? [] : [kind.owned === 'space' ? 'create' : 'refuse'];
  same(
    'what a run of another owner would do',
    pending(plan).map((change) => change.verb),
    verbs,
  );
}

/** Two simultaneous runs; the second was planned before the first wrote. */
async function madeMeanwhile(kind: WrittenKind, stage: Stage): Promise<void> {
  const wants = kind.desired(stage.names);
  const early = await stage.plan(wants);
  await stage.make(wants);
  await stage.carryOut(early);
  await stage.make(wants);
  same('what a second run would do', await stage.due(wants), []);
  await found(kind, stage);
}

/** An object without a mark is never made a second time, and only a run with that option adopts it. */
async function takenOver(
  kind: WrittenKind,
  twin: (stage: Stage) => Promise<unknown>,
  stage: Stage,
): Promise<void> {
  const wants = kind.desired(stage.names);
  await twin(stage);
  const { id, owner } = await found(kind, stage);
  same('its owner', owner, undefined);
  await stage.apply(wants);
  await stage.apply([]);
  same('what the runs wrote', stage.written, []);
  await stage.make(wants, { adopt: true });
  same('what a second run would do', await stage.due(wants), []);
  const adopted = await found(kind, stage);
  same('the object after it was adopted', [adopted.id, adopted.owner], [id, stage.names.owner]);
}

async function othersStay(kind: WrittenKind, stage: Stage): Promise<void> {
  await kind.beside(stage);
  const without = kind.remove === undefined ? stage.names.outpost : undefined;
  const look = () => standing(stage.person, (name) => name === without);
  const before = await look();
  await stage.make(kind.desired(stage.names));
  await stage.make([]);
  unchanged('what others have', await look(), before);
}

async function comesBack(kind: WrittenKind, remove: Remove, stage: Stage): Promise<void> {
  const wants = kind.desired(stage.names);
  await stage.make(wants);
  await remove(await found(kind, stage), stage);
  const { kind: name } = kind.reconciler;
  const changes = pending(await stage.plan(wants));
  claim(
    changes.some(({ verb, address }) => verb === 'create' && address.kind === name),
    'a run would not make it again',
  );
  await stage.make(wants);
  same('what a second run would do', await stage.due(wants), []);
  await found(kind, stage);
}

async function goneAlready(kind: WrittenKind, remove: Remove, stage: Stage): Promise<void> {
  await stage.make(kind.desired(stage.names));
  const plan = await stage.plan([]);
  const { kind: name } = kind.reconciler;
  claim(
    pending(plan).some(({ verb, address }) => verb === 'prune' && address.kind === name),
    'a run would not remove it',
  );
  await remove(await found(kind, stage), stage);
  same('what failed', failures(await stage.carryOut(plan)), []);
  same('what a second run would do', await stage.due([]), []);
}

/** The object of the story; rejects unless there is exactly one with its key. */
async function found(kind: WrittenKind, stage: Stage): Promise<Observed> {
  const { key } = wanted(kind, stage).address;
  return theOne((await stage.read(kind.reconciler)).filter(({ address }) => address.key === key));
}

function wanted({ desired, reconciler }: WrittenKind, { names }: Stage): DesiredObject {
  return theOne(
    desired(names).filter(
      ({ address, mustExist }) =>
        address.kind === reconciler.kind && (mustExist === undefined || address.key === names.outpost),
    ),
  );
}
