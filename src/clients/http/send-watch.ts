import { subscribe } from 'node:diagnostics_channel';
import type { Socket } from 'node:net';

/** Looks at writes once more as their first byte leaves: a connection may have been waited for since they were begun. */
export interface SendWatch {
  /** Breaks off what would write to the host of this address while `isUnexpired` says no, from now on. */
  guard(url: string, isUnexpired: () => boolean): void;
}

/** The message that Node's fetch publishes right before it hands a request to its socket. */
interface Sending {
  readonly request: { readonly method: string; readonly origin: string };
  readonly socket: Socket;
}

/** Watches every request of this process; with nothing to guard it lets all of them pass. */
export function createSendWatch(): SendWatch {
  const guards = new Map<string, () => boolean>();
  subscribe('undici:client:sendHeaders', (message) => {
    const { request, socket } = message as Sending;
    if (/^(get|head)$/i.test(request.method)) return;
    if (guards.get(request.origin)?.() === false) socket.destroy(new Error('the turn to write was over'));
  });
  return {
    guard: (url, isUnexpired) => void guards.set(new URL(url).origin, isUnexpired),
  };
}
