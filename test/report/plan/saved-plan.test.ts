import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import planSchema from '../../../schema/plan.schema.json' with { type: 'json' };
import schema from '../../../schema/saved-plan.schema.json' with { type: 'json' };
import type { Plan } from '../../../src/core/change.ts';
import type { DesiredObject, Observed } from '../../../src/core/objects/object.ts';
import { ref } from '../../../src/core/objects/reference.ts';
import {
  type PlanMove,
  type PlanOrigin,
  planMoves,
  type SavedPlan,
  savedPlan,
} from '../../../src/report/plan/saved-plan.ts';
import { formatMoves } from '../../../src/report/plan/saved-plan-text.ts';
import { makePaint } from '../../../src/report/screen/paint.ts';
import { gate, live, name, planOf, route, thing, want } from '../../plan/support/fakes.ts';

const host = 'a.example.dev';
const origin: PlanOrigin = {
  gates: '1.0.0',
  file: { name: 'gates.yaml', sha256: 'a'.repeat(64) },
  apis: { cloudflare: 'https://api.example/client/v4' },
  options: { adopt: false, allow: [], unverified: [] },
};

const read = (plan: Plan): SavedPlan =>
  JSON.parse(JSON.stringify(savedPlan(plan, origin, '2026-11-25T04:00:00.000Z')));

const wants = [
  want(gate, 'g', { host, admits: ['me'] }),
  want(route, 'r', { host, via: 'homelab', to: 'app', gate: ref('cloudflare/gate:g') }),
  want(thing, 'drifted', { value: 'new' }),
  want(thing, 'same', { value: 'v' }),
];
const drifted = live(thing, 'drifted', { value: 'old' }, { raw: { secret: 'canary' } });
const same = live(thing, 'same', { value: 'v' });
const gone = live(name, 'gone', { host: 'b.example.dev', target: 'homelab' });
const lives: readonly Observed[] = [drifted, same, gone];
const before = planOf(wants, lives);

/** The moves without step numbers, since a step more or less renumbers all later steps. */
const told = (moves: readonly PlanMove[]) =>
  moves.flatMap(({ sort, change, differences }) => {
    const fields = differences.map(({ field }) => field).filter((field) => field !== 'step');
    return sort === 'differs' && fields.length === 0 ? [] : [[sort, change.id, ...fields].join(' ')];
  });

const validate = () => {
  const ajv = new Ajv2020({ allErrors: true, allowUnionTypes: true });
  ajv.addSchema(planSchema, 'plan.schema.json');
  return ajv.compile(schema);
};

describe('a saved plan', () => {
  it('follows its schema, which can reject', () => {
    const check = validate();
    expect([check(read(before)), check.errors]).toEqual([true, null]);
    expect(check({ ...read(before), extra: 1 })).toBe(false);
    expect(check({ ...read(before), file: { name: 'gates.yaml', sha256: 'short' } })).toBe(false);
  });

  it('contains the live objects to change, and nothing of the live replies', () => {
    expect(read(before).observed).toEqual({
      'update cloudflare/thing:drifted thing-drifted': { value: 'old' },
      'prune cloudflare/name:gone name-gone': { host: 'b.example.dev', target: 'homelab' },
    });
    expect(JSON.stringify(read(before))).not.toContain('canary');
  });

  it('differs from another if only its order differs', () => {
    const saved = read(before);
    const [first, second] = saved.plan.changes.filter(({ step }) => step !== undefined);
    const swapped = saved.plan.changes.map((change) => {
      if (change === first) return { ...change, step: second?.step ?? 0 };
      return change === second ? { ...change, step: first?.step ?? 0 } : change;
    });
    const moves = planMoves(saved, { ...saved, plan: { ...saved.plan, changes: swapped } });
    expect(moves.map(({ differences }) => differences.map(({ field }) => field))).toEqual([
      ['step'],
      ['step'],
    ]);
    expect(formatMoves(moves, makePaint(false))).toHaveLength(4);
  });

  it.each<{
    readonly because: string;
    readonly wants?: readonly DesiredObject[];
    readonly lives?: readonly Observed[];
    readonly moves: readonly string[];
  }>([
    { because: 'the same world makes the same plan', moves: [] },
    {
      because: 'the order in which a system lists its objects does not matter',
      lives: [gone, same, drifted],
      moves: [],
    },
    {
      because: 'what is to be changed was changed by somebody else meanwhile',
      lives: [{ ...drifted, spec: { value: 'by hand' } }, same, gone],
      moves: ['differs update cloudflare/thing:drifted thing-drifted observed drift'],
    },
    {
      because: 'a field that the file does not set counts, too: an update may overwrite it',
      lives: [{ ...drifted, spec: { value: 'old', link: 'by hand' } }, same, gone],
      moves: ['differs update cloudflare/thing:drifted thing-drifted observed'],
    },
    {
      because: 'it changed hands',
      lives: [{ ...drifted, owner: 'work' }, same, gone],
      moves: [
        'gone update cloudflare/thing:drifted thing-drifted',
        'new refuse cloudflare/thing:drifted thing-drifted',
      ],
    },
    {
      because: 'what is to be removed is gone already',
      lives: [drifted, same],
      moves: ['gone prune cloudflare/name:gone name-gone'],
    },
    {
      because: 'what is to be made stands already',
      lives: [...lives, live(gate, 'g', { host, admits: ['me'] })],
      moves: [
        'gone create cloudflare/gate:g',
        'new keep cloudflare/gate:g gate-g',
        'differs create cloudflare/route:r want needs',
      ],
    },
    {
      because: 'what is kept is another object by now',
      lives: [drifted, { ...same, id: 'another' }, gone],
      moves: ['gone keep cloudflare/thing:same thing-same', 'new keep cloudflare/thing:same another'],
    },
    {
      because: 'one step more',
      wants: [...wants, want(thing, 'a', { value: 'v' })],
      moves: ['new create cloudflare/thing:a'],
    },
  ])('$because', ({ wants: nowWants = wants, lives: nowLives = lives, moves }) => {
    expect(told(planMoves(read(before), read(planOf(nowWants, nowLives))))).toEqual(moves);
  });
});

describe('the difference to a saved plan', () => {
  const lines = (nowLives: readonly Observed[], nowWants = wants) =>
    formatMoves(planMoves(read(before), read(planOf(nowWants, nowLives))), makePaint(false));

  it('is reported as a diff of the two plans, each cause once', () => {
    const byHand = { ...drifted, spec: { value: 'by hand' } };
    expect(lines([byHand, same, live(gate, 'g', { host, admits: ['me'] })])).toEqual([
      '  - prune cloudflare/name gone',
      '  - create cloudflare/gate g',
      '  ~ update cloudflare/thing drifted',
      '      ~ observed.value: old → by hand',
      '  ~ create cloudflare/route r',
      '      ~ want.gate: <known after apply: gate g> → gate-g',
    ]);
  });

  it('is reported even if only kept objects have changed', () => {
    expect(lines([drifted, { ...same, id: 'another' }, gone])).toEqual([
      '  - keep cloudflare/thing same',
      '  + keep cloudflare/thing same',
    ]);
  });

  it('says why a step would be refused now', () => {
    expect(lines([{ ...drifted, owner: 'work' }, same, gone])).toContain(
      '  + refuse cloudflare/thing drifted: it belongs to "work": change owner there, or leave it to that file',
    );
  });

  it('is a few lines, however much has changed', () => {
    const many = Array.from({ length: 30 }, (_, index) => want(thing, `new-${index}`, { value: 'v' }));
    expect(lines(lives, [...wants, ...many])).toHaveLength(11);
    expect(lines(lives, [...wants, ...many]).at(-1)).toBe('  … and 20 more');
  });
});
