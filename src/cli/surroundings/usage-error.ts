import { GatesError } from '../../core/errors.ts';

/** Exit code of a command line that cannot be what was meant: EX_USAGE of BSD's sysexits.h. */
export const usageExitCode = 64;

/** The command line is wrong, beyond what the parser of options sees: nothing was read or asked. */
export class UsageError extends GatesError {}
