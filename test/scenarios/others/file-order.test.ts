import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { isPending, type Plan } from '../../../src/core/change.ts';
import { createSandbox, type Sandbox } from '../../../src/lab/sandbox/index.ts';
import { home, traefik } from '../../e2e/whole/home.ts';
import { type Disk, newDisk } from '../stage/disk.ts';
import { askAdmin } from '../stage/hand.ts';
import { runProcess, unfinished } from '../stage/stage.ts';

type Tree = Readonly<Record<string, unknown>>;

/** The keys whose order has no meaning: names, and lists of people. */
const unordered = ['services', 'groups', 'clients', 'origins', 'serviceTokens', 'paths'];
const sets = ['groups', 'tokens'];

const changed = home('/secrets')
  .replace('groups: [admins] } }', 'groups: [admins, family] } }')
  .replace('emails: [me@example.dev]', 'emails: [you@example.dev]')
  .replace(/ {2}docs:\n(?: {4}.*\n)+/, '');

/** The same file, written in another order. */
function shuffled(text: string): fc.Arbitrary<string> {
  return rearranged(parse(text) as Tree).map((tree) => stringify(tree));
}

function rearranged(tree: Tree): fc.Arbitrary<Tree> {
  const entries = Object.entries(tree).map(([name, value]): fc.Arbitrary<readonly [string, unknown]> => {
    if (Array.isArray(value))
      return sets.includes(name) ? shuffle(value).map((list) => [name, list]) : just(name, value);
    if (typeof value !== 'object' || value === null) return just(name, value);
    const inner = rearranged(value as Tree);
    if (!unordered.includes(name)) return inner.map((item) => [name, item]);
    return inner.chain((item) =>
      shuffle(Object.entries(item)).map((list) => [name, Object.fromEntries(list)]),
    );
  });
  return fc.tuple(...entries).map((pairs) => Object.fromEntries(pairs));
}

const just = (name: string, value: unknown) => fc.constant([name, value] as const);

function shuffle<T>(list: readonly T[]): fc.Arbitrary<readonly T[]> {
  return fc.shuffledSubarray([...list], { minLength: list.length });
}

describe('the order of a file’s entries', () => {
  let sandbox: Sandbox;
  let disk: Disk;

  const planOf = async (text: string): Promise<Plan> => {
    const { report } = await runProcess(sandbox, disk, text, 'dry run');
    if (report?.plan === undefined)
      throw new Error(report?.mistakes.map(({ message }) => message).join('\n'));
    return report.plan;
  };

  beforeAll(async () => {
    sandbox = await createSandbox({ zones: ['example.dev'], callBudget: 1_000_000 });
    await askAdmin(sandbox, 'PUT', '/origins', traefik);
    disk = newDisk();
  });

  const holds = async (text: string) => {
    const plan = await planOf(text);
    expect(plan.changes.filter(isPending)).not.toEqual([]);
    await fc.assert(
      fc.asyncProperty(shuffled(text), async (other) => {
        expect(await planOf(other)).toEqual(plan);
      }),
      { numRuns: 30 },
    );
  };

  it('changes nothing of the plan for an empty home', () => holds(home('/secrets')));

  it('changes nothing of the plan for an existing home', async () => {
    expect(unfinished((await runProcess(sandbox, disk, home('/secrets'))).report)).toEqual([]);
    await holds(changed);
  });
});
