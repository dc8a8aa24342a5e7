// Runs everything that must hold before a change lands, and stops at the first failure. The commit hook's author, CI
// and a reviewer all run `npm run check`. Its last line counts the tests.
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import path from 'node:path';
import { testSummary } from './count-tests.mjs';

/** @typedef {[title: string, command: string, args: string[]]} Step */

/**
 * The steps besides the tests, the longest first. Each uses one core, so as many run at a time as there are cores.
 * @type {Step[]}
 */
const quickSteps = [
  ['types', 'npm', ['run', '--silent', 'types']],
  ['layers', 'npm', ['run', '--silent', 'layers']],
  ['format and lint', 'npm', ['run', '--silent', 'lint']],
  ['dead code', 'npm', ['run', '--silent', 'deadcode']],
  ['schema and docs fresh', 'npm', ['run', '--silent', 'fresh']],
  ['build', 'npm', ['run', '--silent', 'build']],
];

/**
 * The step that runs a project of vitest.config.ts.
 * @param {string} title
 * @param {string} project
 * @param {number} workers more than there are cores where tests wait
 * @param {string[]} more
 * @returns {Step}
 */
const suite = (title, project, workers, ...more) => [
  title,
  'npx',
  ['vitest', 'run', '--project', project, '--maxWorkers', String(workers), ...more],
];

// A check plays one of 512 parts of the long suites, another one at each commit (test/support/turn.ts).
const turns = 512;
const commits = Number(spawnSync('git', ['rev-list', '--count', 'HEAD'], { encoding: 'utf8' }).stdout) || 0;
const turn = process.env.GATES_TURN ?? `${commits % turns}/${turns}`;
process.stdout.write(`GATES_TURN=${turn}\n`);

const results = mkdtempSync(path.join(tmpdir(), 'gates-check-'));
const env = { ...process.env, GATES_TEST_RESULTS: results, GATES_TURN: turn };

/**
 * Runs one step. Its output goes to the terminal at once, or complete at the end, so that the texts of simultaneous
 * steps do not mix.
 * @param {Step} step
 * @param {'at once' | 'whole'} prints
 * @returns {Promise<boolean>} whether the step succeeds
 */
async function holds([title, command, args], prints) {
  const started = Date.now();
  if (prints === 'at once') process.stdout.write(`\n== ${title}\n`);
  const child = spawn(command, args, {
    stdio: prints === 'at once' ? 'inherit' : ['ignore', 'pipe', 'pipe'],
    env,
  });
  /** @type {Buffer[]} */
  const printed = [];
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk) => printed.push(chunk));
  const status = await new Promise((resolve) => {
    child.once('error', (error) => {
      printed.push(Buffer.from(`${error.message}\n`));
      resolve(null);
    });
    child.once('close', resolve);
  });
  const seconds = ((Date.now() - started) / 1000).toFixed(1);
  if (prints === 'whole') process.stdout.write(`\n== ${title}\n${Buffer.concat(printed)}`);
  process.stdout.write(`== ${title}: ${status === 0 ? 'ok' : 'FAILED'} (${seconds} s)\n`);
  return status === 0;
}

/**
 * Runs steps side by side; after a failure, it starts no other.
 * @param {readonly Step[]} steps
 */
async function allHold(steps) {
  const waiting = [...steps];
  let all = true;
  const worker = async () => {
    for (let step = waiting.shift(); step !== undefined && all; step = waiting.shift()) {
      if (!(await holds(step, 'whole'))) all = false;
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() }, worker));
  return all;
}

let everything = await allHold(quickSteps);
everything &&= await holds(suite('tests with coverage', 'quick', 3, '--coverage'), 'at once');
if (everything) {
  // Side by side: end-to-end tests mostly wait, and exhaustive ones use the cores meanwhile.
  const held = await Promise.all([
    holds(suite('end-to-end tests', 'end-to-end', 4), 'whole'),
    holds(suite('exhaustive tests', 'exhaustive', 2), 'at once'),
  ]);
  everything = held.every(Boolean);
}
console.log(testSummary(results));
rmSync(results, { recursive: true, force: true });
process.exit(everything ? 0 : 1);
