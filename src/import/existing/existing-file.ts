import type { Config } from '../../config/model/config.ts';
import type { Mistake } from '../../core/mistake.ts';

/** A valid file that a person has, to which an import adds what it lacks. */
export interface ExistingFile {
  readonly text: string;
  readonly config: Config;
  readonly warnings: readonly Mistake[];
}
