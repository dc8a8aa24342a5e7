import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { storiesFor } from '../../../src/conformance/authentik/stories/stories.ts';
import { atHeldCall } from '../support/held-call.ts';
import {
  collect,
  remove,
  type SandboxProcess,
  startSandboxProcess,
  temporaryDirectory,
} from '../support/processes.ts';

const root = path.resolve(import.meta.dirname, '../../..');
const vitest = path.join(root, 'node_modules/vitest/vitest.mjs');

let sandbox: SandboxProcess;
let directory: string;

beforeAll(async () => {
  directory = await temporaryDirectory();
  sandbox = await startSandboxProcess();
});

afterAll(async () => {
  await sandbox.stop();
  await remove(directory);
});

/** The stories to run; all of them would take a minute more. */
const some = 'authentik/(group|binding|flow|version)';

/** Starts `npm run test:live` at the sandbox, as one process group. */
function startSuite(more: Record<string, string> = {}): ChildProcess {
  const { AUTHENTIK_URL = '', AUTHENTIK_TOKEN = '' } = sandbox.env;
  const { PATH = '', HOME = '' } = process.env;
  const reporter = path.join(root, 'test/live/live-reporter.ts');
  return spawn(process.execPath, [vitest, 'run', '--project', 'live', '-t', some, '--reporter', reporter], {
    cwd: root,
    detached: true,
    env: { PATH, HOME, AUTHENTIK_URL, AUTHENTIK_TOKEN, GATES_LIVE_PROGRESS: directory, ...more },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

function linesOf(text: string): readonly string[] {
  return text.split('\n').filter((line) => line.startsWith('authentik/'));
}

async function scratchObjects(): Promise<boolean> {
  const { authentik } = (await sandbox.admin('GET', '/state')) as { authentik: Record<string, unknown> };
  const { events: _, ...objects } = authentik;
  return JSON.stringify(objects).includes('conformance-');
}

it('a killed live suite continues with the next run, which first removes what was left', async () => {
  const start = () => {
    const suite = startSuite();
    return { suite, said: collect(suite.stdout), closed: once(suite, 'close') };
  };
  // The suite is killed after the first binding of a story that makes two.
  const { suite: killed, said, closed } = await atHeldCall(sandbox, '/policies/bindings/', 3, start);
  process.kill(-(killed.pid ?? 0), 'SIGKILL');
  await closed;
  const passed = linesOf(said());
  expect(passed.length).toBeGreaterThan(0);
  expect(passed.filter((line) => !line.includes(' · ok ('))).toEqual([]);
  expect(await scratchObjects()).toBe(true);
  const calls = (await sandbox.calls()).at(-1)?.n ?? 0;

  const again = startSuite();
  const told = collect(again.stdout);
  const [code] = (await once(again, 'close')) as [number];
  const lines = linesOf(told());
  const ids = storiesFor('2026.8').flatMap(({ id }) => (new RegExp(some).test(id) ? [id] : []));
  expect([code, lines.map((line) => line.split(' ')[0])]).toEqual([0, ids]);
  const earlier = lines.filter((line) => line.endsWith(', in an earlier run'));
  expect(earlier.slice(0, passed.length)).toEqual(passed.map((line) => `${line}, in an earlier run`));
  // A story may have passed before its line was written.
  expect(earlier.length - passed.length).toBeOneOf([0, 1]);
  // The run wrote nothing before it had removed the remains of the killed run.
  const later = (await sandbox.writes()).filter(({ n }) => n > calls);
  expect(later[0]?.method).toBe('DELETE');
  expect(await scratchObjects()).toBe(false);
});

it('the live suite plays everything again on request', async () => {
  const suite = startSuite();
  const said = collect(suite.stdout);
  await once(suite, 'close');
  const lines = linesOf(said());
  expect(lines.length).toBeGreaterThan(10);
  expect(lines.filter((line) => !line.endsWith(', in an earlier run'))).toEqual([]);
  const fresh = startSuite({ GATES_LIVE_FRESH: '1' });
  const told = collect(fresh.stdout);
  await once(fresh, 'close');
  expect(linesOf(told())).toEqual(lines.map((line) => line.replace(', in an earlier run', '')));
});
