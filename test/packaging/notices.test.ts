import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { notices, packageFolders } from '../../scripts/notices.mjs';

/** Licenses that allow passing on the code together with their text. Any other needs a decision. */
const permissive = ['MIT', 'ISC', 'BSD-2-Clause', 'BSD-3-Clause', 'Apache-2.0', '0BSD'];

/** The packages in the source maps of dist/, which name the code that esbuild kept. */
function bundledPackages(): readonly string[] {
  const maps = readdirSync('dist', { recursive: true, encoding: 'utf8' }).filter((file) =>
    file.endsWith('.map'),
  );
  const sources = maps.flatMap((file) => {
    const folder = path.dirname(path.join('dist', file));
    const { sources: relative } = JSON.parse(readFileSync(path.join('dist', file), 'utf8'));
    return (relative as readonly string[]).map((source) => path.join(folder, source));
  });
  return packageFolders(sources);
}

/** The sections of the notices: each first line, and the texts below it. */
function sectionsOf(text: string): ReadonlyMap<string, string> {
  const sections = text.split(/\n\n-{80}\n\n/).map((section) => section.split(/\n\n(.*)/s));
  return new Map(sections.map(([head = '', texts = '']) => [head, texts]));
}

describe('the notices of the bundle', () => {
  const sections = sectionsOf(readFileSync('dist/THIRD_PARTY_LICENSES.txt', 'utf8'));
  const bundled = bundledPackages().map((folder) => {
    const { name, version, license } = JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8'));
    return { folder, name, version, license };
  });

  it('have a section for each bundled package', () => {
    const heads = bundled.map(({ name, version, license }) => `${name} ${version} (${license})`);
    process.stdout.write(`${heads.length} bundled packages: ${heads.join(', ')}\n`);
    expect(heads.length).toBeGreaterThan(30);
    expect(heads.filter((head) => !sections.has(head))).toEqual([]);
  });

  it('contain the license text of each, and only permissive licenses', () => {
    for (const [head, texts] of sections) expect(texts.length, head).toBeGreaterThan(500);
    expect(bundled.filter(({ license }) => !permissive.includes(license))).toEqual([]);
  });

  it('contain the license of foreign code inside a package', () => {
    const [, texts] = [...sections].find(([head]) => head.startsWith('cloudflare ')) ?? [];
    expect(texts).toContain('Apache License');
    expect(texts).toContain('Nathan LaFreniere');
  });

  it('cover the code inside the generated validator', () => {
    const named = readFileSync('schema/generated/validate.js', 'utf8').matchAll(/node_modules\/[^"]+/g);
    const names = packageFolders([...named].map(([file]) => file));
    expect(names).toEqual(['node_modules/ajv']);
    expect([...sections.keys()]).toEqual(expect.arrayContaining([expect.stringMatching(/^ajv /)]));
  });
});

describe('a bundled package', () => {
  let root: string;
  const place = (...parts: readonly string[]) => path.join(root, 'node_modules', ...parts);

  beforeAll(() => {
    root = mkdtempSync(path.join(tmpdir(), 'gates-notices-'));
    for (const name of ['plain', '@of/plain', 'bare']) {
      mkdirSync(place(name, 'dist/parts'), { recursive: true });
      const manifest = { name, version: '1.2.3', license: 'MIT' };
      writeFileSync(place(name, 'package.json'), JSON.stringify(manifest));
    }
    writeFileSync(place('plain/LICENSE'), 'Text of plain\n');
    writeFileSync(place('@of/plain/licence.md'), 'Text of @of/plain\n');
    writeFileSync(place('@of/plain/dist/parts/COPYING'), 'Text of its parts\n');
    // The package `inner` has no bundled file.
    mkdirSync(place('plain/node_modules/inner'), { recursive: true });
    writeFileSync(place('plain/node_modules/inner/LICENSE'), 'Text of inner\n');
  });

  afterAll(() => rmSync(root, { recursive: true }));

  it('is listed once, with every license text in its folder', async () => {
    const files = [
      place('plain/a.js'),
      place('plain/b.js'),
      place('@of/plain/dist/c.js'),
      'src/cli/gates.ts',
    ];
    const text = await notices(files);
    expect([...sectionsOf(text)]).toEqual([
      ['@of/plain 1.2.3 (MIT)', 'Text of its parts\n\nText of @of/plain\n'.trimEnd()],
      ['plain 1.2.3 (MIT)', 'Text of plain\n'],
    ]);
  });

  it('stops the build if it has no license file', async () => {
    await expect(notices([place('bare/index.js')])).rejects.toThrow('bare 1.2.3 has no license file in');
  });
});
