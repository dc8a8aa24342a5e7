import { describe, expect, it } from 'vitest';
import type { Draft } from '../../../src/plan/drafts/draft.ts';
import {
  closed,
  draftsIn,
  effects,
  exchanged,
  guarded,
  idsIn,
  isShutIn,
  lane,
  led,
  named,
  own,
  type Plan,
  people,
  proof,
  prunes,
  reroutes,
  stricter,
  usual,
} from '../support/covered-host.ts';
import { draftOf } from '../support/drafts.ts';
import { live, want } from '../support/fakes.ts';
import { old, pipe } from '../support/lanes.ts';
import { lock } from '../support/locks.ts';
import { panel } from '../support/panel.ts';
import { host } from '../support/plan-text.ts';

describe('a cover in the place of an object that admits people', () => {
  it.each<[because: string, drafts: readonly Draft[], plan?: Plan]>([
    ['something behind the gate changes', [stricter], { check: { ...proof, inner: ['cloudflare/panel:g'] } }],
    [
      'another carrier still leads to the host',
      [exchanged],
      {
        lives: [...usual, live(lane, 'r', { host, via: 'other', to: 'app' })],
        wants: [want(lane, 'n', { host, via: 'homelab', to: 'app' })],
      },
    ],
    ['a route comes to lead elsewhere', [reroutes()]],
    [
      'Authentik comes to lead elsewhere behind the route',
      [
        draftOf(pipe, {
          verb: 'update',
          key: 'behind',
          have: live(pipe, 'behind', old.spec),
          want: old.spec,
          doors: stricter.doors,
        }),
      ],
    ],
    [
      'the name comes to lead elsewhere',
      [draftOf(panel, { verb: 'update', key: 'name', have: named, doors: [{ host, step: 'publish' }] })],
    ],
    [
      'a route of another carrier stays closed for good, because a wildcard would answer in its place',
      [
        draftOf(panel, {
          verb: 'update',
          key: 'old',
          have: effects('old'),
          doors: [{ host, step: 'unroute', via: 'x' }],
        }),
      ],
    ],
    [
      'the host was closed by an earlier run, and its route goes',
      [stricter, prunes({ host, step: 'publish' }, closed)],
    ],
    [
      'its only route is closed',
      [exchanged],
      {
        lives: [
          ...usual.filter((each) => each !== led),
          effects('x', { host, step: 'unroute', via: 'x' }),
          effects('wild', { host: '*.example.dev', step: 'unroute', live: true }),
        ],
      },
    ],
    ['no name leads to the host', [exchanged], { lives: [led, guarded, people] }],
    [
      'it takes what another one answers for now',
      [exchanged],
      { lives: [...usual, live(lock, 'd', { admits: 'heir' })] },
    ],
  ])('admits only the probe if %s', (_, drafts, plan) => {
    expect(isShutIn([own('update'), ...drafts], plan)).toBe(true);
  });

  it.each<[because: string, drafts: readonly Draft[]]>([
    ['nothing else changes', []],
    ['the gate comes to admit others', [exchanged]],
    ['the closed route of a path goes', [prunes({ ...closed, part: '/a' })]],
    ['an open route goes', [prunes({ ...closed, live: true })]],
    ['a rule without a carrier goes', [prunes({ host, step: 'unroute' })]],
    ['a closed name goes', [prunes({ ...closed, step: 'publish' })]],
    ['a closed route stays', [{ ...prunes(closed), verb: 'keep' }]],
  ])('admits its people too if %s', (_, drafts) => {
    expect(isShutIn([own('update'), ...drafts])).toBe(false);
  });

  it('keeps the route of a path closed, if the gate admits others', () => {
    const path = reroutes('update', '^/a$');
    const close = 'close cloudflare/route:r route-r';
    expect(idsIn([own('update'), exchanged, path])).toContain(close);
    expect(idsIn([own('update', { doors: stricter.doors }), path])).not.toContain(close);
    expect(idsIn([own('update'), exchanged, reroutes()])).not.toContain(close);
  });

  it('is exchanged for what the file asks for, or goes with the object in its place', () => {
    const using = { ...people, uses: ['policy'] };
    const lives = [named, led, guarded, using];
    const end = (draft: Draft, ...others: readonly Draft[]) =>
      draftsIn([{ ...draft, have: using }, ...others], { lives }).find(({ id }) =>
        /^(uncover|prune) /.test(id),
      );
    expect(end(own('update'))?.have?.uses).toEqual(['policy']);
    expect(end(own('update'), reroutes())?.have?.uses).toEqual([]);
    const { want: __, ...gone } = own('prune', { doors: [{ host, step: 'guard', part: '/a' }] });
    const left = end(gone, reroutes());
    expect([left?.have?.uses, left?.because]).toEqual([[], 'services.a']);
    expect(left?.doors).toEqual([{ host, step: 'unguard', part: '/a', cover: true }]);
    expect(end({ ...gone, have: using })?.doors).toEqual([{ host, step: 'unguard', part: '/a' }]);
  });

  it('releases what the object used for everybody', () => {
    const open = live(lock, 'c', { admits: 'everybody' }, { uses: ['policy'] });
    const drafts = draftsIn([own('update', { have: open })], { lives: [named, led, guarded, open] });
    expect(drafts.find(({ id }) => id.startsWith('uncover '))?.have?.uses).toEqual([]);
  });

  it('is exchanged for nothing that is refused', () => {
    const refusal = own('refuse', { reason: 'a limit', needs: ['first'] });
    expect(draftsIn([refusal, exchanged])).toContainEqual(refusal);
  });
});
