import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Command } from 'commander';
import { afterAll, describe, expect, it } from 'vitest';
import { program } from '../../src/cli/program/program.ts';
import { needs } from '../support/programs.ts';

const bundle = path.resolve(import.meta.dirname, '../../dist/gates.js');
const directory = mkdtempSync(path.join(tmpdir(), 'gates-completions-'));

afterAll(() => rmSync(directory, { recursive: true, force: true }));

/** The parts of a command in `--help`, which commander writes independently of the tested code. */
interface Shown {
  readonly words: readonly string[];
  readonly commands: readonly string[];
  readonly options: readonly string[];
}

function run(...args: readonly string[]): string {
  return execFileSync(process.execPath, [bundle, ...args], { encoding: 'utf8' });
}

const whole = program(new URL('read-config.js', import.meta.url));

/** The text of `--help`, without a process for each command. */
function helpOf(words: readonly string[]): string {
  let command: Command | undefined = whole;
  for (const word of words) command = command?.commands.find((each) => each.name() === word);
  return command?.helpInformation() ?? '';
}

function shown(words: readonly string[]): readonly Shown[] {
  const help = helpOf(words);
  const section = (title: string) => new RegExp(`^${title}:\n((?: .*\n?)+)`, 'm').exec(help)?.[1] ?? '';
  const names = [...section('Commands').matchAll(/^ {2}([a-z]+)/gm)].map(([, name = '']) => name);
  const options = [
    ...`${section('Options')}${section('Global Options')}`.matchAll(/^ {2}(?:-\w, )?(--[\w-]+)/gm),
  ];
  return [
    { words, commands: names, options: options.map(([, flag = '']) => flag) },
    ...names.filter((name) => name !== 'help').flatMap((name) => shown([...words, name])),
  ];
}

const scripts = new Map<Shell, string>();

/** The file with the script that the bundled program prints for a shell. */
function scriptFor(shell: Shell): string {
  const known = scripts.get(shell);
  if (known !== undefined) return known;
  const script = path.join(directory, `gates.${shell}`);
  writeFileSync(script, run('completion', shell));
  scripts.set(shell, script);
  return script;
}

/** Programs that call the script as the shell does, for one line after the other, and print one offer on each line. */
const drivers = {
  bash: `source "$1"
while read -r line; do
  COMP_WORDS=($line); COMP_WORDS[-1]=\${COMP_WORDS[-1]%_}
  COMP_CWORD=$((\${#COMP_WORDS[@]} - 1)); COMPREPLY=(); _gates
  echo "\${COMPREPLY[*]}"
done`,
  zsh: `compdef() { }
source "$1"
_arguments() {
  local spec; local -a found
  for spec in "$@"; do
    case $spec in
      ('*--'*) found+=("\${\${spec#\\*}%%\\[*}") ;;
      (1:command:*) found+=("\${(@)\${(@s: :)\${\${spec#1:command:\\(\\(}//\\"[^\\"]#\\"/}}//(\\\\:|\\)\\))/}") ;;
      (1:*) found+=("\${=\${\${spec#*:\\(}%\\)}}") ;;
    esac
  done
  print -r -- $found
}
setopt extendedglob
while read -r line; do
  words=("\${(@s: :)line%_}"); CURRENT=\${#words}; _gates
done`,
  fish: `source $argv[1]
while read line
  complete --do-complete (string trim --right --chars _ -- $line) | string split --fields 1 \\t | string join ' '
end`,
};

type Shell = keyof typeof drivers;

const shells = Object.keys(drivers) as Shell[];

/** The offers at the end of each line; `_` is an empty word. */
function offered(shell: Shell, lines: readonly string[]): readonly (readonly string[])[] {
  const script = scriptFor(shell);
  const driver = path.join(directory, `driver.${shell}`);
  writeFileSync(driver, drivers[shell]);
  const args = shell === 'zsh' ? ['-f', driver, script] : [driver, script];
  const ran = spawnSync(shell, args, { input: `${lines.join('\n')}\n`, encoding: 'utf8' });
  expect(ran.stderr).toBe('');
  return ran.stdout
    .trimEnd()
    .split('\n')
    .map((line) => line.split(' ').filter((word) => word !== ''));
}

/** True if a word continues the typed text. zsh itself drops other words, and short options. */
function fits(line: string, word: string): boolean {
  const typed = line.slice(line.lastIndexOf(' ') + 1).replace('_', '');
  return typed === '' ? !word.startsWith('-') : word.startsWith(typed);
}

const every = shown([]);

describe('`--help`', () => {
  it('of the bundled program prints the text that the tests below read', () => {
    for (const words of [[], ['plan'], ['history', 'verify']]) {
      expect(run(...words, '--help')).toContain(helpOf(words));
    }
  });

  it('shows everything that the tests below compare', () => {
    expect(every.map(({ words }) => words.join(' '))).toEqual(
      expect.arrayContaining(['', 'plan', 'history verify', 'completion']),
    );
    expect(every.every(({ options }) => options.includes('--help'))).toBe(true);
  });
});

for (const shell of shells) {
  describe(`completion in ${shell}`, needs(shell), () => {
    it('offers every command and every option that `--help` shows, and nothing else', () => {
      const asked = every.flatMap(({ words, commands, options }) => [
        ...(commands.length > 0 ? [{ line: ['gates', ...words, '_'].join(' '), all: commands }] : []),
        { line: ['gates', ...words, '--'].join(' '), all: options },
      ]);
      const answers = offered(
        shell,
        asked.map(({ line }) => line),
      );
      const found = asked.map(({ line }, index) => ({
        line,
        all: (answers[index] ?? []).filter((word) => fits(line, word)).sort(),
      }));
      expect(found).toEqual(asked.map(({ line, all }) => ({ line, all: [...all].sort() })));
    });

    it.each([
      { line: 'gates completion _', all: ['bash', 'fish', 'zsh'], because: 'an argument with a few values' },
      {
        line: 'gates history --service verify --s',
        all: ['--service', '--since'],
        because: 'a value that reads like a command is none',
      },
      {
        line: 'gates --quiet history verify --s',
        all: ['--service', '--since'],
        because: 'an option before the command',
      },
    ])('completes at the cursor: $because', ({ line, all }) => {
      const [found = []] = offered(shell, [line]);
      expect(found.filter((word) => fits(line, word)).sort()).toEqual(all);
    });
  });
}

describe('an unknown shell', () => {
  it('is rejected with the names of the known ones', () => {
    const ran = spawnSync(process.execPath, [bundle, 'completion', 'tcsh'], { encoding: 'utf8' });
    expect(ran.status).toBe(64);
    expect(ran.stderr).toContain('Allowed choices are bash, zsh, fish');
  });
});
