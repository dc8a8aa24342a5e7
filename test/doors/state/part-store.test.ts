import { describe, expect, it } from 'vitest';
import type { Part } from '../../../src/core/objects/part.ts';
import { PartStore } from '../../../src/doors/state/part-store.ts';
import { everyKey } from '../../../src/doors/state/places.ts';
import { name, rule, zone } from '../parts.ts';

const rules = (...hosts: readonly string[]): readonly Part[] =>
  hosts.map((host) => rule(host, `http://${host}`));
const servicesAt = (store: PartStore, host: string) =>
  store.possibleParts('tunnel-rule', [`t1 ${host}`, 't1 *']).map(({ service }) => service);

describe('the store of the parts of a state', () => {
  const empty = PartStore.empty();
  const first = empty.with([{ name: 'rules', values: [rules('a.example.dev', '*')] }]);

  it('finds parts under their keys, in the order of their document', () => {
    expect(servicesAt(first, 'a.example.dev')).toEqual(['http://a.example.dev', 'http://*']);
    expect(servicesAt(first, 'b.example.dev')).toEqual(['http://*']);
    expect(first.documentsAt(['tunnel-rule t1 b.example.dev'])).toEqual([]);
  });

  it('stays unchanged when a change creates another store', () => {
    const second = first.with([
      { name: 'rules', values: [rules('b.example.dev', '*')] },
      { name: 'zone', values: [[zone]] },
    ]);
    expect(servicesAt(second, 'a.example.dev')).toEqual(['http://*']);
    expect(servicesAt(second, 'b.example.dev')).toEqual(['http://b.example.dev', 'http://*']);
    expect(servicesAt(first, 'a.example.dev')).toEqual(['http://a.example.dev', 'http://*']);
    expect(first.possibleParts('zone', [everyKey])).toEqual([]);
    expect(second.allParts()).toEqual([...rules('b.example.dev', '*'), zone]);
  });

  it('keeps a document in its place when it changes, and forgets one without parts', () => {
    const records = [
      { name: 'a', values: [[name('a.example.dev')]] },
      { name: 'b', values: [[name('b.example.dev')]] },
    ];
    const both = empty.with(records);
    const changed = both.with([{ name: 'a', values: [[name('a.example.dev'), name('c.example.dev')]] }]);
    const names = (store: PartStore) =>
      store.allParts().flatMap((part) => (part.part === 'record' ? [part.name] : []));
    expect(names(changed)).toEqual(['a.example.dev', 'c.example.dev', 'b.example.dev']);
    const gone = changed.with([{ name: 'a', values: [[]] }]);
    expect(names(gone)).toEqual(['b.example.dev']);
    expect(gone.documentsAt(['record a.example.dev', 'record c.example.dev'])).toEqual([]);
  });

  it('has every possible value of an uncertain document', () => {
    const store = empty.with([
      { name: 'rules', reason: 'not yet at the edge', values: [rules('a.example.dev'), rules('*')] },
    ]);
    expect(servicesAt(store, 'a.example.dev')).toEqual(['http://a.example.dev', 'http://*']);
    const [document] = store.documentsAt(['tunnel-rule t1 *']);
    expect(document?.values.map(({ all }) => all.length)).toEqual([1, 1]);
    expect(document?.reason).toBe('not yet at the edge');
  });

  it('is alike where documents have the same parts in the same order', () => {
    const asked = new Set(['tunnel-rule t1 a.example.dev', 'tunnel-rule t1 *']);
    const alike = (...hosts: readonly string[]) =>
      first.isAlikeAt(asked, empty.with([{ name: 'rules', values: [rules(...hosts)] }]));
    expect(alike('a.example.dev', '*')).toBe(true);
    expect(alike('b.example.dev', 'a.example.dev', '*')).toBe(true);
    expect(alike('*', 'a.example.dev')).toBe(false);
    expect(alike('a.example.dev')).toBe(false);
    expect(first.isAlikeAt(asked, empty)).toBe(false);
    expect(first.isAlikeAt(new Set(['tunnel-rule t1 b.example.dev']), empty)).toBe(true);
  });

  const namesAt = (store: PartStore, ...hosts: readonly string[]) =>
    store.documentsAt(hosts.map((host) => `tunnel-rule t1 ${host}`)).map(({ name: document }) => document);

  it('has a document only at the places that its parts have now', () => {
    const two = first.with([{ name: 'more', values: [rules('a.example.dev', 'b.example.dev')] }]);
    expect(namesAt(two, 'a.example.dev')).toEqual(['rules', 'more']);
    const moved = two.with([{ name: 'rules', values: [rules('c.example.dev', '*')] }]);
    expect(namesAt(moved, 'a.example.dev')).toEqual(['more']);
    expect(namesAt(moved, 'b.example.dev')).toEqual(['more']);
    expect(namesAt(moved, '*')).toEqual(['rules']);
    expect(namesAt(moved.with([{ name: 'more', values: [[]] }]), 'a.example.dev')).toEqual([]);
  });

  it('has documents in the order in which they came, whatever is asked and whatever has changed since', () => {
    const three = first.with([
      { name: 'more', values: [rules('b.example.dev')] },
      { name: 'last', values: [rules('c.example.dev')] },
    ]);
    const asked = ['c.example.dev', 'b.example.dev', 'a.example.dev'];
    expect(namesAt(three, ...asked)).toEqual(['rules', 'more', 'last']);
    expect(namesAt(three, 'b.example.dev', 'a.example.dev')).toEqual(['rules', 'more']);
    const changed = three.with([{ name: 'more', values: [rules('b.example.dev', 'd.example.dev')] }]);
    expect(namesAt(changed, ...asked)).toEqual(['rules', 'more', 'last']);
  });

  it('puts a document that comes back behind the others', () => {
    const two = first.with([{ name: 'zone', values: [[zone]] }]);
    const back = two
      .with([{ name: 'rules', values: [[]] }])
      .with([{ name: 'rules', values: [rules('a.example.dev', '*')] }]);
    expect(two.allParts()).toEqual([...rules('a.example.dev', '*'), zone]);
    expect(back.allParts()).toEqual([zone, ...rules('a.example.dev', '*')]);
  });

  it('keeps the order of all parts when one of hundreds of documents changes', () => {
    const hosts = Array.from({ length: 300 }, (_, place) => `h${place}.example.dev`);
    const many = empty.with(hosts.map((host) => ({ name: host, values: [rules(host)] })));
    const changed = many.with([{ name: 'h0.example.dev', values: [rules('other.example.dev')] }]);
    expect(changed.allParts()).toEqual(rules('other.example.dev', ...hosts.slice(1)));
  });

  it('has a part that a document lists twice at its first place', () => {
    const [a, b] = rules('a.example.dev', 'b.example.dev');
    const twice = empty.with([{ name: 'rules', values: [[a, b, a].flatMap((part) => part ?? [])] }]);
    const keys = ['t1 b.example.dev', 't1 a.example.dev'];
    expect(twice.possibleParts('tunnel-rule', keys)).toEqual([a, b]);
  });

  it('needs no reason for a document with one value', () => {
    expect(first.documentsAt(['tunnel-rule t1 *']).map(({ reason }) => reason)).toEqual(['']);
  });

  it('counts as read, apart from what no file says', () => {
    const unread = new Set(['edge-rule', 'cache-rule', 'certificate-host', 'worker-route'] as const);
    const store = PartStore.of({ parts: [zone], unread });
    const read = store.asRead();
    expect([...unread].map((sort) => store.isUnread(sort))).toEqual([true, true, true, true]);
    expect([...unread].map((sort) => read.isUnread(sort))).toEqual([false, true, true, true]);
    expect(read.allParts()).toEqual([zone]);
    expect(read.asRead()).toBe(read);
    expect(first.asRead()).toBe(first);
  });
});
