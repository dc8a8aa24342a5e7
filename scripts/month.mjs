// Simulates a month of the daemon in real processes: `npm run month -- --minutes 60`. Prints its seed, each day, the
// findings and the memory; exits with 1 after a finding. `--seed` repeats the same month.
import { spawnSync } from 'node:child_process';
import { parseArgs } from 'node:util';

const { values } = parseArgs({
  options: {
    days: { type: 'string', default: '30' },
    minutes: { type: 'string', default: '60' },
    seed: { type: 'string', default: String(Date.now() % 2 ** 31) },
  },
});
const { days, minutes, seed } = values;
if (!(Number(days) >= 2 && Number(minutes) >= 0 && Number.isInteger(Number(seed)))) {
  console.error('usage: npm run month -- [--days N] [--minutes N] [--seed S]');
  process.exit(2);
}
const { status } = spawnSync(
  process.execPath,
  ['node_modules/vitest/vitest.mjs', 'run', '--project', 'exhaustive', 'test/scenarios/month'],
  {
    stdio: 'inherit',
    env: { ...process.env, GATES_MONTH_DAYS: days, GATES_MONTH_MINUTES: minutes, GATES_TEST_SEED: seed },
  },
);
process.exit(status ?? 1);
