import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import type { Status } from '../../../src/report/status/status.ts';
import { fakeReceiver } from '../../clients/notify/fake-receiver.ts';
import { createForge } from '../forge.ts';
import { type RunningDaemon, startDaemon } from '../running-daemon.ts';
import { temporaryDirectory } from '../temporary-directory.ts';
import { FILE, SECRET, signatureOf } from './played-actions.ts';

const NOTIFY = 'canary-notify-secret';

/** A program that fails until the file `go` exists, and prints a secret from its environment. */
const program = (go: string) =>
  `process.stdout.write('with ' + process.env.TOKEN); process.exit(require('node:fs').existsSync(${JSON.stringify(go)}) ? 0 : 3)`;

async function stage() {
  const go = path.join(temporaryDirectory(), 'go');
  const { url, calls } = await fakeReceiver({ status: 204 });
  const run = JSON.stringify([process.execPath, '-e', program(go)]);
  const file = FILE.replace('run: [tidy, --all]', `run: ${run}`).replace(', directory: /srv', '');
  const forge = createForge();
  forge.push({ 'gates.yaml': `${file}notify ${url}/hook\n` });
  const environment = {
    PATH: process.env.PATH,
    FIRST: SECRET,
    SECOND: 'x',
    NOTIFY_SECRET: NOTIFY,
    TOKEN: 'canary-of-the-command',
  };
  const stateDir = path.join(temporaryDirectory(), 'state');
  return { go, forge, calls, environment, stateDir };
}

async function call({ listening }: RunningDaemon, body: string): Promise<number> {
  const headers = { 'x-gates-signature': signatureOf(body, new Date()) };
  return (await fetch(`${listening.hooks}/hooks/actions/tidy`, { method: 'POST', body, headers })).status;
}

function stateOf({ actions = [] }: Status): string | undefined {
  return actions.find(({ name }) => name === 'tidy')?.state;
}

it('an action that fails is reported at once, counted and recorded, even in a pause, and again when it succeeds', async () => {
  const { go, forge, calls, environment, stateDir } = await stage();
  const daemon = await startDaemon(forge, { environment, stateDir });
  await daemon.runs.at(0);
  writeFileSync(path.join(stateDir, 'paused.json'), '{"by":"ada"}');
  expect((await daemon.status()).paused).toEqual({ by: 'ada' });
  expect(await call(daemon, '1')).toBe(202);
  await expect.poll(() => calls.map(({ body }) => body.title)).toEqual(['Failed: the action tidy']);
  expect(calls[0]?.body.details).toEqual(['tidy: exit status 3']);
  expect((await daemon.status()).paused).toEqual({ by: 'ada' });
  expect(await (await fetch(`${daemon.listening.status}/metrics`)).text()).toContain(
    'gates_actions_total{action="tidy",result="failed"} 1',
  );
  writeFileSync(go, '');
  expect(await call(daemon, '2')).toBe(202);
  await expect.poll(() => calls.length).toBe(2);
  expect(calls[1]?.body.title).toBe('Good again: the action tidy came to its end');
  expect(stateOf(await daemon.status())).toBe('done');
  const kept = readdirSync(path.join(stateDir, 'actions'));
  expect(kept).toHaveLength(2);
  for (const name of kept) {
    const output = path.join(stateDir, 'actions', name);
    expect([readFileSync(output, 'utf8'), statSync(output).mode & 0o777]).toEqual(['with [redacted]', 0o600]);
  }
  for (const text of [
    readFileSync(path.join(stateDir, 'actions.json'), 'utf8'),
    daemon.logged.join(''),
    JSON.stringify(calls),
  ])
    expect(text).not.toContain('canary');
});

it('actions are known from the start, even while the repository cannot be read', async () => {
  const { forge, environment, stateDir } = await stage();
  const first = await startDaemon(forge, { environment, stateDir });
  await first.runs.at(0);
  await first.stop();
  const second = await startDaemon({ ...forge, bare: '/no/such/repository' }, { environment, stateDir });
  expect(await call(second, '1')).toBe(202);
});
