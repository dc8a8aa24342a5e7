/** Why a run is made. */
export type Cause =
  | {
      readonly type:
        | 'start'
        | 'schedule'
        | 'probe'
        | 'keys'
        | 'signal'
        | 'retry'
        | 'pause'
        | 'resume'
        | 'window'
        | 'action';
    }
  | { readonly type: 'push'; readonly revision?: string };

export interface Triggers {
  /** Asks for a run. During a run, any number of these make one more. */
  request(cause: Cause): void;
  /** Resolves with all causes that have gathered, at least one; undefined once the signal is aborted. */
  next(signal: AbortSignal): Promise<readonly Cause[] | undefined>;
}

/** The one queue in front of the loop: it holds causes, not runs, so that a burst ends in one run. */
export function createTriggers(): Triggers {
  // One of each type: of several pushes the newest says what the run will read.
  const pending = new Map<Cause['type'], Cause>();
  let wake = () => {};
  return {
    request(cause) {
      pending.set(cause.type, cause);
      wake();
    },
    async next(signal) {
      if (pending.size === 0 && !signal.aborted) {
        await new Promise<void>((resolve) => {
          wake = resolve;
          signal.addEventListener('abort', wake);
        });
        signal.removeEventListener('abort', wake);
      }
      if (signal.aborted) return undefined;
      const causes = [...pending.values()];
      pending.clear();
      return causes;
    },
  };
}

/** For people: `schedule`, `push 1a2b3c4d`. */
export function describeCause(cause: Cause): string {
  if (cause.type !== 'push' || cause.revision === undefined) return cause.type;
  return `push ${cause.revision.slice(0, 8)}`;
}
