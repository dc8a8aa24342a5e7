import { describe, expect, it } from 'vitest';
import { placeInTunnel } from '../../reconcilers/parts/tunnel-place.ts';
import type { Part } from '../../src/core/objects/part.ts';
import type { AccessPolicyPart } from '../../src/core/objects/parts/access-parts.ts';
import type { TunnelRulePart } from '../../src/core/objects/parts/tunnel-parts.ts';
import { keyOf, type LiveEntry, LiveParts } from '../../src/interlock/live-parts.ts';
import { email, policy, rule } from '../doors/parts.ts';

const place = { place: placeInTunnel, unread: new Set<never>() };

function entry(key: string, ...parts: readonly Part[]): LiveEntry {
  const address = `cloudflare/thing:${key}` as LiveEntry['address'];
  return { key: keyOf(address), address, parts };
}

/** The selectors that each possible form of a policy includes. */
function formsOf(live: LiveParts, id: string): readonly unknown[] {
  const [document] = live.store.documentsAt([`access-policy ${id}`]);
  return document?.values.map(({ all }) => all.flatMap((part) => (part as AccessPolicyPart).include)) ?? [];
}

const soon = new Date('2026-06-01T00:00:30Z');
const mine = entry('p', policy('p', 'allow', [email('me@example.dev')]));
const yours = entry('p', policy('p', 'allow', [email('you@example.dev')]));
const [me, you] = [[email('me@example.dev')], [email('you@example.dev')]];

describe('a written object', () => {
  const live = LiveParts.of([mine], place);

  it('has only its new form once that has arrived', () => {
    expect(formsOf(live.with([yours], 'arrived'), 'p')).toEqual([you]);
  });

  it('may have either form until the run has waited', () => {
    const underWay = live.with([yours], soon);
    expect(formsOf(underWay, 'p')).toEqual([me, you]);
    expect(underWay.arrivesBy).toEqual(soon);
    expect(formsOf(underWay.settled(() => false).state, 'p')).toEqual([me, you]);
    const { state, changed } = underWay.settled((_, arrivesBy) => arrivesBy === soon);
    expect(formsOf(state, 'p')).toEqual([you]);
    expect(changed).toEqual([...mine.parts, ...yours.parts]);
    expect(state.arrivesBy).toBeUndefined();
  });

  it('may have either form for the rest of the run where the write failed', () => {
    const { state, changed } = live.with([yours], 'unknown').settled(() => true);
    expect(formsOf(state, 'p')).toEqual([me, you]);
    expect(changed).toEqual([]);
  });

  it('is a policy that matches nobody before it is there', () => {
    expect(formsOf(LiveParts.of([], place).with([mine], soon), 'p')).toEqual([[], me]);
  });

  it('may not exist until somebody has checked', () => {
    const unchecked = LiveParts.of([{ ...mine, isUnchecked: true }], place);
    expect(formsOf(unchecked, 'p')).toEqual([me, []]);
    expect(formsOf(unchecked.withAll([mine]), 'p')).toEqual([me]);
  });
});

it('an object that was made and removed is not under way', () => {
  const gone = LiveParts.of([], place).with(
    [entry('a.example.dev', rule('a.example.dev', 'http://a'))],
    soon,
  );
  const { state } = gone.with([entry('a.example.dev')], soon).settled(() => false);
  expect(state.arrivesBy).toBeUndefined();
});

it('a list of which one part has arrived has either form of the others', () => {
  const list = LiveParts.of([], place).with(
    ['a.example.dev', 'b.example.dev'].map((host) => entry(host, rule(host, `http://${host}`))),
    soon,
  );
  const { state } = list.settled((part) => part.part === 'tunnel-rule' && part.hostname === 'a.example.dev');
  const [document] = state.store.documentsAt([
    'tunnel-rule t1 a.example.dev',
    'tunnel-rule t1 b.example.dev',
  ]);
  const hosts = document?.values.map(({ all }) => all.map((part) => (part as TunnelRulePart).hostname));
  expect(hosts).toEqual([['a.example.dev'], ['a.example.dev', 'b.example.dev']]);
  expect(state.arrivesBy).toEqual(soon);
});

describe('the rules of a tunnel', () => {
  const of = (host: string) => entry(host, rule(host, `http://${host}`));
  const order = (live: LiveParts) =>
    live.store.allParts().map((part) => (part.part === 'tunnel-rule' ? part.hostname : ''));
  const live = LiveParts.of([of('a.example.dev'), of('b.example.dev'), of('*')], place);

  it('keep their order, and a new one gets its place', () => {
    expect(order(live)).toEqual(['a.example.dev', 'b.example.dev', '*']);
    expect(order(live.with([of('c.example.dev')], 'arrived'))).toEqual([
      ...['a.example.dev', 'b.example.dev', 'c.example.dev', '*'],
    ]);
    const changed = entry('a.example.dev', rule('a.example.dev', 'http://other'));
    expect(order(live.with([changed], 'arrived'))).toEqual(['a.example.dev', 'b.example.dev', '*']);
  });

  it('come before a rule that took their requests, once gates has written them', () => {
    const hidden = LiveParts.of([of('a.example.dev'), of('*'), of('b.example.dev')], place);
    expect(order(hidden.with([of('a.example.dev')], 'arrived'))).toEqual([
      ...['a.example.dev', '*', 'b.example.dev'],
    ]);
    expect(order(hidden.with([of('b.example.dev')], 'arrived'))).toEqual([
      ...['a.example.dev', 'b.example.dev', '*'],
    ]);
  });

  it('differ once they have arrived by those alone that came or went', () => {
    const underWay = live.with([of('c.example.dev'), entry('b.example.dev')], soon);
    const { changed } = underWay.settled(() => true);
    expect(changed).toEqual([...rulesOf('b.example.dev'), ...rulesOf('c.example.dev')]);
  });
});

function rulesOf(host: string): readonly Part[] {
  return [rule(host, `http://${host}`)];
}
