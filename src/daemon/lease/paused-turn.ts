import { UnsafeError } from '../../core/errors.ts';
import type { Paused } from '../../report/status/status.ts';
import type { Turn } from './lease-turn.ts';

/** A person has paused gates. */
export class PausedError extends UnsafeError {
  readonly paused: Paused;

  constructor(paused: Paused) {
    const { reason, by } = paused;
    const detail = [by, reason].filter((part) => part !== undefined).join(': ');
    super('gates is paused: nothing more is written', {
      hint: '`gates resume` lets it go on',
      facts: { applied: 'no', ...(detail !== '' && { detail }) },
    });
    this.paused = paused;
  }
}

/**
 * The turn of a run that ends when a person pauses gates: before each change of the live systems it is looked whether
 * somebody has, and then its signal is aborted with a PausedError, so that the call under way is the last.
 */
export function pausableTurn(turn: Turn, look: () => Promise<Paused | undefined>): Turn {
  const ending = new AbortController();
  return {
    ...turn,
    signal: AbortSignal.any([turn.signal, ending.signal]),
    async mayChange() {
      // One reason for all that is kept from being done, and no way back for this run.
      ending.signal.throwIfAborted();
      const paused = await look();
      if (paused !== undefined) ending.abort(new PausedError(paused));
      ending.signal.throwIfAborted();
      await turn.mayChange();
    },
  };
}

/** The turn of a run that began in a pause: it looks at everything to its end, and changes nothing. */
export function pausedTurn(turn: Turn, paused: Paused): Turn {
  return {
    ...turn,
    mayChange: async () => {
      throw new PausedError(paused);
    },
  };
}
