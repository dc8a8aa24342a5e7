import { expect, test } from 'vitest';
import { checkedConfig } from '../../src/expect/checked-config.ts';
import { parseLag } from '../../src/lab/sandbox/index.ts';
import { everyGateHome, everyGateSandbox, gates } from '../scenarios/homes/every-gate-home.ts';
import { newDisk } from '../scenarios/stage/disk.ts';
import { runProcess, unfinished } from '../scenarios/stage/stage.ts';

const host = 'app.example.dev';
const atOnce = parseLag('revocations=0');

const visitors = [
  'anonymous',
  '{ email: me@example.dev }',
  '{ email: you@example.dev }',
  '{ groups: [admins] }',
  '{ groups: [family] }',
  '{ token: ci }',
];
const paths = ['/', '/v1/items', '/robots.txt', '/hooks/git'];

/** The file with all of its true assertions about the host and its neighbor, and their number. */
function asserting(text: string): { readonly text: string; readonly kept: number } {
  const all = [`https://${host}`, 'https://beside.example.dev'].flatMap((url) =>
    paths.flatMap((path) =>
      visitors.flatMap((as) =>
        ['allow', 'deny', 'login'].map(
          (verdict) => `  - { url: "${url}${path}", as: ${as}, verdict: ${verdict} }`,
        ),
      ),
    ),
  );
  const read = checkedConfig(`${text}expect:\n${all.join('\n')}\n`);
  const mistakes = read.ok ? read.parsed.warnings : read.mistakes;
  const wrong = new Set(mistakes.map(({ path }) => path));
  const kept = all.filter((_, index) => !wrong.has(`expect[${index}]`));
  return { text: `${text}expect:\n${kept.join('\n')}\n`, kept: kept.length };
}

test('true assertions delay nothing on the way from each gate to the next', async () => {
  const sandbox = await everyGateSandbox();
  const disk = newDisk();
  const held: string[] = [];
  const counts: number[] = [];
  let writes = 0;
  for (const [name, state] of Object.entries(gates)) {
    const { text, kept } = asserting(everyGateHome(state));
    counts.push(kept);
    const run = await runProcess(sandbox, disk, text, undefined, undefined, atOnce);
    writes += run.writes;
    expect(run.report?.mistakes.filter(({ severity }) => severity === 'error')).toEqual([]);
    held.push(
      ...unfinished(run.report)
        .filter((change) => change.includes('asserts'))
        .map((each) => `${name}: ${each}`),
    );
  }
  expect(held).toEqual([]);
  expect(Math.min(...counts)).toBeGreaterThan(20);
  expect(writes).toBeGreaterThan(100);
});
