// Mutation testing of the planner and of the gates, on demand: `npm run mutation`, or one part of it,
// `npm run mutation -- plan`. Works in a copy below the system's temporary folder, one process at a time, and ends
// with a table and with every mutant that no test noticed.
import { cp, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { Stryker } from '@stryker-mutator/core';

/** Below this share of noticed mutants, in per cent, the run fails. */
const least = 85;

/** What is mutated, and the quick tests that have to notice. */
const parts = {
  plan: {
    mutate: ['src/plan/*.ts'],
    tests: ['test/plan/*.test.ts', 'test/apply/{apply,look-again}.test.ts'],
  },
  gates: {
    mutate: ['src/desired/gates/**/*.ts'],
    tests: ['test/desired/{authentik,clients,compile,domains,gate-proofs,golden,jwt,paths,proofs}.test.ts'],
  },
};

const [wanted] = process.argv.slice(2);
const root = process.cwd();
const copy = await mkdtemp(path.join(tmpdir(), 'gates-mutation-'));
for (const name of ['src', 'reconcilers', 'test', 'schema', 'package.json', 'tsconfig.json']) {
  await cp(path.join(root, name), path.join(copy, name), { recursive: true });
}
await symlink(path.join(root, 'node_modules'), path.join(copy, 'node_modules'));
process.chdir(copy);

/** @type {string[]} */
const table = [];
let enough = true;
try {
  for (const [part, { mutate, tests }] of Object.entries(parts)) {
    if (wanted !== undefined && wanted !== part) continue;
    const started = Date.now();
    const results = await mutantsOf(part, mutate, tests);
    const minutes = Math.ceil((Date.now() - started) / 60_000);
    const count = (/** @type {string[]} */ ...statuses) =>
      results.filter(({ status }) => statuses.includes(status)).length;
    const [killed, survived, uncovered] = [
      count('Killed', 'Timeout'),
      count('Survived'),
      count('NoCoverage'),
    ];
    const score = (100 * killed) / (killed + survived + uncovered);
    enough &&= score >= least;
    const row = [part, killed, survived, uncovered, `${score.toFixed(1)} %`, `${minutes} min`];
    table.push(`| ${row.join(' | ')} |`);
    for (const { fileName, location, mutatorName, replacement, status } of results) {
      if (status !== 'Survived' && status !== 'NoCoverage') continue;
      const place = `${path.relative(copy, fileName)}:${location.start.line}:${location.start.column}`;
      console.log(
        `${place}  ${status}  ${mutatorName}: ${(replacement ?? '').replaceAll(/\s+/g, ' ').slice(0, 90)}`,
      );
    }
  }
} finally {
  process.chdir(root);
  await rm(copy, { recursive: true, force: true });
}
console.log(`\nNode ${process.version}, ${cpus()[0]?.model}\n`);
console.log('| part | noticed | survived | no test | score | time |\n| --- | --- | --- | --- | --- | --- |');
console.log(table.join('\n'));
process.exit(enough ? 0 : 1);

/**
 * @param {string} part
 * @param {string[]} mutate
 * @param {string[]} tests
 */
async function mutantsOf(part, mutate, tests) {
  const configFile = `vitest.${part}.config.mjs`;
  // One worker that keeps its modules: a mutant then costs a fifth of a second, and not three.
  const test = { include: tests, testTimeout: 30_000, maxWorkers: 1, isolate: false, pool: 'threads' };
  await writeFile(configFile, `export default { test: ${JSON.stringify(test)} };\n`);
  const stryker = new Stryker({
    mutate,
    testRunner: 'vitest',
    plugins: [fileURLToPath(import.meta.resolve('@stryker-mutator/vitest-runner'))],
    vitest: { configFile, related: false },
    coverageAnalysis: 'perTest',
    concurrency: 1,
    inPlace: true,
    reporters: ['progress-append-only'],
    allowConsoleColors: false,
  });
  return stryker.runMutationTest();
}
