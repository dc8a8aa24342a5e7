import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import schema from '../../../schema/plan.schema.json' with { type: 'json' };
import { needReasons } from '../../../src/core/change.ts';
import { RejectedError } from '../../../src/core/errors.ts';
import { doorSteps } from '../../../src/core/objects/door.ts';
import { ref } from '../../../src/core/objects/reference.ts';
import { planDocument } from '../../../src/report/plan/plan-json.ts';
import { gate, live, name, planOf, route, thing, want } from '../../plan/support/fakes.ts';
import { momentsOf, storyOf } from '../door-stories.ts';

const validate = new Ajv2020({ allErrors: true, allowUnionTypes: true }).compile(schema);
const host = 'a.example.dev';
const plan = planOf(
  [
    want(gate, 'g', { host, admits: ['me'] }),
    want(route, 'r', { host, via: 'homelab', to: 'app', gate: ref('cloudflare/gate:g') }),
    want(thing, 'theirs', { value: 'v' }),
    want(thing, 'same', { value: 'v' }),
    want(thing, 'drifted', { value: 'new' }),
  ],
  [
    live(thing, 'theirs', { value: 'v' }, { owner: 'work', raw: { secret: 'canary' } }),
    live(thing, 'same', { value: 'v' }),
    live(thing, 'drifted', { value: 'old' }, { owner: undefined }),
    live(route, 'gone', { host: 'b.example.dev', via: 'homelab', to: 'app' }),
  ],
  { unknown: name.kind },
);
const doors = [
  storyOf(host, [0, 'nobody'], [3, 'me@example.dev']),
  {
    host: '*.example.dev',
    doors: [
      {
        method: 'POST',
        paths: ['/api/**'],
        moments: momentsOf([
          [0, 'everybody'],
          [1, 'nobody'],
        ]),
      },
    ],
  },
];
const outcomes = [
  { change: 'a', address: { kind: thing.kind, key: 'a' }, status: 'done' as const },
  {
    change: 'b',
    address: { kind: thing.kind, key: 'b' },
    status: 'failed' as const,
    error: new RejectedError('no', { hint: 'ask' }),
  },
  {
    change: 'c',
    address: { kind: thing.kind, key: 'c' },
    status: 'skipped' as const,
    reason: 'waits for: b',
  },
];

it('the schema of a plan knows every step at a door', () => {
  const { step } = schema.$defs.change.properties.doors.items.properties;
  expect(step.enum).toEqual([...doorSteps]);
});

it('a plan leaves out the fields of a door that only decide the order', () => {
  const told = {
    host,
    step: 'unguard',
    via: 'homelab',
    part: '/a',
    live: true,
    exchangedFor: 'cloudflare/gate:g',
    cover: true,
  } as const;
  const untold = {
    narrows: true,
    first: true,
    last: true,
    alone: 'close',
    narrowing: true,
    shadowed: true,
  } as const;
  const [first] = plan.changes;
  if (first === undefined) throw new Error('a plan without changes');
  const effects = [{ ...told, ...untold, anew: 'elsewhere' as const }, told];
  const document = planDocument({ ...plan, changes: [{ ...first, doors: effects }] });
  expect(document.changes[0]?.doors).toEqual([{ ...told, anew: true }, told]);
  expect(validate(JSON.parse(JSON.stringify(document))), JSON.stringify(validate.errors)).toBe(true);
});

it('the schema of a plan knows every reason why a change comes after another', () => {
  expect(schema.$defs.change.properties.needReasons.items.enum).toEqual([...needReasons]);
});

describe('the plan as JSON', () => {
  it.each([
    { because: 'a plan alone', document: planDocument(plan) },
    { because: 'a plan with its doors', document: planDocument(plan, { doors }) },
    { because: 'a plan and what came of it', document: planDocument(plan, { outcomes }) },
  ])('follows its schema: $because', ({ document }) => {
    const printed = JSON.parse(JSON.stringify(document));
    validate(printed);
    expect(validate.errors ?? []).toEqual([]);
  });

  it('contains all verbs of this plan, and nothing of the live replies', () => {
    const text = JSON.stringify(planDocument(plan, { outcomes }));
    for (const verb of ['create', 'update', 'prune', 'keep', 'refuse'])
      expect(text).toContain(`"verb":"${verb}"`);
    expect(text).not.toContain('canary');
    expect(text).toContain('no. ask');
  });

  it('numbers exactly the changes to be made, in that order', () => {
    const numbered = planDocument(plan).changes.flatMap(({ id, step }) => (step ? [[step, id]] : []));
    expect(numbered).toEqual([
      [1, 'close cloudflare/route:gone route-gone'],
      [2, 'create cloudflare/gate:g'],
      [3, 'create cloudflare/route:r'],
      [4, 'prune cloudflare/route:gone route-gone'],
    ]);
  });

  it('has a schema that can reject', () => {
    expect(validate({ ...planDocument(plan), extra: 1 })).toBe(false);
  });
});
