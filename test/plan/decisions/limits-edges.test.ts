import { describe, expect, it } from 'vitest';
import type { DesiredObject, Observed } from '../../../src/core/objects/object.ts';
import { errand, live, name, route, thing, want } from '../support/fakes.ts';
import { livePanel, type Panel, shutter, wantPanel } from '../support/panel.ts';
import { planOf, type World } from '../support/plan-text.ts';

const range = (from: number, to: number) => Array.from({ length: to - from }, (_, index) => from + index);
const hostOf = (index: number) => `h${index}.example.dev`;
const plain = (index: number, target = 'old') => want(name, `p${index}`, { target });
const plainLive = (index: number, extra: Partial<Observed<never>> = {}) =>
  live(name, `p${index}`, { target: 'old' }, extra as object);
/** A world of names without a service, of which `gone` are no longer desired and `stays` are. */
const going = (gone: number, stays: number) => ({
  wants: range(gone, gone + stays).map((index) => plain(index)),
  lives: range(0, gone + stays).map((index) => plainLive(index)),
});
const also = (
  world: { wants: readonly DesiredObject[]; lives: readonly Observed[] },
  more: World,
): World => ({
  ...more,
  wants: [...world.wants, ...(more.wants ?? [])],
  lives: [...world.lives, ...(more.lives ?? [])],
});
/** The number of changes of each verb, and the reasons of refusals. */
function counts(world: World): readonly string[] {
  const found = new Map<string, number>();
  for (const { verb, address, reason } of planOf(world).changes) {
    const [why] = (reason ?? '').split(':');
    const line = [verb, address.kind.split('/')[1], ...(verb === 'refuse' ? [why] : [])].join(' ');
    found.set(line, (found.get(line) ?? 0) + 1);
  }
  return [...found].map(([line, count]) => `${count} ${line}`).sort();
}
const over = (verb: string, count: number, total: number) =>
  `this would ${verb} ${count} of ${total}, over the limit of 30 %`;
const takeOver = { options: { adopt: true } };

interface Row {
  readonly because: string;
  readonly world: World;
  readonly counts: readonly string[];
}

const goneSpec = (index: number): Panel => ({ admits: [], gone: [{ host: hostOf(index), step: 'unguard' }] });
const rows: readonly Row[] = [
  {
    because: 'hold what is over the share by one object',
    world: going(6, 13),
    counts: ['13 keep name', `6 refuse name ${over('remove', 6, 19)}`],
  },
  {
    because: 'let go what is the share exactly',
    world: going(6, 14),
    counts: ['14 keep name', '6 prune name'],
  },
  {
    because: 'count it against what is taken over now',
    world: also(going(6, 13), {
      ...takeOver,
      wants: [plain(99)],
      lives: [plainLive(99, { owner: undefined })],
    }),
    counts: ['1 adopt name', '13 keep name', '6 prune name'],
  },
  {
    because: 'and not against what is taken over of a kind that is not counted',
    world: also(going(6, 13), {
      ...takeOver,
      wants: [want(thing, 't', { value: 'v' })],
      lives: [live(thing, 't', { value: 'v' }, { owner: undefined })],
    }),
    counts: ['1 adopt thing', '13 keep name', `6 refuse name ${over('remove', 6, 19)}`],
  },
  {
    because: 'nor against what is left to others, equal or not, or made',
    world: also(going(6, 13), {
      wants: [plain(97), plain(98, 'new'), plain(99), plain(96)],
      lives: [
        plainLive(97, { owner: undefined }),
        plainLive(98, { owner: undefined }),
        plainLive(99, { owner: 'other' }),
      ],
    }),
    counts: [
      '1 create name',
      '1 refuse name it belongs to "other"',
      '1 refuse name it exists, is not marked as ours and differs',
      '14 keep name',
      `6 refuse name ${over('remove', 6, 19)}`,
    ],
  },
  {
    because: 'nor against plain objects of ours that are not counted',
    world: also(going(6, 13), {
      wants: [want(thing, 't', { value: 'v' })],
      lives: [live(thing, 't', { value: 'v' })],
    }),
    counts: ['1 keep thing', '13 keep name', `6 refuse name ${over('remove', 6, 19)}`],
  },
  {
    because: 'but against a host that something of ours serves, once',
    world: also(going(6, 13), {
      wants: [
        want(route, 'r', { host: hostOf(1), via: 'homelab', to: 'app' }),
        want(name, 'n', { host: hostOf(1), target: 'homelab' }),
      ],
      lives: [
        live(route, 'r', { host: hostOf(1), via: 'homelab', to: 'app' }),
        live(name, 'n', { host: hostOf(1), target: 'homelab' }),
      ],
    }),
    counts: ['1 keep route', '14 keep name', '6 prune name'],
  },
  {
    because: 'count no business that was begun, and do not stop it',
    world: also(going(5, 0), { lives: [live(errand, 'e', { value: 'v', link: hostOf(1) })] }),
    counts: ['1 prune errand', '5 prune name'],
  },
  {
    because: 'and do not stop it where there is too much else',
    world: also(going(6, 0), {
      lives: [
        ...range(0, 6).map((index) => livePanel(`g${index}`, goneSpec(index))),
        live(errand, 'e', { value: 'v', link: hostOf(1) }),
      ],
    }),
    counts: [
      '1 prune errand',
      `6 refuse name ${over('remove', 12, 12)}`,
      `6 refuse panel ${over('remove', 12, 12)}`,
    ],
  },
  {
    because: 'count no plain object of a kind that is not counted, be they many',
    world: also(going(5, 0), { lives: range(0, 7).map((index) => live(thing, `t${index}`, { value: 'v' })) }),
    counts: ['5 prune name', '7 prune thing'],
  },
  {
    because: 'and leave those alone where too much else would go',
    world: also(going(6, 0), { lives: range(0, 7).map((index) => live(thing, `t${index}`, { value: 'v' })) }),
    counts: [`6 refuse name ${over('remove', 6, 6)}`, '7 prune thing'],
  },
  {
    because: 'count no name that goes at hosts that are served all the same',
    world: {
      wants: range(0, 6).map((index) =>
        want(route, `r${index}`, { host: hostOf(index), via: 'homelab', to: 'app' }),
      ),
      lives: range(0, 6).flatMap((index) => [
        live(route, `r${index}`, { host: hostOf(index), via: 'homelab', to: 'app' }),
        live(name, `n${index}`, { host: hostOf(index), target: 'homelab' }),
      ]),
    },
    counts: ['6 keep route', '6 prune name'],
  },
  {
    because: 'hold every step of a host that goes, one at another host besides too, and no other change',
    world: {
      wants: [
        wantPanel('two', {
          admits: ['you'],
          does: [
            { host: 'x.example.dev', step: 'guard' },
            { host: hostOf(1), step: 'guard' },
          ],
        }),
        wantPanel('one', { admits: ['you'], does: [{ host: 'x.example.dev', step: 'guard' }] }),
        want(route, 'r', { host: 'y.example.dev', via: 'homelab', to: 'app' }),
      ],
      lives: [
        livePanel('two', {
          admits: [],
          does: [
            { host: 'x.example.dev', step: 'guard' },
            { host: hostOf(1), step: 'guard' },
          ],
        }),
        livePanel('one', { admits: [], does: [{ host: 'x.example.dev', step: 'guard' }] }),
        ...range(0, 6).map((index) => livePanel(`g${index}`, goneSpec(index))),
        live(name, 'p', { target: 'old' }),
      ],
    },
    counts: [
      '1 create route',
      `1 refuse name ${over('remove', 7, 7)}`,
      '1 update panel',
      `7 refuse panel ${over('remove', 7, 7)}`,
    ],
  },
  {
    because: 'keep what stands twice, where the twins are too many to go',
    world: also(going(0, 6), {
      lives: range(0, 6).map((index) => plainLive(index, { id: `twin-${index}`, createdAt: '2026' })),
    }),
    counts: ['6 keep name', `6 refuse name ${over('remove', 6, 12)}`],
  },
  {
    because: 'count what is taken over as it is as no rewrite',
    world: {
      ...takeOver,
      wants: range(0, 6).map((index) => plain(index)),
      lives: range(0, 6).map((index) => plainLive(index, { owner: undefined })),
    },
    counts: ['6 adopt name'],
  },
  {
    because: 'and as one where it differs',
    world: {
      ...takeOver,
      wants: range(0, 6).map((index) => plain(index, 'new')),
      lives: range(0, 6).map((index) => plainLive(index, { owner: undefined })),
    },
    counts: [`6 refuse name ${over('rewrite', 6, 6)}`],
  },
  {
    because: 'count what is made anew as a rewrite',
    world: {
      wants: range(0, 6).map((index) => want(shutter, `s${index}`, { admits: [], path: '/new' })),
      lives: range(0, 6).map((index) => live(shutter, `s${index}`, { admits: [], path: '/old' })),
    },
    counts: [`6 refuse shutter ${over('rewrite', 6, 6)}`],
  },
  {
    because: 'count no rewrite that is refused, or of a kind that is not counted',
    world: {
      wants: [
        ...range(0, 5).map((index) => plain(index, 'new')),
        plain(5, 'new'),
        ...range(0, 6).map((index) => want(thing, `t${index}`, { value: 'new' })),
      ],
      lives: [
        ...range(0, 5).map((index) => plainLive(index)),
        plainLive(5, { owner: undefined }),
        ...range(0, 6).map((index) => live(thing, `t${index}`, { value: 'old' })),
      ],
    },
    counts: ['1 refuse name it exists, is not marked as ours and differs', '5 update name', '6 update thing'],
  },
  {
    because:
      'count the rewrite of a name that leads to no route of the file, and of what guards no such host',
    world: {
      wants: [
        ...range(0, 3).map((index) => want(name, `n${index}`, { host: hostOf(index), target: 'new' })),
        ...range(3, 6).map((index) =>
          want(shutter, `s${index}`, { admits: ['me'], does: [{ host: hostOf(index), step: 'guard' }] }),
        ),
      ],
      lives: [
        ...range(0, 3).map((index) => live(name, `n${index}`, { host: hostOf(index), target: 'old' })),
        ...range(3, 6).map((index) =>
          live(shutter, `s${index}`, {
            admits: [],
            does: [{ host: hostOf(index), step: 'guard' }],
            gone: [{ host: hostOf(index), step: 'unguard' }],
          }),
        ),
      ],
    },
    counts: [`3 refuse name ${over('rewrite', 6, 6)}`, `3 refuse shutter ${over('rewrite', 6, 6)}`],
  },
  {
    because: 'hold a host in none of several zones, and let go one in any',
    world: {
      zones: ['example.dev', 'example.net'],
      lives: [
        livePanel('a', { admits: [], gone: [{ host: 'a.example.dev', step: 'unguard' }] }),
        livePanel('b', { admits: [], gone: [{ host: 'example.net', step: 'unguard' }] }),
        livePanel('c', { admits: [], gone: [{ host: 'c.example.net', step: 'unguard' }] }),
        livePanel('d', { admits: [], gone: [{ host: 'notexample.net', step: 'unguard' }] }),
        livePanel('e', {
          admits: [],
          gone: [
            { host: 'a.example.dev', step: 'unguard' },
            { host: 'e.example', step: 'unguard' },
          ],
        }),
      ],
    },
    counts: [
      '1 refuse panel e.example is in no zone of the file',
      '1 refuse panel notexample.net is in no zone of the file',
      '3 prune panel',
    ],
  },
];

describe('the limits, at their edges', () => {
  it.each(rows)('$because', ({ world, counts: expected }) => {
    expect(counts(world)).toEqual([...expected].sort());
  });
});
