import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { parseConfig } from '../../src/config/parse-config.ts';
import { formatMistake } from '../../src/report/mistakes/mistakes-text.ts';
import { anyCharacter } from '../support/any-character.ts';
import { malformedFiles, mapsOf } from './malformed-files.ts';
import { designExample, sampleText } from './sample-file.ts';

describe('a malformed file', () => {
  it('is made in more than 200 ways', () => {
    expect(malformedFiles.length).toBeGreaterThanOrEqual(200);
    expect(parseConfig(designExample).ok).toBe(true);
  });

  it.each(malformedFiles)('$name', ({ make }) => {
    const source = make();
    const text = typeof source === 'string' ? source : new TextDecoder().decode(source);
    const result = parseConfig(source);
    const mistakes = result.ok ? [] : result.mistakes;
    expect(mistakes.some(({ severity }) => severity === 'error')).toBe(true);
    const last = text.split('\n').length;
    for (const mistake of mistakes) {
      expect(mistake.line).toBeGreaterThanOrEqual(1);
      expect(mistake.line).toBeLessThanOrEqual(last);
      expect(mistake.column).toBeGreaterThanOrEqual(1);
      const shown = formatMistake(mistake, 'gates.yaml', text, { color: false, width: 80 });
      expect(shown).toMatch(/^gates\.yaml:\d+:\d+ (error|warning)/);
      expect(shown).not.toMatch(/\n\s+at |undefined|\[object|must (be|have|match)/);
    }
  });
});

describe('random input of any sort', () => {
  const ends = (source: string | Uint8Array) => {
    const result = parseConfig(source);
    return result.ok || result.mistakes.length > 0;
  };

  it('as bytes ends in a config or in mistakes', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 500 }), ends), { numRuns: 300 });
  });

  it('as text ends in a config or in mistakes', () => {
    fc.assert(fc.property(fc.string({ unit: anyCharacter, maxLength: 300 }), ends), { numRuns: 300 });
    const yaml = fc.constantFrom(
      'a',
      ': ',
      '- ',
      '\n',
      '  ',
      '&a ',
      '*a',
      '{',
      '}',
      '[',
      ']',
      '"',
      "'",
      '|',
      '? ',
      '!!str ',
      '<<',
      '#',
      '---\n',
      '\t',
      ',',
      '%',
      '0',
    );
    fc.assert(
      fc.property(fc.array(yaml, { maxLength: 60 }), (parts) => ends(parts.join(''))),
      { numRuns: 1000 },
    );
  });

  it('as a map with a key of every object ends in a config or in mistakes', () => {
    const sample = parse(sampleText);
    const places = mapsOf(sample).flatMap((map, index) =>
      Object.keys(map).map((name) => [index, name] as const),
    );
    for (const [index, name] of places) {
      const file = structuredClone(sample);
      (mapsOf(file)[index] ?? {})[name] = { toString: '', valueOf: 1 };
      expect(ends(JSON.stringify(file)), name).toBe(true);
    }
  });

  it('as values in any place ends in a config or in mistakes', () => {
    const keys = [
      ...new Set(mapsOf(parse(designExample)).flatMap(Object.keys)),
      '__proto__',
      'constructor',
      '<<',
      '',
    ];
    const sample = parse(sampleText);
    const words = [...keys, '@', '24h', '/a/**', 'example.dev', 'a.example.dev', 'home', 'authentik', 'MX'];
    const { tree } = fc.letrec<{ tree: unknown }>((tie) => ({
      tree: fc.oneof(
        { depthSize: 'medium' },
        fc.constantFrom(...words),
        fc.jsonValue({ maxDepth: 1 }),
        fc.dictionary(fc.constantFrom(...keys), tie('tree'), { maxKeys: 6, noNullPrototype: true }),
        fc.array(tie('tree'), { maxLength: 4 }),
      ),
    }));
    fc.assert(
      fc.property(tree, fc.nat(), fc.nat(), (value, where, which) => {
        const file = structuredClone(sample);
        const maps = mapsOf(file).filter((map) => Object.keys(map).length > 0);
        const map = maps[where % maps.length];
        const names = Object.keys(map);
        map[names[which % names.length] ?? ''] = value;
        return ends(JSON.stringify(file)) && ends(stringify(file));
      }),
      { numRuns: 150 },
    );
  });
});
