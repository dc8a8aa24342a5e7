import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { ConfigError } from '../../core/errors.ts';
import { notAsTold } from './told.ts';

/** A clone in which a person works, and the bare repository to which it pushes. */
export interface Repository {
  /** `file://` address of the bare repository, which the daemon watches. */
  readonly url: string;
  /** The clone's folder. */
  readonly clone: string;
  /** gates.yaml in the clone. */
  readonly file: string;
  /** Replaces the text of gates.yaml in the clone. */
  write(text: string): Promise<void>;
  read(): Promise<string>;
  /** Lines of `git diff` without its headers, with `context` lines of context. */
  diff(context: number): Promise<readonly string[]>;
  /** Commits and pushes the content of the clone. Returns the new revision. */
  push(subject: string): Promise<string>;
  /** Reverts the last commit with a new one, and pushes it. Returns the new revision. */
  revert(): Promise<string>;
  /** The current revision of the bare repository's branch. */
  head(): Promise<string>;
}

const PERSON = ['-c', 'user.name=Me', '-c', 'user.email=me@example.dev'];

/** Makes both below `directory`, with a first commit of `text`. Throws ConfigError without git. */
export async function createRepository(
  directory: string,
  environment: Readonly<Record<string, string>>,
  text: string,
): Promise<Repository> {
  const bare = path.join(directory, 'repository.git');
  const clone = path.join(directory, 'home');
  const file = path.join(clone, 'gates.yaml');
  const url = pathToFileURL(bare).href;
  const env = {
    ...environment,
    LC_ALL: 'C',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_TERMINAL_PROMPT: '0',
  };
  const run = async (cwd: string, args: readonly string[]) => {
    try {
      return (await promisify(execFile)('git', [...PERSON, ...args], { cwd, env })).stdout;
    } catch (cause) {
      const { code, stderr } = cause as { code?: unknown; stderr?: string };
      if (code === 'ENOENT') throw new ConfigError('git is not installed', { hint: 'Install it', cause });
      throw notAsTold(`git ${args[0]}: ${stderr?.trim() ?? String(cause)}`);
    }
  };
  const commit = async (args: readonly string[]) => {
    await run(clone, ['add', 'gates.yaml']);
    await run(clone, ['commit', '--quiet', ...args]);
    return push();
  };
  const push = async () => {
    await run(clone, ['push', '--quiet', 'origin', 'HEAD:main']);
    return head();
  };
  const head = async () => (await run(bare, ['rev-parse', 'main'])).trim();

  await run(directory, ['init', '--quiet', '--bare', '--initial-branch=main', bare]);
  // Settings in the clone also serve a person who continues in it.
  const identity = ['-c', 'user.name=Me', '-c', 'user.email=me@example.dev', '-c', 'push.default=current'];
  await run(directory, ['clone', '--quiet', ...identity, url, clone]);
  await run(clone, ['symbolic-ref', 'HEAD', 'refs/heads/main']);
  const repository: Repository = {
    url,
    clone,
    file,
    head,
    write: (next) => writeFile(file, next),
    read: () => readFile(file, 'utf8'),
    diff: async (context) => hunks(await run(clone, ['diff', '--no-color', `-U${context}`])),
    push: (subject) => commit(['--message', subject]),
    revert: async () => {
      await run(clone, ['revert', '--no-edit', 'HEAD']);
      return push();
    },
  };
  await repository.write(text);
  await repository.push('One zone, one tunnel, no services yet');
  return repository;
}

/** The lines of a diff's hunks, without an empty first one, and with an ellipsis between two hunks. */
function hunks(diff: string): readonly string[] {
  const [, first = '', ...rest] = diff.split(/^@@.*$\n/m);
  const lines = [first, ...rest.map((hunk) => `  …\n${hunk}`)].join('').trimEnd().split('\n');
  return lines[0] === '+' ? lines.slice(1) : lines;
}
