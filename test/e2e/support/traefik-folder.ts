import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach } from 'vitest';
import { traefik } from '../whole/home.ts';
import {
  gates,
  type Ran,
  remove,
  type SandboxProcess,
  startSandboxProcess,
  temporaryDirectory,
} from './processes.ts';

/** An empty folder, and a sandbox whose Traefik asks Authentik; new ones for each test. */
export interface TraefikFolder {
  readonly sandbox: SandboxProcess;
  readonly directory: string;
  /** Writes gates.yaml. */
  write(text: string): Promise<void>;
  /** Runs a command there on a sandbox, with a state folder of its own. */
  on(system: SandboxProcess, state: string, ...args: string[]): Promise<Ran>;
}

/** Call it in the body of a test file. `canary`: a text in all secrets of the sandbox. */
export function useTraefikFolder(canary: string): TraefikFolder {
  let sandbox: SandboxProcess;
  let directory: string;
  beforeEach(async () => {
    directory = await temporaryDirectory();
    sandbox = await startSandboxProcess(['--canary', canary]);
    await sandbox.admin('PUT', '/origins', traefik);
  });
  afterEach(async () => {
    await sandbox.stop();
    await remove(directory);
  });
  return {
    get sandbox() {
      return sandbox;
    },
    get directory() {
      return directory;
    },
    write: (text) => writeFile(path.join(directory, 'gates.yaml'), text),
    on: (system, state, ...args) =>
      gates(args, { ...system.env, GATES_STATE_DIR: path.join(directory, state) }, directory),
  };
}

/** A gates.yaml with a login page, Grafana behind a gate, and further services, each on a line. */
export function traefikFile(grafana: string, ...services: readonly string[]): string {
  const lines = [
    'auth: { host: auth.example.dev, origin: traefik, gate: { identityProvider: {} } }',
    `grafana: { host: grafana.example.dev, origin: traefik, gate: ${grafana} }`,
    ...services,
  ];
  return `version: 1
owner: home
cloudflare:
  account: 0123456789abcdef0123456789abcdef
  zones: [example.dev]
  tunnels: { homelab: {} }
  access: { team: example }
authentik: { url: "http://authentik.lan:9000", service: auth }
groups: { admins: {} }
origins:
  traefik: { tunnel: homelab, url: "http://traefik.lan:80", forwardAuth: true }
services:
${lines.map((line) => `  ${line}\n`).join('')}`;
}
