import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stableText, textOfRecording } from '../../../scripts/recording.mjs';

const root = mkdtempSync(path.join(tmpdir(), 'gates-npm-'));
const [packed, empty, cache] = ['packed', 'empty', 'cache'].map((name) => path.join(root, name)) as [
  string,
  string,
  string,
];
/** The environment in which npm asks no registry, and leaves nothing in the person's own folders. */
const env = {
  PATH: process.env.PATH ?? '',
  HOME: root,
  npm_config_cache: cache,
  npm_config_offline: 'true',
  npm_config_update_notifier: 'false',
};

interface Packed {
  readonly filename: string;
  /** The size of the packed file, and of its unpacked files, in bytes. */
  readonly size: number;
  readonly unpackedSize: number;
  readonly files: readonly { readonly path: string }[];
}

let written: Packed;

/** npx installs nothing here, so it finds only the content of the packed file. */
const installed = ['--no-install', 'gates'];
const npx = (...args: readonly string[]) =>
  spawnSync('npx', [...installed, ...args], { cwd: empty, env, encoding: 'utf8' });

/** The example of a gates.yaml in `README.md`. */
function exampleOfReadme(): string {
  const [, example] = /^```yaml\n(version: .*?)^```$/ms.exec(readFileSync('README.md', 'utf8')) ?? [];
  if (example === undefined) throw new Error('README.md shows no gates.yaml');
  return example;
}

const manifest = JSON.parse(readFileSync('package.json', 'utf8'));

beforeAll(() => {
  for (const folder of [packed, empty]) mkdirSync(folder);
  // Scripts are off: `prepare` would install the commit hook, and the bundle is built already.
  const args = ['pack', '--ignore-scripts', '--json', '--pack-destination', packed];
  [written] = JSON.parse(execFileSync('npm', args, { env, encoding: 'utf8' })) as [Packed];
  const install = ['install', '--no-audit', '--no-fund', path.join(packed, written.filename)];
  execFileSync('npm', install, { cwd: empty, env, stdio: 'pipe' });
});

afterAll(() => rmSync(root, { recursive: true, force: true }));

describe('the npm package', () => {
  it('has a scoped name and is private, because `gates` on npm is another project', () => {
    expect(manifest).toMatchObject({ name: expect.stringMatching(/^@[a-z-]+\/gates$/), private: true });
    expect(manifest).toMatchObject({ license: 'Apache-2.0', bin: { gates: 'dist/gates.js' } });
  });

  it('contains the program and its pages: no source, no test, no map, no picture', () => {
    const files = written.files.map(({ path: file }) => file);
    process.stdout.write(
      `${written.filename}: ${files.length} files, ${written.size} bytes packed, ${written.unpackedSize} unpacked\n`,
    );
    const tops = new Set(files.map((file) => file.split('/')[0]));
    expect([...tops].sort()).toEqual([
      'CHANGELOG.md',
      'LICENSE',
      'README.md',
      'SECURITY.md',
      'dist',
      'docs',
      'package.json',
      'schema',
    ]);
    expect(files.filter((file) => file.startsWith('dist/') && !file.endsWith('.js'))).toEqual([
      'dist/THIRD_PARTY_LICENSES.txt',
    ]);
    expect(files.filter((file) => /\.(map|ts|png|svg)$/.test(file))).toEqual([]);
    expect(files.filter((file) => file.startsWith('schema/'))).toEqual(['schema/gates.schema.json']);
  });

  it('has at most 1.6 MB', () => {
    // The package had 1.54 MB when this was written; the maps alone, or the pages' pictures, would exceed the limit.
    expect(written.size).toBeLessThan(1_600_000);
  });

  it('needs no other package at run time', () => {
    expect(Object.keys(manifest.dependencies ?? {}), 'move them to devDependencies').toEqual([]);
    const files = readdirSync(path.join(empty, 'node_modules'), { recursive: true, encoding: 'utf8' });
    const manifests = files.filter((file) => path.basename(file) === 'package.json');
    expect(manifests).toEqual([path.join(manifest.name, 'package.json')]);
  });

  it('runs in an empty folder', () => {
    expect(npx('--version')).toMatchObject({ status: 0, stdout: `${manifest.version}\n`, stderr: '' });
    writeFileSync(path.join(empty, 'gates.yaml'), exampleOfReadme());
    expect(npx('validate')).toMatchObject({ status: 0, stdout: '', stderr: 'gates.yaml is valid\n' });
  });

  it('plays the demo there, as it is recorded', () => {
    const ran = npx('demo');
    expect(ran.stderr).toBe('');
    expect(ran.stdout).toMatch(/^ +exposures by gates +0$/m);
    expect(ran.status).toBe(0);
    const stale = 'docs/demo.svg is stale: run `npm run record` and commit the result';
    expect(stableText(ran.stdout), stale).toBe(textOfRecording(readFileSync('docs/demo.svg', 'utf8')));
  });
});
