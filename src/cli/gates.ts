import { CommanderError } from 'commander';
import { program } from './program/program.ts';
import { heedColumns } from './surroundings/columns.ts';
import { outliveReaders, tellError } from './surroundings/terminal.ts';
import { UsageError, usageExitCode } from './surroundings/usage-error.ts';

outliveReaders();
try {
  heedColumns(process.env);
  await program(new URL('read-config.js', import.meta.url)).parseAsync();
} catch (error) {
  if (error instanceof CommanderError) {
    // 0 for --help and --version.
    process.exitCode = error.exitCode === 0 ? 0 : usageExitCode;
  } else {
    tellError(error);
    process.exitCode = error instanceof UsageError ? usageExitCode : 1;
  }
}
