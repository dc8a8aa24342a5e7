import { readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { createForge } from '../../daemon/forge.ts';
import { until } from '../../support/until.ts';
import {
  collect,
  gates,
  remove,
  type SandboxProcess,
  start,
  startSandboxProcess,
  temporaryDirectory,
} from '../support/processes.ts';
import { tenServices } from '../whole/ten-services.ts';

/**
 * A canary is in every secret from the environment and from the sandbox; the tests search for it in everything that
 * people, logs and other programs can see.
 */
const canary = 'c4n4ry5ecret';
const secrets = {
  GATES_GIT_TOKEN: `git-${canary}`,
  GATES_WEBHOOK_SECRET: `hook-${canary}`,
  GATES_FORGE_TOKEN: `forge-${canary}`,
};
const cleanUps: (() => Promise<void>)[] = [];

afterAll(async () => {
  for (const cleanUp of cleanUps.reverse()) await cleanUp();
});

async function stage(): Promise<{ sandbox: SandboxProcess; directory: string; env: Record<string, string> }> {
  const directory = await temporaryDirectory();
  const sandbox = await startSandboxProcess(['--canary', canary]);
  cleanUps.push(() => remove(directory), sandbox.stop);
  expect(sandbox.token).toContain(canary);
  await writeFile(path.join(directory, 'gates.yaml'), tenServices(directory));
  return {
    sandbox,
    directory,
    env: {
      ...sandbox.env,
      ...secrets,
      AUTHENTIK_TOKEN: `ak-${canary}`,
      GATES_STATE_DIR: path.join(directory, 'state'),
    },
  };
}

/** Every file below the folder except those whose purpose is to hold secrets. */
async function readable(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name));
  const open = files.filter(
    (file) => !file.includes(`${path.sep}vault${path.sep}`) && !file.endsWith('ci.env'),
  );
  return Promise.all(open.map(async (file) => `${file}\n${await readFile(file, 'latin1')}`));
}

describe('a secret appears nowhere', () => {
  it('in the output and files of commands, even when they fail', async () => {
    const { sandbox, directory, env } = await stage();
    const seen: string[] = [];
    const run = async (...args: readonly string[]) => {
      const ran = await gates(args, env, directory);
      seen.push(ran.stdout, ran.stderr);
      return ran;
    };
    expect((await run('validate')).code).toBe(0);
    expect((await run('plan', '--output', 'json')).code).toBe(2);
    expect((await run('apply', '--yes')).code).toBe(0);
    expect((await run('rotate', 'ci')).code).toBe(0);
    expect((await run('plan')).code).toBe(0);
    for (const fault of [
      { fault: 'status', status: 403 },
      { fault: 'status', status: 500 },
      { fault: 'drop' },
      { fault: 'lose-reply' },
    ]) {
      await sandbox.admin('POST', '/faults', {
        match: { system: 'cloudflare', method: '*', path: '/**' },
        ...fault,
        times: 3,
      });
      await run('rotate', 'backup');
      await run('plan');
      await sandbox.admin('DELETE', '/faults');
    }
    await run('plan', '--file', 'nowhere.yaml');
    const wrong = await gates(['plan'], { ...env, CLOUDFLARE_API_TOKEN: `wrong-${canary}` }, directory);
    seen.push(wrong.stdout, wrong.stderr);
    expect(seen.join('').length).toBeGreaterThan(1000);
    for (const text of [...seen, ...(await readable(directory))]) expect(text).not.toContain(canary);
  });

  it('in logs, answers and files of the daemon', async () => {
    const { directory, env } = await stage();
    const forge = createForge(path.join(directory, 'forge'));
    forge.push({ 'gates.yaml': tenServices(directory) });
    const daemon = start(['run'], {
      ...env,
      GATES_REPOSITORY: `file://${forge.bare}`,
      GATES_LISTEN: '127.0.0.1:0',
      GATES_HOOKS_LISTEN: '127.0.0.1:0',
      GATES_LOG_LEVEL: 'debug',
    });
    const [log, out] = [collect(daemon.stderr), collect(daemon.stdout)];
    cleanUps.push(async () => void daemon.kill('SIGKILL'));
    await until(() => log().includes('run ended'));
    const address = /"status":"(http[^"]+)"/.exec(log())?.[1];
    const status = await (await fetch(`${address}/api/status`)).text();
    const page = await (await fetch(`${address}/`)).text();
    expect(page).toContain('id="doors"');
    const shown = await gates(['status'], env, directory);
    for (const text of [
      log(),
      out(),
      status,
      page,
      shown.stdout,
      ...(await readable(path.join(directory, 'state'))),
    ]) {
      expect(text).not.toContain(canary);
    }
  });

  it('in a vault that has a key', async () => {
    const { directory, env } = await stage();
    const { generateIdentity } = await import('age-encryption');
    const withKey = { ...env, GATES_VAULT_KEY: await generateIdentity() };
    const applied = await gates(['apply', '--yes'], withKey, directory);
    expect(applied.code, applied.stderr).toBe(0);
    const vault = path.join(directory, 'state', 'vault');
    for (const name of await readdir(vault))
      expect(await readFile(path.join(vault, name), 'latin1')).not.toContain(canary);
    expect((await gates(['plan'], withKey, directory)).code).toBe(0);
    expect(await gates(['plan'], env, directory)).toMatchObject({
      code: 1,
      stdout: expect.stringContaining('GATES_VAULT_KEY'),
    });
  });
});
