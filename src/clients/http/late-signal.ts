/** Aborted some milliseconds after `signal`: for what a run that is told to stop still has to release. */
export function lateSignal(signal: AbortSignal, milliseconds: number): AbortSignal {
  const late = new AbortController();
  const abort = () => void setTimeout(() => late.abort(signal.reason), milliseconds).unref();
  if (signal.aborted) late.abort(signal.reason);
  else signal.addEventListener('abort', abort, { once: true });
  return late.signal;
}
