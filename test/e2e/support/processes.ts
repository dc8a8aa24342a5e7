import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';

/** The bundled program, as people run it. */
const program = path.resolve(import.meta.dirname, '../../../dist/gates.js');

export interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export type Environment = Readonly<Record<string, string>>;

/** Runs the program to its end. */
export async function gates(args: readonly string[], env: Environment, cwd?: string): Promise<Ran> {
  const child = start(args, env, cwd);
  const [stdout, stderr] = [collect(child.stdout), collect(child.stderr)];
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, stdout: stdout(), stderr: stderr() };
}

/** Starts the program; the caller ends it. */
export function start(args: readonly string[], env: Environment, cwd?: string): ChildProcess {
  const surroundings = { PATH: process.env.PATH ?? '', HOME: process.env.HOME ?? '', NO_COLOR: '1' };
  return spawn(process.execPath, [program, ...args], {
    env: { ...surroundings, ...env },
    cwd,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

/** Collects what is printed. A character may arrive in two chunks. */
export function collect(stream: NodeJS.ReadableStream | null): () => string {
  let text = '';
  stream?.setEncoding('utf8');
  stream?.on('data', (chunk) => {
    text += chunk;
  });
  return () => text;
}

export async function temporaryDirectory(): Promise<string> {
  return mkdtemp(path.join(tmpdir(), 'gates-test-'));
}

export async function remove(directory: string): Promise<void> {
  await rm(directory, { recursive: true, force: true });
}

export interface Call {
  readonly n: number;
  readonly method: string;
  readonly path: string;
  readonly status: number;
  readonly write: boolean;
}

/** A sandbox in its own process, reached by the addresses of its first line. */
export interface SandboxProcess {
  readonly env: Environment;
  readonly token: string;
  readonly baseUrl: string;
  readonly accountId: string;
  readonly zoneId: string;
  /** The address of the admin API. */
  readonly adminUrl: string;
  admin(method: string, path: string, body?: unknown): Promise<unknown>;
  writes(): Promise<readonly Call[]>;
  calls(): Promise<readonly Call[]>;
  /** Sends a request from the internet to a host. */
  visit(host: string, path?: string, headers?: Readonly<Record<string, string>>): Promise<Visit>;
  /** Fetches a public address, as a client on the internet does. */
  fetch(address: string, init?: RequestInit): Promise<Response>;
  stop(): Promise<void>;
}

export interface Visit {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly servedBy: string;
  readonly body: string;
}

/**
 * By default, changes arrive at the edge at once, and gates does not wait for it. Otherwise a revocation would take 25
 * s there, and gates would wait for 30 s.
 */
export async function startSandboxProcess(args: readonly string[] = []): Promise<SandboxProcess> {
  const prompt = !args.includes('--lag');
  const lag = prompt ? ['--lag', 'revocations=0'] : [];
  const zone = args.includes('--from') ? [] : ['--zone', 'example.dev'];
  const child = start(['sandbox', '--json', ...zone, ...lag, ...args], {});
  if (child.stdout === null) throw new Error('the sandbox has no output');
  const lines = createInterface({ input: child.stdout });
  const ended = once(lines, 'close').then(() => {
    throw new Error('the sandbox ended before it said where it listens: is dist/ built?');
  });
  const [text] = (await Promise.race([once(lines, 'line'), ended])) as [string];
  const line = JSON.parse(text);
  const admin = async (method: string, where: string, body?: unknown) => {
    const init =
      body === undefined
        ? { method }
        : { method, body: JSON.stringify(body), headers: { 'content-type': 'application/json' } };
    const response = await fetch(`${line.admin.url}${where}`, init);
    const answer = await response.text();
    return answer === '' ? undefined : JSON.parse(answer);
  };
  const calls = async () => ((await admin('GET', '/calls')) as { calls: Call[] }).calls;
  return {
    env: prompt ? { ...line.env, GATES_EDGE_LAG: '0' } : line.env,
    token: line.cloudflare.token,
    baseUrl: line.cloudflare.baseUrl,
    accountId: line.cloudflare.accountId,
    zoneId: line.cloudflare.zones[0].id,
    adminUrl: line.admin.url,
    admin,
    calls,
    writes: async () => (await calls()).filter((call) => call.write),
    visit: (host, where = '/', headers = {}) => visit(line.edge.url, host, where, { headers }),
    fetch: async (address, init = {}) => {
      const { hostname, pathname, search } = new URL(address);
      const headers = Object.fromEntries(new Headers(init.headers));
      const body = init.body === undefined || init.body === null ? '' : String(init.body);
      const sent = { headers, method: init.method ?? 'GET', body };
      const answer = await visit(line.edge.url, hostname, `${pathname}${search}`, sent);
      const known = Object.entries(answer.headers).flatMap(([name, value]): [string, string][] =>
        value === undefined || name === 'transfer-encoding' ? [] : [[name, String(value)]],
      );
      return new Response(answer.body, { status: answer.status, headers: known });
    },
    stop: async () => {
      child.kill('SIGTERM');
      if (child.exitCode === null) await once(child, 'exit');
    },
  };
}

/** A request whose client sends the path exactly as given, including dot segments. */
function visit(
  edge: string,
  host: string,
  where: string,
  sent: {
    readonly headers: Readonly<Record<string, string>>;
    readonly method?: string;
    readonly body?: string;
  },
): Promise<Visit> {
  const { hostname, port } = new URL(edge);
  return new Promise((resolve, reject) => {
    const { method = 'GET', body: content = '' } = sent;
    const headers = { ...sent.headers, host };
    const outgoing = request({ hostname, port, path: where, method, headers }, (response) => {
      const body = collect(response);
      response.on('end', () => {
        const servedBy = String(response.headers['x-sandbox-served-by'] ?? '');
        resolve({ status: response.statusCode ?? 0, headers: response.headers, servedBy, body: body() });
      });
    });
    outgoing.on('error', reject);
    outgoing.end(content);
  });
}
