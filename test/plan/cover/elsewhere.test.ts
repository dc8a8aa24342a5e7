import { describe, expect, it } from 'vitest';
import type { AddressId } from '../../../src/core/objects/address.ts';
import type { DoorEffect } from '../../../src/core/objects/door.ts';
import type { DesiredObject, Observed } from '../../../src/core/objects/object.ts';
import type { AnyReconciler } from '../../../src/core/reconciler.ts';
import { closeElsewhere, closeUnchecked, closeUnread } from '../../../src/plan/cover/elsewhere.ts';
import type { Draft } from '../../../src/plan/drafts/draft.ts';
import { StandingHosts } from '../../../src/plan/drafts/standing-hosts.ts';
import { draftOf, knownOf } from '../support/drafts.ts';
import { live, type Route, thing, want } from '../support/fakes.ts';
import { closed, lane, old, pipe, removal, unroutes, worldOf } from '../support/lanes.ts';
import { livePanel, panel, wantPanel } from '../support/panel.ts';
import { host, wantRoute } from '../support/plan-text.ts';

const other = 'b.example.dev';
const none: ReadonlyMap<AddressId, Draft> = new Map();

describe('an open route by which another carrier leads to a covered host', () => {
  const closeId = 'close cloudflare/route:old route-old';

  it('is closed before it is removed, although the file says nothing of it', () => {
    const here = [draftOf(thing, { verb: 'update', key: 'x', doors: [] }), removal()];
    const { added, instead } = closeElsewhere(worldOf([old]), host, here);
    expect(added).toMatchObject([
      {
        ...{ id: closeId, verb: 'update', have: old, want: closed, drift: ['to', 'gate'] },
        ...{ doors: [{ host, step: 'close' }], reason: 'answers 503 before it is taken away' },
      },
    ]);
    expect([...instead]).toEqual([[here[1]?.id, { ...here[1], needs: [closeId] }]]);
  });

  it('is closed where it stays, because nothing is removed', () => {
    const { added, instead } = closeElsewhere(worldOf([old]), host, []);
    expect(added).toMatchObject([
      {
        ...{ id: closeId, want: closed, doors: [{ host, step: 'close' }] },
        reason: 'answers 503: its host is reached by another tunnel now',
      },
    ]);
    expect([...instead]).toEqual([]);
  });

  it.each<[because: string, draft: Draft]>([
    ['it is closed already', removal({ doors: [unroutes({ live: false })] })],
    ['its removal has no effect at doors', removal({ doors: [{ host, step: 'unguard', live: true }] })],
    ['it stays and has another form', removal({ verb: 'replace' })],
    ['something else comes before its removal', removal({ needs: ['something'] })],
    ['nothing of it is live', draftOf(lane, { verb: 'prune', key: 'old', doors: [unroutes()] })],
    [
      'no kind knows its closed form',
      draftOf(pipe, { verb: 'prune', key: 'old', have: live(pipe, 'old', old.spec), doors: [unroutes()] }),
    ],
  ])('is not closed first if %s', (_, draft) => {
    const { added, instead } = closeElsewhere(worldOf([old]), host, [
      draft,
      removal({ have: old, doors: [] }),
    ]);
    expect([added, [...instead]]).toEqual([[], []]);
  });

  it.each<[because: string, lives: readonly Observed[], wants?: readonly DesiredObject[]]>([
    ['it has another owner', [{ ...old, owner: 'other' }]],
    ['the file asks for it', [old], [wantRoute(), want(lane, 'old', old.spec)]],
    ['the file leads the host by its carrier', [old], [wantRoute(host, 'old')]],
    ['it is closed already', [live(lane, 'old', { ...old.spec, to: '503' })]],
    ['it leads to another host', [live(lane, 'old', { ...old.spec, host: other })]],
    ['no carrier is known', [live(lane, 'old', { host, to: 'app' } as Route)]],
    [
      'it only guards the host',
      [livePanel('old', { admits: [], gone: [{ host, step: 'unguard', live: true, via: 'x' }] })],
    ],
    ['no kind knows its closed form', [live(pipe, 'old', old.spec)]],
  ])('is left as it is, where it stays, if %s', (_, lives, wants) => {
    expect(closeElsewhere(worldOf(lives, wants), host, []).added).toEqual([]);
  });

  it('is closed although another part of it answers for another host, and the file names no carrier for this one', () => {
    const wide = livePanel('wide', {
      admits: [],
      gone: [{ host: other, step: 'unroute', via: 'x', live: false }, unroutes()],
    });
    const closing = { ...panel, route: { closed: () => ({ admits: ['nobody'] }) } } as AnyReconciler;
    const { added } = closeElsewhere(knownOf([closing], { wants: [], lives: [wide] }), host, []);
    expect(added.map(({ id }) => id)).toEqual(['close cloudflare/panel:wide panel-wide']);
  });
});

describe('a route that comes to lead its old host by another carrier', () => {
  it('only closes the host in between, where the update leaves it', () => {
    const doors: readonly DoorEffect[] = [{ host, step: 'route', via: 'new' }, unroutes({ live: false })];
    const update = removal({ verb: 'update', doors });
    const { added, instead } = closeElsewhere(worldOf([old]), host, [update]);
    expect(added).toEqual([]);
    expect([...instead]).toEqual([[update.id, { ...update, doors: [{ host, step: 'close' }] }]]);
  });

  it.each<[because: string, draft: Draft]>([
    ['no carrier', removal({ verb: 'update', doors: [{ host, step: 'unroute' }] })],
    ['a carrier that it gets', removal({ verb: 'update', doors: [{ host, step: 'route', via: 'new' }] })],
    ['a carrier that a new one has', removal({ verb: 'create', doors: [unroutes({ live: false })] })],
  ])('closes nothing for %s', (_, draft) => {
    expect([...closeElsewhere(worldOf([old]), host, [draft]).instead]).toEqual([]);
  });
});

describe('a host that is not checked', () => {
  const changing = draftOf(panel, { verb: 'update', key: 'g', doors: [{ host, step: 'change' }] });
  const guarded = wantPanel('g', { admits: [], does: [{ host, step: 'guard' }] });
  const rerouting = (part?: string) =>
    draftOf(lane, {
      ...{ verb: 'update', key: 'old', have: old, want: { ...old.spec, to: 'next' } },
      doors: [{ host, step: 'route', via: 'old', ...(part !== undefined && { part }) }],
    });
  const close = 'close cloudflare/route:old route-old';
  const closed = (
    here: readonly Draft[],
    wants: readonly DesiredObject[],
    lives: readonly Observed[] = [],
  ) => {
    const known = worldOf(lives, wants);
    const { added, instead } = closeUnchecked(known, host, here, {
      wanted: none,
      before: new StandingHosts(known),
    });
    return [
      added.map(({ id, interim }) => (interim === undefined ? id : `${id} for now`)),
      [...instead.keys()],
    ];
  };

  it('is closed where its gate admits others, and a route comes to lead elsewhere', () => {
    expect(closed([changing, rerouting()], [wantRoute(), guarded])).toEqual([[close], [rerouting().id]]);
    expect(closed([changing, rerouting('^/a$')], [wantRoute()])).toEqual([[close], [rerouting().id]]);
    expect(closed([changing], [wantRoute()], [old])).toEqual([[`${close} for now`], []]);
  });

  it.each<[because: string, here: readonly Draft[], wants: readonly DesiredObject[]]>([
    ['the file leads it nowhere', [changing, rerouting()], [guarded]],
    ['nobody else gets in', [rerouting()], [wantRoute(), guarded]],
    ['everybody gets in to the whole host', [changing, rerouting()], [wantRoute()]],
  ])('is left open if %s', (_, here, wants) => {
    expect(closed(here, wants)).toEqual([[], []]);
  });
});

describe('a route that could not be read', () => {
  const known = worldOf([], [wantRoute()]);
  const unread = { ...known, unknown: new Map([[lane.kind, 'refused']]) };
  const gate = (step: DoorEffect['step']) =>
    draftOf(panel, { verb: 'update', key: 'g', doors: [{ host, step }] });
  const refused = draftOf(lane, { verb: 'refuse', key: 'a', doors: [{ host, step: 'route' }] });
  const others = [
    draftOf(lane, { verb: 'refuse', key: 'b', doors: [{ host: other, step: 'route' }] }),
    draftOf(panel, { verb: 'refuse', key: 'c', doors: [{ host, step: 'route' }] }),
    draftOf(lane, { verb: 'refuse', key: 'd', doors: [{ host, step: 'divide' }] }),
  ];

  it('closes the host where its gate admits others, so that the gate waits for it', () => {
    expect(closeUnread(unread, host, { here: [gate('change')], refused: [refused, ...others] })).toEqual([
      { ...refused, doors: [...refused.doors, { host, step: 'close' }] },
    ]);
  });

  it('closes nothing where nobody else gets in, or where gates has read it', () => {
    expect(closeUnread(unread, host, { here: [gate('guard')], refused: [refused] })).toEqual([]);
    expect(closeUnread(known, host, { here: [gate('change')], refused: [refused] })).toEqual([]);
  });
});
