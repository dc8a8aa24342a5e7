export type Fetch = (input: string, init: RequestInit) => Promise<Response>;

/** The address of an API, and a key for it. */
export interface Endpoint {
  /** Without `/api/v3`. */
  readonly url: string;
  readonly token: string;
  readonly fetch: Fetch;
  /** Ends every running call. */
  readonly signal: AbortSignal;
}

/** An object as returned by the API. */
export interface Row {
  readonly pk: string | number;
  readonly [field: string]: unknown;
}

/** Another person at the server: plain calls, without anything of gates between them and the API. */
export interface Person {
  get(path: string): Promise<Row>;
  /** Every page. */
  list(path: string): Promise<readonly Row[]>;
  post(path: string, body?: unknown): Promise<Row>;
  put(path: string, body: unknown): Promise<Row>;
  patch(path: string, body: unknown): Promise<Row>;
  /** Removes the object. A missing object is not a failure. */
  remove(path: string): Promise<void>;
}

/** Milliseconds after which gates stops waiting for an answer. */
const longestAnswer = 30_000;

/** Paths are relative to `/api/v3`. Rejects with the API's own words for every answer that reports no success. */
export function createPerson({ url, token, fetch, signal }: Endpoint): Person {
  const ask = async (method: string, path: string, body?: unknown): Promise<unknown> => {
    const response = await fetch(`${url}/api/v3${path}`, {
      method,
      redirect: 'manual',
      headers: {
        accept: 'application/json',
        authorization: `Bearer ${token}`,
        ...(body !== undefined && { 'content-type': 'application/json' }),
      },
      signal: AbortSignal.any([signal, AbortSignal.timeout(longestAnswer)]),
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    const isGone = method === 'DELETE' && response.status === 404;
    if (!response.ok && !isGone) {
      throw new Error(`${method} ${path} was answered with ${response.status}: ${text.slice(0, 300)}`);
    }
    return text === '' || isGone ? undefined : JSON.parse(text);
  };
  return {
    get: async (path) => (await ask('GET', path)) as Row,
    list: (path) => everyPage((page) => ask('GET', page), path),
    post: async (path, body) => (await ask('POST', path, body ?? {})) as Row,
    put: async (path, body) => (await ask('PUT', path, body)) as Row,
    patch: async (path, body) => (await ask('PATCH', path, body)) as Row,
    remove: async (path) => void (await ask('DELETE', path)),
  };
}

interface Page {
  readonly pagination: { readonly next: number };
  readonly results: readonly Row[];
}

async function everyPage(ask: (path: string) => Promise<unknown>, path: string): Promise<readonly Row[]> {
  const rows: Row[] = [];
  for (let page = 1; page > 0; ) {
    const query = `${path.includes('?') ? '&' : '?'}page_size=100&page=${page}`;
    const reply = (await ask(`${path}${query}`)) as Page;
    rows.push(...reply.results);
    page = reply.pagination.next;
  }
  return rows;
}
