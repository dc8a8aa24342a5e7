/** The cause of a run. */
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
  /** Requests a run. All requests during a run make one more. */
  request(cause: Cause): void;
  /** Resolves with all collected causes, at least one; undefined once the signal is aborted. */
  next(signal: AbortSignal): Promise<readonly Cause[] | undefined>;
}

/** The only queue of the loop. It holds causes, not runs, so that a burst makes one run. */
export function createTriggers(): Triggers {
  // One cause of each type: of several pushes, the newest one names what the run will read.
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

/** The cause in words: `schedule`, `push 1a2b3c4d`. */
export function describeCause(cause: Cause): string {
  if (cause.type !== 'push' || cause.revision === undefined) return cause.type;
  return `push ${cause.revision.slice(0, 8)}`;
}
