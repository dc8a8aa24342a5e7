import { expect, it } from 'vitest';
import { reconcilers } from '../../reconcilers/index.ts';
import { parseConfig } from '../../src/config/parse-config.ts';
import type { Desired } from '../../src/core/objects/object.ts';
import { compile } from '../../src/desired/compile.ts';
import { makePlan } from '../../src/plan/plan.ts';
import { asItStands } from '../bench/as-it-stands.ts';
import { manyServices } from '../bench/many-services.ts';

const few = 50;
const many = 10 * few;

const others = (file: string) =>
  file.replaceAll('me@example.dev', 'her@example.dev').replaceAll('app.lan', 'next.lan');

const known = new Map<string, Desired>();

/** Reading a file takes longer than planning it: each is read once. */
function fileOf(services: number, edited?: (file: string) => string): Desired {
  const key = `${services} ${edited?.name}`;
  const file = known.get(key) ?? compiled(services, edited);
  known.set(key, file);
  return file;
}

function compiled(services: number, edited = (file: string) => file): Desired {
  const read = parseConfig(new TextEncoder().encode(edited(manyServices(services, 10 * services))));
  if (!read.ok) throw new Error(read.mistakes[0]?.message);
  return compile(read.parsed.config);
}

/** The least CPU time of a plan, in milliseconds: other programs on the machine can only add to it. */
function costOf(standing: Desired, desired: Desired): number {
  const observed = asItStands(standing);
  const limits = { prune: 1, change: 1, floor: 5 };
  const tries = Array.from({ length: 3 }, () => {
    const begun = process.cpuUsage();
    makePlan(desired, observed, reconcilers, { adopt: false, prune: true, limits, allow: [] });
    const { user, system } = process.cpuUsage(begun);
    return (user + system) / 1000;
  });
  return Math.min(...tries);
}

/** A planner that compares each object with each other one takes up to 100 times as long for 10 times as much. */
it.each<{ readonly all: string; readonly of: (services: number) => readonly [Desired, Desired] }>([
  { all: 'are there already', of: (count) => [fileOf(count), fileOf(count)] },
  { all: 'are new', of: (count) => [fileOf(1), fileOf(count)] },
  { all: 'leave', of: (count) => [fileOf(count), fileOf(1)] },
  { all: 'get other people and another origin', of: (count) => [fileOf(count), fileOf(count, others)] },
])('a plan of 10 times as many services, which $all, takes about 10 times as long', ({ all, of }) => {
  costOf(...of(few));
  const [little, much] = [costOf(...of(few)), costOf(...of(many))];
  const ratio = much / little;
  process.stdout.write(
    `${many} services that ${all}: ${much.toFixed(0)} ms of CPU, ${ratio.toFixed(1)} × that of ${few}\n`,
  );
  expect(ratio).toBeLessThan(40);
});
