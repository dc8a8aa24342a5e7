import { describe, expect, it } from 'vitest';
import {
  collectFiles,
  missing,
  type SourceFolder,
  tooLarge,
} from '../../../src/core/sources/collect-files.ts';
import { besideMain, packFiles, sourceText, unpackFiles } from '../../../src/core/sources/source-files.ts';

const main = Buffer.from('version: 1\n');

function folder(files: Readonly<Record<string, string>>): SourceFolder {
  return {
    main: 'gates.yaml',
    list: async (below) => {
      const names = Object.keys(files).map((file) => file.split('/'));
      const inside = names.filter((parts) => parts.slice(0, -1).join('/') === below);
      return inside.map((parts) => parts.at(-1) ?? '');
    },
    read: async (file, most) => {
      const text = files[file];
      if (text === undefined) return missing;
      return text.length > most ? tooLarge : Buffer.from(text);
    },
  };
}

async function collected(entries: readonly string[], files: Readonly<Record<string, string>>) {
  const { included } = unpackFiles(await collectFiles(main, entries, folder(files)));
  return included.map((each) => ('bytes' in each ? `${each.file}: ${Buffer.from(each.bytes)}` : each));
}

describe('the files that gates.yaml includes', () => {
  it('are none without entries, and gates.yaml keeps its bytes', async () => {
    expect(await collectFiles(main, [], folder({ 'a.yaml': 'a' }))).toBe(main);
  });

  it('are read once each, by name, in their order', async () => {
    const files = {
      'services/b.yaml': 'b',
      'services/a.yaml': 'a',
      'dns.yaml': 'd',
      'services/.x.yaml': 'x',
    };
    expect(await collected(['services/*.yaml', 'dns.yaml', 'services/a.yaml'], files)).toEqual([
      ...['dns.yaml: d', 'services/a.yaml: a', 'services/b.yaml: b'],
    ]);
  });

  it('never contain gates.yaml itself, nor files in other folders', async () => {
    const files = { 'gates.yaml': 'g', 'a.yaml': 'a', 'a.yml': 'y', 'below/c.yaml': 'c' };
    expect(await collected(['*.yaml'], files)).toEqual(['a.yaml: a']);
  });

  it('are refused when they are missing, or too large together', async () => {
    const files = { 'a.yaml': 'a'.repeat(1024 * 1024 - 20), 'b.yaml': 'b'.repeat(20) };
    const [, second, third] = await collected(['a.yaml', 'b.yaml', 'c.yaml'], files);
    expect([second, third]).toEqual([
      { file: 'b.yaml', ...tooLarge },
      { file: 'c.yaml', ...missing },
    ]);
  });

  it('are not looked up for an entry that leads elsewhere', async () => {
    const files = { '../secret.yaml': 's' };
    const packed = await collectFiles(main, ['../secret.yaml', '/etc/x.yaml', '../*.yaml'], folder(files));
    expect(unpackFiles(packed)).toEqual({ main, patterns: [], included: [] });
  });

  it('are at most 500', async () => {
    const files = Object.fromEntries(Array.from({ length: 600 }, (_, n) => [`s/${n}.yaml`, 'a']));
    const all = await collected(['s/*.yaml'], files);
    expect(all).toHaveLength(501);
    expect(all.at(-1)).toMatchObject({ refusal: 'is one of more than 500 included files' });
  });
});

describe('packed files', () => {
  const included = [
    { file: 'a.yaml', bytes: Buffer.from('é\n\u001c{}') },
    { file: 'b.yaml', ...missing },
  ];

  it('are unpacked as they were', () => {
    const files = { main, patterns: ['*.yaml'], included };
    const packed = packFiles(files);
    expect(unpackFiles(packed)).toEqual(files);
    expect([sourceText(packed, undefined), sourceText(packed, 'a.yaml')]).toEqual([
      'version: 1\n',
      'é\n\u001c{}',
    ]);
    expect(sourceText(packed, 'b.yaml')).toBe('');
  });

  it('cannot be forged by a gates.yaml that looks packed', () => {
    const forged = packFiles({ main, patterns: ['*.yaml'], included });
    expect(unpackFiles(packFiles({ main: forged, patterns: [], included: [] }))).toEqual({
      main: forged,
      patterns: [],
      included: [],
    });
  });

  it.each(['\u001c', '\u001c{}\nx', '\u001c[1]\n', '\u001cnull\n'])('are not what %j begins', (text) => {
    const bytes = Buffer.from(text);
    expect(unpackFiles(bytes).main).toEqual(bytes);
  });
});

it.each([
  ['gates.yaml', undefined, 'gates.yaml'],
  ['gates.yaml', 'dns.yaml', 'dns.yaml'],
  ['home/gates.yaml', 'services/a.yaml', 'home/services/a.yaml'],
])('beside %s, the file %s is named %s', (file, included, name) => {
  expect(besideMain(file, included)).toBe(name);
});
