import { describe, expect, it } from 'vitest';
import type { Part } from '../../src/core/objects/part.ts';
import type { Admission, Credential } from '../../src/doors/admission/admission.ts';
import { implies } from '../../src/doors/admission/decision.ts';
import { PartStore } from '../../src/doors/state/part-store.ts';
import type { Choice, Snapshot } from '../../src/doors/state/snapshot.ts';
import { waysTo } from '../../src/doors/ways.ts';
import {
  application,
  catchAll,
  email,
  everyone,
  holding,
  me,
  name,
  origin,
  policy,
  reached,
  record,
  rule,
  served,
  stranger,
  tunnel,
  you,
  zone,
} from './parts.ts';

const host = 'app.example.dev';
const url = `https://${host}/`;
const to = `http://app.lan for ${host}`;
const mine = policy('mine', 'allow', [email('me@example.dev')]);
const guard = application('app', [host], ['mine']);

describe('a request', () => {
  it('through the edge meets Access, and around it does not', () => {
    const around = record(host, '192.0.2.1', { proxied: false });
    const parts = [zone, around, origin('http://192.0.2.1'), guard, mine];
    expect(reached(parts, url, stranger)).toEqual({ [`http://192.0.2.1 for ${host}`]: 'admitted' });
    expect(reached([...parts, name('b.example.dev')], url, me)).toEqual({
      [`http://192.0.2.1 for ${host}`]: 'admitted',
    });
    const through = [zone, record(host, '192.0.2.1'), origin('http://192.0.2.1'), guard, mine];
    expect(reached(through, url, stranger)).toEqual({});
  });

  it('may lead to two tunnels, each with its own rules', () => {
    const second: Part = { part: 'tunnel', id: 't2', configuration: 'remote' };
    const both = [
      ...served(host, guard, mine),
      ...[second, record(host, 't2.cfargotunnel.com'), origin('http://two.lan')],
      rule(host, 'http://two.lan', { tunnel: 't2', audiences: ['aud-other'] }),
      rule('*', 'http_status:404', { tunnel: 't2' }),
    ];
    expect(reached(both, url, me)).toEqual({ [to]: 'admitted' });
    const open = both.filter((part) => part.part !== 'tunnel-rule' || part.audiences === undefined);
    const opened = [rule(host, 'http://two.lan', { tunnel: 't2' }), ...open];
    expect(reached(opened, url, me)).toEqual({
      [to]: 'admitted',
      [`http://two.lan for ${host}`]: 'admitted',
    });
    expect(reached(opened, url, stranger)).toEqual({});
  });

  it('that is always refused has no way', () => {
    const inside = { ip: { ip: '10.1.0.0/16' } };
    const lan = { ip: { ip: '10.0.0.0/8' } };
    const closed = [
      ...[zone, tunnel, name(host), rule(host, 'http://app.lan', { audiences: ['aud-other'] }), catchAll],
      ...[application('app', [host], ['p']), policy('p', 'bypass', [inside], { exclude: [lan] })],
    ];
    expect(waysTo(PartStore.of({ parts: closed }), { host, path: '/' })).toEqual([]);
    expect(waysTo(PartStore.of({ parts: served(host) }), { host, path: '/' })).toEqual([
      { to, by: { rule: to }, admits: { all: [] } },
    ]);
  });

  it('pairs its visitors with the origin', () => {
    const split = [
      ...[zone, tunnel, name(host), origin('http://old.lan'), origin('http://new.lan')],
      rule(host, 'http://new.lan', { path: '^/new' }),
      rule(host, 'http://old.lan', { audiences: ['aud-app'] }),
      ...[
        catchAll,
        guard,
        application('open', [`${host}/new`], ['all']),
        mine,
        policy('all', 'bypass', [everyone]),
      ],
    ];
    expect(reached(split, `${url}new`, stranger)).toEqual({ [`http://new.lan for ${host}`]: 'admitted' });
    expect(reached(split, url, stranger)).toEqual({});
    expect(reached(split, url, me)).toEqual({ [`http://old.lan for ${host}`]: 'admitted' });
  });
});

describe('a choice', () => {
  const narrow: readonly Part[] = [policy('mine', 'allow', [email('me@example.dev')])];
  const wide: readonly Part[] = [
    policy('mine', 'allow', [email('me@example.dev'), email('you@example.net')]),
  ];
  const choice = (values: readonly (readonly Part[])[], more: Partial<Choice> = {}): Choice => {
    return { name: 'write 7', reason: 'not applied yet', values, ...more };
  };
  const with_ = (...choices: readonly Choice[]): Snapshot => ({ parts: served(host, guard), choices });
  const admits = (snapshot: Snapshot): Admission =>
    waysTo(PartStore.of(snapshot), { host, path: '/' })[0]?.admits ?? { any: [] };

  it('leaves unknown the visitors whom only one of its values admits', () => {
    const snapshot = with_(choice([narrow, wide]));
    expect(reached(snapshot, url, me)).toEqual({ [to]: 'admitted' });
    expect(reached(snapshot, url, you)).toEqual({ [to]: 'not applied yet' });
    expect(reached(snapshot, url, stranger)).toEqual({});
  });

  it('is named with its value', () => {
    const [way] = waysTo(PartStore.of(with_(choice([narrow, wide]))), { host, path: '/' });
    expect(JSON.stringify(way)).toContain('"about":"write 7 is 1 of 2"');
  });

  it('has exactly one value in each case', () => {
    const one = (address: string): readonly Part[] => [policy('mine', 'allow', [email(address)])];
    const three = with_(choice([one('a@x.dev'), one('b@x.dev'), one('c@x.dev')]));
    const someone = (address: string): Admission => ({ has: 'email', address });
    const session: Admission = { has: 'session', audience: 'aud-app' };
    const any = (...addresses: readonly string[]): Admission => ({
      any: [session, ...addresses.map(someone)],
    });
    expect(implies(admits(three), any('a@x.dev', 'b@x.dev', 'c@x.dev'))).toBe(true);
    expect(implies(admits(three), any('a@x.dev', 'b@x.dev'))).toBe(false);
    // No visitor is admitted by two values at once, nor by none: exactly one value admits each address in turn.
    const same = with_(choice([one('a@x.dev'), one('a@x.dev'), one('a@x.dev')]));
    expect(reached(same, url, holding({ has: 'email', address: 'a@x.dev' }))).toEqual({ [to]: 'admitted' });
  });

  it('is the same in two snapshots', () => {
    const before = with_(choice([narrow, wide]));
    const after = with_(choice([narrow, narrow]));
    expect(implies(admits(after), admits(before))).toBe(true);
    expect(implies(admits(before), admits(after))).toBe(false);
    expect(implies(admits(before), admits(with_(choice([narrow, wide]))))).toBe(true);
    // Under another name it is another choice, and then nobody knows whether both have the same value.
    expect(implies(admits(before), admits(with_(choice([narrow, wide], { name: 'write 8' }))))).toBe(false);
  });

  it('depends on another if it says so', () => {
    const leads: readonly Part[] = [name(host)];
    const parts = served(host, guard).filter(({ part }) => part !== 'record');
    const snapshot: Snapshot = {
      parts,
      choices: [choice([[], leads], { name: 'record' }), choice([narrow, wide], { name: 'policy' })],
    };
    expect(reached(snapshot, url, me)).toEqual({ [to]: 'not applied yet' });
    expect(reached(snapshot, url, stranger)).toEqual({});
  });

  it('that does not touch the door changes nothing there', () => {
    const elsewhere = (n: number): Choice =>
      choice([[], [application(`x${n}`, [`x${n}.example.dev`], []), name(`x${n}.example.dev`)]], {
        name: `elsewhere ${n}`,
      });
    const plain = with_(choice([narrow]));
    const many = with_(choice([narrow]), ...Array.from({ length: 20 }, (_, n) => elsewhere(n)));
    expect(admits(many)).toEqual(admits(plain));
  });

  it('of a tunnel matters only to hosts whose rules differ', () => {
    const rules = (...more: readonly Part[]) => [...more, rule(host, 'http://app.lan'), catchAll];
    const parts = [zone, tunnel, name(host), origin('http://app.lan'), name('b.example.dev')];
    const snapshot: Snapshot = {
      parts,
      choices: [choice([rules(), rules(rule('b.example.dev', 'http://app.lan'))])],
    };
    expect(reached(snapshot, url, stranger)).toEqual({ [to]: 'admitted' });
    expect(reached(snapshot, 'https://b.example.dev/', stranger)).toEqual({
      'http://app.lan for b.example.dev': 'not applied yet',
    });
  });

  it('leaves everything unknown if there are more than six', () => {
    const records = (count: number): Snapshot => ({
      parts: served(host, guard, ...narrow),
      choices: Array.from({ length: count }, (_, n) =>
        choice([[], [record(host, `192.0.2.${n}`), origin(`http://192.0.2.${n}`)]], { name: `record ${n}` }),
      ),
    });
    expect(reached(records(6), url, stranger)).toEqual({});
    expect(reached(records(7), url, stranger)).toEqual({ 'any origin': 'too many choices' });
  });
});

describe('a narrowing', () => {
  it('admits nobody new; its reverse does', () => {
    const home = (...parts: readonly Part[]): Admission =>
      waysTo(PartStore.of({ parts: served(host, guard, ...parts) }), { host, path: '/' })[0]?.admits ?? {
        any: [],
      };
    const both = home(policy('mine', 'allow', [email('me@example.dev'), email('you@example.net')]));
    expect(implies(home(mine), both)).toBe(true);
    expect(implies(both, home(mine))).toBe(false);
  });

  it('of a foreign rule that stays compares the same fact on both sides', () => {
    const foreign: Part = {
      part: 'edge-rule',
      zone: 'example.dev',
      enabled: true,
      shadowed: false,
      id: 'r1',
      rule: { blocks: 'unknown', action: 'block' },
    };
    const home = (...parts: readonly Part[]): Admission =>
      waysTo(PartStore.of({ parts: served(host, ...parts) }), { host, path: '/' })[0]?.admits ?? { any: [] };
    expect(implies(home(foreign, guard, mine), home(foreign))).toBe(true);
    expect(implies(home(foreign), home({ ...foreign, id: 'r2' } as Part))).toBe(false);
    const session: Credential = { has: 'session', audience: 'aud-app' };
    expect(
      implies(home(foreign, guard, mine), { any: [session, { has: 'email', address: 'me@example.dev' }] }),
    ).toBe(true);
  });

  it('does not confuse two overlaps of destinations', () => {
    const open = policy('open', 'bypass', [everyone]);
    const home = (id: string): Admission => {
      const overlap = [
        application('app', ['*.example.dev/admin'], ['mine']),
        application(id, [host], ['open']),
      ];
      return (
        waysTo(PartStore.of({ parts: served(host, ...overlap, mine, open) }), { host, path: '/admin' })[0]
          ?.admits ?? {
          any: [],
        }
      );
    };
    expect(implies(home('a'), home('a'))).toBe(true);
    expect(implies(home('a'), home('b'))).toBe(false);
  });
});
