import { describe, expect, it } from 'vitest';
import { type AddressId, addressId } from '../../../src/core/objects/address.ts';
import type { DoorEffect } from '../../../src/core/objects/door.ts';
import type { DesiredObject, GateCheck, Observation, Observed } from '../../../src/core/objects/object.ts';
import type { AnyReconciler } from '../../../src/core/reconciler.ts';
import type { Draft } from '../../../src/plan/drafts/draft.ts';
import { knowledge } from '../../../src/plan/drafts/known.ts';
import { StandingHosts } from '../../../src/plan/drafts/standing-hosts.ts';
import { draftOf, knownOf } from '../support/drafts.ts';
import { gate, live, name, route, thing, want } from '../support/fakes.ts';
import { livePanel, panel, wantPanel } from '../support/panel.ts';
import { host, liveName, liveRoute, wild } from '../support/plan-text.ts';

describe('a host whose only route of ours is closed', () => {
  const closed = liveRoute(host, 'other', '503');
  const isClosed = (lives: readonly Observed[], wants: readonly DesiredObject[] = []) => {
    const scope = { owner: 'home', account: 'account', zones: ['example.dev'], tunnels: ['homelab'] };
    const desired = { scope, objects: wants, proofs: [], refusals: [], warnings: [] };
    const observations = [route, name].map(({ kind }): Observation => {
      return { kind, state: 'known', objects: lives.filter(({ address }) => address.kind === kind) };
    });
    return new StandingHosts(knowledge(desired, observations, [route, name])).isClosed(host);
  };

  it.each([
    { because: 'is closed', lives: [closed], is: true },
    { because: 'is closed below a foreign wildcard', lives: [closed, wild], is: true },
    { because: 'is closed below a foreign wildcard without a route', lives: [liveName(), wild], is: true },
    { because: 'is not if another route is open', lives: [closed, liveRoute()], is: false },
    { because: 'is not by the name of another host', lives: [liveName('b.example.dev'), wild], is: false },
    { because: 'is not without a route', lives: [wild], is: false },
    { because: 'is not by a closed route of others', lives: [{ ...closed, owner: 'other' }], is: false },
    {
      because: 'is not by the closed route of another host',
      lives: [liveRoute('b.example.dev', 'other', '503')],
      is: false,
    },
  ])('$because', ({ lives, is }) => {
    expect(isClosed(lives)).toBe(is);
  });

  it('is closed too if the file asks for the route', () => {
    const asked = want(route, `other/${host}`, { host, via: 'other', to: 'app' });
    expect(isClosed([closed], [asked])).toBe(true);
  });

  it('is not if the file asks for it closed, because only paths lead anywhere', () => {
    const asked = want(route, `other/${host}`, { host, via: 'other', to: '503' });
    expect(isClosed([closed], [asked])).toBe(false);
  });
});

describe('a host with a route', () => {
  const wildcard = live(name, 'wild', { host: '*.example.dev', target: 'homelab' }, { owner: undefined });
  const around = live(name, host, { host, target: 'around the edge' });
  const text = live(name, host, { host, target: 'text' });
  const isLed = (...names: readonly Observed[]) => {
    const scope = { owner: 'home', account: 'account', zones: ['example.dev'], tunnels: ['homelab'] };
    const observations = [
      { kind: route.kind, state: 'known', objects: [liveRoute()] } as const,
      { kind: name.kind, state: 'known', objects: names } as const,
    ];
    const desired = { scope, objects: [], proofs: [], refusals: [], warnings: [] };
    return new StandingHosts(knowledge(desired, observations, [route, name])).isLed(host);
  };

  it.each([
    { because: 'is led to it by a name at the edge', names: [liveName()], is: true },
    { because: 'is led to it by a foreign wildcard', names: [wildcard], is: true },
    { because: 'is not without a name', names: [], is: false },
    {
      because: 'is not by a wildcard that another record at its name hides',
      names: [wildcard, text],
      is: false,
    },
    { because: 'is not if its name leads around the edge', names: [around], is: false },
    {
      because: 'is not by a wildcard if it has a name of its own, which leads around the edge',
      names: [wildcard, around],
      is: false,
    },
  ])('$because', ({ names, is }) => {
    expect(isLed(...names)).toBe(is);
  });
});

describe('the hosts before a run', () => {
  const blindTo = (...kinds: readonly string[]) => {
    const scope = { owner: 'home', account: 'account', zones: ['example.dev'], tunnels: ['homelab'] };
    const observations = kinds.map(
      (kind) => ({ kind, state: 'unknown', error: new Error('403') }) as Observation,
    );
    const desired = { scope, objects: [], proofs: [], refusals: [], warnings: [] };
    const all = [route, gate, name, thing, panel] as readonly unknown[] as readonly AnyReconciler[];
    return new StandingHosts(knowledge(desired, observations, all));
  };
  const standing = (lives: readonly Observed[], wants: readonly DesiredObject[] = []) =>
    new StandingHosts(
      knownOf([route, gate, name, thing, panel] as readonly unknown[] as readonly AnyReconciler[], {
        lives,
        wants,
      }),
    );
  const effects = (key: string, ...gone: readonly DoorEffect[]) => livePanel(key, { admits: [], gone });

  it('may be open, led and guarded as long as no kind shows the opposite', () => {
    const seen = (hosts: StandingHosts) => [
      hosts.isOpen(host, [], []),
      hosts.isLed(host),
      hosts.isGuarded(host),
    ];
    expect(seen(blindTo())).toEqual([false, false, true]);
    expect(seen(blindTo(route.kind))).toEqual([true, true, true]);
    expect(blindTo(route.kind).mayOpen(host)).toBe(true);
    expect(seen(blindTo(gate.kind))).toEqual([false, false, true]);
    expect(seen(blindTo(thing.kind, 'cloudflare/unknown'))).toEqual([false, false, true]);
    const open = (kinds: readonly string[], ...lives: readonly Observed[]) => {
      const scope = { owner: 'home', account: 'account', zones: ['example.dev'], tunnels: ['homelab'] };
      const known = knowledge(
        { scope, objects: [], proofs: [], refusals: [], warnings: [] },
        [
          ...kinds.map((kind) => ({ kind, state: 'unknown', error: new Error('403') }) as Observation),
          { kind: panel.kind, state: 'known', objects: lives },
        ],
        [gate, name, panel] as readonly unknown[] as readonly AnyReconciler[],
      );
      return new StandingHosts(known);
    };
    const leads = effects('r', { host, step: 'unroute', live: true });
    expect([open([], leads).isGuarded(host), open([gate.kind], leads).isGuarded(host)]).toEqual([
      false,
      true,
    ]);
    expect([open([], leads).isLed(host), open([name.kind], leads).isLed(host)]).toEqual([false, true]);
  });

  const leads = (at = host, more: object = {}) =>
    effects(`to ${at}`, { host: at, step: 'unroute', live: true, ...more });
  const moving = (more: Partial<Draft> = {}) =>
    draftOf(name, {
      ...{ verb: 'update', key: host },
      doors: [
        { host, step: 'guard' },
        { host, step: 'publish' },
      ],
      ...more,
    });

  it.each<[because: string, lives: readonly Observed[], here?: readonly Draft[], leaving?: readonly Draft[]]>(
    [
      ['by a route', [leads()]],
      ['by a route of its domain', [leads('*.example.dev')]],
      ['by one of several', [effects('x', { host, step: 'unguard' }), leads()]],
      ['though its name moves, if the route there is known', [leads()], [moving()], [moving()]],
      ['though its name goes', [leads()], [moving({ verb: 'prune' })]],
      ['though the change of its name is refused', [leads()], [moving({ verb: 'refuse' })]],
      [
        'though another name moves',
        [leads()],
        [moving({ doors: [{ host: 'b.example.dev', step: 'publish' }] })],
      ],
      ['though something else changes', [leads()], [moving({ doors: [{ host, step: 'guard' }] })]],
    ],
  )('are open %s', (_, lives, here = [], leaving = []) => {
    expect(standing(lives).isOpen(host, here, leaving)).toBe(true);
  });

  it.each<[because: string, lives: readonly Observed[], here?: readonly Draft[]]>([
    ['without a route', [effects('x', { host, step: 'unguard', live: true })]],
    ['by a closed route', [leads(host, { live: false })]],
    ['by the route of another host', [leads('b.example.dev')]],
    ['by the route of another domain', [leads('*.example.com')]],
    ['by a foreign route', [{ ...leads(), owner: undefined }]],
    ['if their name moves', [leads()], [moving({ doors: [] }), moving()]],
  ])('are not open %s', (_, lives, here = []) => {
    expect(standing(lives).isOpen(host, here, [])).toBe(false);
  });

  it.each<[because: string, lives: readonly Observed[], is: boolean]>([
    ['a gate', [leads(), effects('g', { host, step: 'unguard' })], true],
    ['a gate of their domain', [leads(), effects('g', { host: '*.example.dev', step: 'unguard' })], true],
    ['a gate that hides another one', [leads(), effects('g', { host, step: 'change' })], true],
    ['nothing', [leads()], false],
    ['a gate at a path', [leads(), effects('g', { host, step: 'unguard', part: '/a' })], false],
    ['a rule that only closes', [leads(), effects('g', { host, step: 'close' })], false],
    ['a gate of another domain', [leads(), effects('g', { host: '*.example.com', step: 'unguard' })], false],
    ['nothing, where only some paths lead anywhere', [leads(host, { part: '/hook' })], true],
    [
      'nothing, where some paths lead elsewhere',
      [leads(host, { part: '/hook' }), effects('all', { host, step: 'unroute', live: true })],
      false,
    ],
    [
      'nothing, where the rest is closed',
      [leads(host, { part: '/hook' }), effects('all', { host, step: 'unroute' })],
      true,
    ],
  ])('are guarded by %s: %s', (_, lives, is) => {
    expect(standing(lives).isGuarded(host)).toBe(is);
  });

  const asked = {
    address: { kind: 'edge/sight', key: host },
    host,
    spec: {},
    step: 'prove',
    because: '',
  } as const;
  const proof = { ...asked, needs: ['cloudflare/thing:x', 'cloudflare/panel:g'] } as GateCheck;
  const guard = (key: string, more: object = {}) => effects(key, { host, step: 'unguard', ...more });
  const wants = [
    wantPanel('g', { admits: [] }),
    wantPanel('h', { admits: [] }),
    want(gate, 'g', { host, admits: [] }),
  ];

  it.each<[because: string, lives: readonly Observed[], is: boolean]>([
    ['their new gate', [guard('g')], false],
    ['one that the file drops', [guard('g'), guard('old')], true],
    ['one of its kind that others have by the file', [guard('h')], true],
    ['one of another kind by the file', [live(gate, 'g', { host, admits: [] })], false],
    ['one of a path that the file drops', [guard('old', { part: '/a' })], false],
    ['none', [leads()], false],
  ])('have another gate besides the new one, if they have %s: %s', (_, lives, is) => {
    expect(standing(lives, wants).hasOtherGate(proof)).toBe(is);
  });

  const cover = wantPanel('g', { admits: ['probe'] });
  it.each<[because: string, lives: readonly Observed[], exchanged: readonly AddressId[], is: boolean]>([
    ['had no gate but this one', [leads(), guard('g')], [], false],
    ['had no gate', [leads()], [], false],
    ['led nowhere', [guard('g')], [], true],
    ['were unknown', [], [], true],
    ['were closed', [leads(host, { live: false })], [], true],
    ['had a gate that the file drops', [leads(), guard('g'), guard('old')], [], true],
    ['had a part of a login that the file drops', [leads(), guard('old', { step: 'change' })], [], false],
    ['had a gate at a path that the file drops', [leads(), guard('old', { part: '/a' })], [], false],
    [
      'had a gate that the file drops for their domain',
      [leads(), effects('old', { host: '*.example.dev', step: 'unguard' })],
      [],
      false,
    ],
    ['had another gate in the place of the cover', [leads(), guard('g')], ['cloudflare/panel:g'], true],
    ['had another gate elsewhere', [leads(), guard('h')], ['cloudflare/panel:h'], false],
  ])('come behind their gate if they %s: %#', (_, lives, exchanged, is) => {
    expect(standing(lives, wants).comesBehind({ ...proof, cover }, new Set(exchanged))).toBe(is);
  });

  it('come behind a gate without a cover by what the file drops alone', () => {
    const hosts = standing([leads(), guard('g')], wants);
    expect(hosts.comesBehind(proof, new Set<AddressId>(['cloudflare/panel:g']))).toBe(false);
  });

  it.each<[because: string, effects: readonly DoorEffect[], is: boolean]>([
    ['a closed route', [{ host, step: 'unroute', via: 'x' }], true],
    ['a route of a path alone', [{ host, step: 'unroute', via: 'x', part: '/a', live: true }], true],
    ['a route behind another one', [{ host, step: 'unroute', via: 'x', live: true, shadowed: true }], true],
    ['something without a carrier', [{ host, step: 'unroute' }], false],
    ['a gate', [{ host, step: 'unguard', via: 'x' }], false],
    [
      'a closed route and the open one of a path',
      [
        { host, step: 'unroute', via: 'x' },
        { host, step: 'unroute', via: 'x', part: '/a', live: true },
      ],
      true,
    ],
  ])('are closed by %s: %#', (_, gone, is) => {
    expect(standing([effects('x', ...gone)]).isClosed(host)).toBe(is);
  });

  it('are not open, but may open, if another route answers in place of an open one', () => {
    const shadowed = standing([
      effects('x', { host, step: 'unroute', via: 'x', live: true, shadowed: true }),
    ]);
    expect([shadowed.mayOpen(host), shadowed.isOpen(host, [], []), shadowed.isLed(host)]).toEqual([
      true,
      false,
      false,
    ]);
    expect(shadowed.mayOpen(host, new Set([addressId(effects('x').address)]))).toBe(false);
    expect(shadowed.mayOpen(host, new Set([addressId(effects('y').address)]))).toBe(true);
    expect(standing([effects('x', { host, step: 'unroute', via: 'x' })]).mayOpen(host)).toBe(false);
  });
});
