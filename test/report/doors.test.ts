import { describe, expect, it } from 'vitest';
import type { Plan } from '../../src/core/change.ts';
import type { DesiredObject, Observed } from '../../src/core/object.ts';
import { ref } from '../../src/core/reference.ts';
import { type DoorKind, doorStories } from '../../src/report/doors.ts';
import { doorTable } from '../../src/report/doors-text.ts';
import { makePaint } from '../../src/report/paint.ts';
import { gate, kinds, live, name, planOf, route, thing, want } from '../plan/fakes.ts';

const host = 'a.example.dev';
const behind = ref('cloudflare/gate:g');
const wanted = {
  gate: want(gate, 'g', { host, admits: ['me'] }),
  route: want(route, 'r', { host, via: 'homelab', to: 'app', gate: behind }),
  name: want(name, 'n', { host, target: 'homelab' }),
};
const standing = {
  gate: live(gate, 'g', { host, admits: ['me'] }),
  route: live(route, 'r', { host, via: 'homelab', to: 'app', gate: 'gate-g' }),
  name: live(name, 'n', { host, target: 'homelab' }),
};
const all = Object.values(standing);

const cover = want(gate, 'cover', { host, admits: ['probe'] });
const proof = {
  address: { kind: thing.kind, key: host },
  host,
  spec: { value: 'the gate' },
  step: 'prove' as const,
  needs: [],
  cover,
  because: 'services.a',
};

/** `now … · 1 … · 2 …` of one host. */
function told(plan: Plan, at = host, of: readonly DoorKind[] = kinds): string | undefined {
  const story = doorStories(plan, of).find((each) => each.host === at);
  if (story === undefined) return undefined;
  const moments = story.moments.map(({ step, text }) => `${step} ${text}`);
  return [
    ...(story.now === undefined ? [] : [`now ${story.now}`]),
    ...moments,
    ...(story.waits ? ['waits'] : []),
  ].join(' · ');
}

interface Row {
  readonly because: string;
  readonly wants: readonly DesiredObject[];
  readonly lives: readonly Observed[];
  readonly options?: Parameters<typeof planOf>[2];
  readonly story: string | undefined;
}

describe('a host over the time of a plan', () => {
  it.each<Row>([
    {
      because: 'one that opens is reached only when it has a name, and then by its gate',
      wants: Object.values(wanted),
      lives: [],
      story: '1 gate exists · 2 routed · 3 behind its gate',
    },
    {
      because: 'without a gate it is said that everybody gets in',
      wants: [want(route, 'r', { host, via: 'homelab', to: 'app' }), wanted.name],
      lives: [],
      story: '1 routed · 2 open to everybody',
    },
    {
      because: 'a name that stands already makes the route the step that opens',
      wants: Object.values(wanted),
      lives: [standing.name],
      story: '1 gate exists · 2 behind its gate',
    },
    {
      because: 'where the plan knows of no name, somebody else’s may lead there: the route opens',
      wants: [wanted.gate, wanted.route],
      lives: [],
      story: '1 gate exists · 2 behind its gate',
    },
    {
      because: 'one that is opened under a cover is nobody’s but the probe’s until it has been looked at',
      wants: Object.values(wanted),
      lives: [],
      options: { proofs: [proof] },
      story:
        '1 hidden until its gate is checked · 2 gate exists · 3 routed · 4 named · 5 gate checked · 6 behind its gate · 7 gate checked again',
    },
    {
      because: 'a cover that an earlier pass left still lets in nobody else',
      wants: Object.values(wanted),
      lives: [...all, live(gate, 'cover', { host, admits: ['probe'] })],
      options: { proofs: [proof] },
      story:
        'now hidden until its gate is checked · 1 gate checked · 2 behind its gate · 3 gate checked again',
    },
    {
      because: 'one that leaves is closed before anything is taken away',
      wants: [],
      lives: all,
      story: 'now behind its gate · 1 closed · 2 name gone · 3 route gone · 4 gate removed',
    },
    {
      because: 'a gate that goes leaves it open to everybody, and that is what is said',
      wants: [want(route, 'r', { host, via: 'homelab', to: 'app' }), wanted.name],
      lives: all,
      story: 'now behind its gate · 1 open to everybody',
    },
    {
      because: 'wider',
      wants: [want(gate, 'g', { host, admits: ['me', 'you'] }), wanted.route, wanted.name],
      lives: all,
      story: 'now behind its gate · 1 gate admits more',
    },
    {
      because: 'narrower',
      wants: [want(gate, 'g', { host, admits: ['you'] }), wanted.route, wanted.name],
      lives: all,
      story: 'now behind its gate · 1 gate narrowed',
    },
    {
      because: 'what only comes to lead elsewhere opens to nobody else',
      wants: [wanted.gate, want(route, 'r', { ...standing.route.spec, to: 'other' }), wanted.name],
      lives: all,
      story: 'now behind its gate · 1 route changed',
    },
    {
      because: 'what leans on something refused is not told as if it happened',
      wants: [...Object.values(wanted), want(thing, 'theirs', { value: 'v' })].map((object) =>
        object === wanted.route ? { ...object, needs: ['cloudflare/thing:theirs' as const] } : object,
      ),
      lives: [live(thing, 'theirs', { value: 'v' }, { owner: 'work' })],
      story: '1 gate exists · waits',
    },
    {
      because: 'where gates could not be read nobody is told that there is none',
      wants: [want(route, 'r', { ...standing.route.spec, to: 'other' }), wanted.name],
      lives: all,
      options: { unknown: gate.kind },
      story: 'now open, and what guards it could not be read · 1 route changed',
    },
    { because: 'nothing happens to it', wants: Object.values(wanted), lives: all, story: undefined },
  ])('$because', ({ wants, lives, options, story }) => {
    expect(told(planOf(wants, lives, options))).toBe(story);
  });

  it('is not guarded by the gate of some of its paths', () => {
    const ofPaths = kinds.map((kind) => ({
      ...kind,
      doors: (...args: Parameters<NonNullable<typeof kind.doors>>) =>
        (kind.doors?.(...args) ?? []).map((effect) =>
          kind.kind === gate.kind ? { ...effect, part: '/x' } : effect,
        ),
    }));
    const plan = planOf(Object.values(wanted), []);
    expect(told(plan, host, ofPaths)).toBe(
      '1 gate exists · 2 routed · 3 open to everybody, but for some paths',
    );
  });

  it('is not open to everybody by the routes of some of its paths', () => {
    const ofPaths = kinds.map((kind) => ({
      ...kind,
      doors: (...args: Parameters<NonNullable<typeof kind.doors>>) =>
        (kind.doors?.(...args) ?? []).map((effect) =>
          kind.kind === route.kind ? { ...effect, part: '^/x$' } : effect,
        ),
    }));
    const plan = planOf([want(route, 'r', { host, via: 'homelab', to: 'app' }), wanted.name], []);
    expect(told(plan, host, ofPaths)).toBe('1 routed · 2 open at some paths, closed at the others');
  });

  it('has the steps that are done for all hosts of its domain', () => {
    const wide = want(gate, 'wide', { host: '*.example.dev', admits: ['me'] });
    const lives = [live(gate, 'wide', { host: '*.example.dev', admits: ['you'] })];
    const plan = planOf([wide, wanted.route, wanted.name], lives);
    expect(told(plan)).toMatch(/^1 gate narrowed · .* behind its gate$/);
    expect(told(plan, '*.example.dev')).toBe('1 gate narrowed');
  });

  it('stands on a line of its own, and only when something happens to it', () => {
    const other = { host: 'long-name.example.dev', via: 'homelab', to: 'app' };
    const plan = planOf(
      [...Object.values(wanted), want(route, 'other', other)],
      [standing.gate, standing.name, live(route, 'other', { ...other, to: 'old' })],
    );
    const options = { kinds, width: 80, verbose: true };
    expect(doorTable(plan, options, makePaint(false))).toEqual([
      'Doors',
      '  a.example.dev          1 behind its gate',
      '  long-name.example.dev  now open to everybody · 2 route changed',
    ]);
    expect(doorTable(plan, { ...options, verbose: false }, makePaint(false))).toEqual([
      'Doors',
      '  a.example.dev          not reachable → behind its gate (step 1)',
      '  long-name.example.dev  open to everybody, route changed (step 2)',
    ]);
    expect(doorTable(planOf([wanted.gate], [standing.gate]), options, makePaint(false))).toEqual([]);
  });

  it('says from which step on a host that leaves is no longer reachable', () => {
    const rows = (plan: Plan) =>
      doorTable(plan, { kinds, width: 80, verbose: false }, makePaint(false)).slice(1);
    expect(rows(planOf([], all))).toEqual(['  a.example.dev  behind its gate → not reachable (step 1)']);
  });
});
