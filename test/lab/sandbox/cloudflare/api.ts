import { expect } from 'vitest';
import { handleCloudflare } from '../../../../src/lab/sandbox/cloudflare/index.ts';
import { type FirstWorldOptions, firstWorld } from '../../../../src/lab/sandbox/first-world.ts';
import type { World } from '../../../../src/lab/sandbox/state/world.ts';
import { held } from '../held-contracts.ts';
import { officialContract } from '../schema.ts';

/** A reply of the API, with any JSON body. */
export interface ApiReply {
  status: number;
  headers: Headers;
  /** The body; empty if the reply is no JSON. */
  body: ApiBody;
  text: string;
}

export interface ApiBody {
  success: boolean;
  errors: { code: number; message: string; error_chain?: { code: number; message: string }[] }[];
  messages: { code: number; message: string }[];
  // biome-ignore lint/suspicious/noExplicitAny: results are read as loosely as any client of JSON reads them
  result: any;
  result_info: { page: number; per_page: number; count: number; total_count: number; total_pages?: number };
}

export interface Api {
  world: World;
  /** The path of the account, `/accounts/<id>`. */
  account: string;
  /** The path of the first zone, `/zones/<id>`. */
  zone: string;
  call(method: string, path: string, body?: unknown, headers?: { [name: string]: string }): Promise<ApiReply>;
  /** Calls, expects success, and returns the result. */
  // biome-ignore lint/suspicious/noExplicitAny: as above
  done(method: string, path: string, body?: unknown): Promise<any>;
  /** Calls, expects this status and first error code, and returns its message. */
  refused(status: number, code: number, method: string, path: string, body?: unknown): Promise<string>;
}

/** All calls of a test file must fit the document, if it is available. */
const contract = held(officialContract());

/** A new world behind the API's handler, which checks every call against the official document. */
export function createApi(options: Partial<FirstWorldOptions> = {}): Api {
  const world = firstWorld({ zones: ['example.dev', 'example.net'], ...options });
  const answer = (request: Request) => handleCloudflare(world, request);
  const handle = contract === null ? answer : contract.around(answer);
  const authorization = `Bearer ${world.apiTokens[0]?.value}`;
  const call: Api['call'] = async (method, path, body, headers = { authorization }) => {
    const sent = body === undefined || typeof body === 'string' ? body : JSON.stringify(body);
    const init = sent === undefined ? { method, headers } : { method, headers, body: sent };
    const response = await handle(new Request(`http://cloudflare.test/client/v4${path}`, init));
    const text = await response.text();
    const isJson = response.headers.get('content-type')?.startsWith('application/json') === true;
    return {
      status: response.status,
      headers: response.headers,
      body: (isJson ? JSON.parse(text) : {}) as ApiBody,
      text,
    };
  };
  return {
    world,
    account: `/accounts/${world.account.id}`,
    zone: `/zones/${world.zones[0]?.id}`,
    call,
    async done(method, path, body) {
      const reply = await call(method, path, body);
      expect(reply.body.errors ?? [], `${method} ${path}`).toEqual([]);
      expect(reply.status, `${method} ${path}`).toBeLessThan(300);
      return reply.body.result;
    },
    async refused(status, code, method, path, body) {
      const reply = await call(method, path, body);
      expect(
        {
          status: reply.status,
          success: reply.body.success,
          result: reply.body.result,
          code: reply.body.errors[0]?.code,
        },
        `${method} ${path} ${JSON.stringify(reply.body)}`,
      ).toEqual({ status, success: false, result: null, code });
      const [error] = reply.body.errors;
      return error?.error_chain?.[0]?.message ?? error?.message ?? '';
    },
  };
}
