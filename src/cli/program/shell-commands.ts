import { Argument, type Command } from 'commander';
import type { Shell } from '../completion/completion.ts';
import { exit } from './exit.ts';

/** Adds the commands for editors and shells. */
export function addShellCommands(gates: Command): void {
  addSchema(gates);
  addCompletion(gates);
}

function addSchema(gates: Command): void {
  gates
    .command('schema')
    .description('print the JSON Schema of gates.yaml')
    .option('--included', 'that of a file which gates.yaml includes', false)
    .action(async (options) => exit((await import('../commands/schema.ts')).printSchema(options)));
}

function addCompletion(gates: Command): void {
  gates
    .command('completion')
    .description('print the script that completes commands and options in a shell')
    .addArgument(new Argument('<shell>', 'which shell').choices(['bash', 'zsh', 'fish']))
    .action(async (shell: Shell) =>
      exit((await import('../completion/completion.ts')).completion(gates, shell)),
    );
}
