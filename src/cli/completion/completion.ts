import type { Command } from 'commander';
import { bashCompletion } from './bash.ts';
import { commandTree } from './command-tree.ts';
import { fishCompletion } from './fish.ts';
import { zshCompletion } from './zsh.ts';

/** The shells for which completions can be printed. */
export type Shell = 'bash' | 'zsh' | 'fish';

const scripts = { bash: bashCompletion, zsh: zshCompletion, fish: fishCompletion };

/** Prints the script that completes commands, options and their values in this shell. */
export function completion(program: Command, shell: Shell): number {
  process.stdout.write(scripts[shell](commandTree(program)));
  return 0;
}
