import { subscribe } from 'node:diagnostics_channel';
import type { Socket } from 'node:net';

/** Checks writes once more as their first byte leaves, because they may have waited for a connection. */
export interface SendWatch {
  /** From now on, aborts writes to the host of this address while `isUnexpired` returns false. */
  guard(url: string, isUnexpired: () => boolean): void;
}

/** The message that Node's fetch publishes right before it hands a request to its socket. */
interface Sending {
  readonly request: { readonly method: string; readonly origin: string };
  readonly socket: Socket;
}

/** Watches every request of this process; without a guard, all of them pass. */
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
