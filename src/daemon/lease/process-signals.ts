/** Aborted by the first SIGTERM or SIGINT: finish the current step and end. A second one ends the process at once. */
export function stopSignal(): AbortSignal {
  const controller = new AbortController();
  for (const name of ['SIGTERM', 'SIGINT'] as const) {
    // Not `once`: the code that removes half-written files on a signal ends the process if nobody else listens.
    process.on(name, () => {
      if (controller.signal.aborted) process.exit(1);
      controller.abort(new Error(`stopped by ${name}`));
    });
  }
  return controller.signal;
}

/** Calls the listener on each SIGHUP, until the returned function is called. */
export function onHangup(listener: () => void): () => void {
  process.on('SIGHUP', listener);
  return () => void process.off('SIGHUP', listener);
}
