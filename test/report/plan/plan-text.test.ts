import { describe, expect, it } from 'vitest';
import { ref } from '../../../src/core/objects/reference.ts';
import { formatPlan, type PlanTextOptions, summaryLine } from '../../../src/report/plan/plan-text.ts';
import { formatDifference, formatValue } from '../../../src/report/screen/value.ts';
import { gate, kinds, live, name, planOf, route, thing, want } from '../../plan/support/fakes.ts';
import { storyOf } from '../door-stories.ts';

const host = 'a.example.dev';
const doors = [storyOf(host, [0, 'nobody'], [2, 'me@example.dev'])];
const plain: PlanTextOptions = { color: false, kinds, doors: [], width: 80, verbose: false };
const verbose = { ...plain, verbose: true };

describe('the plan as text', () => {
  it('reads like a diff, in the order of the steps', () => {
    const wants = [
      want(gate, 'g', { host, admits: ['me'] }),
      want(route, 'r', { host, via: 'homelab', to: 'app', gate: ref('cloudflare/gate:g') }),
      want(name, 'n', { host, target: 'new' }),
      want(thing, 'theirs', { value: 'v' }),
      want(thing, 'waits', { value: ref('cloudflare/thing:theirs') }, { because: 'services.waits' }),
      want(thing, 'same', { value: 'v' }),
    ];
    const lives = [
      live(name, 'n', { host, target: 'old' }),
      live(thing, 'theirs', { value: 'v' }, { owner: 'work' }),
      live(thing, 'same', { value: 'v' }),
      live(thing, 'gone', { value: 'v' }),
    ];
    expect(formatPlan(planOf(wants, lives), { ...plain, doors })).toMatchInlineSnapshot(`
      "Doors
        a.example.dev  nobody → me@example.dev (step 2)

      Refused: a person has to decide
        ! cloudflare/thing theirs  (services.theirs)
          because it belongs to "work": change owner there, or leave it to that file
          waiting for it: 1 change of services.waits

      Changes
        - no longer in the file  thing gone
        + services.g             gate
        ~ services.n             name (target)
        + services.r             route

      Plan: 3 to create, 1 to update, 1 to remove, 1 refused; 1 unchanged. --verbose
      shows each step.
      "
    `);
    expect(formatPlan(planOf(wants, lives), { ...verbose, doors })).toMatchInlineSnapshot(`
      "Doors
        a.example.dev  nobody → me@example.dev (step 2)

      Refused: a person has to decide
        ! cloudflare/thing theirs  (services.theirs)
          because it belongs to "work": change owner there, or leave it to that file
          waiting for it: 1 change of services.waits

      Prepare: no host opens or closes here
          + create cloudflare/thing waits  (services.waits)
              + value: thing-theirs
              after refuse cloudflare/thing theirs: it refers to what is made there

      Guard: gates exist before anything routes to them
        1 + create cloudflare/gate g  (services.g)
              + host: a.example.dev
              waits for no other step

      Open: routes, then names
        2 + create cloudflare/route r  (services.r)
              + host: a.example.dev
              + via: homelab
              + to: app
              + gate: <known after apply: gate g>
              after step 1: it refers to what is made there
        3 ~ update cloudflare/name n  (services.n)
              ~ target: old → new
              after step 2: on a.example.dev, what routes comes before what gives the
              name

      Clean up
        4 - prune cloudflare/thing gone
              waits for no other step

      Plan: 3 to create, 1 to update, 1 to remove, 1 refused; 1 unchanged.
      "
    `);
  });

  it('says when there is nothing to do', () => {
    expect(
      formatPlan(planOf([want(thing, 'a', { value: 'v' })], [live(thing, 'a', { value: 'v' })]), plain),
    ).toBe('Nothing to do: 1 unchanged.\n');
  });

  it('lists unreadable kinds, and warns', () => {
    const plan = planOf([], [live(route, 'r', { host, via: 't', to: 'x' })], {
      unknown: gate.kind,
      prune: false,
    });
    expect(formatPlan(plan, plain)).toMatch(
      /unknown: cloudflare\/gate could not be read: 403\n\nwarning: reconcile\.prune is off/,
    );
  });

  it('names what waits by its key, if no entry of the file asks for it', () => {
    const plan = planOf(
      [want(thing, 'theirs', { value: 'v' })],
      [live(thing, 'theirs', { value: 'v' }, { owner: 'work' }), live(thing, 'gone', { value: 'v' })],
    );
    const needs = plan.changes.flatMap(({ id, verb }) => (verb === 'refuse' ? [id] : []));
    const changes = plan.changes.map((change) => (change.verb === 'prune' ? { ...change, needs } : change));
    expect(formatPlan({ ...plan, changes }, plain)).toContain('waiting for it: 1 change of gone\n');
  });

  it('says once why neighbors are refused', () => {
    const keys = ['a', 'b', 'c'];
    const wants = keys.map((key) => want(thing, key, { value: 'v' }));
    const lives = keys.map((key) =>
      live(thing, key, { value: 'v' }, { owner: key === 'c' ? 'club' : 'work' }),
    );
    const text = formatPlan(planOf(wants, lives), plain);
    expect(text.match(/! cloudflare/g)).toHaveLength(3);
    expect(text.match(/it belongs to "work"/g)).toHaveLength(1);
    expect(text.match(/it belongs to "club"/g)).toHaveLength(1);
  });

  it('says once why a kind could not be read, and how many changes wait for it', () => {
    const wants = ['a', 'b'].map((key) => want(gate, key, { host, admits: ['me'] }));
    expect(formatPlan(planOf(wants, [], { unknown: gate.kind }), plain)).toBe(
      'unknown: cloudflare/gate could not be read: 403; 2 objects wait\n\nPlan: 2 refused; 0 unchanged. --verbose shows each step.\n',
    );
  });

  it('has the same text with color', () => {
    const plan = planOf([want(thing, 'a', { value: 'v' })], [live(thing, 'b', { value: 'v' })]);
    const colored = formatPlan(plan, { ...plain, color: true });
    const esc = String.fromCharCode(27);
    expect(colored).toContain(esc);
    expect(colored.replaceAll(new RegExp(`${esc}\\[[0-9;]*m`, 'g'), '')).toBe(formatPlan(plan, plain));
  });

  it('counts by verb', () => {
    expect(summaryLine(planOf([want(thing, 'a', { value: 'v' })], [live(thing, 'b', { value: 'v' })]))).toBe(
      'Plan: 1 to create, 1 to remove; 0 unchanged.',
    );
  });
});

describe('values', () => {
  it.each([
    { value: undefined, text: '(none)' },
    { value: '', text: '""' },
    { value: [], text: '[]' },
    { value: {}, text: '{}' },
    { value: { a: undefined, b: [1, true] }, text: '{ b: [1, true] }' },
    { value: ref('cloudflare/tunnel:homelab'), text: '<known after apply: tunnel homelab>' },
    {
      value: ref('cloudflare/access-application:x', '{aud}'),
      text: '<{aud} of access-application x, known after apply>',
    },
  ])('$text', ({ value, text }) => {
    expect(formatValue(value)).toBe(text);
  });

  it.each([
    { because: 'short values stand on one line', before: 'a', after: 'b', lines: ['~ f: a → b'] },
    {
      because: 'lists tell which item came and went',
      before: ['a', 'b'],
      after: ['b', 'c'],
      lines: ['- f: a', '+ f: c'],
    },
    {
      because: 'objects tell which field',
      before: { x: 1, y: 2 },
      after: { x: 1, z: 3 },
      lines: ['~ f.y: 2 → (none)', '~ f.z: (none) → 3'],
    },
    {
      because: 'long values stand below each other',
      before: 'x'.repeat(50),
      after: 'y'.repeat(50),
      lines: [`- f: ${'x'.repeat(50)}`, `+ f: ${'y'.repeat(50)}`],
    },
  ])('$because', ({ before, after, lines }) => {
    expect(
      formatDifference({ field: 'f', before, after }).map(({ sign, text }) => `${sign} ${text}`),
    ).toEqual(lines);
  });
});
