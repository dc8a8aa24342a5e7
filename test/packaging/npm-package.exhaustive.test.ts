import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const root = mkdtempSync(path.join(tmpdir(), 'gates-npm-'));
const [packed, empty, cache] = ['packed', 'empty', 'cache'].map((name) => path.join(root, name)) as [
  string,
  string,
  string,
];
/** Nothing is asked of a registry, and nothing is left of it in the person's own folders. */
const env = {
  PATH: process.env.PATH ?? '',
  HOME: root,
  npm_config_cache: cache,
  npm_config_offline: 'true',
  npm_config_update_notifier: 'false',
};

interface Packed {
  readonly filename: string;
  readonly size: number;
  readonly files: readonly { readonly path: string }[];
}

let written: Packed;

/** What is not installed is not fetched either. */
const installed = ['--no-install', 'gates'];
const npx = (...args: readonly string[]) =>
  spawnSync('npx', [...installed, ...args], { cwd: empty, env, encoding: 'utf8' });

beforeAll(() => {
  for (const folder of [packed, empty]) mkdirSync(folder);
  // Scripts are left out: the hook for committers is not to be installed, and the bundle is there.
  const args = ['pack', '--ignore-scripts', '--json', '--pack-destination', packed];
  [written] = JSON.parse(execFileSync('npm', args, { env, encoding: 'utf8' })) as [Packed];
  const install = ['install', '--no-audit', '--no-fund', path.join(packed, written.filename)];
  execFileSync('npm', install, { cwd: empty, env, stdio: 'pipe' });
}, 900_000);

afterAll(() => rmSync(root, { recursive: true, force: true }));

describe('the npm package', () => {
  it('brings the program and its pages, and nothing that only builds or tests it', () => {
    const tops = new Set(written.files.map(({ path: file }) => file.split('/')[0]));
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
    expect(written.files.filter(({ path: file }) => /\.(map|ts)$/.test(file))).toEqual([]);
    expect(written.size).toBeLessThan(2_000_000);
  });

  it('needs no other package: what runs is in the bundle', () => {
    const manifest = JSON.parse(readFileSync('package.json', 'utf8'));
    expect(Object.keys(manifest.dependencies ?? {}), 'move them to devDependencies').toEqual([]);
    const packages = readdirSync(path.join(empty, 'node_modules')).filter((name) => !name.startsWith('.'));
    expect(packages).toEqual(['gates']);
  });

  it('cannot be published by mistake as long as it has no licence', () => {
    const { license, private: kept } = JSON.parse(readFileSync('package.json', 'utf8'));
    expect(kept === true || typeof license === 'string').toBe(true);
  });

  it('runs in an empty folder', () => {
    const { version } = JSON.parse(readFileSync('package.json', 'utf8'));
    expect(npx('--version')).toMatchObject({ status: 0, stdout: `${version}\n`, stderr: '' });
    const example = path.resolve('gates.yaml');
    expect(npx('validate', '--file', example)).toMatchObject({ status: 0, stderr: `${example} is valid\n` });
  });

  it('tells the whole story of the demo there', () => {
    const ran = npx('demo');
    expect(ran.stderr).toBe('');
    expect(ran.stdout).toContain('exposures by gates       0\n');
    expect(ran.status).toBe(0);
  });
});
