import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { file } from '../../cli/house.ts';
import {
  gates,
  type Ran,
  remove,
  type SandboxProcess,
  startSandboxProcess,
  temporaryDirectory,
} from '../support/processes.ts';

let directory: string;
let sandbox: SandboxProcess;

const run = (...args: readonly string[]): Promise<Ran> =>
  gates(args, { ...sandbox.env, GATES_STATE_DIR: path.join(directory, 'state') }, directory);
const grafana = 'grafana.example.dev';

beforeAll(async () => {
  directory = await temporaryDirectory();
  await writeFile(path.join(directory, 'gates.yaml'), file);
  sandbox = await startSandboxProcess();
});
afterAll(async () => {
  await sandbox?.stop();
  await remove(directory);
});

describe('a host whose gate cannot be confirmed', () => {
  it('stays hidden, and the probe says so without writing anything', async () => {
    expect((await run('apply', '--yes')).code).toBe(1);
    const before = (await sandbox.writes()).length;
    const probed = await run('probe');
    expect(probed).toMatchObject({ code: 1, stderr: '' });
    expect(probed.stdout).toMatch(/^! grafana\.example\.dev .* hidden: so far/m);
    expect(probed.stdout).toMatch(/^✓ docs\.example\.dev .* public: answers 200$/m);
    expect(await sandbox.writes()).toHaveLength(before);
  });

  it('is reported to programs by JSON and by the exit code', async () => {
    const probed = await run('probe', '--service', 'grafana', '--output', 'json');
    expect(probed.code).toBe(1);
    expect(JSON.parse(probed.stdout)).toMatchObject({ services: [{ host: grafana, verdict: 'covered' }] });
    expect((await run('probe', '--service', 'docs')).code).toBe(0);
  });

  it.each(['plan', 'apply'])(
    'is not opened by `--unverified` for a host that no service has: %s',
    async (command) => {
      const yes = command === 'apply' ? ['--yes'] : [];
      const ran = await run(command, ...yes, '--unverified', 'graphana.example.dev');
      expect(ran.code).toBe(1);
      expect(ran.stderr).toContain(
        'gates.yaml has no service on graphana.example.dev. It has: auth.example.dev',
      );
    },
  );

  it('stays closed while `--unverified` names only another host', async () => {
    const plan = await run('plan', '--unverified', 'docs.example.dev');
    expect(plan.stdout).toContain(`${grafana}  gates' probe → group admins`);
    // The cover belongs to gates.
    expect(plan.stdout).not.toContain('outside gates');
  });

  it('is opened by `--unverified`, which may name several hosts, and the plan says so', async () => {
    const vouched = ['--unverified', 'Grafana.example.dev', '--unverified', 'docs.example.dev'];
    const plan = await run('plan', ...vouched);
    expect(plan.code).toBe(2);
    expect(plan.stdout).not.toContain('to check');
    expect(plan.stdout).toContain(`warning: ${grafana} is opened without a check, because of --unverified`);
    expect((await run('apply', '--yes', ...vouched)).code).toBe(0);
    expect(await sandbox.visit(grafana)).toMatchObject({ status: 200, servedBy: 'origin' });
  });

  it('is reported open from then on', async () => {
    const probed = await run('probe');
    expect(probed.code).toBe(1);
    expect(probed.stdout).toMatch(/^✗ grafana\.example\.dev .* open!$/m);
  });
});
