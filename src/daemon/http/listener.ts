import type { Server } from 'node:http';
import { createAdaptorServer } from '@hono/node-server';
import type { Hono } from 'hono';
import { ConfigError } from '../../core/errors.ts';

export interface ListenAddress {
  readonly host: string;
  /** 0: the system chooses. */
  readonly port: number;
}

export interface Listener {
  /** The address without a path, `http://127.0.0.1:8420`. */
  readonly url: string;
  close(): Promise<void>;
}

export interface ListenOptions {
  /** The variable that sets the address, for the error message. */
  readonly variable: string;
  /** Milliseconds in which a client must send its complete request. */
  readonly requestTimeout?: number;
}

const REQUEST_TIMEOUT = 15_000;
/** More than a forge opens at once. Further connections are closed, and the forge shows them as not delivered. */
const MAX_CONNECTIONS = 1_000;

/** Binds the port, and disconnects slow clients. @throws ConfigError if the port cannot be bound. */
export async function listen(app: Hono, address: ListenAddress, options: ListenOptions): Promise<Listener> {
  const requestTimeout = options.requestTimeout ?? REQUEST_TIMEOUT;
  const server = createAdaptorServer({
    fetch: app.fetch,
    overrideGlobalObjects: false,
    serverOptions: {
      requestTimeout,
      headersTimeout: requestTimeout,
      keepAliveTimeout: 5_000,
      connectionsCheckingInterval: Math.min(1_000, requestTimeout),
    },
  }) as Server;
  server.maxConnections = MAX_CONNECTIONS;
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause) => reject(notBound(address, options.variable, cause)));
    server.listen(address.port, address.host, resolve);
  });
  return {
    url: urlOf(server, address.host),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** True if only this machine reaches an address: `127.0.0.1`, `::1`, `localhost`. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host);
}

function urlOf(server: Server, host: string): string {
  const bound = server.address();
  const port = typeof bound === 'object' && bound !== null ? bound.port : 0;
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
}

function notBound(address: ListenAddress, variable: string, cause: Error): ConfigError {
  return new ConfigError('The address cannot be listened on', {
    hint: `Stop what uses ${address.host}:${address.port}, or set ${variable} to another address`,
    facts: { detail: cause.message },
    cause,
  });
}
