import { describe, expect, it } from 'vitest';
import type { Draft } from '../../../src/plan/drafts/draft.ts';
import {
  bare,
  changes,
  closed,
  coverIn,
  draftsIn,
  effects,
  exchanged,
  guarded,
  idsIn,
  lane,
  led,
  look,
  named,
  own,
  type Plan,
  proof,
  prunes,
  reroutes,
  stricter,
  usual,
} from '../support/covered-host.ts';
import { draftOf } from '../support/drafts.ts';
import { live, want } from '../support/fakes.ts';
import { lock } from '../support/locks.ts';
import { panel } from '../support/panel.ts';
import { host } from '../support/plan-text.ts';

describe('a gate that is checked', () => {
  const adopted = live(lock, 'c', { admits: 'people' }, { owner: undefined });

  it.each<[because: string, drafts: readonly Draft[], plan?: Plan]>([
    ['another object comes in the place of the cover', [own('update')]],
    [
      'a foreign one in its place is taken over, and changes',
      [own('adopt', { have: adopted })],
      { lives: [named, led, guarded, adopted] },
    ],
    ['an object in its place goes', [own('prune', { want: undefined as never })]],
    ['a route opens', [stricter, reroutes()]],
    [
      'a part of the gate is made anew',
      [own('keep'), draftOf(panel, { verb: 'create', key: 'g', want: {}, doors: [{ host, step: 'guard' }] })],
    ],
    ['the route of the gate is refused', [own('keep'), stricter, reroutes('refuse')]],
    [
      'something behind it changes',
      [own('keep'), stricter],
      { check: { ...proof, inner: ['cloudflare/panel:w', 'cloudflare/panel:g'] } },
    ],
    ['a guard of the host goes', [own('keep'), prunes({ host, step: 'unroute' }, { host, step: 'unguard' })]],
    ['what answered before it goes', [own('keep'), prunes({ host, step: 'vacate' })]],
  ])('is covered until then if %s', (_, drafts, plan) => {
    expect(coverIn(drafts, plan)).toBeDefined();
  });

  it.each<[because: string, drafts: readonly Draft[], plan?: Plan]>([
    ['it gets stricter', [own('keep'), stricter]],
    ['an object in its place is only marked', [own('adopt', { doors: [] }), stricter]],
    [
      'only others behind it change',
      [own('keep'), stricter],
      { check: { ...proof, inner: ['cloudflare/panel:w'] } },
    ],
    ['the guard of a path goes', [own('keep'), prunes({ host, step: 'unguard', part: '/a' })]],
    ['the guard of another host goes', [own('keep'), stricter, prunes({ host: 'b', step: 'unguard' })]],
    ['a guard gets stricter before it goes', [own('keep'), changes({ host, step: 'unguard' })]],
    ['a route goes', [own('keep'), prunes({ host, step: 'unroute' })]],
    [
      'a route is refused, while the gate stays',
      [own('keep'), prunes({ host, step: 'unroute' }), reroutes('refuse')],
    ],
  ])('is not covered if %s', (_, drafts, plan) => {
    expect([coverIn(drafts, plan), idsIn(drafts, plan).includes(look)]).toEqual([undefined, true]);
  });

  it('is not checked behind an object that stays in the place of the cover', () => {
    expect(draftsIn([stricter])).toEqual([stricter]);
    expect(coverIn([stricter, prunes({ host, step: 'unguard' })])).toBeDefined();
  });

  it('is checked if what stays there is a cover of an earlier run', () => {
    const left = live(lock, 'c', { admits: 'probe', beside: [], alone: false });
    expect(idsIn([stricter], { lives: [named, led, guarded, left] })).toEqual([
      ...[stricter.id, look, 'prune cloudflare/lock:c lock-c', `${look} without its cover`],
    ]);
  });
});

it('puts the cover up in the place of a foreign object that the file takes over', () => {
  const theirs = live(lock, 'c', { admits: 'people' }, { owner: undefined });
  const draft = coverIn([own('adopt', { have: theirs })], { lives: [named, led, guarded, theirs] });
  expect([draft?.verb, draft?.have]).toEqual(['update', theirs]);
});

it('watches a gate through its cover, and not again without it', () => {
  const looks = draftsIn([own('update'), reroutes()], { watch: true }).filter(
    ({ verb }) => verb === 'verify',
  );
  expect(looks.map(({ want }) => want)).toEqual([
    { covered: true, opened: true, changed: true, stands: true, watched: true },
    { covered: false, opened: false, changed: true },
  ]);
  const alone = draftsIn([stricter, reroutes()], { check: bare }).find(({ id }) => id === look);
  expect(alone?.want).toEqual({ covered: false, opened: true, changed: true, stands: true });
});

describe('a closing for the check', () => {
  const created = draftOf(panel, { verb: 'create', key: 'g', want: {}, doors: [{ host, step: 'guard' }] });
  const lives = [named, led, guarded];
  const isInterim = (drafts: readonly Draft[], plan: Plan = { lives }) =>
    coverIn(drafts, plan)?.interim === host;

  it.each<[because: string, drafts: readonly Draft[], plan?: Plan]>([
    ['a route that leads elsewhere', [reroutes()]],
    ['a new gate and a route', [created, reroutes()]],
    ['a new gate and a route that is refused', [created, reroutes('refuse')]],
    [
      'a new gate in the place of an old one',
      [created],
      { lives: [...lives, effects('old', { host, step: 'unguard' })] },
    ],
  ])('locks out people for a time because of %s', (_, drafts, plan) => {
    expect(isInterim(drafts, plan)).toBe(true);
  });

  it.each<[because: string, drafts: readonly Draft[], plan?: Plan]>([
    ['a part of the gate was removed', [created]],
    ['nothing led to the host', [reroutes()], { lives: [named, guarded] }],
    ['nothing guarded the host', [reroutes()], { lives: [named, led] }],
  ])('locks out nobody if %s', (_, drafts, plan) => {
    expect(isInterim(drafts, plan)).toBe(false);
  });
});

describe('a gate that is checked without a cover', () => {
  const close = 'close cloudflare/route:r route-r';
  const closings = (drafts: readonly Draft[], plan: Plan = {}) =>
    draftsIn(drafts, { check: bare, ...plan }).filter(({ id }) => id.startsWith('close '));

  it('has its host closed first if it admits others than the old origin', () => {
    const [closing, ...rest] = closings([exchanged, reroutes()]);
    expect([closing?.id, closing?.interim, rest]).toEqual([close, host, []]);
    const open = draftsIn([exchanged, reroutes()], { check: bare }).find(({ id }) => id === reroutes().id);
    expect(open?.needs).toEqual([close]);
  });

  it('has its host closed for good where nothing led to it', () => {
    expect(
      closings([exchanged, reroutes()], { lives: [named, guarded] }).map(({ interim }) => interim),
    ).toEqual([undefined]);
  });

  it('has a route closed that another carrier has left', () => {
    const staying = live(lane, 'r', { host, via: 'other', to: 'app' });
    const plan = {
      lives: [...usual, staying],
      wants: [want(lane, 'n', { host, via: 'homelab', to: 'app' })],
    };
    expect(closings([exchanged], plan).map(({ id }) => id)).toEqual([close]);
    const moving = draftOf(lane, {
      verb: 'update',
      key: 'r',
      have: staying,
      want: staying.spec,
      doors: [closed],
    });
    expect(draftsIn([exchanged, moving], { check: bare })[1]?.doors).toEqual([{ host, step: 'close' }]);
    expect(draftsIn([stricter, moving], { check: bare })[1]?.doors).toEqual([closed]);
  });

  it.each<[because: string, drafts: readonly Draft[]]>([
    ['nobody else gets in', [stricter, reroutes()]],
    ['it stays where it is', [exchanged]],
  ])('closes nothing if %s', (_, drafts) => {
    expect(closings(drafts)).toEqual([]);
  });
});
