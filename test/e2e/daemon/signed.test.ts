import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SIGNING_PROGRAMS } from '../../clients/git/git-signature-stage.ts';
import {
  createSignedForge,
  type GpgHome,
  gpgHome,
  type Signer,
  sshSigner,
} from '../../clients/git/git-signing.ts';
import { needs } from '../../support/programs.ts';
import { until } from '../../support/until.ts';
import { head } from '../support/file-head.ts';
import {
  collect,
  gates,
  remove,
  type SandboxProcess,
  start,
  startSandboxProcess,
  temporaryDirectory,
} from '../support/processes.ts';

/** The daemon as people run it, on a repository in which it trusts only commits of certain signers. */
const services = (...names: readonly string[]) => `${head}services:
${names.map((name) => `  ${name}: { host: ${name}.example.dev, origin: app, gate: { cloudflare: { emails: [me@example.dev] } } }`).join('\n')}
`;

interface StatusReply {
  readonly phase: string;
  readonly inForce?: { readonly revision: string; readonly applied: boolean };
  readonly rejected?: {
    readonly revision: string;
    readonly mistakes: readonly { readonly message: string; readonly hint?: string }[];
  };
  readonly repository: { readonly error?: string };
}

async function statusOf(env: Readonly<Record<string, string>>): Promise<StatusReply | undefined> {
  const ran = await gates(['status', '--output', 'json'], env);
  return ran.code === 0 ? (JSON.parse(ran.stdout) as StatusReply) : undefined;
}

let directory: string;
let sandbox: SandboxProcess;
let env: Readonly<Record<string, string>>;

beforeAll(async () => {
  directory = await temporaryDirectory();
  sandbox = await startSandboxProcess();
});

afterAll(async () => {
  await sandbox.stop();
  await remove(directory);
});

describe('gates run with allowed signers', needs(...SIGNING_PROGRAMS), () => {
  let forge: ReturnType<typeof createSignedForge>;
  let gpg: GpgHome;
  let daemon: ChildProcess;
  let log: () => string;
  let good: string;
  let people: Readonly<Record<'ada' | 'eve' | 'old' | 'grace', Signer>>;

  const idleAt = (revision: string) =>
    until(async () => {
      const now = await statusOf(env);
      return now?.phase === 'idle' && now.inForce?.revision === revision && now.inForce.applied
        ? now
        : undefined;
    });

  beforeAll(async () => {
    forge = createSignedForge(directory);
    gpg = gpgHome(directory);
    people = {
      ada: sshSigner(directory, 'ada'),
      eve: sshSigner(directory, 'eve'),
      old: sshSigner(directory, 'old'),
      grace: gpg.signer('grace@example.dev'),
    };
    const allowed = path.join(directory, 'allowed signers');
    writeFileSync(
      allowed,
      `ada@example.dev ${people.ada.publicKey}\nold@example.dev valid-before="20250101" ${people.old.publicKey}\n`,
    );
    env = {
      ...sandbox.env,
      GATES_STATE_DIR: path.join(directory, 'state'),
      GATES_REPOSITORY: `file://${forge.bare}`,
      GATES_GIT_ALLOWED_SIGNERS_FILE: allowed,
      GATES_GIT_KEYRING_FILE: gpg.keyring(path.join(directory, 'keyring'), [people.grace]),
      GATES_LISTEN: '127.0.0.1:0',
      GATES_HOOKS_LISTEN: '127.0.0.1:0',
      GATES_LOG_FORMAT: 'json',
    };
    good = forge.pushSigned({ 'gates.yaml': services('one') }, people.ada);
    daemon = start(['run'], env);
    log = collect(daemon.stderr);
    await idleAt(good);
  });

  afterAll(() => {
    if (daemon.exitCode === null) daemon.kill('SIGKILL');
    gpg.close();
  });

  it('applies a commit that is signed by an allowed ssh key', async () => {
    expect(await sandbox.visit('one.example.dev')).toMatchObject({ status: 302, servedBy: 'access' });
  });

  it.each([
    {
      sort: 'without a signature',
      push: () => forge.pushSigned({ 'gates.yaml': services('one', 'two') }, undefined),
      says: 'The commit is not signed, and this daemon accepts only signed commits',
      hint: /git commit --amend --no-edit -S/,
    },
    {
      sort: 'signed by a foreign key',
      push: () => forge.pushSigned({ 'gates.yaml': services('one', 'three') }, people.eve),
      says: 'The commit is signed by a key that is not allowed',
      hint: /ED25519 key SHA256:\S+\. If that is one of yours, add it/,
    },
    {
      sort: 'signed by an expired key, with an old date',
      push: () =>
        forge.pushSigned({ 'gates.yaml': services('one', 'four') }, people.old, {
          date: '2024-06-01T00:00:00Z',
        }),
      says: 'The commit is signed by a key that has expired',
      hint: /ED25519 key SHA256:\S+, allowed until 2025-01-01T00:00:00 UTC/,
    },
    {
      sort: 'changed after it was signed',
      push: () => {
        forge.pushSigned({ 'gates.yaml': services('one', 'five') }, people.ada);
        return forge.forgeCommit((raw) => raw.replace('Open the gates', 'Open the doors'));
      },
      says: 'The signature does not fit the commit: one of them was changed afterwards',
      hint: /Find out who pushed it/,
    },
  ])('changes nothing for a commit $sort, and says so', async ({ push, says, hint }) => {
    const before = (await sandbox.writes()).length;
    const revision = push();
    daemon.kill('SIGHUP');
    const status = await until(async () => {
      const now = await statusOf(env);
      return now?.rejected?.revision === revision && now.phase === 'idle' ? now : undefined;
    });
    expect(status.rejected?.mistakes).toEqual([
      expect.objectContaining({ message: says, hint: expect.stringMatching(hint) }),
    ]);
    expect(status.inForce).toMatchObject({ revision: good, applied: true });
    const told = (await gates(['status'], env)).stdout;
    expect(told).toContain(revision.slice(0, 8));
    // Screens wrap at the width of the terminal.
    expect(told.replace(/\s+/g, ' ')).toContain(says);
    expect(told).toContain(`gates keeps revision ${good.slice(0, 8)}.`);
    process.stdout.write(`\n${told}`);
    const line = log()
      .split('\n')
      .find((text) => text.includes(revision) && text.includes(says));
    expect(line).toMatch(hint);
    expect((await sandbox.writes()).length).toBe(before);
  });

  it('applies the same commit once its key is allowed, without another push', async () => {
    const revision = forge.pushSigned({ 'gates.yaml': services('one', 'seven') }, people.eve);
    daemon.kill('SIGHUP');
    await until(async () => (await statusOf(env))?.rejected?.revision === revision);
    appendFileSync(env.GATES_GIT_ALLOWED_SIGNERS_FILE ?? '', `eve@example.dev ${people.eve.publicKey}\n`);
    daemon.kill('SIGHUP');
    expect((await idleAt(revision)).rejected).toBeUndefined();
    expect(await sandbox.visit('seven.example.dev')).toMatchObject({ status: 302, servedBy: 'access' });
  });

  it('applies a commit signed by a GPG key of the keyring, and withdraws its complaint', async () => {
    const revision = forge.pushSigned({ 'gates.yaml': services('one', 'six') }, people.grace);
    daemon.kill('SIGHUP');
    const status = await idleAt(revision);
    expect(status.rejected).toBeUndefined();
    expect(await sandbox.visit('six.example.dev')).toMatchObject({ status: 302, servedBy: 'access' });
    daemon.kill('SIGTERM');
    expect(await once(daemon, 'exit')).toEqual([0, null]);
  });
});

describe('gates run on a repository whose server accepts a connection and stays silent', () => {
  it('ends well when it is stopped, although git still waits', async () => {
    const server = createServer((socket) => {
      socket.on('error', () => {}).resume();
      connected();
    });
    let connected = () => {};
    const asked = new Promise<void>((resolve) => {
      connected = resolve;
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    const port = typeof address === 'object' ? address?.port : undefined;
    const daemon = start(['run'], {
      ...sandbox.env,
      GATES_STATE_DIR: path.join(directory, 'silent'),
      GATES_REPOSITORY: `http://127.0.0.1:${port}/gates.git`,
      GATES_LISTEN: '127.0.0.1:0',
      GATES_HOOKS_LISTEN: '127.0.0.1:0',
    });
    try {
      await asked;
      daemon.kill('SIGTERM');
      expect(await once(daemon, 'exit')).toEqual([0, null]);
    } finally {
      daemon.kill('SIGKILL');
      server.close();
    }
  });
});
