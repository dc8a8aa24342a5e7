import { accessSync, constants } from 'node:fs';
import path from 'node:path';
import type { TestOptions } from 'vitest';

/** The programs, besides Node and git, that tests run. `.ci/run` installs every one of them. */
export const PROGRAMS = [
  'bash',
  'caddy',
  'chromium',
  'curl',
  'fish',
  'gpg',
  'gpg-agent',
  'gpgconf',
  'jq',
  'mount',
  'nginx',
  'openssl',
  'script',
  'setpriv',
  'ssh',
  'ssh-keygen',
  'sshd',
  'systemd-analyze',
  'traefik',
  'unshare',
  'workerd',
  'zsh',
] as const;

/**
 * Programs that no package registry serves, so that CI cannot install them. Their tests run only where somebody has
 * built the program and put it into PATH; elsewhere they are skipped, also in CI, and named.
 */
const UNPACKAGED = ['cloudflared'] as const;

export type Program = (typeof PROGRAMS | typeof UNPACKAGED)[number];

declare module 'vitest' {
  interface TaskMeta {
    /** The missing programs that skipped this test: `['gpg']`. */
    lacks?: readonly Program[];
  }
}

/** The programs that may be in {@link SERVER_FOLDERS}. */
const SERVERS: readonly Program[] = ['nginx', 'sshd'];

/** Folders besides those of PATH, since distributions leave them out of a user's PATH. */
const SERVER_FOLDERS = ['/usr/local/sbin', '/usr/sbin'];

/** `programPath` returns the file of a program, such as `/usr/sbin/sshd`; undefined if it is not installed. */
export function programPath(
  program: Program,
  environment: NodeJS.ProcessEnv = process.env,
): string | undefined {
  const folders = (environment.PATH ?? '').split(path.delimiter).filter((folder) => folder !== '');
  const all = SERVERS.includes(program) ? [...folders, ...SERVER_FOLDERS] : folders;
  return all.map((folder) => path.join(folder, program)).find(isExecutable);
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/**
 * `needs` returns the options of a test or a suite that runs these programs: `describe('…', needs('gpg'), () => …)`. If
 * one is missing, vitest skips the tests, and `ProgramReporter` names the program. Code that runs a program belongs
 * into a test or a hook, since vitest calls the function even of a skipped suite.
 *
 * @throws Error if one is missing that CI installs, and `GATES_REQUIRE_PROGRAMS=1` is set, as in CI: the file then fails.
 */
export function needs(...programs: readonly Program[]): TestOptions {
  return optionsFor(programs, process.env);
}

/** `optionsFor` is {@link needs} for a given environment. */
export function optionsFor(programs: readonly Program[], environment: NodeJS.ProcessEnv): TestOptions {
  const lacks = programs.filter((program) => programPath(program, environment) === undefined);
  if (lacks.length === 0) return {};
  const required = lacks.filter((program) => !UNPACKAGED.some((each) => each === program));
  if (environment.GATES_REQUIRE_PROGRAMS === '1' && required.length > 0) {
    throw new Error(
      `Tests of this file need ${required.join(', ')} (not installed), and GATES_REQUIRE_PROGRAMS=1 forbids to skip them. Install it, or unset the variable.`,
    );
  }
  return { skip: true, meta: { lacks } };
}
