import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { homeFile } from '../../attribution/home-file.ts';
import {
  gates,
  remove,
  type SandboxProcess,
  startSandboxProcess,
  temporaryDirectory,
} from '../support/processes.ts';

const file = homeFile();

/** A row of the sandbox's state, with the fields that this test reads. */
interface Row {
  readonly id: string;
  readonly name: string;
}

interface State {
  readonly apiTokens: readonly object[];
  readonly policies: readonly Row[];
  readonly records: readonly Row[];
}

interface Binding {
  readonly pk: string;
  readonly target: string;
}

let sandbox: SandboxProcess;
let directory: string;

beforeAll(async () => {
  directory = await temporaryDirectory();
  sandbox = await startSandboxProcess();
  const traefik = { url: 'http://traefik.lan:80', kind: 'traefik', forwardAuth: 'all' };
  await sandbox.admin('PUT', '/origins', traefik);
  await writeFile(path.join(directory, 'gates.yaml'), file);
});

afterAll(async () => {
  await sandbox.stop();
  await remove(directory);
});

const run = (...args: string[]) =>
  gates(args, { ...sandbox.env, COLUMNS: '200', GATES_STATE_DIR: path.join(directory, 'state') }, directory);

const edit = (actor: string, method: string, where: string, body?: object) =>
  sandbox.admin('POST', '/edit', {
    ...{ actor, method, path: where, body },
    system: where.startsWith('/api/v3/') ? 'authentik' : 'cloudflare',
  });

/** The number of calls for a log since then. */
async function logReads(): Promise<number> {
  return (await sandbox.calls()).filter(({ path: called }) => /logs\/audit|events\/events/.test(called))
    .length;
}

it('a plan names three actors in both systems, and none for its own writes', async () => {
  expect((await run('apply', '--yes')).code).toBe(0);
  // A write to an outpost reads the events for its own purpose.
  const first = await logReads();
  expect((await run('plan')).code).toBe(0);
  expect(await logReads()).toBe(first);

  const state = (await sandbox.admin('GET', '/state')) as State;
  const ci = { ...state.apiTokens[0], id: 'c'.repeat(32), value: 'token-of-ci', actor: 'ci' };
  await sandbox.admin('PUT', '/state', { ...state, apiTokens: [...state.apiTokens, ci] });
  const policy = state.policies.find(({ name }) => name.includes('proxmox'));
  await edit('ann@example.dev', 'PUT', `/accounts/${sandbox.accountId}/access/policies/${policy?.id}`, {
    ...{ name: policy?.name, decision: 'allow', include: [{ everyone: {} }] },
  });
  const record = state.records.find(({ name }) => name === 'nas.example.dev');
  await edit('ci', 'DELETE', `/zones/${sandbox.zoneId}/dns_records/${record?.id}`);
  const { results } = (await edit('bob', 'GET', '/api/v3/policies/bindings/')) as {
    readonly results: readonly Binding[];
  };
  const grafana = (await edit('bob', 'GET', '/api/v3/core/applications/grafana-example-dev/')) as {
    readonly pk: string;
  };
  const binding = results.find(({ target }) => target === grafana.pk);
  await edit('bob', 'DELETE', `/api/v3/policies/bindings/${binding?.pk}/`);
  await sandbox.admin('POST', '/clock', { advance: '2m' });

  const { stdout, code } = await run('plan');
  expect(code).toBe(2);
  expect(stdout).toMatch(/; removed by bob in the dashboard, \d\d:\d\d UTC (today|yesterday)/);
  expect(stdout).toMatch(/; changed by ann@example\.dev in the dashboard, \d\d:\d\d UTC (today|yesterday)/);
  expect(stdout).toMatch(/; removed by the token "ci" over the API, \d\d:\d\d UTC (today|yesterday)/);
  expect(stdout).not.toMatch(/by the token "daemon"|not in the log|cannot tell/);

  const { stdout: json } = await run('apply', '--yes', '--output', 'json');
  const { changes, unattributed } = JSON.parse(json);
  expect(unattributed).toBeUndefined();
  const named = changes.flatMap(({ by = [] }: { readonly by?: readonly { readonly actor: string }[] }) =>
    by.map(({ actor }) => actor),
  );
  expect(named.sort()).toEqual(['ann@example.dev', 'bob', 'the token "ci"']);
  expect((await run('history')).stdout).toMatch(
    /changed by ann@example\.dev in the dashboard, \d\d:\d\d UTC on /,
  );

  const before = await logReads();
  await sandbox.admin('POST', '/clock', { advance: '2m' });
  const { stdout: last } = await run('plan');
  expect(last).toMatch(/^Nothing to do/m);
  expect(await logReads()).toBe(before);
});
