import { describe, expect, it } from 'vitest';
import type { Part } from '../../../src/core/objects/part.ts';
import { everybody } from '../../../src/doors/admission/admission.ts';
import { implies, unsatisfiable } from '../../../src/doors/admission/decision.ts';
import { PartStore } from '../../../src/doors/state/part-store.ts';
import { everyKey } from '../../../src/doors/state/places.ts';
import { inEachCase, type View } from '../../../src/doors/state/view.ts';
import { rule, zone } from '../parts.ts';

const host = 'app.example.dev';
const other = 'other.example.dev';

/** The services of a host, by each value of a list of rules. */
const services = (view: View) => view.parts('tunnel-rule', `t1 ${host}`).map(({ service }) => service);
const values = (...lists: readonly (readonly Part[])[]) => [
  { name: 'rules', reason: 'written', values: lists },
];
const to = (service: string): Part => rule(host, service);

describe('a question about a document with several values', () => {
  it('has one answer for each value', () => {
    const cases = inEachCase(PartStore.empty().with(values([to('a')], [to('b')], [])), services) ?? [];
    expect(cases.map(({ item }) => item)).toEqual([['a'], ['b'], []]);
    const [first = everybody, second = everybody, third = everybody] = cases.map(({ when }) => when);
    expect(first).toEqual({ unknown: { reason: 'written', about: 'rules is 1 of 3' } });
    expect(unsatisfiable({ all: [first, second] })).toBe(true);
    expect(unsatisfiable({ all: [second, third] })).toBe(true);
    expect(implies(everybody, { any: [first, second, third] })).toBe(true);
  });

  it.each([
    { because: 'if it has one value', lists: [[to('a')]], is: ['a'] },
    { because: 'if all values are equal', lists: [[to('a')], [to('a')]], is: ['a'] },
    {
      because: 'if they differ only elsewhere',
      lists: [[to('a')], [to('a'), rule(other, 'b')]],
      is: ['a'],
    },
    { because: 'if no value has a part there', lists: [[rule(other, 'a')], [rule(other, 'b')]], is: [] },
  ])('has one answer $because', ({ lists, is }) => {
    expect(inEachCase(PartStore.empty().with(values(...lists)), services)).toEqual([
      { when: everybody, item: is },
    ]);
  });

  it('has one answer if the values differ only in parts that do not concern it', () => {
    const store = PartStore.empty().with(values([to('a'), to('b')], [to('a'), to('c')]));
    const only = (view: View) =>
      view.parts('tunnel-rule', `t1 ${host}`, ({ service }) => service === 'a').map(({ service }) => service);
    expect(inEachCase(store, only)).toEqual([{ when: everybody, item: ['a'] }]);
  });

  it.each([
    { count: 6, is: 64 },
    { count: 7, is: undefined },
  ])('has an answer for each combination of $count documents: $is', ({ count, is }) => {
    const documents = Array.from({ length: count }, (_, place) => ({
      ...{ name: `d${place}`, reason: 'written' },
      values: [[], [rule(host, `s${place}`)]],
    }));
    expect(inEachCase(PartStore.empty().with(documents), services)?.length).toBe(is);
  });
});

describe('a view', () => {
  const store = PartStore.of({ parts: [zone, to('a')], unread: new Set(['edge-rule']) }).with([
    { name: 'more', values: [[to('b'), rule(other, 'c')]] },
  ]);

  it('shows the parts of all documents, in their order', () => {
    const asked = (view: View) => [
      services(view),
      view.parts('tunnel-rule', [`t1 ${other}`, `t1 ${host}`]).map(({ service }) => service),
      view.parts('zone', everyKey),
      view.parts('record', host),
    ];
    expect(inEachCase(store, asked)?.[0]?.item).toEqual([['a', 'b'], ['a', 'b', 'c'], [zone], []]);
  });

  it('tells what could not be read', () => {
    const asked = (view: View) => [view.unread('edge-rule'), view.unread('cache-rule')];
    expect(inEachCase(store, asked)?.[0]?.item).toEqual([true, false]);
  });

  it('notes each place that a question asks for', () => {
    const places = new Set<string>();
    inEachCase(store, (view) => [services(view), view.parts('zone', [everyKey, 'x'])], {
      note: (place) => places.add(place),
    });
    expect([...places]).toEqual([`tunnel-rule t1 ${host}`, 'zone ', 'zone x']);
  });
});
