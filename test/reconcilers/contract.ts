import { afterEach, describe, expect, it } from 'vitest';
import type { System } from '../../src/core/objects/address.ts';
import type { DesiredObject, Observed } from '../../src/core/objects/object.ts';
import type { AnyReconciler, Reconciler } from '../../src/core/reconciler.ts';
import type { Fault } from '../support/admin.ts';
import {
  canary,
  failures,
  pending,
  type TestWorld,
  type TestWorldOptions,
  testWorld,
} from '../support/world.ts';

/** A kind, with everything that the contract needs to test it. */
export interface Subject<Spec> {
  readonly reconciler: Reconciler<Spec>;
  /** Every kind that a run needs, including this one, in the order of the index. */
  readonly reconcilers: readonly AnyReconciler[];
  /** Its collection on the wire as a glob, with a star for each id. */
  readonly collection: string;
  /** The desired objects; the tests examine the first one of the kind. */
  desired(test: TestWorld): readonly DesiredObject[];
  /** The world that it needs. */
  readonly world?: Pick<TestWorldOptions, 'plan' | 'scope'>;
  /** An edit by another person of each compared field. */
  readonly drifts: readonly Drift<Spec>[];
  /** Adds so many foreign objects, and returns the path of their list on the wire. */
  crowd(test: TestWorld, count: number): Promise<string>;
  /** The objects in that list, if they are part of a larger document. */
  readonly items?: (reply: unknown) => readonly Item[];
  /** Removes the object as another person does. */
  remove(have: Observed<Spec>, test: TestWorld): Promise<unknown>;
  /** Owners have name spaces: another owner gets its own object instead of a refusal. */
  readonly beside?: true;
  /** Healing replaces it by another object, so that its id changes. */
  readonly exchanged?: true;
  /** gates never removes an existing one. */
  readonly lasting?: true;
  /** It carries no marker, so its tests skip ownership. */
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

/** Faults of the first write of each method. */
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

/** The tests that every written kind must pass, whatever else its own tests say. */
export function contract<Spec>(subject: Subject<Spec>): void {
  const { reconciler, reconcilers } = subject;
  const [system] = reconciler.kind.split('/') as [System];
  let test: TestWorld;
  const start = async (options: { pageSize?: number } = {}) => {
    test = await testWorld({ reconcilers, ...subject.world, ...options });
    return test;
  };

  /** The object that the tests examine. */
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
      // The pause is a fault of the test; Authentik's document has none.
      const paused = (mistake: string) => mistake.endsWith('status 429 is not in the document');
      const ofAuthentik = test.authentikContract?.mistakes.filter((mistake) => !paused(mistake)) ?? [];
      expect(
        [...(test.contract?.mistakes ?? []), ...ofAuthentik],
        'calls that the official document does not know',
      ).toEqual([]);
    });

    it('reads back what it wrote as equal, and the second run writes nothing', async () => {
      await made();
      await subjectOf();
      const before = test.lastCall();
      await silent(subject.desired(test));
      expect(failures(await test.apply(subject.desired(test)))).toEqual([]);
      expect(test.writes(before)).toEqual([]);
    });

    it.each([...subject.drifts])(
      'notices that somebody changed $field, and heals it',
      async ({ field, edit }) => {
        await made();
        const { id } = await subjectOf();
        await edit(await subjectOf(), test);
        const changes = pending(await test.plan(subject.desired(test)));
        expect(changes.map(({ verb, drift }) => [verb, drift.map((item) => item.field)])).toEqual([
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

    it('leaves foreign objects unchanged', async () => {
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
      it('is marked as ours, and another owner leaves it alone', async () => {
        await made();
        expect((await subjectOf()).owner).toBe('home');
        const { id } = await subjectOf();
        const asSeen = (await test.read(reconciler, 'lab')).find((have) => have.id === id);
        expect(asSeen?.owner).toBe('home');
        const before = test.lastCall();
        expect(failures(await test.apply([], { owner: 'lab' }))).toEqual([]);
        expect(test.writes(before)).toEqual([]);
        const plan = await test.plan([wanted(subject, test)], { owner: 'lab' });
        const verbs = reconciler.traits?.shareable ? [] : [subject.beside ? 'create' : 'refuse'];
        expect(pending(plan).map((change) => change.verb)).toEqual(verbs);
      });
    }

    it('creates no second one when it was created meanwhile', async () => {
      await start();
      const early = await test.plan(subject.desired(test));
      expect(failures(await test.apply(subject.desired(test)))).toEqual([]);
      await test.carryOut(early);
      await test.apply(subject.desired(test));
      await silent(subject.desired(test));
      await subjectOf();
    });

    it.each(faults)('is created anyway, once, when $because', async (fault) => {
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
      it.each(faults)('is healed anyway when $because', async (fault) => {
        await made();
        await firstDrift.edit(await subjectOf(), test);
        await allFaults(fault);
        expect(failures(await test.apply(subject.desired(test)))).toEqual([]);
        await converged(test, subject.desired(test));
      });
    }

    if (subject.lasting === undefined) {
      it.each(faults)('is removed anyway when $because', async (fault) => {
        await made();
        const { id } = await subjectOf();
        await allFaults(fault);
        expect(failures(await test.apply([]))).toEqual([]);
        expect((await theirs()).map((have) => have.id)).not.toContain(id);
        await silent([]);
      });

      it('accepts that an object to be removed is already gone', async () => {
        await made();
        const plan = await test.plan([]);
        await subject.remove(await subjectOf(), test);
        expect(failures(await test.carryOut(plan))).toEqual([]);
        await silent([]);
      });
    }

    it('is unknown, and never written, when its list cannot be read', async () => {
      await start();
      const { collection } = subject;
      await test.fault({ fault: 'status', status: 500, match: { system, method: 'GET', path: collection } });
      const plan = await test.plan([wanted(subject, test)]);
      expect(plan.unknown.map(({ kind }) => kind)).toContain(reconciler.kind);
      const before = test.lastCall();
      expect(failures(await test.carryOut(plan))).toHaveLength(1);
      expect(test.writes(before)).toEqual([]);
    });

    it('is read anyway when a read drops, fails or has to wait', async () => {
      await made();
      for (const { because: _, ...fault } of faults.filter(
        (item) => item.fault !== 'lose-reply' && item.fault !== 'crash',
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

/** Applies, and expects that the next run has nothing left to do of a lost reply (sessions that still have to end). */
async function converged(test: TestWorld, wants: readonly DesiredObject[]): Promise<void> {
  await test.apply(wants);
  expect(pending(await test.plan(wants))).toEqual([]);
}

/** Each object of a list on the wire as text, by id (by name for a tag, which has no id). */
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
