import { describe, expect, it } from 'vitest';
import type { AccessPolicyPart, Part } from '../../src/core/objects/part.ts';
import { keyOf, type LiveEntry, LiveParts } from '../../src/interlock/live-parts.ts';
import { email, policy, rule } from '../doors/parts.ts';

const place = { place: (parts: readonly Part[]) => parts.length - 1, unread: new Set<never>() };

function entry(key: string, ...parts: readonly Part[]): LiveEntry {
  const address = `cloudflare/thing:${key}` as LiveEntry['address'];
  return { key: keyOf(address), address, parts };
}

/** The selectors that each form of a policy includes. */
function formsOf(live: LiveParts, id: string): readonly unknown[] {
  const [document] = live.store.documentsAt('access-policy', [id]);
  return document?.values.map(({ all }) => all.flatMap((part) => (part as AccessPolicyPart).include)) ?? [];
}

const mine = entry('p', policy('p', 'allow', [email('me@example.dev')]));
const yours = entry('p', policy('p', 'allow', [email('you@example.dev')]));
const [me, you] = [[email('me@example.dev')], [email('you@example.dev')]];

describe('a live object that is written', () => {
  const live = LiveParts.of([mine], place);

  it('has its new form alone once that has arrived', () => {
    expect(formsOf(live.with([yours], 'arrived'), 'p')).toEqual([you]);
  });

  it('may have either form until the run has waited', () => {
    const underWay = live.with([yours], 'under way');
    expect(formsOf(underWay, 'p')).toEqual([me, you]);
    const { state, changed } = underWay.settled();
    expect(formsOf(state, 'p')).toEqual([you]);
    expect(changed).toEqual([...mine.parts, ...yours.parts]);
  });

  it('may have either form for the rest of the run where the write failed', () => {
    const { state, changed } = live.with([yours], 'unknown').settled();
    expect(formsOf(state, 'p')).toEqual([me, you]);
    expect(changed).toEqual([]);
  });

  it('is a policy that matches nobody before it is there', () => {
    expect(formsOf(LiveParts.of([], place).with([mine], 'under way'), 'p')).toEqual([[], me]);
  });

  it('may not be there until somebody has looked', () => {
    const unchecked = LiveParts.of([{ ...mine, isUnchecked: true }], place);
    expect(formsOf(unchecked, 'p')).toEqual([me, []]);
    expect(formsOf(unchecked.withAll([mine]), 'p')).toEqual([me]);
  });
});

describe('the rules of a tunnel', () => {
  const of = (host: string) => entry(host, rule(host, `http://${host}`));
  const order = (live: LiveParts) =>
    live.store.allParts().map((part) => (part.part === 'tunnel-rule' ? part.hostname : ''));
  const live = LiveParts.of([of('a.example.dev'), of('b.example.dev'), of('*')], place);

  it('stay in their order, and a new one gets its place', () => {
    expect(order(live)).toEqual(['a.example.dev', 'b.example.dev', '*']);
    expect(order(live.with([of('c.example.dev')], 'arrived'))).toEqual([
      ...['a.example.dev', 'b.example.dev', 'c.example.dev', '*'],
    ]);
    const changed = entry('a.example.dev', rule('a.example.dev', 'http://other'));
    expect(order(live.with([changed], 'arrived'))).toEqual(['a.example.dev', 'b.example.dev', '*']);
  });

  it('differ once they have arrived by those alone that came or went', () => {
    const underWay = live.with([of('c.example.dev'), entry('b.example.dev')], 'under way');
    const { changed } = underWay.settled();
    expect(changed).toEqual([...rulesOf('b.example.dev'), ...rulesOf('c.example.dev')]);
  });
});

function rulesOf(host: string): readonly Part[] {
  return [rule(host, `http://${host}`)];
}
