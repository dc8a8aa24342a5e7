import type { HttpStart } from '../../config/model/config.ts';
import { MOST_OUTPUT } from './kept-output.ts';

export interface HttpEnd {
  readonly status?: number;
  /** The reason why there is no answer. */
  readonly reason?: string;
  /** The beginning of the answer. */
  readonly output: Buffer;
}

export interface HttpLimits {
  readonly token: string | undefined;
  /** Milliseconds. */
  readonly timeout: number;
  readonly signal: AbortSignal;
}

/** One call as the file defines it: without a body or redirects, since a token is meant for one server. */
export async function callHttp(
  { url, method }: HttpStart,
  { token, timeout, signal }: HttpLimits,
): Promise<HttpEnd> {
  const late = AbortSignal.timeout(timeout);
  try {
    const response = await fetch(url, {
      method,
      headers: { 'user-agent': 'gates', ...(token !== undefined && { authorization: `Bearer ${token}` }) },
      redirect: 'manual',
      signal: AbortSignal.any([signal, late]),
    });
    return { status: response.status, output: await beginningOf(response) };
  } catch (error) {
    const output = Buffer.alloc(0);
    if (signal.aborted) return { reason: 'told to end, since the daemon ends', output };
    if (late.aborted) return { reason: `no answer after ${timeout / 1000} s`, output };
    return { reason: `no answer: ${networkCode(error)}`, output };
  }
}

async function beginningOf({ body }: Response): Promise<Buffer> {
  if (body === null) return Buffer.alloc(0);
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body) {
    chunks.push(chunk);
    size += chunk.length;
    if (size >= MOST_OUTPUT) break;
  }
  return Buffer.concat(chunks).subarray(0, MOST_OUTPUT);
}

/** `ECONNREFUSED`; never the message itself, which may quote the address. */
function networkCode(error: unknown): string {
  const cause = error instanceof Error ? error.cause : undefined;
  return cause instanceof Error && 'code' in cause ? String(cause.code) : 'no connection';
}
