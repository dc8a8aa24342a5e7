import { describe, expect, it } from 'vitest';
import type { Change } from '../../src/core/change.ts';
import type { AddressId } from '../../src/core/objects/address.ts';
import type { DoorEffect } from '../../src/core/objects/door.ts';
import type { Desired, DesiredObject, Observation, Observed } from '../../src/core/objects/object.ts';
import { ref } from '../../src/core/objects/reference.ts';
import type { AnyReconciler, Reconciler } from '../../src/core/reconciler.ts';
import type { PlanOptions } from '../../src/plan/drafts/options.ts';
import { decidedChanges, makePlan } from '../../src/plan/plan.ts';
import { selected } from '../../src/plan/selection.ts';
import { errand, live, normal, place, type Thing, thing, want } from './support/fakes.ts';
import { livePanel, panel } from './support/panel.ts';
import { host } from './support/plan-text.ts';

const spoken: Reconciler<Thing> = {
  ...thing,
  words: { afterwards: (_, { value }) => (value === 'slow' ? 'takes a day' : undefined) },
};
const kinds = [spoken, panel, errand, place] as readonly unknown[] as readonly AnyReconciler[];

interface World {
  readonly wants?: readonly DesiredObject[];
  readonly lives?: readonly Observed[];
  readonly refusals?: Desired['refusals'];
  readonly options?: Partial<PlanOptions>;
  readonly all?: readonly AnyReconciler[];
}
const inputs = ({ wants = [], lives = [], refusals = [], options = {}, all = kinds }: World) => {
  const scope = { owner: 'home', account: 'account', zones: ['example.dev'], tunnels: ['homelab'] };
  const observations = all.map(({ kind }): Observation => {
    return { kind, state: 'known', objects: lives.filter(({ address }) => address.kind === kind) };
  });
  const desired: Desired = { scope, objects: wants, proofs: [], refusals, warnings: [] };
  return [desired, observations, all, { ...normal, ...options }] as const;
};
const planOf = (world: World) => makePlan(...inputs(world));

describe('a change of a plan', () => {
  it('says why it waits for others', () => {
    const { changes } = planOf({
      wants: [
        want(thing, 'a', { value: 'x', link: ref('cloudflare/thing:b') }),
        want(thing, 'b', { value: 'x' }),
      ],
    });
    expect(changes.map(({ address, needs, needReasons }) => [address.key, needs, needReasons])).toEqual([
      ['b', [], undefined],
      ['a', ['create cloudflare/thing:b'], ['reference']],
    ]);
    expect(changes.map((change) => Object.keys(change).includes('needReasons'))).toEqual([false, true]);
  });

  it('says what follows slowly, if it is an update and has no other reason', () => {
    const reason = (value: string, more: Partial<Observed<Thing>> = {}, to = 'new', all = kinds) =>
      planOf({
        wants: [want(thing, 'a', { value: to, link: 'x' })],
        lives: [live(thing, 'a', { value, link: 'x' }, more)],
        options: { adopt: true },
        all,
      }).changes.map(({ verb, reason: given }) => [verb, given]);
    expect(reason('slow')).toEqual([['update', 'takes a day']]);
    expect(reason('fast')).toEqual([['update', undefined]]);
    expect(reason('slow', { owner: undefined })).toEqual([['adopt', undefined]]);
    expect(reason('slow', {}, 'slow')).toEqual([['keep', undefined]]);
    expect(reason('slow', {}, 'new', [{ ...thing, words: {} } as AnyReconciler])).toEqual([
      ['update', undefined],
    ]);
    expect(
      planOf({ lives: [live(thing, 'a', { value: 'slow' })] }).changes.map(({ reason: given }) => given),
    ).toEqual([undefined]);
  });

  it('has neither an entry nor a reason that it does not need', () => {
    const [made, gone] = planOf({
      wants: [want(thing, 'a', { value: 'x' })],
      lives: [live(thing, 'b', { value: 'x' })],
    }).changes;
    expect([Object.keys(made ?? {}).includes('have'), Object.keys(made ?? {}).includes('reason')]).toEqual([
      false,
      false,
    ]);
    expect([
      gone?.verb,
      Object.keys(gone ?? {}).includes('want'),
      Object.keys(gone ?? {}).includes('because'),
    ]).toEqual(['prune', false, false]);
  });

  it('is refused for a service under its host, and names what could not be read', () => {
    const refused = (more: object) =>
      planOf({ refusals: [{ service: 'a', host, reason: 'not built', ...more }] }).changes[0];
    expect(refused({})).toEqual({
      ...{
        id: `refuse cloudflare/service:${host}`,
        verb: 'refuse',
        phase: 'prepare',
        reason: 'not built',
        because: 'services.a',
      },
      ...{ address: { kind: 'cloudflare/service', key: host }, drift: [], needs: [], doors: [] },
    });
    expect(refused({ unread: 'cloudflare/gate' })).toMatchObject({ unread: 'cloudflare/gate' });
    expect(Object.keys(refused({ service: undefined }) ?? {})).not.toContain('because');
  });

  it('is decided without an order, if only that is asked', () => {
    const world = {
      wants: [
        want(thing, 'a', { value: 'x', link: ref('cloudflare/thing:b') }),
        want(thing, 'b', { value: 'x' }),
      ],
      refusals: [{ service: 'c', host, reason: 'not built' }],
    };
    expect(decidedChanges(...inputs(world)).map(({ id, phase, needs }) => [id, phase, needs])).toEqual([
      [`refuse cloudflare/service:${host}`, 'prepare', []],
      ['create cloudflare/thing:b', 'prepare', []],
      ['create cloudflare/thing:a', 'prepare', []],
    ]);
  });

  it('is asked for many hosts only if somebody can tell whom it lets in', () => {
    const asked: string[] = [];
    const login = {
      ...thing,
      doors: () => [{ host: '*.example.dev', step: 'route' }],
    } as unknown as AnyReconciler;
    const sight = {
      ...panel,
      kind: 'cloudflare/shutter',
      doors: () => [{ host, step: 'guard' }],
    } as unknown as AnyReconciler;
    planOf({
      wants: [
        want(thing, 'a', { value: 'x' }),
        want({ ...place, kind: sight.kind } as never, 'stuck', { status: 'x' } as never, {
          mustExist: 'make it',
        }),
      ],
      all: [login, sight],
      options: {
        openingHosts: (changes, hosts) => {
          asked.push(...changes.map(({ id }) => id), ...hosts);
          return new Map();
        },
      },
    });
    expect(asked).toEqual(['create cloudflare/thing:a', host]);
  });
});

describe('the warnings of a plan', () => {
  const standing = (key: string, more: Partial<Observed<Thing>> = {}) =>
    live(thing, key, { value: 'x' }, more);
  const warnings = (world: World) => planOf(world).warnings;

  it('name what stays although the file does not ask for it', () => {
    const staysBecause = 'people are in it';
    const lives = [
      standing('a', { staysBecause }),
      standing('b', { staysBecause, owner: 'other' }),
      standing('c', { staysBecause }),
    ];
    expect(warnings({ lives, wants: [want(thing, 'c', { value: 'x' })] })).toEqual([
      'cloudflare/thing:a stays: people are in it',
    ]);
  });

  it('name what is kept although it differs', () => {
    const ineffective = { id: 'thing-a', want: { value: 'new' }, have: { value: 'x' } };
    expect(
      warnings({
        lives: [standing('a', { ineffective }), standing('b')],
        wants: [want(thing, 'a', { value: 'new' }), want(thing, 'b', { value: 'x' })],
      }),
    ).toEqual([
      'cloudflare/thing:a: an earlier write of value had no effect, and is not repeated until the file or the object changes',
    ]);
  });

  it('name what others have widened by hand', () => {
    const widenings = [{ field: 'frames', effect: 'other sites may show it' }];
    const lives = ['a', 'b', 'c'].map((key) =>
      standing(key, { widenings, ...(key === 'b' && { owner: 'other' }) }),
    );
    const shared = { ...spoken, traits: { shareable: true } } as AnyReconciler;
    const wants = ['a', 'b'].map((key) => want(thing, key, { value: 'x' }));
    expect(warnings({ lives, wants, all: [shared] })).toEqual([
      'cloudflare/thing:a: by frames, which the file does not set, other sites may show it; gates leaves it as it is',
    ]);
  });

  it('name the hosts for which a person vouches', () => {
    expect(warnings({ options: { unverified: [host] } })).toEqual([
      `${host} is opened without a check, because of --unverified`,
    ]);
    expect(warnings({})).toEqual([]);
  });

  const leaving = (key: string, more: Partial<Observed<never>> = {}) =>
    livePanel(key, { admits: [], gone: [{ host, step: 'unguard' }] }, more as object);
  it('count what is left while nothing is removed', () => {
    const one = 'reconcile.prune is off: 1 object that the file no longer asks for is left as it is';
    const two = 'reconcile.prune is off: 2 objects that the file no longer asks for are left as they are';
    const off = { options: { prune: false } };
    expect(warnings({ ...off, lives: [leaving('a')] })).toEqual([one]);
    expect(warnings({ ...off, lives: [leaving('a'), leaving('b')] })).toEqual([two]);
    expect(warnings({ lives: [leaving('a')] })).toEqual([]);
    const kept = [
      leaving('b', { owner: 'other' }),
      leaving('c'),
      standing('d'),
      leaving('e', { unfinished: true }),
      live(errand, 'f', { value: 'x', link: host }, { owner: 'home' }),
    ];
    expect(
      warnings({
        ...off,
        lives: [leaving('a'), ...kept],
        wants: [want(panel, 'c', { admits: [] } as never)],
      }),
    ).toEqual([one]);
    const foreign = { ...panel, kind: 'cloudflare/frame' } as AnyReconciler;
    const lives = [leaving('a'), live(foreign, 'x', { admits: [] } as never)];
    expect(warnings({ ...off, lives, all: [...kinds, foreign] })).toEqual([one]);
  });
});

describe('the adoptions of a plan', () => {
  const change = (
    key: string,
    verb: Change['verb'],
    because?: string,
    more: Partial<Change> = {},
  ): Change => ({
    ...{
      id: key,
      verb,
      phase: 'prepare',
      address: { kind: thing.kind, key },
      drift: [],
      needs: [],
      doors: [],
    },
    ...(because !== undefined && { because }),
    ...more,
  });
  const needing = (key: string, because: string, ...needs: readonly AddressId[]) =>
    want(thing, key, { value: 'x' }, { because, needs });
  const taken = (changes: readonly Change[], objects: readonly DesiredObject[] = [], service?: string) =>
    selected(
      changes,
      { objects, proofs: [] },
      { ...normal, adopt: true, adoptOnly: true, ...(service !== undefined && { service }) },
    ).map(({ id }) => id);
  const at = (...doors: readonly DoorEffect[]) => ({ doors });
  const adopt = change('adopted', 'adopt', 'services.a');

  it('come with what their services need, and what must come first', () => {
    const objects = [
      needing('adopted', 'services.a', 'cloudflare/thing:client'),
      needing('client', 'clients.c', 'cloudflare/thing:key'),
    ];
    const changes = [
      { ...adopt, needs: ['first', 'unknown'] },
      ...[
        change('first', 'update', 'groups.g'),
        change('client', 'create', 'clients.c'),
        change('key', 'update', 'settings'),
      ],
      ...[
        change('own', 'create', 'services.a.paths./x'),
        change('probe', 'create', 'services'),
        change('kept', 'keep', 'groups.h'),
      ],
    ];
    expect(taken(changes, objects)).toEqual(changes.map(({ id }) => id));
  });

  it.each<[because: string, other: Change]>([
    ['another service', change('x', 'create', 'services.b')],
    ['no service', change('x', 'create')],
    ['an update of the service', change('x', 'update', 'services.a')],
    ['an update that it needs, of a service', change('key', 'update', 'services.b')],
    ['an update that it needs, of nothing', change('key', 'update')],
    ['an update of another setting', change('x', 'update', 'settings')],
    ['a removal that it needs', change('key', 'prune', 'settings')],
    ['a refusal', change('x', 'refuse', 'services.a')],
    ['a new route', change('x', 'create', 'services.a', at({ host, step: 'publish' }))],
  ])('come without %s', (_, other) => {
    expect(taken([adopt, other], [needing('adopted', 'services.a', 'cloudflare/thing:key')])).toEqual([
      'adopted',
    ]);
  });

  it('come without what all services share, if there are none', () => {
    expect(taken([change('probe', 'create', 'services')])).toEqual([]);
    expect(taken([change('loose', 'adopt', 'groups.g'), change('probe', 'create', 'services')])).toEqual([
      'loose',
    ]);
  });

  it('come with all steps at their hosts, unless the plan opens these', () => {
    const guards = change('guards', 'update', 'services.b', at({ host, step: 'guard' }));
    const both = change(
      'both',
      'adopt',
      'services.a',
      at({ host, step: 'guard' }, { host: 'b.example.dev', step: 'guard' }),
    );
    const beyond = change('beyond', 'update', 'services.c', at({ host: 'b.example.dev', step: 'guard' }));
    expect(taken([both, guards, beyond])).toEqual(['both', 'guards', 'beyond']);
    const opens = change('opens', 'create', 'services.b', at({ host, step: 'route' }));
    expect(taken([both, guards, beyond, opens])).toEqual(['both', 'beyond']);
    const path = change('path', 'create', 'services.b', at({ host, step: 'route', part: '/x' }));
    expect(taken([both, guards, path])).toEqual(['both', 'guards', 'path']);
    const changed = { ...opens, verb: 'update' as const };
    expect(taken([both, guards, changed])).toEqual(['both', 'guards', 'opens']);
  });

  it('of one service come with its refusals, and although nothing of it is left to adopt', () => {
    const changes = [change('x', 'create', 'services.a'), change('y', 'refuse', 'services.a')];
    expect(taken(changes, [], 'a')).toEqual(['x', 'y']);
    expect(taken(changes, [], 'b')).toEqual([]);
  });
});
