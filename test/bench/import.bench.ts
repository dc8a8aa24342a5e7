import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { collect, startSandboxProcess } from '../e2e/support/processes.ts';
import { showFigures } from './figures.ts';
import { largeAccount } from './large-account.ts';

const program = path.resolve(import.meta.dirname, '../../dist/gates.js');

/** Seconds of CPU that an import may take. */
const mostCpu = 10;

/** Calls of one token in five minutes, of which gates leaves a tenth to people. */
const mostCalls = 1080;

/** Writes the CPU time of a process to stderr when it ends. */
const meter =
  "process.on('exit',()=>process.stderr.write('CPU '+Object.values(process.cpuUsage()).reduce((a,b)=>a+b)+'\\n'))";

const rows: string[][] = [];
afterAll(() =>
  showFigures({ name: 'import', columns: ['1,000 services, 10,000 records', 'figure', 'bound'], rows }),
);

it('an import of 1,000 services and 10,000 records stays within the budget of calls', async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'gates-import-'));
  const state = path.join(folder, 'world.json');
  const written = path.join(folder, 'gates.yaml');
  await writeFile(state, await largeAccount());
  const sandbox = await startSandboxProcess(['--state', state]);
  try {
    const { code, stderr } = await run(['import', '--write', written], {
      ...sandbox.env,
      GATES_STATE_DIR: path.join(folder, 'state'),
      NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(meter)}`,
    });
    const calls = await sandbox.calls();
    const [, summary = ''] = /^(Imported .*)$/m.exec(stderr) ?? [];
    const cpu = Number(/^CPU (\d+)$/m.exec(stderr)?.[1]) / 1e6;
    const text = await readFile(written, 'utf8');
    if (process.env.GATES_BENCH_FILE !== undefined) await writeFile(process.env.GATES_BENCH_FILE, text);
    process.stdout.write(`${stderr}\n`);
    rows.push(['summary', summary.replaceAll(/\s+/g, ' '), '–']);
    rows.push(['calls to Cloudflare', summary.match(/\d+ calls to Cloudflare/)?.[0] ?? '', `≤ ${mostCalls}`]);
    rows.push(['CPU', `${cpu.toFixed(1)} s`, `≤ ${mostCpu} s`]);
    rows.push(['lines of the file', `${text.split('\n').length}`, '–']);
    expect(code).toBe(0);
    expect(calls.filter(({ write }) => write)).toEqual([]);
    expect(summary).toContain('Imported 1001 services, 96 clients, 10000 records; left 0');
    expect(calls.length).toBeLessThanOrEqual(mostCalls);
    expect(cpu).toBeLessThan(mostCpu);
  } finally {
    await sandbox.stop();
    await rm(folder, { recursive: true });
  }
});

/** Runs gates, and returns how it ended. */
async function run(args: readonly string[], env: Readonly<Record<string, string>>) {
  const child = spawn(process.execPath, [program, ...args], { env: { PATH: process.env.PATH, ...env } });
  const stderr = collect(child.stderr);
  child.stdout.resume();
  const code = await new Promise((resolve) => child.on('close', resolve));
  return { code, stderr: stderr() };
}
