import { createSandbox, type Sandbox, type SandboxOptions } from '../../../src/lab/sandbox/index.ts';

export interface Reply {
  status: number;
  headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: a test reads whatever the API answers
  body: any;
}

/** A sandbox of example.dev, with the interfaces that tests use. */
export interface Client {
  sandbox: Sandbox;
  zoneId: string;
  account: string;
  /** Calls the API; `path` is relative to the base URL, such as `/zones`. */
  api(method: string, path: string, body?: unknown): Promise<Reply>;
  admin(method: string, path: string, body?: unknown): Promise<Reply>;
  visit(url: string, headers?: Record<string, string>): Promise<Response>;
}

export async function newClient(options: Partial<SandboxOptions> = {}): Promise<Client> {
  const sandbox = await createSandbox({ zones: ['example.dev'], ...options });
  const send = async (url: string, method: string, body?: unknown): Promise<Reply> => {
    const response = await sandbox.fetch(url, {
      method,
      headers: { authorization: `Bearer ${sandbox.token}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return {
      status: response.status,
      headers: response.headers,
      body: text === '' ? null : JSON.parse(text),
    };
  };
  return {
    sandbox,
    zoneId: sandbox.zones[0]?.id ?? '',
    account: `/accounts/${sandbox.accountId}`,
    api: (method, path, body) => send(sandbox.urls.cloudflare + path, method, body),
    admin: (method, path, body) => send(sandbox.urls.admin + path, method, body),
    visit: (url, headers = {}) => sandbox.fetch(url, { headers, redirect: 'manual' }),
  };
}
