// Tests random pairs of complete files for as long as wanted: `npm run soak -- --pairs 20000 --shard 1/2 --state
// /var/tmp/soak`. Each shard is a separate process and stores its progress in the folder: stopped by Ctrl-C or killed,
// it continues from there. It notes each finding with the line that repeats it, and exits with 1 after a finding.
// `--orders` plays each pair in three random orders of its changes too, in which only the interlock keeps people out. `--passing`
// pushes another file before each one, whose run is disturbed and never completed.
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { build } from 'esbuild';

const { values } = parseArgs({
  options: {
    pairs: { type: 'string', default: '2000' },
    shard: { type: 'string', default: '1/1' },
    orders: { type: 'boolean', default: false },
    passing: { type: 'boolean', default: false },
    seed: { type: 'string' },
    state: { type: 'string', default: 'node_modules/.cache/gates-soak/state' },
  },
});
const [index = Number.NaN, of = Number.NaN] = values.shard.split('/').map(Number);
const pairs = Number(values.pairs);
const seed = values.seed === undefined ? undefined : Number(values.seed);
const manner = values.orders ? 'orders' : values.passing ? 'passing' : 'plain';
if (!(pairs > 0 && index >= 1 && index <= of && Number.isInteger(seed ?? 0))) {
  console.error(
    'usage: npm run soak -- [--pairs N] [--shard i/n] [--orders | --passing] [--seed S] [--state DIR]',
  );
  process.exit(2);
}

// Next to the packages, which it imports unchanged.
const outfile = path.resolve(`node_modules/.cache/gates-soak/soak-${process.pid}.mjs`);
await build({
  entryPoints: ['test/scenarios/random-files/soak.ts'],
  outfile,
  bundle: true,
  packages: 'external',
  format: 'esm',
  platform: 'node',
  target: 'node20.19',
  sourcemap: 'inline',
  plugins: [
    {
      // The scenarios' files assert with vitest, which runs nowhere else; the functions used here assert nothing.
      name: 'without-vitest',
      setup: ({ onResolve }) => {
        onResolve({ filter: /^vitest$/ }, () => ({ path: 'vitest', external: true, sideEffects: false }));
      },
    },
  ],
});
/** @type {typeof import('../test/scenarios/random-files/soak.ts')} */
const { soak } = await import(pathToFileURL(outfile).href);

let isStopped = false;
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => (isStopped = true));

let told = Date.now();
const { failures, ...done } = await soak(
  { pairs, shard: [index, of], seed, folder: values.state, manner },
  () => isStopped,
  (progress) => {
    if (Date.now() - told < 60_000) return;
    told = Date.now();
    console.log(`${new Date().toISOString()} ${summary(progress)}`);
  },
);
for (const { message } of failures) console.log(`\n${message}`);
for (const [name, world] of Object.entries(done.worlds).sort()) {
  const { pairs: played = 0, cpuMilliseconds = 0 } = world ?? {};
  console.log(`${name}: ${played} pairs, ${(cpuMilliseconds / 60_000).toFixed(1)} min of CPU`);
}
console.log(`second writers: ${JSON.stringify(done.writers)}`);
if (done.orders !== undefined) console.log(`orders: ${JSON.stringify(done.orders)}`);
console.log(`soak: ${summary({ ...done, failures })}`);
process.exit(failures.length === 0 ? 0 : 1);

/** @param {import('../test/scenarios/random-files/soak.ts').Progress} progress */
function summary({ pairs: done, failures: found, seed: of, milliseconds }) {
  const minutes = (milliseconds / 60_000).toFixed(1);
  return `${done} pairs, ${found.length} failures, seed ${of}, ${minutes} min`;
}
