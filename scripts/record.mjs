// Records the demo: `npm run record` runs it in a terminal of 80 columns, colors and all, and writes docs/demo.svg.
// `test/e2e/whole/package.test.ts` fails once the demo prints something else.
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { COLUMNS, ROWS, recordingOf, stableText } from './recording.mjs';

// `script` of util-linux runs a program in a terminal. Without a width, that terminal has 0 columns.
const command = `stty cols ${COLUMNS} rows ${ROWS} && exec '${process.execPath}' dist/gates.js demo`;
const { NO_COLOR: _, FORCE_COLOR: __, ...env } = process.env;
const ran = spawnSync('script', ['-qec', command, '/dev/null'], {
  env: { ...env, TMPDIR: '/tmp', TERM: 'xterm' },
  stdio: ['ignore', 'pipe', 'inherit'],
  encoding: 'utf8',
  maxBuffer: 10_000_000,
});
if (ran.error !== undefined) throw ran.error;
if (ran.status !== 0) throw new Error(`the demo ended with ${ran.status}:\n${ran.stdout}`);
writeFileSync('docs/demo.svg', recordingOf(stableText(ran.stdout)));
