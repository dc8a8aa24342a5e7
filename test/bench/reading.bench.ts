import path from 'node:path';
import { Worker } from 'node:worker_threads';
import { afterAll, expect, it } from 'vitest';
import { costlyFiles } from './costly-files.ts';
import { showFigures } from './figures.ts';

const script = path.resolve(import.meta.dirname, '../../dist/read-config.js');

/** The most CPU seconds and heap megabytes that reading a file may take. */
const [mostCpu, mostHeap] = [2, 500];

const rows: string[][] = [];
afterAll(() => showFigures({ name: 'reading', columns: ['1 MiB of', 'CPU', 'result'], rows }));

it.each(Object.keys(costlyFiles))(
  'reading a file of %s takes at most 2 s of CPU and 500 MB',
  async (name) => {
    const text = costlyFiles[name]?.() ?? '';
    const before = process.cpuUsage();
    const result = await read(new TextEncoder().encode(text));
    const { user, system } = process.cpuUsage(before);
    const cpu = (user + system) / 1e6;
    const said = result.ok ? 'no mistakes' : `${result.mistakes.length} mistakes`;
    rows.push([name, `${cpu.toFixed(2)} s`, said]);
    expect(cpu).toBeLessThan(mostCpu);
  },
);

/** Reads as the daemon does: in a thread, which ends with an error when its heap is full. */
function read(workerData: Uint8Array): Promise<{ ok: boolean; mistakes: readonly unknown[] }> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(script, { workerData, resourceLimits: { maxOldGenerationSizeMb: mostHeap } });
    worker.once('message', resolve);
    worker.once('error', reject);
  });
}
