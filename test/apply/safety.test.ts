import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { DesiredObject, Observed } from '../../src/core/objects/object.ts';
import { gate, name, route, want } from '../plan/support/fakes.ts';
import { type Fault, MemorySystem } from './memory.ts';

/** One host in a file: absent, open, or guarded; on one of two carriers, to one of two origins. */
interface HostState {
  readonly host: string;
  readonly present: boolean;
  readonly admits: readonly string[] | undefined;
  readonly via: 'homelab' | 'other';
  readonly to: 'app' | 'app2';
}

const hostState = (host: string): fc.Arbitrary<HostState> =>
  fc.record({
    host: fc.constant(host),
    present: fc.boolean(),
    admits: fc.option(fc.subarray(['me', 'you', 'all'], { minLength: 1 }), { nil: undefined }),
    via: fc.constantFrom('homelab' as const, 'other' as const),
    to: fc.constantFrom('app' as const, 'app2' as const),
  });
const file = fc.tuple(hostState('a.example.dev'), hostState('b.example.dev'), hostState('c.example.dev'));
const fault = fc.constantFrom<Fault>('none', 'reject', 'lose-reply', 'drop', 'kill');

function wantsOf(hosts: readonly HostState[]): readonly DesiredObject[] {
  return hosts
    .filter((state) => state.present)
    .flatMap(({ host, admits, via, to }) => [
      ...(admits === undefined ? [] : [want(gate, host, { host, admits })]),
      want(route, `${via}/${host}`, { host, via, to }),
      want(name, host, { host, target: via }),
    ]);
}

/** The people who get through to a host, by the live objects alone. This function knows nothing of the planner. */
function whoGetsThrough(objects: readonly Observed[], host: string): readonly string[] {
  const specs = (kind: string) =>
    objects
      .filter((object) => object.address.kind === kind)
      .map((object) => object.spec as Record<string, unknown>);
  const published = specs(name.kind).find((spec) => spec.host === host);
  const routed = specs(route.kind).some(
    (spec) => spec.host === host && spec.via === published?.target && spec.to !== '503',
  );
  if (published === undefined || !routed) return [];
  const guard = specs(gate.kind).find((spec) => spec.host === host);
  return guard === undefined ? ['anybody'] : (guard.admits as string[]);
}

const admittedBy = (hosts: readonly HostState[], host: string) => {
  const state = hosts.find((candidate) => candidate.host === host);
  if (state === undefined || !state.present) return [];
  return state.admits ?? ['anybody', 'me', 'you', 'all'];
};

describe('no prefix of the writes lets anybody through whom neither file admits', () => {
  it('holds for every pair of files, with one write going wrong in any way, and the next run converges', async () => {
    await fc.assert(
      fc.asyncProperty(file, file, fc.nat(12), fault, async (before, after, write, kind) => {
        const setUp = new MemorySystem([]);
        await setUp.pass(wantsOf(before));
        const exposed: string[] = [];
        const watch = (objects: readonly Observed[]) => {
          for (const { host } of after) {
            const admitted = [...admittedBy(before, host), ...admittedBy(after, host)];
            for (const person of whoGetsThrough(objects, host)) {
              if (!admitted.includes(person)) exposed.push(`${person} at ${host}`);
            }
          }
        };
        const first = new MemorySystem(setUp.objects, (at) => (at === write ? kind : 'none'), watch);
        await first.pass(wantsOf(after)).catch(() => undefined);
        const second = new MemorySystem(first.objects, () => 'none', watch);
        await second.pass(wantsOf(after));
        expect(exposed).toEqual([]);
        const undisturbed = new MemorySystem(setUp.objects);
        await undisturbed.pass(wantsOf(after));
        expect(shape(second.objects)).toEqual(shape(undisturbed.objects));
        expect(await second.pass(wantsOf(after))).toEqual([]);
      }),
      { numRuns: 400 },
    );
  });

  it('does not depend on the order of the file', async () => {
    await fc.assert(
      fc.asyncProperty(file, file, async (before, after) => {
        const setUp = new MemorySystem([]);
        await setUp.pass(wantsOf(before));
        const told = async (wants: readonly DesiredObject[]) =>
          (await new MemorySystem(setUp.objects).pass(wants)).map((outcome) => outcome.change);
        expect(await told([...wantsOf(after)].reverse())).toEqual(await told(wantsOf(after)));
      }),
      { numRuns: 100 },
    );
  });

  it('never writes foreign objects', async () => {
    await fc.assert(
      fc.asyncProperty(file, file, fc.constantFrom('work', undefined), async (before, after, owner) => {
        const setUp = new MemorySystem([]);
        await setUp.pass(wantsOf(before));
        const theirs = setUp.objects.map((object) => ({ ...object, owner }));
        const system = new MemorySystem(theirs);
        await system.pass(wantsOf(after));
        expect(system.objects.filter((object) => object.owner === owner)).toEqual(theirs);
      }),
      { numRuns: 100 },
    );
  });
});

function shape(objects: readonly Observed[]): unknown {
  return objects
    .map(({ address, spec, owner }) => ({ address, spec, owner }))
    .sort((a, b) => JSON.stringify(a.address).localeCompare(JSON.stringify(b.address)));
}
