import { UnsafeError } from '../../core/errors.ts';
import type { Paused } from '../../report/status/status.ts';
import type { Turn } from './lease-turn.ts';

/** The error of a run during a pause. */
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
 * The turn of a run that ends when a person pauses gates. It checks before each change of the live systems. On a pause,
 * it aborts its signal with a PausedError, so that the current call is the last.
 */
export function pausableTurn(turn: Turn, look: () => Promise<Paused | undefined>): Turn {
  const ending = new AbortController();
  return {
    ...turn,
    signal: AbortSignal.any([turn.signal, ending.signal]),
    async mayChange() {
      // All later attempts get the same reason: this run cannot continue.
      ending.signal.throwIfAborted();
      const paused = await look();
      if (paused !== undefined) ending.abort(new PausedError(paused));
      ending.signal.throwIfAborted();
      await turn.mayChange();
    },
  };
}

/** The turn of a run that began during a pause: it reads everything and changes nothing. */
export function pausedTurn(turn: Turn, paused: Paused): Turn {
  return {
    ...turn,
    mayChange: async () => {
      throw new PausedError(paused);
    },
  };
}
