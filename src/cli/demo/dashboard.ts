import { notAsTold } from './told.ts';

/** Who gets through a door, for the sandbox's oracle; `admit` is empty for nobody. */
export interface Guard {
  readonly host: string;
  readonly path?: string;
  readonly admit: {
    readonly emails?: readonly string[];
    readonly tokens?: readonly string[];
    readonly public?: true;
  };
}

/** Somebody who got through a door where no guard admits them, seen after call `n`. */
export interface Exposure {
  readonly n: number;
  readonly host: string;
  readonly path: string;
  readonly principal: string;
}

export interface ApiCall {
  readonly n: number;
  readonly method: string;
  readonly path: string;
  readonly write: boolean;
}

/** An object of Cloudflare's API, as much of it as the story needs. */
export interface LiveObject {
  readonly id: string;
  readonly name: string;
  readonly [field: string]: unknown;
}

/** The sandbox's admin API: Cloudflare's dashboard in the hands of a person, and the oracle. */
export interface Dashboard {
  guard(guards: readonly Guard[]): Promise<void>;
  /** Everything that the API was asked to write after call `since`. */
  writes(since: number): Promise<readonly ApiCall[]>;
  /** The number of the last call. */
  lastCall(): Promise<number>;
  exposures(): Promise<readonly Exposure[]>;
  /** Logs a person in at a host: the session's cookie, or undefined where no policy admits them. */
  login(host: string, email: string): Promise<string | undefined>;
  list(path: string): Promise<readonly LiveObject[]>;
  edit(method: string, path: string, body?: unknown): Promise<void>;
}

/** The admin API at `url`; whatever is edited is edited by `actor`. */
export function createDashboard(url: string, actor: string): Dashboard {
  async function ask(method: string, path: string, body?: unknown): Promise<Response> {
    return fetch(new URL(path, url), {
      method,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  }

  async function read<Answer>(method: string, path: string, body?: unknown): Promise<Answer> {
    const reply = await ask(method, path, body);
    if (!reply.ok) throw notAsTold(`${method} ${path} of the sandbox: ${reply.status} ${await reply.text()}`);
    return (await reply.json()) as Answer;
  }

  async function calls(since: number): Promise<readonly ApiCall[]> {
    return (await read<{ calls: readonly ApiCall[] }>('GET', `/calls?since=${since}`)).calls;
  }

  function asPerson<Answer>(method: string, path: string, body?: unknown): Promise<Answer> {
    return read('POST', '/edit', { actor, system: 'cloudflare', method, path, body });
  }

  return {
    guard: async (guards) => void (await read('PUT', '/guards', guards)),
    writes: async (since) => (await calls(since)).filter(({ write }) => write),
    lastCall: async () => (await calls(0)).at(-1)?.n ?? 0,
    exposures: () => read('GET', '/exposures'),
    async login(host, email) {
      const reply = await ask('POST', '/login', { host, email });
      if (reply.status === 403) return undefined;
      if (!reply.ok) throw notAsTold(`login of ${email} at ${host}: ${reply.status}`);
      return ((await reply.json()) as { cookie: string }).cookie;
    },
    async list(path) {
      return (await asPerson<{ result: readonly LiveObject[] }>('GET', path)).result;
    },
    edit: async (method, path, body) => void (await asPerson(method, path, body)),
  };
}
