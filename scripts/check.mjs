// Everything that has to hold before a change lands, one after the other; stops at the first that does not.
// `npm run check` is what the commit hook's author, CI and a reviewer all run. Its last line counts the tests.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { testCount } from './count-tests.mjs';

/** @type {[title: string, command: string, args: string[]][]} */
const steps = [
  ['types', 'npm', ['run', '--silent', 'types']],
  ['format and lint', 'npm', ['run', '--silent', 'lint']],
  ['layers', 'npm', ['run', '--silent', 'layers']],
  ['dead code', 'npm', ['run', '--silent', 'deadcode']],
  ['schema and docs fresh', 'npm', ['run', '--silent', 'fresh']],
  ['build', 'npm', ['run', '--silent', 'build']],
  ['tests with coverage', 'npx', ['vitest', 'run', '--project', 'quick', '--coverage', '--maxWorkers', '3']],
  // More at a time than there are cores, since many tests wait; and the end-to-end tests, which wait most, beside the others.
  [
    'end-to-end and exhaustive',
    'npx',
    ['vitest', 'run', '--project', 'end-to-end', '--project', 'exhaustive', '--maxWorkers', '4'],
  ],
];

// A check plays a sixth of what is long, another one at each commit (test/turn.ts).
const turns = 6;
const commits = Number(spawnSync('git', ['rev-list', '--count', 'HEAD'], { encoding: 'utf8' }).stdout) || 0;
const turn = process.env.GATES_TURN ?? `${commits % turns}/${turns}`;
process.stdout.write(`GATES_TURN=${turn}\n`);

const results = mkdtempSync(path.join(tmpdir(), 'gates-check-'));
let holds = true;
for (const [title, command, args] of steps) {
  const started = Date.now();
  process.stdout.write(`\n== ${title}\n`);
  const env = { ...process.env, GATES_TEST_RESULTS: results, GATES_TURN: turn };
  const { status } = spawnSync(command, args, { stdio: 'inherit', env });
  const seconds = ((Date.now() - started) / 1000).toFixed(1);
  process.stdout.write(`== ${title}: ${status === 0 ? 'ok' : 'FAILED'} (${seconds} s)\n`);
  holds = status === 0;
  if (!holds) break;
}
console.log(testCount(results));
rmSync(results, { recursive: true, force: true });
process.exit(holds ? 0 : 1);
