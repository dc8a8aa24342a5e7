import { describe, expect, it } from 'vitest';
import type { DesiredObject, Observed } from '../../../src/core/objects/object.ts';
import { gate, live, name, planOf, route, want } from '../support/fakes.ts';

const hostOf = (index: number) => `h${index}.example.dev`;
const wants = (index: number): readonly DesiredObject[] => [
  want(gate, `g${index}`, { host: hostOf(index), admits: ['me'] }),
  want(route, `r${index}`, { host: hostOf(index), via: 'homelab', to: 'app' }),
  want(name, `n${index}`, { host: hostOf(index), target: 'homelab' }),
];
const lives = (index: number): readonly Observed[] => [
  live(gate, `g${index}`, { host: hostOf(index), admits: ['me'] }),
  live(route, `r${index}`, { host: hostOf(index), via: 'homelab', to: 'app' }),
  live(name, `n${index}`, { host: hostOf(index), target: 'homelab' }),
];
const range = (length: number) => Array.from({ length }, (_, index) => index);
const plain = (index: number, target: string) =>
  want(name, `p${index}`, { target }, { because: 'dns.example.dev' });
const plainLive = (index: number) => live(name, `p${index}`, { target: 'old' });
const verbs = (changes: readonly { readonly verb: string }[]) =>
  new Set(changes.map((change) => change.verb));

describe('the limits', () => {
  it('allow the removal of a few hosts, however large their share', () => {
    const plan = planOf([], range(5).flatMap(lives));
    expect(verbs(plan.changes)).toEqual(new Set(['update', 'prune']));
  });

  it('refuse every step of a removal that exceeds both the floor and the share', () => {
    const plan = planOf([], range(6).flatMap(lives));
    expect(verbs(plan.changes)).toEqual(new Set(['refuse']));
    expect(plan.changes[0]?.reason).toMatch(
      /remove 6 of 6, over the limit of 30 %: `gates apply --allow prune`/,
    );
  });

  it('allow the removal of many hosts that are a small share', () => {
    const plan = planOf(range(20).flatMap(wants), range(26).flatMap(lives));
    expect(verbs(plan.changes)).toEqual(new Set(['keep', 'update', 'prune']));
  });

  it('are lifted by a person', () => {
    const plan = planOf([], range(6).flatMap(lives), { allow: ['prune'] });
    expect(verbs(plan.changes)).toEqual(new Set(['update', 'prune']));
  });

  it('count a host that would lose its gate', () => {
    const open = range(6).flatMap((index) => wants(index).slice(1));
    const plan = planOf(open, range(6).flatMap(lives));
    expect(
      plan.changes.filter((change) => change.verb === 'refuse').map((change) => change.address.key),
    ).toHaveLength(6);
  });

  it('do not count a host that moves from one gate to another', () => {
    const other = range(6).flatMap((index) => [
      want(gate, `new${index}`, { host: hostOf(index), admits: ['you'] }),
      ...wants(index).slice(1),
    ]);
    expect(verbs(planOf(other, range(6).flatMap(lives)).changes)).toEqual(
      new Set(['create', 'keep', 'prune']),
    );
  });

  it('do not count created objects', () => {
    expect(verbs(planOf(range(40).flatMap(wants), []).changes)).toEqual(new Set(['create']));
  });

  it('count removed plain objects, each by itself', () => {
    const plan = planOf([], range(6).map(plainLive));
    expect(verbs(plan.changes)).toEqual(new Set(['refuse']));
  });

  it('count rewritten plain objects, and not those of a service', () => {
    const plan = planOf(
      range(6).map((index) => plain(index, 'new')),
      range(6).map(plainLive),
    );
    expect(verbs(plan.changes)).toEqual(new Set(['refuse']));
    expect(plan.changes[0]?.reason).toMatch(/--allow change/);
    const drifted = range(6).flatMap((index) =>
      lives(index).map((object) =>
        object.address.kind === name.kind
          ? live(name, `n${index}`, { host: hostOf(index), target: 'gone' })
          : object,
      ),
    );
    expect(verbs(planOf(range(6).flatMap(wants), drifted).changes)).toEqual(new Set(['keep', 'update']));
  });

  it('allow plain rewrites when a person allows them', () => {
    const plan = planOf(
      range(6).map((index) => plain(index, 'new')),
      range(6).map(plainLive),
      { allow: ['change'] },
    );
    expect(verbs(plan.changes)).toEqual(new Set(['update']));
  });

  it('refuse to remove even a single host of a zone that is no longer in the file', () => {
    const lost = live(gate, 'g', { host: 'www.other.example', admits: ['me'] });
    expect(planOf([], [lost]).changes[0]).toMatchObject({
      verb: 'refuse',
      reason: expect.stringContaining('no zone of the file'),
    });
    expect(planOf([], [lost], { allow: ['prune'] }).changes[0]).toMatchObject({ verb: 'prune' });
  });
});
