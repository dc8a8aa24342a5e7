/** A request to a live system, below the base URL of its API, and the reply. */
export interface RecordedReply {
  readonly system: 'cloudflare' | 'authentik';
  readonly path: string;
  readonly status: number;
  readonly body: unknown;
}

type Fetch = (input: string | URL | Request, init?: RequestInit) => Promise<Response>;

/**
 * The requests to the live systems and their replies, for a copy of the systems. Contains everything that a reply
 * contains.
 */
export class Recording {
  readonly #replies: RecordedReply[] = [];

  get replies(): readonly RecordedReply[] {
    return this.#replies;
  }

  /** A client's own fetch that remembers every answer to a GET. `base` is the base URL of the client. */
  around(system: RecordedReply['system'], base: string, fetch: Fetch = globalThis.fetch): Fetch {
    const start = base.replace(/\/+$/, '');
    return async (input, init) => {
      const response = await fetch(input, init);
      const { url, method } = pathAsked(input, init);
      if (method === 'GET' && url.startsWith(start)) {
        const body = parsed(await response.clone().text());
        this.#replies.push({ system, path: url.slice(start.length), status: response.status, body });
      }
      return response;
    };
  }
}

function pathAsked(
  input: string | URL | Request,
  init: RequestInit | undefined,
): { url: string; method: string } {
  const request = input instanceof Request ? input : undefined;
  const method = init?.method ?? request?.method ?? 'GET';
  return { url: request?.url ?? String(input), method: method.toUpperCase() };
}

/** A body that is not JSON is kept as text: the copy reports what it could not read. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
