import { afterEach, describe, expect, it } from 'vitest';
import type { System } from '../../src/core/objects/address.ts';
import type { DesiredObject, Observed } from '../../src/core/objects/object.ts';
import type { AnyReconciler, Reconciler } from '../../src/core/reconciler.ts';
import {
  canary,
  type Fault,
  failures,
  pending,
  type TestWorld,
  type TestWorldOptions,
  testWorld,
} from '../support/world.ts';

/** One kind, and what the contract has to know of it to put it to the test. */
export interface Subject<Spec> {
  readonly reconciler: Reconciler<Spec>;
  /** Every kind that a pass needs for it, in the order of the index; itself among them. */
  readonly reconcilers: readonly AnyReconciler[];
  /** Its collection on the wire as a glob, with a star in place of each id. */
  readonly collection: string;
  /** What the file asks for; the first object of the kind is the one that is looked at. */
  desired(test: TestWorld): readonly DesiredObject[];
  /** What kind of world it needs. */
  readonly world?: Pick<TestWorldOptions, 'plan' | 'scope'>;
  /** How another person changes each field that is compared. */
  readonly drifts: readonly Drift<Spec>[];
  /** Another person's objects, that many, none of which the file asks for. Resolves with their list on the wire. */
  crowd(test: TestWorld, count: number): Promise<string>;
  /** The objects in that list, where they are part of a larger document. */
  readonly items?: (reply: unknown) => readonly Item[];
  /** How another person removes it. */
  remove(have: Observed<Spec>, test: TestWorld): Promise<unknown>;
  /** Owners have name spaces: another owner makes its own beside ours instead of being refused. */
  readonly beside?: true;
  /** It is healed by another object that takes its place, so that its id changes. */
  readonly exchanged?: true;
  /** Nothing that exists is ever removed. */
  readonly lasting?: true;
  /** It carries no marker of its own, so who owns it is not asked here. */
  readonly unmarked?: true;
}

interface Item {
  readonly id?: string;
  readonly pk?: string | number;
  readonly name?: string;
}

export interface Drift<Spec> {
  readonly field: string;
  readonly edit: (have: Observed<Spec>, test: TestWorld) => Promise<unknown>;
}

type FirstFault = Omit<Fault, 'match'> & { readonly because: string };

/** What may befall the first write of each method. */
const faults: readonly FirstFault[] = [
  { because: 'the reply is lost after the write', fault: 'lose-reply', times: 1 },
  { because: 'the connection drops before the write', fault: 'drop', times: 1 },
  { because: 'the API has trouble of its own', fault: 'status', status: 500, times: 1 },
  { because: 'the API crashes before the write', fault: 'crash', times: 1 },
  { because: 'the API crashes after the write', fault: 'crash', applied: true, times: 1 },
  {
    because: 'the API asks for a pause',
    fault: 'status',
    status: 429,
    headers: { 'retry-after': '7' },
    times: 1,
  },
];

/** What every kind that is written has to keep, whatever else is said of it. */
export function contract<Spec>(subject: Subject<Spec>): void {
  const { reconciler, reconcilers } = subject;
  const [system] = reconciler.kind.split('/') as [System];
  let test: TestWorld;
  const start = async (options: { pageSize?: number } = {}) => {
    test = await testWorld({ reconcilers, ...subject.world, ...options });
    return test;
  };

  /** The object that the tests are about. */
  const subjectOf = async (): Promise<Observed<Spec>> => {
    const found = (await theirs()).filter(({ address }) => address.key === wanted(subject, test).address.key);
    expect(found, 'exactly one object with the key').toHaveLength(1);
    return found[0] as Observed<Spec>;
  };
  const theirs = () => test.read(reconciler);
  const made = async () => {
    await start();
    expect(failures(await test.apply(subject.desired(test)))).toEqual([]);
  };
  const allFaults = async (fault: FirstFault) => {
    const { because: _, ...rest } = fault;
    for (const method of ['POST', 'PUT', 'PATCH', 'DELETE'])
      await test.fault({ ...rest, match: { system, method } });
  };
  const silent = async (wants: readonly DesiredObject[]) =>
    expect(pending(await test.plan(wants)).map(({ id, drift }) => ({ id, drift }))).toEqual([]);

  describe(`contract of ${reconciler.kind}`, () => {
    afterEach(() => {
      const text = test.said.join('\n');
      expect(text.includes(canary), 'a secret was said').toBe(false);
      // A pause is asked for by a fault of the test, not by Authentik, whose document has none.
      const paused = (mistake: string) => mistake.endsWith('status 429 is not in the document');
      const ofAuthentik = test.authentikContract?.mistakes.filter((mistake) => !paused(mistake)) ?? [];
      expect(
        [...(test.contract?.mistakes ?? []), ...ofAuthentik],
        'calls that the official document does not know',
      ).toEqual([]);
    });

    it('reads back what it wrote as equal, and the second pass writes nothing', async () => {
      await made();
      await subjectOf();
      const before = test.lastCall();
      await silent(subject.desired(test));
      expect(failures(await test.apply(subject.desired(test)))).toEqual([]);
      expect(test.writes(before)).toEqual([]);
    });

    it.each([...subject.drifts])(
      'sees that somebody changed $field, and heals it',
      async ({ field, edit }) => {
        await made();
        const { id } = await subjectOf();
        await edit(await subjectOf(), test);
        const changes = pending(await test.plan(subject.desired(test)));
        expect(changes.map(({ verb, drift }) => [verb, drift.map((one) => one.field)])).toEqual([
          ['update', [field]],
        ]);
        expect(failures(await test.apply(subject.desired(test)))).toEqual([]);
        await silent(subject.desired(test));
        expect((await subjectOf()).id === id).toBe(subject.exchanged === undefined);
      },
    );

    it('reads every page', async () => {
      await start({ pageSize: 5 });
      const before = (await theirs()).length;
      await subject.crowd(test, 7);
      expect((await theirs()).length).toBe(before + 7);
    });

    it('leaves what other people made as it is', async () => {
      await start();
      const list = await subject.crowd(test, 3);
      const before = await others(test, list, subject);
      expect(before.size).toBeGreaterThanOrEqual(3);
      expect(failures(await test.apply(subject.desired(test)))).toEqual([]);
      expect(failures(await test.apply([]))).toEqual([]);
      const after = await others(test, list, subject);
      for (const [id, text] of before) expect(after.get(id)).toBe(text);
    });

    if (subject.unmarked === undefined) {
      it('is marked as ours, and left alone by another owner', async () => {
        await made();
        expect((await subjectOf()).owner).toBe('home');
        const { id } = await subjectOf();
        const asSeen = (await test.read(reconciler, 'lab')).find((have) => have.id === id);
        expect(asSeen?.owner).toBe('home');
        const before = test.lastCall();
        expect(failures(await test.apply([], { owner: 'lab' }))).toEqual([]);
        expect(test.writes(before)).toEqual([]);
        const plan = await test.plan([wanted(subject, test)], { owner: 'lab' });
        const verbs = reconciler.shareable ? [] : [subject.beside ? 'create' : 'refuse'];
        expect(pending(plan).map((change) => change.verb)).toEqual(verbs);
      });
    }

    it('makes no second one when it was made meanwhile', async () => {
      await start();
      const early = await test.plan(subject.desired(test));
      expect(failures(await test.apply(subject.desired(test)))).toEqual([]);
      await test.carryOut(early);
      await test.apply(subject.desired(test));
      await silent(subject.desired(test));
      await subjectOf();
    });

    it.each(faults)('is made all the same, once, when $because', async (fault) => {
      await start();
      const began = test.clock.now().getTime();
      await allFaults(fault);
      expect(failures(await test.apply(subject.desired(test)))).toEqual([]);
      await silent(subject.desired(test));
      await subjectOf();
      if (fault.status === 429) expect(test.clock.now().getTime() - began).toBeGreaterThanOrEqual(7000);
    });

    const [firstDrift] = subject.drifts;
    if (firstDrift !== undefined) {
      it.each(faults)('is healed all the same when $because', async (fault) => {
        await made();
        await firstDrift.edit(await subjectOf(), test);
        await allFaults(fault);
        expect(failures(await test.apply(subject.desired(test)))).toEqual([]);
        await converged(test, subject.desired(test));
      });
    }

    if (subject.lasting === undefined) {
      it.each(faults)('is removed all the same when $because', async (fault) => {
        await made();
        const { id } = await subjectOf();
        await allFaults(fault);
        expect(failures(await test.apply([]))).toEqual([]);
        expect((await theirs()).map((have) => have.id)).not.toContain(id);
        await silent([]);
      });

      it('is content when what it removes is gone', async () => {
        await made();
        const plan = await test.plan([]);
        await subject.remove(await subjectOf(), test);
        expect(failures(await test.carryOut(plan))).toEqual([]);
        await silent([]);
      });
    }

    it('is unknown, and nothing of it is written, when its list cannot be read', async () => {
      await start();
      const { collection } = subject;
      await test.fault({ fault: 'status', status: 500, match: { system, method: 'GET', path: collection } });
      const plan = await test.plan([wanted(subject, test)]);
      expect(plan.unknown.map(({ kind }) => kind)).toContain(reconciler.kind);
      const before = test.lastCall();
      expect(failures(await test.carryOut(plan))).toHaveLength(1);
      expect(test.writes(before)).toEqual([]);
    });

    it('is read all the same when a read drops, fails or has to wait', async () => {
      await made();
      for (const { because: _, ...fault } of faults.filter(
        (one) => one.fault !== 'lose-reply' && one.fault !== 'crash',
      )) {
        await test.fault({ ...fault, match: { system, method: 'GET', path: subject.collection } });
        await silent(subject.desired(test));
      }
    });
  });
}

function wanted<Spec>({ reconciler, desired }: Subject<Spec>, test: TestWorld): DesiredObject {
  const want = desired(test).find(({ address }) => address.kind === reconciler.kind);
  if (want === undefined) throw new Error(`the subject asks for no ${reconciler.kind}`);
  return want;
}

/** What a lost reply left to do (sessions that are still to be ended) is done by the next pass at the latest. */
async function converged(test: TestWorld, wants: readonly DesiredObject[]): Promise<void> {
  await test.apply(wants);
  expect(pending(await test.plan(wants))).toEqual([]);
}

/** Each object of a list on the wire as text, by id (a tag has none but its name). */
async function others<Spec>(
  test: TestWorld,
  list: string,
  { reconciler, items }: Subject<Spec>,
): Promise<ReadonlyMap<string | number, string>> {
  const authentik = reconciler.kind.startsWith('authentik/');
  const reply = await (authentik ? test.editAuthentik : test.edit)('GET', list);
  const found = items?.(reply) ?? (authentik ? (reply as AuthentikPage).results : (reply as readonly Item[]));
  return new Map(found.map((item) => [item.id ?? item.pk ?? item.name ?? '', JSON.stringify(item)]));
}

interface AuthentikPage {
  readonly results: readonly Item[];
}
