import { expect, it } from 'vitest';
import { reconcilers } from '../../reconcilers/index.ts';
import { nextGroup } from '../../src/apply/turns.ts';
import { parseConfig } from '../../src/config/parse-config.ts';
import { isCarriedOut, type ReadyChange } from '../../src/core/change.ts';
import { addressId } from '../../src/core/objects/address.ts';
import type { DoorStep } from '../../src/core/objects/door.ts';
import type { Desired, Observation, Observed } from '../../src/core/objects/object.ts';
import { compile } from '../../src/desired/compile.ts';
import { withAddresses } from '../../src/interlock/canonical-ids.ts';
import { RunInterlock } from '../../src/interlock/run-interlock.ts';
import { makePlan } from '../../src/plan/plan.ts';
import { largeFile } from './large-file.ts';
import { manyForwardAuth, manyServices } from './many-services.ts';

const files = [
  ['100 services', manyServices(100)],
  ['100 services behind forward auth', manyForwardAuth(100)],
  ['1,000 services behind forward auth', manyForwardAuth(1000)],
  ['1,000 services and 10,000 names over 4 zones', withNames(largeFile())],
] as const;

/** Steps before which a run does not wait for the edge. */
const unhindered: ReadonlySet<DoorStep> = new Set(['close', 'guard', 'confirm']);

it.each(files)('the interlock allows each write of a first apply: %s', async (what, text) => {
  const read = parseConfig(new TextEncoder().encode(text));
  if (!read.ok) throw new Error(read.mistakes[0]?.message);
  const desired = compile(read.parsed.config);
  const observed = whatIsThere(desired);
  const limits = { prune: 0.3, change: 0.3, floor: 5 };
  const plan = makePlan(desired, observed, reconcilers, { adopt: false, prune: true, limits, allow: [] });
  const pending = new Map(plan.changes.filter(isCarriedOut).map((change) => [change.id, change]));
  const count = pending.size;
  const begun = process.cpuUsage();
  const since = () => {
    const { user, system } = process.cpuUsage(begun);
    return Math.round((user + system) / 1000);
  };
  const longestLag = 30_000;
  let now = new Date();
  const clock = { now: () => now, sleep: async () => {} };
  const interlock = new RunInterlock(
    { desired, observed, reconcilers, prune: true, now },
    { clock, longestLag },
  );
  const beginning = since();
  let first = 0;
  const held: string[] = [];
  for (let group = nextGroup(pending); group.length > 0; group = nextGroup(pending)) {
    for (const { id } of group) pending.delete(id);
    if (group.some(({ doors }) => doors.some(({ step }) => !unhindered.has(step))))
      now = new Date(now.getTime() + longestLag);
    const ready = group.map(({ id, verb, address, want, have }): ReadyChange<unknown> => {
      const change = { id, address, have, want: want && withAddresses(want), drift: [] };
      return { ...change, verb: verb as ReadyChange<unknown>['verb'] };
    });
    held.push(...(await interlock.withheld(ready)).keys());
    first ||= since() - beginning;
    interlock.wrote(
      ready.map((change) => ({
        change,
        outcome: { change: change.id, address: change.address, status: 'done' },
      })),
    );
  }
  const summary = `CPU to begin ${beginning} ms, for all doors ${first} ms, in all ${since()} ms`;
  process.stdout.write(`${what}: ${count} changes: ${summary}\n`);
  expect(held).toEqual([]);
  expect(count).toBeGreaterThan(400);
});

/** Observations of only those objects that gates does not create. */
function whatIsThere({ objects }: Desired): readonly Observation[] {
  const standing = objects.flatMap(({ address, spec, mustExist }): readonly Observed[] => {
    const id = addressId(address);
    if (mustExist === undefined) return [];
    return [{ address, id, owner: undefined, spec: withAddresses(spec), attributes: { id }, uses: [] }];
  });
  return reconcilers.map(({ kind }) => {
    return { kind, state: 'known', objects: standing.filter(({ address }) => address.kind === kind) };
  });
}

function withNames(text: string): string {
  return text.replaceAll(/type: TXT, content: "value \d+"/g, 'type: A, content: 192.0.2.1');
}
