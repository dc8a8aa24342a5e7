import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { temporaryDirectory } from '../daemon/temporary-directory.ts';
import { ProgramReporter } from './program-reporter.ts';
import { optionsFor, PROGRAMS, programPath } from './programs.ts';

/** A PATH on which fish is the only program. */
function pathWithFish(): string {
  const folder = temporaryDirectory();
  writeFileSync(path.join(folder, 'fish'), '#!/bin/sh\n');
  chmodSync(path.join(folder, 'fish'), 0o755);
  // A file without permission to execute is no program.
  writeFileSync(path.join(folder, 'zsh'), '#!/bin/sh\n', { mode: 0o644 });
  return folder;
}

describe('a test that needs a program', () => {
  it('runs if the program is installed', () => {
    const PATH = pathWithFish();
    expect(programPath('fish', { PATH })).toBe(path.join(PATH, 'fish'));
    expect(optionsFor(['fish'], { PATH })).toEqual({});
    expect(optionsFor(['fish'], { PATH, GATES_REQUIRE_PROGRAMS: '1' })).toEqual({});
  });

  it('is skipped if one of its programs is not installed', () => {
    const PATH = pathWithFish();
    expect(optionsFor(['fish', 'zsh'], { PATH })).toEqual({ skip: true, meta: { lacks: ['zsh'] } });
  });

  it('fails its file if CI requires the program', () => {
    const environment = { PATH: pathWithFish(), GATES_REQUIRE_PROGRAMS: '1' };
    expect(() => optionsFor(['fish', 'zsh'], environment)).toThrow('need zsh (not installed)');
  });

  it('is skipped even in CI if no registry serves the program', () => {
    const environment = { PATH: pathWithFish(), GATES_REQUIRE_PROGRAMS: '1' };
    expect(optionsFor(['fish', 'cloudflared'], environment)).toEqual({
      skip: true,
      meta: { lacks: ['cloudflared'] },
    });
    expect(() => optionsFor(['zsh', 'cloudflared'], environment)).toThrow('need zsh (not installed)');
  });
});

describe('the line about skipped tests', () => {
  const ended = (...metas: readonly object[]) => ({
    children: {
      allTests: (state: string) => (state === 'skipped' ? metas.map((meta) => ({ meta: () => meta })) : []),
    },
  });

  function printed(...modules: readonly unknown[]): string {
    let text = '';
    const reporter = new ProgramReporter((more) => {
      text += more;
    });
    reporter.onTestRunEnd(modules as never);
    return text;
  }

  it('counts the tests and names each program once', () => {
    const modules = [ended({ lacks: ['gpg', 'curl'] }, {}), ended({ lacks: ['gpg'] })];
    expect(printed(...modules)).toBe('skipped: 2 tests need curl, gpg (not installed)\n');
    expect(printed(ended({ lacks: ['ssh'] }))).toBe('skipped: 1 test needs ssh (not installed)\n');
  });

  it('is absent when no program is missing', () => {
    expect(printed(ended({}), ended())).toBe('');
  });
});

describe('`.ci/run`', () => {
  const script = readFileSync('.ci/run', 'utf8');

  it('installs every program that a test needs, and requires them', () => {
    const ofDebian = [...script.matchAll(/\[([^\]\s]+)\]=[a-z]/g)];
    const others = [...script.matchAll(/^if ! command -v ([a-z]+) /gm)];
    const installed = [...ofDebian, ...others].map(([, program = '']) => path.basename(program));
    expect(installed).toEqual(expect.arrayContaining([...PROGRAMS, 'git']));
    expect(script).toMatch(/^export GATES_REQUIRE_PROGRAMS=1$/m);
  });
});
