import stringWidth from 'string-width';
import { describe, expect, it } from 'vitest';
import { type Change, LAST_TIME, type Plan } from '../../src/core/change.ts';
import { ref } from '../../src/core/objects/reference.ts';
import { doorTable } from '../../src/report/plan/doors-text.ts';
import type { HostStory } from '../../src/report/plan/host-stories.ts';
import { makePaint } from '../../src/report/screen/paint.ts';
import { gate, live, planOf, route, thing, want } from '../plan/support/fakes.ts';
import { momentsOf, storyOf } from './door-stories.ts';

const host = 'a.example.dev';
const nothing = planOf([], []);

function doorLines(
  doors: readonly HostStory[],
  { plan = nothing, width = 80, verbose = false }: { plan?: Plan; width?: number; verbose?: boolean } = {},
): readonly string[] {
  return doorTable(plan, { doors, width, verbose }, makePaint(false));
}

describe('the doors of a plan', () => {
  it('have a line for each host, with each state and its step', () => {
    const doors = [
      storyOf(host, [0, 'nobody'], [3, "gates' probe"], [9, 'group admins']),
      storyOf('long-name.example.dev', [0, 'me@example.dev'], [2, 'nobody']),
    ];
    expect(doorLines(doors, { width: 100 })).toEqual([
      'Doors',
      "  a.example.dev          nobody → gates' probe (step 3) → group admins (step 9)",
      '  long-name.example.dev  me@example.dev → nobody (step 2)',
    ]);
  });

  it('have the states below each other if they do not fit into the line', () => {
    const doors = [storyOf(host, [0, 'nobody'], [3, "gates' probe"], [9, 'group admins'])];
    const lines = doorLines(doors, { width: 60 });
    expect(lines).toEqual([
      'Doors',
      '  a.example.dev  nobody',
      "                 → gates' probe (step 3)",
      '                 → group admins (step 9)',
    ]);
    expect(lines.filter((line) => stringWidth(line) > 60)).toEqual([]);
  });

  it('are absent if none changes', () => {
    expect(doorLines([])).toEqual([]);
  });

  it('name the paths that change differently from the host, and say how many more there are', () => {
    const moments = momentsOf([
      [0, 'nobody'],
      [1, 'everybody'],
    ]);
    const paths = ['/**', '/a', '/b/**', '/c', '/d'];
    const doors = paths.map((path) => ({ paths: [path], moments }));
    expect(doorLines([{ host, doors: doors.slice(0, 2) }])).toEqual([
      'Doors',
      '  a.example.dev  nobody → everybody (step 1)',
      '                 /a: nobody → everybody (step 1)',
    ]);
    expect(doorLines([{ host, doors: [{ method: 'POST', paths: ['/a', '/b'], moments }] }]).slice(1)).toEqual(
      ['  a.example.dev  POST /a /b: nobody → everybody (step 1)'],
    );
    expect(doorLines([{ host, doors }]).slice(-2)).toEqual([
      '                 /b/**: nobody → everybody (step 1)',
      '                 other states at 2 more groups of paths: gates why a.example.dev',
    ]);
  });

  it('name the origins only if these differ', () => {
    const moments = ['http://old.lan', 'http://new.lan'].map((to, index) => ({
      ...{ step: index * 4, admits: ['me@example.dev'], to: [to] },
    }));
    expect(doorLines([{ host, doors: [{ paths: ['/**'], moments }] }], { width: 120 }).slice(1)).toEqual([
      '  a.example.dev  me@example.dev at http://old.lan → me@example.dev at http://new.lan (step 4)',
    ]);
    const same = moments.map((moment) => ({ ...moment, to: ['http://old.lan'] }));
    expect(doorLines([{ host, doors: [{ paths: ['/**'], moments: same }] }]).join()).not.toContain('lan');
  });

  it('name among many people those who change, and say how many others there are', () => {
    const people = Array.from({ length: 20 }, (_, index) => `p${index}@example.dev`);
    const doors = [storyOf(host, [0, ...people], [1, ...people.slice(0, 19)])];
    expect(doorLines(doors, { width: 120 }).slice(1)).toEqual([
      '  a.example.dev  p19@example.dev, p0@example.dev, p1@example.dev and 17 more',
      '                 → p0@example.dev, p1@example.dev, p2@example.dev and 16 more (step 1)',
    ]);
  });

  it('say that something waits for a refusal', () => {
    const wants = [
      want(gate, 'g', { host, admits: ['me'] }),
      want(
        route,
        'r',
        { host, via: 'homelab', to: 'app', gate: ref('cloudflare/gate:g') },
        { needs: ['cloudflare/thing:theirs'] },
      ),
      want(thing, 'theirs', { value: 'v' }),
    ];
    const plan = planOf(wants, [live(thing, 'theirs', { value: 'v' }, { owner: 'work' })]);
    const doors = [storyOf(host, [0, 'everybody'], [1, 'me@example.dev'])];
    expect(doorLines(doors, { plan }).slice(1)).toEqual([
      '  a.example.dev  everybody → me@example.dev (step 1)',
      '                 the rest waits',
    ]);
  });

  it('say what the last checks of a gate found, unless the steps do', () => {
    const check: Change = {
      ...{ id: 'v', verb: 'verify', phase: 'prove', address: { kind: thing.kind, key: host }, drift: [] },
      ...{ needs: [], doors: [{ host, step: 'prove' }], reason: `${LAST_TIME}it answered 200` },
    };
    const checked = { ...nothing, changes: [check] };
    expect(doorLines([], { plan: checked })).toEqual([
      'Doors',
      '  ! a.example.dev, the last time: it answered 200',
    ]);
    expect(doorLines([], { plan: checked, verbose: true })).toEqual([]);
  });
});
