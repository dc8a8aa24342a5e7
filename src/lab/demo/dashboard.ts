import { notAsTold } from './told.ts';

/** The people whom a door admits, for the sandbox's oracle; empty for nobody. */
export interface Guard {
  readonly host: string;
  readonly path?: string;
  readonly admit: {
    readonly emails?: readonly string[];
    readonly tokens?: readonly string[];
    /** Names of Authentik's groups. */
    readonly groups?: readonly string[];
    /** Callers with a token of this client, at these operations. */
    readonly bearer?: { readonly client: string };
    readonly operations?: readonly string[];
    readonly public?: true;
  };
}

/** A visitor who got through a door without being admitted by its guard, after call `n`. */
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

/** An object of Cloudflare's API, with the fields that the story needs. */
export interface LiveObject {
  readonly id: string;
  readonly name: string;
  readonly [field: string]: unknown;
}

/** An object of Authentik's API, with the fields that the story needs. */
export interface AuthentikObject {
  readonly pk: string | number;
  readonly name: string;
  readonly [field: string]: unknown;
}

/** The settings of a Traefik for the hosts that it serves. */
export interface TraefikSettings {
  readonly url: string;
  /** Hosts about whose requests Traefik asks Authentik's outpost. */
  readonly forwardAuth: readonly string[];
}

/** The sandbox's admin API: both systems as a person edits them, a Traefik, and the oracle. */
export interface Dashboard {
  guard(guards: readonly Guard[]): Promise<void>;
  /** Every write request to the API after call `since`. */
  writes(since: number): Promise<readonly ApiCall[]>;
  /** The number of the last call. */
  lastCall(): Promise<number>;
  exposures(): Promise<readonly Exposure[]>;
  /** Logs a person in at a host. Returns the session's cookie; undefined if no policy admits them. */
  login(host: string, email: string): Promise<string | undefined>;
  list(path: string): Promise<readonly LiveObject[]>;
  edit(method: string, path: string, body?: unknown): Promise<void>;
  /** The cookie of a person who has logged in at Authentik. */
  loginAtAuthentik(email: string): Promise<string>;
  /** Objects of Authentik's API at a path below `/api/v3`. */
  listOfAuthentik(path: string): Promise<readonly AuthentikObject[]>;
  editAuthentik(method: string, path: string, body?: unknown): Promise<void>;
  setTraefik(settings: TraefikSettings): Promise<void>;
}

/** The admin API at `url`; every edit is one of `actor`. */
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

  async function edit(system: string, method: string, path: string, body?: unknown): Promise<Response> {
    const reply = await ask('POST', '/edit', { actor, system, method, path, body });
    if (!reply.ok) throw notAsTold(`${method} ${path} by ${actor}: ${reply.status} ${await reply.text()}`);
    return reply;
  }

  async function login<Who>(who: Who): Promise<string | undefined> {
    const reply = await ask('POST', '/login', who);
    if (reply.status === 403) return undefined;
    if (!reply.ok) throw notAsTold(`login of ${JSON.stringify(who)}: ${reply.status}`);
    return ((await reply.json()) as { cookie: string }).cookie;
  }

  return {
    guard: async (guards) => void (await read('PUT', '/guards', guards)),
    writes: async (since) => (await calls(since)).filter(({ write }) => write),
    lastCall: async () => (await calls(0)).at(-1)?.n ?? 0,
    exposures: () => read('GET', '/exposures'),
    login: (host, email) => login({ host, email }),
    async list(path) {
      const reply = await edit('cloudflare', 'GET', path);
      return ((await reply.json()) as { result: readonly LiveObject[] }).result;
    },
    edit: async (method, path, body) => void (await edit('cloudflare', method, path, body)),
    async loginAtAuthentik(email) {
      const cookie = await login({ email });
      if (cookie === undefined) throw notAsTold(`${email} cannot log in at Authentik`);
      return cookie;
    },
    async listOfAuthentik(path) {
      const reply = await edit('authentik', 'GET', `/api/v3${path}`);
      return ((await reply.json()) as { results: readonly AuthentikObject[] }).results;
    },
    editAuthentik: async (method, path, body) =>
      void (await edit('authentik', method, `/api/v3${path}`, body)),
    setTraefik: async (settings) => void (await read('PUT', '/origins', { kind: 'traefik', ...settings })),
  };
}
