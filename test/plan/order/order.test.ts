import { describe, expect, it } from 'vitest';
import type { DesiredObject, Observed } from '../../../src/core/objects/object.ts';
import { ref } from '../../../src/core/objects/reference.ts';
import { errand, gate, live, name, planOf, route, steps, thing, want } from '../support/fakes.ts';

const host = 'a.example.dev';
const wantGate = (admits: readonly string[]) => want(gate, 'g', { host, admits });
const wantRoute = (to: string, via = 'homelab', key = 'r') => want(route, key, { host, via, to });
const wantName = (target = 'homelab') => want(name, 'n', { host, target });
const liveGate = (admits: readonly string[]) => live(gate, 'g', { host, admits });
const liveRoute = (to: string) => live(route, 'r', { host, via: 'homelab', to });
const liveName = (target = 'homelab') => live(name, 'n', { host, target });

const wild = live(route, 'w', { host: '*', via: 'homelab', to: 'theirs' }, { owner: undefined });
const wildName = (target: string) => live(name, 'w', { host: '*.example.dev', target }, { owner: undefined });
const wantClaims = (admits: readonly string[], claims: readonly string[]) =>
  want(gate, 'g', { host, admits, claims });
const liveClaims = (admits: readonly string[], claims: readonly string[]) =>
  live(gate, 'g', { host, admits, claims });

interface Row {
  readonly because: string;
  readonly want: readonly DesiredObject[];
  readonly live: readonly Observed[];
  readonly steps: readonly string[];
}

const rows: readonly Row[] = [
  {
    because: 'a new host: gate, then route, then name',
    want: [wantName(), wantRoute('app'), wantGate(['me'])],
    live: [],
    steps: ['create gate g', 'create route r', 'create name n'],
  },
  {
    because:
      'a host that leaves: closed first and without its name, then without its route, and without the gate last',
    want: [],
    live: [liveGate(['me']), liveRoute('app'), liveName()],
    steps: ['close route r', 'close name n', 'prune route r', 'prune gate g'],
  },
  {
    because: 'a name that leaves waits for no gate of all hosts: somebody may have led it elsewhere',
    want: [want(gate, 'domain', { host: '*.example.dev', admits: ['you'] })],
    live: [live(gate, 'domain', { host: '*.example.dev', admits: ['me'] }), liveName('theirs')],
    steps: ['close name n', 'update gate domain'],
  },
  {
    because: 'a host that gets a gate is guarded before its route changes',
    want: [wantGate(['me']), wantRoute('app2'), wantName()],
    live: [liveRoute('app'), liveName()],
    steps: ['create gate g', 'update route r'],
  },
  {
    because: 'a gate of all hosts of a domain goes only after what is done at each of them',
    want: [wantGate(['me']), wantRoute('app2'), wantName()],
    live: [live(gate, 'domain', { host: '*.example.dev', admits: ['me'] }), liveRoute('app'), liveName()],
    steps: ['create gate g', 'update route r', 'prune gate domain'],
  },
  {
    because: 'a gate of all hosts further below has nothing to wait for but its turn',
    want: [wantGate(['me', 'you']), wantRoute('app'), wantName()],
    live: [
      live(gate, 'domain', { host: '*.below.example.dev', admits: ['me'] }),
      liveGate(['me']),
      liveRoute('app'),
      liveName(),
    ],
    steps: ['prune gate domain', 'update gate g'],
  },
  {
    because: 'a gate that admits more opens last',
    want: [wantGate(['me', 'you']), wantRoute('app2'), wantName()],
    live: [liveGate(['me']), liveRoute('app'), liveName()],
    steps: ['update route r', 'update gate g'],
  },
  {
    because: 'a gate that admits fewer narrows at once',
    want: [wantGate(['me']), wantRoute('app2'), wantName()],
    live: [liveGate(['me', 'you']), liveRoute('app'), liveName()],
    steps: ['update gate g', 'update route r'],
  },
  {
    because: 'a host that becomes public loses its gate only after its route has changed',
    want: [wantRoute('app2'), wantName()],
    live: [liveGate(['me']), liveRoute('app'), liveName()],
    steps: ['update route r', 'prune gate g'],
  },
  {
    because: 'a host that moves to another carrier is not closed in between',
    want: [wantGate(['me']), wantRoute('app', 'other', 'r2'), wantName('other')],
    live: [liveGate(['me']), liveRoute('app'), liveName()],
    steps: ['create route r2', 'update name n', 'prune route r'],
  },
  {
    because: 'a second route on the same carrier that nobody asks for is closed at once',
    want: [wantGate(['me']), wantRoute('app'), wantName()],
    live: [
      liveGate(['me']),
      liveRoute('app'),
      live(route, 'r /public', { host, via: 'homelab', to: 'app' }),
      liveName(),
    ],
    steps: ['close route r /public', 'prune route r /public'],
  },
  {
    because: 'a route that answers 503 already needs no closing',
    want: [],
    live: [liveRoute('503')],
    steps: ['prune route r'],
  },
  {
    because: 'a route that has to stay is closed and kept',
    want: [],
    live: [live(route, 'w', { host: 'wild.example.dev', via: 'homelab', to: '503' })],
    steps: [],
  },
  {
    because: 'a guarded host that something of others serves is closed until its gate stands',
    want: [wantName(), wantRoute('app'), wantGate(['me'])],
    live: [wild],
    steps: ['close route r', 'create gate g', 'update route r', 'create name n'],
  },
  {
    because: 'an open host need not be closed against what others serve',
    want: [wantName(), wantRoute('app')],
    live: [wild],
    steps: ['create route r', 'create name n'],
  },
  {
    because:
      'a guarded host that a wildcard leads elsewhere gets its name before its gate, to a closed route',
    want: [wantName(), wantRoute('app'), wantGate(['me'])],
    live: [wildName('theirs')],
    steps: ['close route r', 'close name n', 'create gate g', 'update route r'],
  },
  {
    because: 'the same host gets its name first if an earlier run ended after it had closed the route',
    want: [wantName(), wantRoute('app'), wantGate(['me'])],
    live: [wildName('theirs'), liveRoute('503')],
    steps: ['close name n', 'create gate g', 'update route r'],
  },
  {
    because: 'a guarded host with a live route needs no closing below a wildcard that leads elsewhere',
    want: [wantName(), wantRoute('app'), wantGate(['me'])],
    live: [wildName('theirs'), liveRoute('before')],
    steps: ['create gate g', 'update route r', 'create name n'],
  },
  {
    because: 'a wildcard that leads elsewhere, where nothing serves the host, closes nothing',
    want: [wantName(), wantRoute('app'), wantGate(['me'])],
    live: [wildName('nowhere')],
    steps: ['create gate g', 'create route r', 'create name n'],
  },
  {
    because: 'a wildcard that leads where the host is to lead leaves its name for the end',
    want: [wantName(), wantRoute('app'), wantGate(['me'])],
    live: [wildName('homelab'), wild],
    steps: ['close route r', 'create gate g', 'update route r', 'create name n'],
  },
  {
    because: 'a wildcard that leads elsewhere takes nobody from an open host',
    want: [wantName(), wantRoute('app')],
    live: [wildName('theirs')],
    steps: ['create route r', 'create name n'],
  },
  {
    because: 'what one gate is to have another one lets go of first, though it opens last',
    want: [wantClaims(['me', 'you'], ['a']), want(gate, 'h', { host, admits: ['me'], claims: ['b'] })],
    live: [liveClaims(['me'], ['a', 'b'])],
    steps: ['update gate g', 'create gate h', 'update gate g'],
  },
  {
    because: 'a gate that is removed last lets go first of what another one is to have',
    want: [want(gate, 'h', { host, admits: ['me'], claims: ['b'] })],
    live: [liveClaims(['me'], ['a', 'b'])],
    steps: ['update gate g', 'create gate h', 'prune gate g'],
  },
  {
    because: 'letting go is one step when there is nothing else to change',
    want: [wantClaims(['me'], ['a']), want(gate, 'f', { host, admits: ['me'], claims: ['b'] })],
    live: [liveClaims(['me'], ['a', 'b']), live(gate, 'f', { host, admits: ['me'], claims: [] })],
    steps: ['update gate g', 'update gate f'],
  },
  {
    because: 'what was begun at a host is ended before anything opens there',
    want: [wantGate(['me', 'you']), wantRoute('app2'), wantName()],
    live: [liveGate(['me']), liveRoute('app'), liveName(), live(errand, 'e', { value: 'v', link: host })],
    steps: ['prune errand e', 'update route r', 'update gate g'],
  },
  {
    because: 'two hosts do not wait for each other, and phases are shared',
    want: [
      wantGate(['me']),
      wantRoute('app'),
      want(gate, 'g2', { host: 'b.example.dev', admits: [] }),
      want(route, 'r2', { host: 'b.example.dev', via: 'homelab', to: 'b' }),
    ],
    live: [],
    steps: ['create gate g', 'create gate g2', 'create route r', 'create route r2'],
  },
  {
    because:
      'what is at no door yet, and will be with what it is a part of, goes before anything leads there',
    want: [wantGate(['me']), wantRoute('app'), wantName()],
    live: [live(thing, 'part', { value: 'v' }, { partOf: 'cloudflare/gate:g' })],
    steps: ['prune thing part', 'create gate g', 'create route r', 'create name n'],
  },
  {
    because: 'what is no part any more goes before the whole is made, though neither is at a door',
    want: [want(thing, 'whole', { value: 'v' })],
    live: [live(thing, 'part', { value: 'v' }, { partOf: 'cloudflare/thing:whole' })],
    steps: ['prune thing part', 'create thing whole'],
  },
  {
    because: 'a part that is not as it should be is mended before the whole is made of it',
    want: [want(thing, 'whole', { value: 'v' }), want(thing, 'zpart', { value: 'new' })],
    live: [live(thing, 'zpart', { value: 'old' }, { partOf: 'cloudflare/thing:whole' })],
    steps: ['update thing zpart', 'create thing whole'],
  },
  {
    because:
      'a part that a hand put beside a standing whole goes before what the whole uses is put to work again',
    want: [want(thing, 'whole', { value: 'v' }), want(thing, 'login', { value: 'new' })],
    live: [
      live(thing, 'whole', { value: 'v' }, { uses: ['the login'] }),
      live(thing, 'login', { value: 'old' }, { id: 'the login' }),
      live(thing, 'part', { value: 'v' }, { partOf: 'cloudflare/thing:whole' }),
    ],
    steps: ['prune thing part', 'update thing login'],
  },
  {
    because: 'and so does a part that a hand took away, and that is made again',
    want: [
      want(thing, 'whole', { value: 'v' }, { needs: ['cloudflare/gate:zpart'] }),
      want(thing, 'login', { value: 'new' }),
      want(gate, 'zpart', { host, admits: ['me'] }),
    ],
    live: [
      live(thing, 'whole', { value: 'v' }, { uses: ['the login'] }),
      live(thing, 'login', { value: 'old' }, { id: 'the login' }),
    ],
    steps: ['create gate zpart', 'update thing login'],
  },
  {
    because: 'but not one that is made of what is put to work again, and lets nobody in before it is made',
    want: [
      want(thing, 'whole', { value: 'v' }, { needs: ['cloudflare/gate:zpart'] }),
      want(thing, 'login', { value: 'new' }),
      want(gate, 'zpart', { host, admits: ['me'] }, { needs: ['cloudflare/thing:login'] }),
    ],
    live: [
      live(thing, 'whole', { value: 'v' }, { uses: ['the login'] }),
      live(thing, 'login', { value: 'old' }, { id: 'the login' }),
    ],
    steps: ['update thing login', 'create gate zpart'],
  },
  {
    because: 'and a part that goes last, since it opens, does not',
    want: [want(gate, 'whole', { host, admits: ['me'] }), want(thing, 'login', { value: 'new' })],
    live: [
      live(gate, 'whole', { host, admits: ['me'] }, { uses: ['the login'] }),
      live(thing, 'login', { value: 'old' }, { id: 'the login' }),
      live(gate, 'part', { host, admits: ['you'] }, { partOf: 'cloudflare/gate:whole' }),
    ],
    steps: ['update thing login', 'prune gate part'],
  },
  {
    because: 'a gate at a path is put up after the one that lies in it, and beside others by its name',
    want: ['/api', '/api/v1', '/apian'].map((path) => want(gate, path, { host, admits: ['me'], path })),
    live: [],
    steps: ['create gate /api/v1', 'create gate /api', 'create gate /apian'],
  },
  {
    because: 'a gate at a path is taken away before the one that lies in it',
    want: [],
    live: [
      live(gate, 'a', { host, admits: ['me'], path: '/api/v1' }),
      live(gate, 'b', { host, admits: ['you'], path: '/api' }),
    ],
    steps: ['prune gate b', 'prune gate a'],
  },
  {
    because: 'what outlives another goes after it, whatever their kinds are',
    want: [],
    live: [
      live(thing, 'last', { value: 'v' }, { outlives: ['cloudflare/gate:g', 'cloudflare/gate:elsewhere'] }),
      liveGate(['me']),
    ],
    steps: ['prune gate g', 'prune thing last'],
  },
  {
    because: 'what outlives another goes while that one stays',
    want: [wantGate(['me'])],
    live: [live(thing, 'last', { value: 'v' }, { outlives: ['cloudflare/gate:g'] }), liveGate(['me'])],
    steps: ['prune thing last'],
  },
  {
    because: 'what is referred to is made first, and what lets go of it goes first',
    want: [
      want(thing, 'a', { value: 'v', link: ref('cloudflare/thing:b') }),
      want(thing, 'b', { value: 'v' }),
    ],
    live: [live(thing, 'x', { value: 'v' }, { uses: ['thing-y'] }), live(thing, 'y', { value: 'v' })],
    steps: ['create thing b', 'create thing a', 'prune thing x', 'prune thing y'],
  },
];

describe('the order of a plan', () => {
  it.each(rows)('$because', (row) => {
    expect(steps(planOf(row.want, row.live))).toEqual(row.steps);
  });

  it('closes the leftover of a moving host behind a wildcard, once its name leads elsewhere', () => {
    const wild = 'wild.example.dev';
    const old = live(route, 'old', { host: wild, via: 'homelab', to: 'stays' });
    const wants = [
      want(route, 'new', { host: wild, via: 'other', to: 'app' }),
      want(name, 'n', { host: wild, target: 'other' }),
    ];
    const plan = planOf(wants, [old, live(name, 'n', { host: wild, target: 'homelab' })]);
    expect(steps(plan)).toEqual(['create route new', 'update name n', 'update route old']);
    expect(plan.changes.find(({ address }) => address.key === 'old')?.reason).toMatch(/for good/);
  });

  it('opens nothing that it could not close first, and keeps a closed host closed when its gate cannot be built', () => {
    const { changes } = planOf([wantRoute('app'), wantGate(['me'])], [wild]);
    const [close, guard, open] = changes;
    expect(close?.needs).toEqual([]);
    expect(open?.needs).toEqual([close?.id, guard?.id].sort());
    expect(open?.drift.map(({ field }) => field)).toEqual(['to']);
  });

  it('closes a route on a carrier that does not exist yet, and finds it again by its address', () => {
    const via = ref('cloudflare/thing:t') as unknown as string;
    const wants = [want(thing, 't', { value: 'v' }), wantGate(['me']), wantRoute('app', via), wantName()];
    const plan = planOf(wants, [wildName('theirs')]);
    expect(steps(plan)).toEqual([
      'create thing t',
      'close route r',
      'close name n',
      'create gate g',
      'update route r',
    ]);
    const [carrier, close, named, , open] = plan.changes;
    expect([close?.needs, named?.needs]).toEqual([[carrier?.id], [close?.id]]);
    expect(open).not.toHaveProperty('have');
  });

  it('puts needed objects first, even if nothing refers to them', () => {
    const wants = [
      want(thing, 'a', { value: 'v' }, { needs: ['cloudflare/thing:z'] }),
      want(thing, 'z', { value: 'v' }),
    ];
    expect(steps(planOf(wants, []))).toEqual(['create thing z', 'create thing a']);
  });

  it('refuses changes that need each other, and makes the others', () => {
    const twisted = live(thing, 'x', { value: 'v' }, { uses: ['thing-y'] });
    const other = live(thing, 'y', { value: 'v' }, { uses: ['thing-x'] });
    const plan = planOf([want(thing, 'a', { value: 'v' })], [twisted, other]);
    expect(steps(plan)).toEqual(['create thing a', 'refuse thing x', 'refuse thing y']);
    expect(plan.changes[1]?.reason).toContain('this change needs itself. Please report it (');
  });

  it('does not know a kind that nobody registered', () => {
    const ghost = {
      ...want(thing, 'a', { value: 'v' }),
      address: { kind: 'cloudflare/ghost' as const, key: 'a' },
    };
    expect(() => planOf([ghost], [])).toThrow(/No reconciler/);
  });
});
