import fc from 'fast-check';
import { expect, it } from 'vitest';
import { LayeredMap, MapChanges } from '../../../src/doors/state/layered-map.ts';

/** Changes of one step; undefined removes an entry. Most sequences of steps change more entries than one layer carries. */
const step = fc.array(fc.tuple(fc.nat(400), fc.option(fc.nat(), { nil: undefined })), {
  ...{ maxLength: 200, size: 'max' },
} as const);

it('has the entries of a map that was changed in place, and keeps those of each earlier state', () => {
  let mostChanged = 0;
  fc.assert(
    fc.property(fc.array(step, { maxLength: 6, size: 'max' }), (steps) => {
      const plain = new Map<number, number>();
      let layered = new LayeredMap<number, number>();
      const earlier: { readonly map: LayeredMap<number, number>; readonly entries: [number, number][] }[] =
        [];
      mostChanged = Math.max(mostChanged, new Set(steps.flat().map(([key]) => key)).size);
      for (const changes of steps) {
        const changing = new MapChanges(layered);
        for (const [key, value] of changes) {
          expect(changing.get(key)).toBe(plain.get(key));
          changing.set(key, value);
          if (value === undefined) plain.delete(key);
          else plain.set(key, value);
        }
        layered = changing.done();
        for (const [key] of changes) expect(layered.get(key)).toBe(plain.get(key));
        earlier.push({ map: layered, entries: [...plain] });
      }
      const byKey = (entries: readonly (readonly [number, number])[]) =>
        [...entries].sort(([left], [right]) => left - right);
      for (const { map, entries } of earlier) expect(byKey(map.entries())).toEqual(byKey(entries));
    }),
    // Sequences of this length take minutes to shrink.
    { numRuns: 30, seed: 5, endOnFailure: true },
  );
  expect(mostChanged).toBeGreaterThan(256);
});
