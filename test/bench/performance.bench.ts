import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { reconcilers } from '../../reconcilers/index.ts';
import { createBudget } from '../../src/clients/cloudflare/budget.ts';
import { createCloudflareWire } from '../../src/clients/cloudflare/cloudflare.ts';
import { createEdge } from '../../src/clients/edge.ts';
import { createRedactor } from '../../src/clients/redaction.ts';
import { systemClock } from '../../src/clients/state/clock.ts';
import { parseConfig } from '../../src/config/parse-config.ts';
import { compile } from '../../src/desired/compile.ts';
import { startSandbox } from '../../src/lab/sandbox/index.ts';
import { createWorld } from '../../src/observed/world.ts';
import { makePlan } from '../../src/plan/plan.ts';
import { type Report, reconcile } from '../../src/run/reconcile.ts';
import { collect, start, startSandboxProcess } from '../e2e/support/processes.ts';
import { newDisk } from '../scenarios/stage/disk.ts';
import { asItStands } from './as-it-stands.ts';
import { showFigures } from './figures.ts';
import { largeFile } from './large-file.ts';
import { manyServices } from './many-services.ts';
import { longestChain, median, recordingFetch } from './recorder.ts';

/**
 * The figures of docs/performance.md, printed, and written there with GATES_BENCH_WRITE=1. Counts (calls, writes) have
 * bounds; times are only shown.
 */
const delay = 50;
const idlePasses = 7;
const rows: (readonly string[])[] = [];

const program = path.resolve(import.meta.dirname, '../../dist/gates.js');

function row(what: string, figure: string, bound: string): void {
  rows.push([what, figure, bound]);
}

afterAll(() => {
  showFigures({ name: 'figures', columns: ['what', 'figure', 'bound'], rows });
});

describe.each([10, 100])('%i services', (count) => {
  it('are opened, and then nothing is written', async () => {
    // The sandbox runs in its own process, so that its CPU does not count as time of the run.
    const sandbox = await startSandboxProcess(['--delay', String(delay)]);
    const disk = newDisk();
    const edge = createEdge(sandbox.env.GATES_PROBE_EDGE);
    const text = new TextEncoder().encode(manyServices(count));
    const pass = async (fetch: typeof globalThis.fetch): Promise<Report> => {
      const signal = new AbortController().signal;
      const budget = createBudget(systemClock);
      const wire = {
        token: sandbox.token,
        baseUrl: sandbox.baseUrl,
        clock: systemClock,
        redactor: createRedactor(),
      };
      const cloudflare = createCloudflareWire({ ...wire, fetch, budget, signal });
      const effects = {
        reconcilers,
        world: (scope: Parameters<typeof createWorld>[0]['scope']) =>
          createWorld({ scope, cloudflare, edge, clock: systemClock, signal, ...disk }),
      };
      return reconcile(
        { text, file: 'gates.yaml', apply: true, options: { adopt: false, allow: [] } },
        effects,
      );
    };
    try {
      const first = recordingFetch();
      const opened = performance.now();
      const report = await pass(first.fetch);
      const took = performance.now() - opened;
      expect(report.outcomes.filter(({ status }) => status !== 'done')).toEqual([]);
      const writes = (await sandbox.writes()).length;
      row(`${count} services: first apply`, `${writes} writes, ${(took / 1000).toFixed(1)} s`, '–');
      const before = (await sandbox.calls()).length;
      const passes: { readonly wall: number; readonly chain: number; readonly one: number }[] = [];
      for (let number = 0; number < idlePasses; number += 1) {
        const idle = recordingFetch();
        const begun = performance.now();
        await pass(idle.fetch);
        const wall = performance.now() - begun;
        const one = median(idle.calls.map(({ started, ended }) => ended - started));
        passes.push({ wall, chain: longestChain(idle.calls), one });
      }
      const calls = (await sandbox.calls()).slice(before);
      expect(calls.filter(({ write }) => write)).toEqual([]);
      const each = calls.length / idlePasses;
      expect(each).toBeLessThanOrEqual(16);
      const wall = median(passes.map((made) => made.wall));
      const ratio = median(passes.map((made) => made.wall / (made.chain * made.one)));
      const [shown] = passes;
      row(`${count} services: pass with nothing to do`, `${each} calls, 0 writes`, '≤ 16 calls, 0 writes');
      row(
        `${count} services: its wall time, median of ${idlePasses}`,
        `${Math.round(wall)} ms, ${ratio.toFixed(2)} × the longest chain (${shown?.chain} calls of ${Math.round(shown?.one ?? 0)} ms)`,
        '≤ 1.3 ×',
      );
    } finally {
      await sandbox.stop();
    }
  });
});

it('planning 1,000 services and 10,000 records in 4 zones changes nothing', () => {
  const text = largeFile();
  const [read, parsing] = cpuOf(() => parseConfig(text));
  if (!read.ok) throw new Error(read.mistakes[0]?.message);
  const { config } = read.parsed;
  const [desired, compiling] = cpuOf(() => compile(config));
  const live = asItStands(desired);
  const limits = { prune: 0.3, change: 0.3, floor: 5 };
  const [plan, planning] = cpuOf(() =>
    makePlan(desired, live, reconcilers, { adopt: false, prune: true, limits, allow: [] }),
  );
  expect(plan.changes.filter(({ verb }) => verb !== 'keep')).toEqual([]);
  row('1,000 services, 10,000 records: CPU of parsing', `${Math.round(parsing)} ms`, '–');
  row(
    '1,000 services, 10,000 records: CPU of the plan',
    `${Math.round(compiling + planning)} ms`,
    '< 1,000 ms',
  );
});

/** Calls a function: its result, and the CPU time of the call in milliseconds. */
function cpuOf<T>(act: () => T): readonly [result: T, milliseconds: number] {
  const begun = process.cpuUsage();
  const result = act();
  const { user, system } = process.cpuUsage(begun);
  return [result, (user + system) / 1000];
}

it('the time of `gates validate` is compared with that of `node -e 0`', () => {
  const file = path.resolve(import.meta.dirname, '../../gates.yaml');
  const time = (...args: readonly string[]) => {
    const begun = performance.now();
    execFileSync(process.execPath, args, { stdio: 'ignore' });
    return performance.now() - begun;
  };
  const runs = Array.from(
    { length: 15 },
    () => [time('-e', '0'), time(program, 'validate', '--file', file)] as const,
  );
  const bare = median(runs.map(([node]) => node));
  const validated = median(runs.map(([, gates]) => gates));
  row(
    '`gates validate` of a small file',
    `${Math.round(validated)} ms, ${(validated / bare).toFixed(2)} × \`node -e 0\` (${Math.round(bare)} ms)`,
    '≤ 3 ×',
  );
});

it('the memory of an idle daemon is measured', async () => {
  const directory = await mkdtemp(path.join(tmpdir(), 'gates-bench-'));
  const { line, close } = await startSandbox({ zones: ['example.dev'] });
  const git = (...args: readonly string[]) =>
    spawnSync('git', ['-c', 'user.name=bench', '-c', 'user.email=bench@example.dev', ...args], {
      cwd: directory,
    });
  try {
    git('init', '--quiet', '--initial-branch=main');
    writeFileSync(path.join(directory, 'gates.yaml'), manyServices(10));
    git('add', '.');
    git('commit', '--quiet', '-m', 'bench');
    const listen = {
      GATES_LISTEN: '127.0.0.1:0',
      GATES_HOOKS_LISTEN: '127.0.0.1:0',
      GATES_LOG_FORMAT: 'json',
    };
    const daemon = start(['run'], {
      ...line.env,
      ...listen,
      GATES_REPOSITORY: `file://${directory}`,
      GATES_STATE_DIR: path.join(directory, 'state'),
    });
    const log = collect(daemon.stderr);
    while (!log().includes('run ended')) await systemClock.sleep(50);
    const resident = Number(
      /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${daemon.pid}/status`, 'utf8'))?.[1] ?? Number.NaN,
    );
    row('memory of the daemon after its first pass', `${Math.round(resident / 1024)} MB`, '< 120 MB');
    daemon.kill('SIGKILL');
  } finally {
    await close();
    await rm(directory, { recursive: true, force: true });
  }
});
