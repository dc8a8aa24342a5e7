import { redactDeep } from '../log/redact-deep.ts';
import type { LoopSettings } from './verdicts.ts';

/** The doors of the applied file, as people may see them. */
export interface ShownDoors {
  show(wanted: LoopSettings): void;
  /** Undefined until a file has been read. */
  readonly current: () => LoopSettings['doors'];
}

export function createShownDoors(redact: (text: string) => string): ShownDoors {
  let given: LoopSettings['doors'];
  let shown: LoopSettings['doors'];
  return {
    show({ doors }) {
      // The file is usually the same as in the previous run.
      if (doors === undefined || doors === given) return;
      given = doors;
      shown = redactDeep(given, redact);
    },
    current: () => shown,
  };
}
