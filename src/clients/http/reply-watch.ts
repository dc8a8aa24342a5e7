type Fetch = (input: string | URL | Request, init?: RequestInit) => Promise<Response>;

/** The headers of the last reply of Cloudflare's API, which wires do not expose. */
export class ReplyWatch {
  #headers: Headers | undefined;

  get headers(): Headers | undefined {
    return this.#headers;
  }

  /** A client's own fetch, wrapped like that of a recording. */
  around(system: 'cloudflare' | 'authentik', _base: string, fetch: Fetch = globalThis.fetch): Fetch {
    return async (input, init) => {
      const response = await fetch(input, init);
      if (system === 'cloudflare') this.#headers = response.headers;
      return response;
    };
  }
}
