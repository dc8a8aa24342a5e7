import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import type { Log } from 'sarif';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import schema from '../../../schema/validate.schema.json' with { type: 'json' };
import { mistakeRules } from '../../../src/config/mistake-rules.ts';
import { needs } from '../../support/programs.ts';
import { gates, remove, temporaryDirectory } from '../support/processes.ts';

const good = readFileSync('gates.yaml', 'utf8');
const bad = good
  .replace('owner: home', 'owner: home\nwarden: 50%, ada')
  .replace(/host: docs\.\S+/, (host) => host.replace('host', 'hostname'));
const holds = new Ajv2020({ allErrors: true }).compile(schema);

let directory: string;
const at = (name: string) => path.join(directory, name);

beforeAll(async () => {
  directory = await temporaryDirectory();
  writeFileSync(at('gates.yaml'), good);
  writeFileSync(at('bad.yaml'), bad);
  mkdirSync(at('infra'));
  writeFileSync(at('infra/bad.yaml'), bad);
});
afterAll(() => remove(directory));

const validate = (...args: readonly string[]) => gates(['validate', ...args], {}, directory);

describe('gates validate', () => {
  it('prints for people on stderr, at the width of a pipe', async () => {
    expect(await validate()).toEqual({ code: 0, stdout: '', stderr: 'gates.yaml is valid\n' });
    const ran = await validate('--file', 'bad.yaml');
    expect(ran).toMatchObject({ code: 1, stdout: '' });
    expect(ran.stderr).toMatch(/^bad\.yaml:\d+:1 error unknown key "warden"\n/);
    expect(ran.stderr).toContain('unknown key "hostname"');
    expect(ran.stderr).toMatch(/\nbad\.yaml has 2 mistakes\n$/);
    for (const line of ran.stderr.split('\n')) expect(line.length).toBeLessThanOrEqual(80);
  });

  it.each(['json', 'github', 'sarif'])(
    'prints nothing but %s for a program, with the same exit codes',
    async (output) => {
      for (const [file, code] of [
        ['gates.yaml', 0],
        ['bad.yaml', 1],
      ] as const) {
        expect(await validate('--file', file, '--output', output)).toMatchObject({ code, stderr: '' });
      }
    },
  );

  it('prints JSON as its schema says', async () => {
    const read = async (file: string) => JSON.parse((await validate('-f', file, '-o', 'json')).stdout);
    const [valid, wrong] = [await read('gates.yaml'), await read('bad.yaml')];
    expect([holds(valid), holds.errors, holds(wrong), holds.errors]).toEqual([true, null, true, null]);
    expect(valid).toEqual({
      version: 1,
      file: 'gates.yaml',
      valid: true,
      errors: 0,
      warnings: 0,
      mistakes: [],
    });
    expect(wrong).toMatchObject({ file: 'bad.yaml', valid: false, errors: 2 });
    expect(wrong.mistakes[0]).toMatchObject({ rule: 'unknown-key', column: 1, path: 'warden' });
  });

  it('prints annotations with the file from the root of the checkout', async () => {
    const { stdout } = await gates(
      ['validate', '-o', 'github', '-f', 'bad.yaml'],
      { GITHUB_WORKSPACE: directory },
      at('infra'),
    );
    expect(stdout).toMatch(
      /^::error file=infra\/bad\.yaml,line=\d+,col=1,title=gates%3A unknown-key::unknown key "warden"%0A/,
    );
    const none = await validate('-o', 'github');
    expect(none.stdout).toBe('');
  });

  it('prints SARIF that contains no path of this machine', async () => {
    const { stdout } = await validate('-o', 'sarif', '-f', at('infra/bad.yaml'));
    expect(stdout).not.toContain(directory);
    const log: Log = JSON.parse(stdout);
    const [run] = log.runs;
    expect(run?.results).toHaveLength(2);
    for (const { locations, ruleId, ruleIndex } of run?.results ?? []) {
      expect(locations?.[0]?.physicalLocation?.artifactLocation?.uri).toBe('infra/bad.yaml');
      expect(run?.tool.driver.rules?.[ruleIndex ?? -1]?.id).toBe(ruleId);
      expect([...mistakeRules.keys()]).toContain(ruleId);
    }
  });
});

describe('gates validate of several files', () => {
  const service = 'docs: { host: docs.example.dev, origin: nowhere, gate: { public: { reason: docs } } }';

  beforeAll(() => {
    mkdirSync(at('several/services'), { recursive: true });
    writeFileSync(
      at('several/gates.yaml'),
      good.replace('owner: home', 'owner: home\ninclude: [services/*.yaml]'),
    );
    writeFileSync(at('several/services/a.yaml'), `# A\nservices:\n  ${service.replace(/docs/g, 'more')}\n`);
  });

  const several = (...args: readonly string[]) => validate('-f', 'several/gates.yaml', ...args);

  it('shows the line of the included file', async () => {
    const { code, stderr } = await several();
    expect([code, stderr.split('\n').slice(0, 2)]).toEqual([
      1,
      [
        expect.stringMatching(/^several\/services\/a\.yaml:3:\d+ error there is no origin "nowhere"/),
        expect.stringMatching(/^ {2}3 \| …: \{ host: more\.example\.dev/),
      ],
    ]);
  });

  it('names the included file for programs', async () => {
    const json = JSON.parse((await several('-o', 'json')).stdout);
    expect([holds(json), holds.errors]).toEqual([true, null]);
    expect(json).toMatchObject({
      file: 'several/gates.yaml',
      mistakes: [{ file: 'several/services/a.yaml', line: 3 }],
    });
    expect((await several('-o', 'github')).stdout).toMatch(
      /^::error file=several\/services\/a\.yaml,line=3,/,
    );
    const log: Log = JSON.parse((await several('-o', 'sarif')).stdout);
    const uri = log.runs[0]?.results?.[0]?.locations?.[0]?.physicalLocation?.artifactLocation?.uri;
    expect(uri).toBe('several/services/a.yaml');
  });

  it('has a schema of its own for editors', async () => {
    const { stdout } = await gates(['schema', '--included'], {});
    const valid = new Ajv2020({ strict: false, validateFormats: false }).compile(JSON.parse(stdout));
    expect(valid(parse(readFileSync(at('several/services/a.yaml'), 'utf8')))).toBe(true);
    expect([valid({ owner: 'home' }), valid({ dns: {} })]).toEqual([false, true]);
  });
});

describe('.pre-commit-hooks.yaml', needs('bash'), () => {
  const [hook] = parse(readFileSync('.pre-commit-hooks.yaml', 'utf8'));

  /**
   * Runs a hook of language system as pre-commit does: splits the entry like a shell, and appends file names if asked.
   */
  function runHook(files: readonly string[]) {
    const matching = files.filter((file) => new RegExp(hook.files).test(file));
    if (matching.length === 0) return undefined;
    const bin = at('bin');
    mkdirSync(bin, { recursive: true });
    writeFileSync(path.join(bin, 'gates'), `#!/bin/sh\nexec node ${path.resolve('dist/gates.js')} "$@"\n`);
    chmodSync(path.join(bin, 'gates'), 0o755);
    const names = hook.pass_filenames === false ? [] : matching;
    const env = { ...process.env, PATH: `${bin}:${process.env.PATH}`, PRE_COMMIT: '1' };
    const [program = '', ...args] = [...String(hook.entry).split(' '), ...(hook.args ?? []), ...names];
    return spawnSync(program, args, { cwd: directory, env, encoding: 'utf8' });
  }

  it('is one hook with the keys that pre-commit needs', () => {
    expect(parse(readFileSync('.pre-commit-hooks.yaml', 'utf8'))).toHaveLength(1);
    expect(hook).toMatchObject({ id: 'gates-validate', language: 'system', pass_filenames: false });
    expect([hook.name, hook.entry].every((text) => typeof text === 'string' && text !== '')).toBe(true);
    expect(execFileSync('git', ['check-ignore', 'dist']).toString().trim()).toBe('dist');
  });

  it('runs for gates.yaml alone, passes a valid file, and stops the commit of another', () => {
    expect(runHook(['README.md', 'my-gates.yaml', 'gates.yaml.bak'])).toBeUndefined();
    expect(runHook(['README.md', 'gates.yaml'])).toMatchObject({
      status: 0,
      stderr: 'gates.yaml is valid\n',
    });
    writeFileSync(at('gates.yaml'), bad);
    try {
      expect(runHook(['gates.yaml'])).toMatchObject({
        status: 1,
        stderr: expect.stringContaining('"hostname"'),
      });
    } finally {
      writeFileSync(at('gates.yaml'), good);
    }
  });
});
