/** A signal that aborts some milliseconds after `signal`: for releases that a stopped run still has to make. */
export function lateSignal(signal: AbortSignal, milliseconds: number): AbortSignal {
  const late = new AbortController();
  const abort = () => void setTimeout(() => late.abort(signal.reason), milliseconds).unref();
  if (signal.aborted) late.abort(signal.reason);
  else signal.addEventListener('abort', abort, { once: true });
  return late.signal;
}
