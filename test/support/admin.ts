import type { System } from '../../src/core/objects/address.ts';
import type { Sandbox } from '../../src/lab/sandbox/index.ts';

/** A fault of a call to the sandbox; see the sandbox's `/faults`. */
export interface Fault {
  readonly fault: 'status' | 'delay' | 'drop' | 'lose-reply' | 'stale' | 'edit' | 'crash';
  /** The calls that fail; by default, those of Cloudflare. */
  readonly match: {
    readonly system?: System;
    readonly method?: string;
    readonly path?: string;
    readonly lists?: boolean;
  };
  readonly status?: number;
  /** For a crash: the call does its work first. */
  readonly applied?: true;
  readonly body?: unknown;
  readonly ms?: number;
  readonly writes?: number;
  /** A foreign write before the call is answered. */
  readonly edit?: {
    readonly system?: System;
    readonly method: string;
    readonly path: string;
    readonly body?: unknown;
  };
  readonly headers?: Readonly<Record<string, string>>;
  readonly skip?: number;
  readonly times?: number;
}

interface AdminReply {
  readonly success?: boolean;
  readonly errors?: unknown;
  readonly result?: unknown;
}

/** Calls the sandbox's admin interface. A malformed call throws. */
export async function admin(
  sandbox: Sandbox,
  method: string,
  path: string,
  body: unknown,
): Promise<AdminReply> {
  const { reply, status } = await ask(sandbox, method, path, body);
  const said = reply as AdminReply;
  if (status === 400 && said.success === undefined) throw new Error(`${path}: ${JSON.stringify(reply)}`);
  return said;
}

/** As `admin`, for any reply. */
export async function ask(
  sandbox: Sandbox,
  method: string,
  path: string,
  body: unknown,
): Promise<{ readonly reply: unknown; readonly status: number; readonly ok: boolean }> {
  const response = await sandbox.fetch(`${sandbox.urls.admin}${path}`, {
    method,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  const text = await response.text();
  const { status, ok } = response;
  return { reply: text === '' ? {} : JSON.parse(text), status, ok };
}
