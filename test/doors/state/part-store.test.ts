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
});
