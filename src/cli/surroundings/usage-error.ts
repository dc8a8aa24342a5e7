import { GatesError } from '../../core/errors.ts';

/** Exit code for a wrong command line: EX_USAGE of BSD's sysexits.h. */
export const usageExitCode = 64;

/** A wrong command line that the parser of options cannot detect: nothing was read or asked. */
export class UsageError extends GatesError {}
