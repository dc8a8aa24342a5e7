import { describe, expect, it } from 'vitest';
import { reconcilers } from '../../reconcilers/index.ts';
import { stepsOf } from '../../src/apply/turns.ts';
import type { Kind } from '../../src/core/objects/address.ts';
import type { Observation } from '../../src/core/objects/object.ts';
import { formulaKey } from '../../src/doors/admission/admission.ts';
import { implies } from '../../src/doors/admission/decision.ts';
import { admissionAt } from '../../src/doors/interlock.ts';
import { type DoorCourse, doorCourses } from '../../src/interlock/door-courses.ts';
import { PlanStates } from '../../src/interlock/plan-states.ts';
import { makePlan } from '../../src/plan/plan.ts';
import { manyServices } from '../bench/many-services.ts';
import { appliedHouse, configOf, file, type House, house } from '../cli/house.ts';

/** `unread`: a kind that gates could not read. */
async function statesOf(made: House, text: string, unread?: Kind) {
  const { desired, observed: read, world } = await made.survey(text);
  const observed = read.map(
    (each): Observation =>
      each.kind === unread ? { kind: each.kind, state: 'unknown', error: new Error('refused') } : each,
  );
  const { prune, limits } = configOf(text).reconcile;
  const options = { adopt: false, allow: ['change', 'prune'], prune, limits } as const;
  const steps = stepsOf(makePlan(desired, observed, reconcilers, options));
  const ground = { desired, observed, reconcilers, prune, now: world.clock.now() };
  const hosts = [...new Set(steps.flatMap(({ doors }) => doors.map(({ host }) => host)))];
  return { states: new PlanStates(ground, steps), hosts, steps };
}

/** The course of a door, with the model asked after each step, without a shortcut. */
function askedAfterEach(states: PlanStates, { door }: DoorCourse): DoorCourse['moments'] {
  const moments = [{ step: 0, ...answer(states.start.store) }];
  let state = states.start;
  for (const { steps } of states.taken()) {
    for (const { step, entries } of steps) {
      state = state.with(entries, 'arrived');
      const { admits, to } = answer(state.store);
      const last = moments.at(-1);
      const isSame =
        last !== undefined &&
        `${last.to}` === `${to}` &&
        (formulaKey(last.admits) === formulaKey(admits) ||
          (implies(last.admits, admits) && implies(admits, last.admits)));
      if (!isSame) moments.push({ step, admits, to });
    }
  }
  return moments;

  function answer(store: typeof states.start.store) {
    const { admits, to } = admissionAt(store, door);
    return { admits, to };
  }
}

function expectSame(states: PlanStates, courses: readonly DoorCourse[]): void {
  for (const course of courses) {
    const asked = askedAfterEach(states, course);
    const short = (moments: DoorCourse['moments']) =>
      moments.map(({ step, admits, to }) => `${step} ${formulaKey(admits)} ${to}`);
    expect([course.host, course.door.path, ...short(course.moments)]).toEqual([
      course.host,
      course.door.path,
      ...short(asked),
    ]);
  }
}

const moves = [
  file,
  file.replace('[me@example.dev]', '[you@example.dev]'),
  file.replace('gate: { authentik: { groups: [admins] } }', 'gate: { public: { reason: open } }'),
  file.replace('/api/health: {', '/api/healthy: {'),
];

describe('the course of the doors over a plan', () => {
  it('matches the model after each step, though it asks only about doors that a step concerns', async () => {
    for (const [index, text] of moves.entries()) {
      const { states, hosts } = await statesOf(index === 0 ? await house() : await appliedHouse(), text);
      const courses = doorCourses(states, hosts);
      expect(courses.some(({ moments }) => moments.length > 1)).toBe(true);
      expectSame(states, courses);
    }
  });

  it('ends as the file says', async () => {
    for (const [index, text] of moves.entries()) {
      const { states, hosts } = await statesOf(index === 0 ? await house() : await appliedHouse(), text);
      for (const { door, moments } of doorCourses(states, hosts)) {
        const goal = admissionAt(states.goal.store, door).admits;
        const end = moments.at(-1)?.admits ?? goal;
        expect([door.host, door.path, implies(end, goal), implies(goal, end)]).toEqual([
          ...[door.host, door.path],
          ...[true, true],
        ]);
      }
    }
  });

  it('is the same for a plan with so many steps that several are combined', async () => {
    const { states, hosts, steps } = await statesOf(await house(), manyServices(120));
    expect(steps.length).toBeGreaterThan(500);
    expect([...states.taken()].length).toBeLessThan(50);
    const courses = doorCourses(states, hosts.slice(0, 8));
    expect(courses.every(({ moments }) => moments.length > 1)).toBe(true);
    expectSame(states, courses);
  });

  it('leaves out other spellings, the paths of an outpost, and paths that only gates checks', async () => {
    const { states, hosts } = await statesOf(await house(), file);
    const paths = doorCourses(states, hosts).map(({ door: { path } }) => path);
    expect([...new Set(paths)].sort()).toEqual(['/', '/api/health']);
  });

  it.each(['zone', 'dns-record', 'tunnel', 'ingress-rule'] as const)(
    'changes nowhere while gates cannot read where hosts lead: %s',
    async (kind) => {
      const text = moves[1] ?? '';
      const { hosts } = await statesOf(await appliedHouse(), text);
      const { states } = await statesOf(await appliedHouse(), text, `cloudflare/${kind}`);
      const courses = doorCourses(states, hosts);
      expect(courses.length).toBeGreaterThan(0);
      expect(courses.filter(({ moments }) => moments.length > 1)).toEqual([]);
    },
  );
});
