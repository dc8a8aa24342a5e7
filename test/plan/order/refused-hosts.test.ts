import { describe, expect, it } from 'vitest';
import { addressId } from '../../../src/core/objects/address.ts';
import type { DoorEffect } from '../../../src/core/objects/door.ts';
import type { AnyReconciler } from '../../../src/core/reconciler.ts';
import type { Draft } from '../../../src/plan/drafts/draft.ts';
import type { OpeningHosts } from '../../../src/plan/drafts/options.ts';
import { orderWithoutVain } from '../../../src/plan/order/in-vain.ts';
import type { SharedHosts } from '../../../src/plan/order/refused-hosts.ts';
import { thing } from '../support/fakes.ts';

const kind = thing.kind;
const [a, b, k] = ['a.example.dev', 'b.example.dev', 'k.example.dev'];

function draft(id: string, doors: readonly DoorEffect[], extra: Partial<Draft> = {}): Draft {
  return {
    ...{ id, verb: 'update', reconciler: thing as AnyReconciler, address: { kind, key: id } },
    ...{ drift: [], doors, needs: [], want: {} },
    ...extra,
  };
}

const refused = draft('refused', [{ host: k, step: 'change' }], { verb: 'refuse' });
const route = draft('route', [{ host: k, step: 'route', via: 'homelab' }]);
const look = draft('look', [{ host: k, step: 'prove' }], { verb: 'verify' });
const login = draft('login', [
  { host: a, step: 'guard' },
  { host: k, step: 'unguard' },
]);
const nobody: OpeningHosts<Draft> = () => new Map();

/** The needs of each draft, by the draft's id. */
function needsOf(
  drafts: readonly Draft[],
  openingHosts?: OpeningHosts<Draft>,
  isOpen: boolean | SharedHosts['mayOpen'] = false,
) {
  const mayOpen = typeof isOpen === 'boolean' ? () => isOpen : isOpen;
  const hosts = openingHosts && { openingHosts, mayOpen };
  const ordered = orderWithoutVain(drafts, [kind], hosts);
  return Object.fromEntries(ordered.map(({ draft: { id }, needs }) => [id, needs]));
}

describe('a change for many hosts, one of which has a refused change', () => {
  it('waits there for everything that waits, if nobody says whom it lets in', () => {
    expect(needsOf([refused, route, look, login]).login).toEqual(['look', 'refused', 'route']);
  });

  it.each([
    ['names the host', login],
    ['is for all hosts of a domain', draft('login', [{ host: '*.example.dev', step: 'unguard' }])],
  ])('does not wait there if it lets nobody in: it %s', (_, shared) => {
    const needs = needsOf([refused, route, look, shared], nobody);
    expect(needs.login).toEqual([]);
    expect(needs.look).toEqual(['refused', 'route']);
  });

  it('waits there if it lets somebody in', () => {
    const opens = () => new Map([['login', new Set([k])]]);
    expect(needsOf([refused, route, look, login], opens).login).toEqual(['look', 'refused', 'route']);
  });

  it.each([
    ['closes', draft('close', [{ host: k, step: 'close' }]), []],
    [
      'closes in vain',
      draft('close', [{ host: k, step: 'close' }], { needs: ['refused'] }),
      ['look', 'refused'],
    ],
  ])('is a login that is taken from an open host only if the run %s the host', (_, close, waits) => {
    const isOpen: SharedHosts['mayOpen'] = (host, closed) =>
      host === k && !closed.has(addressId(close.address));
    const shared = { ...login, verb: 'prune' } as const;
    const { login: needs = [] } = needsOf([refused, close, look, shared], nobody, isOpen);
    expect(needs.filter((need) => need !== 'close')).toEqual(waits);
  });

  it.each([
    ['it is removed from an open host', { verb: 'prune' }, true, ['look', 'refused', 'route']],
    ['it is removed from a host that is not open', { verb: 'prune' }, false, []],
    ['it changes', {}, true, []],
  ] as const)(
    'is a login that waits only if it would be taken from an open host: %s',
    (_, more, isOpen, needs) => {
      const shared = draft('login', [{ host: '*.example.dev', step: 'unguard' }], more);
      expect(needsOf([refused, route, look, shared], nobody, isOpen).login).toEqual(needs);
    },
  );

  it('does not wait for a check that may fail, although it is removed', () => {
    const shared = draft('login', login.doors, { verb: 'prune' });
    expect(needsOf([route, look, shared], nobody, true).login).toEqual(['route']);
  });

  it('waits there for what can be made', () => {
    const closing = draft('closing', [{ host: k, step: 'close' }]);
    expect(needsOf([refused, closing, look, login], nobody).login).toEqual(['closing']);
  });

  it('does not wait there for a closing that waits for what is refused', () => {
    const closing = draft('closing', [{ host: k, step: 'close' }], { interim: k });
    const needs = needsOf([refused, closing, route, look, login], nobody);
    expect(needs.closing).toEqual(['refused']);
    expect(needs.login).toEqual([]);
  });

  it('waits at other hosts as ever', () => {
    const other = draft('other', [{ host: b, step: 'change' }]);
    const shared = draft('login', [...login.doors, { host: b, step: 'unguard' }]);
    expect(needsOf([refused, other, shared], nobody).login).toEqual(['other']);
  });

  it('waits if it is made of what is refused, and so does everything that waits for it', () => {
    const made = { ...login, leansOn: [`${kind}:refused` as const] };
    const after = draft('after', [{ host: a, step: 'change' }]);
    const needs = needsOf([refused, after, made], nobody);
    expect(needs.login).toEqual(['refused']);
    expect(needs.after).toEqual(['login']);
  });

  it('lets another one go that waits for it', () => {
    const joining = draft('joining', [{ host: a, step: 'change' }]);
    const cover = draft('cover', [{ host: a, step: 'close' }], { interim: a });
    const uncover = draft('uncover', [{ host: a, step: 'unguard', cover: true }]);
    const drafts = [refused, login, joining, cover, draft('a', [{ host: a, step: 'prove' }]), uncover];
    expect(needsOf(drafts).cover).toEqual(['refused']);
    expect(needsOf(drafts, nobody).cover).toEqual([]);
  });

  it('is judged with the others, at the hosts that wait, and only if it has to', () => {
    const questions: unknown[] = [];
    const asked: OpeningHosts<Draft> = (drafts, hosts) => {
      questions.push([drafts.map(({ id }) => id), [...hosts]]);
      return new Map();
    };
    const second = draft('second', [{ host: '*.example.org', step: 'guard' }]);
    needsOf([refused, route, login, second], asked);
    expect(questions).toEqual([[['login', 'second'], [k]]]);
    needsOf([route, login, second], asked);
    needsOf([refused, route, second], asked);
    expect(questions).toHaveLength(1);
  });
});

describe('the question about a change for many hosts', () => {
  const provider = draft('provider', [{ host: a, step: 'guard' }], { verb: 'create' });
  const link = draft('link', [{ host: a, step: 'guard' }], {
    verb: 'create',
    leansOn: [`${kind}:provider`],
    needs: ['people'],
  });
  const people = draft('people', [
    { host: a, step: 'guard' },
    { host: k, step: 'unguard' },
  ]);
  const entry = draft('entry', login.doors, { leansOn: [`${kind}:link`] });
  const elsewhere = draft('elsewhere', [{ host: b, step: 'guard' }]);

  function madeBefore(drafts: readonly Draft[]) {
    const made: string[] = [];
    needsOf(drafts, (_drafts, _hosts, before) => {
      made.push(...before.map(({ id }) => id));
      return new Map();
    });
    return made.sort();
  }

  it('includes what it is made of, also at another host and what waits for another such change', () => {
    expect(madeBefore([refused, provider, people, link, entry, elsewhere])).toEqual(['link', 'provider']);
  });

  it('includes nothing that is refused, or that waits for it', () => {
    const waits = { ...provider, needs: ['refused'] };
    expect(madeBefore([refused, waits, people, link, entry])).toEqual([]);
  });
});

describe('a change for many hosts, one of which has a check', () => {
  const uncover = draft('uncover', [{ host: k, step: 'unguard', cover: true }]);

  it('does not wait for the check, which may fail in every run, if it lets nobody in there', () => {
    const needs = needsOf([route, look, uncover, login], nobody);
    expect(needs.login).toEqual(['route']);
    expect(needs.uncover).toEqual(['look', 'route']);
  });

  it('waits for the check if it lets somebody in there', () => {
    const opens = () => new Map([['login', new Set([k])]]);
    expect(needsOf([route, look, uncover, login], opens).login).toEqual(['look', 'route']);
  });

  it('is asked about the host as the run leaves it if the check fails', () => {
    const closing = draft('closing', [{ host: k, step: 'close' }]);
    const before: string[][] = [];
    const asked: OpeningHosts<Draft> = (_, __, made) => {
      before.push(made.map(({ id }) => id));
      return new Map();
    };
    // A policy has no host of its own, but the gate of a host uses it.
    const policy = draft('policy', []);
    needsOf([policy, closing, route, look, uncover, login], asked);
    expect(before).toEqual([['policy', 'closing', 'route']]);
    // Another change for many hosts is made before it, and waits for no check.
    const sooner = draft(
      'sooner',
      [a, b].map((host) => ({ host, step: 'close' as const })),
    );
    const after = { ...closing, needs: ['sooner'] };
    needsOf([sooner, after, route, look, uncover, login], asked);
    expect(before.at(-1)).toEqual(['closing', 'route']);
    // Beside a refused change, too, but for a closing that may wait for that.
    needsOf([refused, closing, look, uncover, login], asked);
    needsOf([refused, { ...closing, interim: k }, look, uncover, login], asked);
    expect(before.slice(-2)).toEqual([['closing'], []]);
  });

  it('does not make the closing of another host wait for the check', () => {
    const cover = draft('cover', [{ host: a, step: 'close' }], { interim: a });
    const drafts = [cover, draft('check', [{ host: a, step: 'prove' }], { verb: 'verify' }), look, login];
    expect(needsOf(drafts).cover).toEqual(['look']);
    expect(needsOf(drafts, nobody).cover).toEqual([]);
  });
});

describe('what enlarges groups', () => {
  const enlarging = { ...thing, login: { enlarges: ['cloudflare/gate'] } } as const;
  const parent = (extra: Partial<Draft>) =>
    draft('parent', [{ host: '*.example.dev', step: 'guard' }], {
      reconciler: enlarging as unknown as AnyReconciler,
      ...extra,
    });
  const gate = draft('gate', [{ host: k, step: 'close' }], {
    ...{ verb: 'refuse', address: { kind: 'cloudflare/gate', key: 'gate' } },
  });

  it('waits for everything that is refused', () => {
    expect(needsOf([gate, parent({})], nobody).parent).toEqual(['gate']);
  });

  it('ends beside a refused change', () => {
    const { want: _, ...ending } = parent({ verb: 'prune' });
    expect(needsOf([gate, ending]).parent).toEqual(['gate']);
    expect(needsOf([gate, ending], nobody).parent).toEqual([]);
  });
});
