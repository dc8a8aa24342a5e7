import { type ChildProcess, spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { expect } from 'vitest';
import { type Program, programPath } from '../../support/programs.ts';
import { collect } from './processes.ts';

/** An application on loopback that reports what reached it. */
export interface Application {
  readonly url: string;
  close(): void;
}

/** The answer of an {@link Application}, which nothing else gives. */
export interface Reached {
  readonly application: true;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
}

export async function startApplication(): Promise<Application> {
  const server = createServer(({ url, headers }, response) => {
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ application: true, path: url, headers }));
  });
  const port = await listen(server);
  return { url: `http://127.0.0.1:${port}`, close: () => server.close() };
}

/** The request that reached the application, if the answer is its own. */
export function reached(body: string): Reached | undefined {
  try {
    const told = JSON.parse(body) as Partial<Reached>;
    return told.application === true ? (told as Reached) : undefined;
  } catch {
    return undefined;
  }
}

/**
 * A port of loopback on which nothing listens. It is below the ports that Linux gives out itself (from 32768), so
 * neither a connection nor another test's server takes it before the program listens that is told to.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const server = createServer();
    const port = await listen(server, randomInt(20_000, 32_768)).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EADDRINUSE') throw error;
    });
    if (port === undefined) continue;
    server.close();
    await once(server, 'close');
    return port;
  }
}

async function listen(server: Server, port = 0): Promise<number> {
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

/** The settings around a person's configuration: a port of loopback, no system folders, no administration. */
const surroundings = {
  caddy: (text: string, port: number) =>
    `{\n\tadmin off\n\tauto_https off\n\tdefault_bind 127.0.0.1\n\thttp_port ${port}\n}\n${text}`,
  nginx: (text: string, port: number) => `daemon off;
master_process off;
pid nginx.pid;
events {}
http {
    access_log off;
    client_body_temp_path body;
    proxy_temp_path proxy;
    fastcgi_temp_path fastcgi;
    uwsgi_temp_path uwsgi;
    scgi_temp_path scgi;
${text.replace(/listen +80;/, `listen 127.0.0.1:${port};`)}
}
`,
};

/** The programs that read one file. */
export type ProxyProgram = Extract<Program, 'caddy' | 'nginx'>;

/** A proxy in the foreground with one configuration. */
export interface RunningProxy {
  stop(): Promise<void>;
}

/** Starts a proxy. Rejects with its output if it ends before it listens. */
export async function startProxy(
  program: ProxyProgram,
  text: string,
  { port, directory }: { readonly port: number; readonly directory: string },
): Promise<RunningProxy> {
  const file = path.join(directory, `${program}.conf`);
  await writeFile(file, surroundings[program](text, port));
  const args = {
    caddy: ['run', '--adapter', 'caddyfile', '--config', file],
    nginx: ['-e', 'stderr', '-p', directory, '-c', file],
  };
  const env = {
    PATH: process.env.PATH ?? '',
    HOME: directory,
    XDG_CONFIG_HOME: directory,
    XDG_DATA_HOME: directory,
  };
  return listening(program, args[program], env, port);
}

/**
 * Starts Traefik with the dynamic configuration that gates printed, and with the routers that its comments ask people to
 * write: they lead to the application. Traefik believes what cloudflared passes on, which is the harder case.
 */
export async function startTraefik(
  printed: string,
  {
    port,
    directory,
    application,
  }: { readonly port: number; readonly directory: string; readonly application: string },
): Promise<RunningProxy> {
  const folder = path.join(directory, 'dynamic');
  await mkdir(folder, { recursive: true });
  const asked = /^# {3}(\S+): middlewares: \[(\S+)\](?:\n# {5}rule: (.*))?$/gm;
  const routers = [...printed.matchAll(asked)].map(([, where = '', chain, rule], index) => [
    `application-${index}`,
    { rule: rule ?? `Host(\`${where}\`)`, middlewares: [chain], service: 'application' },
  ]);
  const services = { application: { loadBalancer: { servers: [{ url: application }] } } };
  await writeFile(path.join(folder, 'gates.yaml'), printed);
  await writeFile(
    path.join(folder, 'people.yaml'),
    JSON.stringify({ http: { routers: Object.fromEntries(routers), services } }),
  );
  const args = [
    `--entryPoints.web.address=127.0.0.1:${port}`,
    '--entryPoints.web.forwardedHeaders.trustedIPs=127.0.0.1/32',
    '--entryPoints.web.http.encodedCharacters.allowEncodedSlash=false',
    `--providers.file.directory=${folder}`,
    ...['--global.checkNewVersion=false', '--global.sendAnonymousUsage=false', '--log.level=ERROR'],
  ];
  return listening('traefik', args, { PATH: process.env.PATH ?? '', HOME: directory }, port);
}

/** Starts a program and waits until it answers. */
async function listening(
  program: Program,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  port: number,
): Promise<RunningProxy> {
  const child = spawn(programPath(program) ?? program, args, { env, stdio: ['ignore', 'ignore', 'pipe'] });
  const said = collect(child.stderr);
  await expect.poll(async () => child.exitCode !== null || (await answers(port))).toBe(true);
  if (child.exitCode !== null) throw new Error(`${program} ended: ${said()}`);
  return { stop: () => ended(child) };
}

async function answers(port: number): Promise<boolean> {
  try {
    await (await fetch(`http://127.0.0.1:${port}/`, { redirect: 'manual' })).arrayBuffer();
    return true;
  } catch {
    return false;
  }
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGTERM');
  await once(child, 'exit');
}
