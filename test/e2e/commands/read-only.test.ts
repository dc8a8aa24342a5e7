import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createForge, type Forge } from '../../daemon/forge.ts';
import { needs } from '../../support/programs.ts';
import { until } from '../../support/until.ts';
import {
  collect,
  gates,
  remove,
  type SandboxProcess,
  startSandboxProcess,
  temporaryDirectory,
} from '../support/processes.ts';

/**
 * The daemon with write access only to the documented places: in a mount namespace where every other mount is
 * read-only, and without a capability that could change that. The unit and the compose file create such a place; this
 * test needs neither systemd nor Docker.
 */
const program = path.resolve(import.meta.dirname, '../../../dist/gates.js');

/** Makes every mount read-only except the given places, and then becomes the daemon. */
const script = `set -eu
for place in "$@"; do mount --bind "$place" "$place"; done
while read -r _ _ _ _ place options _; do
  for kept in "$@"; do [ "$place" != "$kept" ] || continue 2; done
  flags=$(printf '%s' "$options" | tr , '\\n' | grep -xE 'nosuid|nodev|noexec|(no|rel|nodir)atime' | tr '\\n' ,)
  mount -o "remount,bind,\${flags}ro" "$place"
done < /proc/self/mountinfo
exec setpriv --no-new-privs --bounding-set=-all --inh-caps=-all --ambient-caps=-all sh -c "$FIRST"`;

/** Tries to write to the closed places first; otherwise the test would show nothing. */
const first = `for place in $CLOSED; do
  if (: > "$place/written") 2> /dev/null; then echo "$place can be written to" >&2; exit 9; fi
done
exec "$NODE" "$PROGRAM" run`;

const file = (gate: string, deliver: string) => `version: 1
owner: home
cloudflare:
  account: 0123456789abcdef0123456789abcdef
  zones: [example.dev]
  tunnels: { homelab: {} }
authentik: { url: "http://authentik.lan:9000", service: auth }
origins:
  app: { tunnel: homelab, url: "http://app.lan:80" }
groups: { admins: {} }
services:
  auth: { host: auth.example.dev, origin: app, gate: { identityProvider: {} } }
  api: { host: api.example.dev, origin: app, gate: { serviceToken: { tokens: [ci] } } }
  vault: { host: vault.example.dev, origin: app, gate: { authentik: { mode: oidc, client: vault } } }
  one: { host: one.example.dev, origin: app, gate: ${gate} }
serviceTokens:
  ci: { deliver: [{ file: ${deliver}/ci.env }] }
clients:
  vault: { redirectUris: ["https://vault.example.dev/callback"], groups: [admins], deliver: [{ file: ${deliver}/vault.env }] }
`;

let sandbox: SandboxProcess;
let directory: string;
let forge: Forge;
/** The revision at the daemon's start. */
let opened: string;
let daemon: ChildProcess;
let log: () => string;
let env: Readonly<Record<string, string>>;

const at = (name: string) => path.join(directory, name);

interface StatusReply {
  readonly phase: string;
  readonly inForce?: { readonly revision: string };
  readonly lastRun?: {
    readonly revision: string;
    readonly result: string;
    readonly problems: readonly { readonly reason: string }[];
  };
}

/** Waits until a run of this revision has ended, and returns the status. */
const ended = (revision: string) =>
  until(async () => {
    const ran = await gates(['status', '--output', 'json'], env);
    if (daemon.exitCode !== null || daemon.signalCode !== null) {
      throw new Error(`the daemon ended with ${daemon.exitCode ?? daemon.signalCode}: ${log()}`);
    }
    const status = ran.code === 0 ? (JSON.parse(ran.stdout) as StatusReply) : undefined;
    return status?.phase === 'idle' && status.lastRun?.revision === revision && status;
  });

beforeAll(async () => {
  directory = await temporaryDirectory();
  for (const name of ['state', 'delivered', 'elsewhere', 'secrets']) mkdirSync(at(name));
  sandbox = await startSandboxProcess();
  forge = createForge(directory);
  const { CLOUDFLARE_API_TOKEN = '', AUTHENTIK_TOKEN = '', ...addresses } = sandbox.env;
  writeFileSync(at('secrets/cloudflare'), CLOUDFLARE_API_TOKEN);
  writeFileSync(at('secrets/authentik'), AUTHENTIK_TOKEN);
  env = {
    ...addresses,
    CLOUDFLARE_API_TOKEN_FILE: at('secrets/cloudflare'),
    AUTHENTIK_TOKEN_FILE: at('secrets/authentik'),
    GATES_STATE_DIR: at('state'),
    GATES_REPOSITORY: `file://${forge.bare}`,
    GATES_LISTEN: '127.0.0.1:0',
    GATES_HOOKS_LISTEN: '127.0.0.1:0',
    GATES_LOG_FORMAT: 'json',
  };
  opened = forge.push({ 'gates.yaml': file('{ public: { reason: open } }', at('delivered')) });
  const wanted = ['unshare', '--user', '--map-root-user', '--mount', 'sh', '-c', script, 'sh'] as const;
  const [command, ...args] = wanted;
  daemon = spawn(command, [...args, at('state'), at('delivered')], {
    cwd: directory,
    env: {
      ...env,
      PATH: process.env.PATH ?? '',
      HOME: '/nonexistent',
      NODE: process.execPath,
      FIRST: first,
      PROGRAM: program,
      CLOSED: JSON.stringify([
        directory,
        at('elsewhere'),
        forge.bare,
        '/tmp',
        '/var/tmp',
        '/dev/shm',
        '/etc',
      ]),
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  log = collect(daemon.stderr);
});

afterAll(async () => {
  daemon.kill('SIGKILL');
  await sandbox.stop();
  await remove(directory);
});

const programs = needs('mount', 'setpriv', 'unshare');

describe(
  'the daemon where everything is read-only but its state folder and a delivery folder',
  programs,
  () => {
    it('applies a complete file, and delivers its secrets', async () => {
      expect(await ended(opened)).toMatchObject({ lastRun: { result: 'done' } });
      for (const name of ['ci.env', 'vault.env']) {
        expect(statSync(at(`delivered/${name}`)).mode & 0o777).toBe(0o600);
      }
      expect(readFileSync(at('delivered/ci.env'), 'utf8')).toContain('CF_ACCESS_CLIENT_SECRET=');
    });

    it('follows a push', async () => {
      const gate = '{ cloudflare: { emails: [me@example.dev] } }';
      const revision = forge.push({ 'gates.yaml': file(gate, at('delivered')) });
      daemon.kill('SIGHUP');
      expect(await ended(revision)).toMatchObject({ lastRun: { result: 'done' } });
      expect(await sandbox.visit('one.example.dev')).toMatchObject({ servedBy: 'access', status: 302 });
    });

    it('names a file that it could not deliver, if its folder is not writable', async () => {
      const gate = '{ cloudflare: { emails: [me@example.dev] } }';
      const revision = forge.push({ 'gates.yaml': file(gate, at('elsewhere')) });
      daemon.kill('SIGHUP');
      const { lastRun } = await ended(revision);
      expect(lastRun?.result).toBe('incomplete');
      expect(lastRun?.problems.map(({ reason }) => reason).join('\n')).toContain(
        `A secret cannot be delivered`,
      );
    });

    it('keeps its history, and ends when it is stopped', async () => {
      expect(await gates(['history', 'verify'], env)).toMatchObject({ code: 0 });
      daemon.kill('SIGTERM');
      expect(await once(daemon, 'exit')).toEqual([0, null]);
      expect(log()).not.toContain('EACCES');
    });
  },
);
