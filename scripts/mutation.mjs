// Mutation testing by folder, on demand: `npm run mutation`, or `npm run mutation -- src/daemon` for one folder or one
// file of it. It works in a copy below the system's temporary folder and stores the result of each file in `.mutation/`.
// A stopped run continues with the next folder of files; a file is run again if it or one of its tests has changed. The last lines list
// every mutant that no test noticed, and a table of all folders; `--summary` prints only these.
//
// `npm run mutation -- --exposure src/plan/order/order.ts` tests whether a mutant of the planner exposes somebody in spite of
// the interlock. It plays forty moves with each mutant, and fails if one exposes somebody. It stores the result of each part of the
// file (forty lines or more), so that a stopped run continues there. It lists each mutant that ran out of time: nobody knows what
// that one would do.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { cp, mkdtemp, rm, symlink } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { Stryker } from '@stryker-mutator/core';

/** The least share of noticed mutants, in percent. Below it, a folder fails unless each of its survivors is judged. */
const least = 85;

/**
 * The mutated folders, with the quick tests that must notice. A file belongs to the longest folder that contains it.
 * @type {Record<string, string[]>}
 */
const folders = {
  'src/plan': ['test/plan', 'test/apply/apply.test.ts', 'test/apply/look-again.test.ts'],
  'src/doors': ['test/doors', 'test/interlock', 'test/why', 'test/lab/sandbox/doors/cloudflared.test.ts'],
  'src/gates': ['test/gates', 'test/desired', 'test/config', 'test/lab/rehearsal/guards.test.ts'],
  'reconcilers/authentik': ['test/reconcilers/authentik'],
  'reconcilers/cloudflare': ['test/reconcilers/cloudflare'],
  'reconcilers/edge': ['test/reconcilers/edge'],
  'src/daemon': ['test/daemon'],
  'src/daemon/actions': ['test/daemon/actions'],
  'src/daemon/notices': ['test/daemon/notices'],
  'src/daemon/verify': ['test/daemon/verify'],
};

/**
 * The result of a file; `state` shows whether it is up to date.
 * @typedef {{ state: string, noticed: number, seconds: number, left: Survivor[] }} Result
 * @typedef {{ line: number, source: string, mutator: string, replacement: string, status: string }} Survivor
 */

const root = process.cwd();
const kept = path.join(root, '.mutation');
/** @type {{ file: string, source: string, replacement: string, because: string }[]} */
const judged = JSON.parse(readFileSync('test/mutants/judged.json', 'utf8'));

/**
 * Files of tests that do not run: one compares generated files, whose paths are others in a copy, and one reads the words of the
 * source. The others would take seconds for many mutants, so what only they notice counts as a survivor.
 */
const leftOut = new Set([
  'test/config/schema.test.ts',
  'test/doors/reasons.test.ts',
  'test/config/accounts/accounts.test.ts',
  'test/config/accounts/malformed.test.ts',
  'test/config/include.test.ts',
  'test/config/malformed.test.ts',
  'test/desired/every-key/every-key.test.ts',
  'test/desired/terms/random-doors.test.ts',
  'test/desired/whole-runs.test.ts',
]);

/** How many mutants share a thread, which gets slower with each. */
const together = 200;

/**
 * Code whose answers modules remember. A mutant of it has a thread of its own, so that the next one does not read its answers. Code
 * that asks for them needs none.
 */
const remembered = [
  'src/daemon/triggers/windows.ts',
  'src/doors/admission/',
  'src/doors/layers/expression.ts',
  'src/doors/layers/path-reading.ts',
];

/** The moves that are played with each mutant of the planner; they fail only if somebody is exposed. */
const exposureTest = 'test/mutants/exposure.exhaustive.test.ts';

/** Results of a mutant with which these moves exposed nobody; without coverage, none of them uses it. */
const unharmed = new Set(['Survived', 'NoCoverage', 'Ignored']);

const [wanted = '', ...more] = process.argv.slice(2);
if (wanted === '--exposure') process.exit((await exposures(more)) ? 1 : 0);
if (wanted !== '--summary') {
  const chosen = Object.keys(folders)
    .flatMap(filesIn)
    .filter((file) => ['', file, folderOf(file), path.posix.dirname(file)].includes(wanted));
  if (chosen.length === 0)
    throw new Error(`nothing is mutated in ${wanted}: ${Object.keys(folders).join(', ')}`);
  await run(chosen.filter((file) => resultOf(file) === undefined));
}
process.exit(summary() ? 0 : 1);

/** @param {string} folder */
function filesIn(folder) {
  return scripts(folder).filter((file) => folderOf(file) === folder);
}

/** @param {string} place A folder, or one file. */
function scripts(place) {
  if (place.endsWith('.ts')) return [place];
  const names = readdirSync(path.join(root, place), { recursive: true, encoding: 'utf8' });
  const all = names.map((name) => path.posix.join(place, name.replaceAll(path.sep, '/')));
  return all.filter((name) => name.endsWith('.ts')).sort();
}

/** @param {string} file */
function folderOf(file) {
  const around = Object.keys(folders).filter((folder) => file.startsWith(`${folder}/`));
  return around.sort((left, right) => right.length - left.length)[0] ?? '';
}

/** @param {string} folder */
function testsOf(folder) {
  const own = folders[folder] ?? [];
  const others = Object.entries(folders).flatMap(([other, tests]) => (other === folder ? [] : tests));
  const isElsewhere = (/** @type {string} */ file) =>
    others.some((place) => file.startsWith(`${place}/`) && own.every((mine) => place.startsWith(`${mine}/`)));
  return own
    .flatMap(scripts)
    .filter(
      (file) =>
        file.endsWith('.test.ts') &&
        !file.endsWith('.exhaustive.test.ts') &&
        !leftOut.has(file) &&
        !isElsewhere(file),
    );
}

/** @param {string} file */
function stateOf(file) {
  return hashOf([file, ...testsOf(folderOf(file))]);
}

/** @param {string[]} names */
function hashOf(names) {
  const hash = createHash('sha256');
  for (const name of names) hash.update(readFileSync(path.join(root, name)));
  return hash.digest('hex').slice(0, 16);
}

/** @param {string} file */
function placeOf(file) {
  return path.join(kept, `${file.replaceAll('/', '+')}.json`);
}

/**
 * @param {string} file
 * @returns {Result | undefined} Undefined if the current file was not run.
 */
function resultOf(file) {
  if (!existsSync(placeOf(file))) return undefined;
  const result = JSON.parse(readFileSync(placeOf(file), 'utf8'));
  return result.state === stateOf(file) ? result : undefined;
}

/**
 * @param {string[]} files
 * @returns {Promise<boolean>} True if a mutant exposes somebody.
 */
async function exposures(files) {
  const chosen = files.length > 0 ? files : filesIn('src/plan');
  let found = false;
  mkdirSync(kept, { recursive: true });
  await inCopy(async (copy) => {
    process.env.GATES_SCENES = path.join(copy, 'scenes.json');
    const state = hashOf(['src', 'reconcilers', 'test/mutants'].flatMap(scripts));
    for (const part of chosen.flatMap(partsOf)) {
      const place = path.join(kept, `exposure ${part.replaceAll('/', '+')}.json`);
      const stored = existsSync(place) ? JSON.parse(readFileSync(place, 'utf8')) : undefined;
      const mutants = stored?.state === state ? stored.mutants : await mutantsOf([part], [exposureTest]);
      writeFileSync(place, JSON.stringify({ state, mutants }));
      /** @type {Record<string, number>} */
      const counts = {};
      for (const { status, location, replacement = '', statusReason = '' } of mutants) {
        counts[status] = (counts[status] ?? 0) + 1;
        found ||= statusReason.includes('exposed: ');
        if (unharmed.has(status)) continue;
        const at = `${part.split(':')[0]}:${location.start.line}:${location.start.column}`;
        const text = `${replacement.replaceAll(/\s+/g, ' ')}: ${statusReason.slice(0, 300)}`;
        console.log(`${at}  ${status.toUpperCase()}  ${text}`);
      }
      console.log(`${part}: ${JSON.stringify(counts)}`);
    }
  });
  return found;
}

/**
 * The parts of a file, `src/plan/order/order.ts:1-44`. Each begins with a function or a class at the top level, so that no mutant is in two.
 * @param {string} file
 */
function partsOf(file) {
  const lines = readFileSync(path.join(root, file), 'utf8').split('\n');
  const starts = [1];
  for (const [index, line] of lines.entries())
    if (/^(export )?(async )?(function|class)\b/.test(line) && index + 1 - (starts.at(-1) ?? 1) >= 40)
      starts.push(index + 1);
  return starts.map((start, index) => `${file}:${start}-${(starts[index + 1] ?? lines.length + 1) - 1}`);
}

/** @param {string[]} files */
async function run(files) {
  mkdirSync(kept, { recursive: true });
  // Stryker runs all tests once before the mutants, so files that lie together go together.
  const batchOf = (/** @type {string} */ file) => (isRemembered(file) ? file : path.posix.dirname(file));
  const places = [...new Set(files.map(batchOf))];
  const batches = places.map((place) => files.filter((file) => batchOf(file) === place));
  await inCopy(async () => {
    for (const [index, batch] of batches.entries()) {
      const [first = ''] = batch;
      console.log(`${places[index]} (${index + 1} of ${batches.length})`);
      const states = batch.map(stateOf);
      const started = Date.now();
      const earlier = `stryker ${places[index]?.replaceAll('/', '+')}.json`;
      const mutants = await mutantsOf(batch, testsOf(folderOf(first)), earlier);
      const seconds = Math.ceil((Date.now() - started) / 1000 / batch.length);
      for (const [at, file] of batch.entries()) {
        const own = mutants.filter(({ fileName }) => fileName.endsWith(`/${file}`));
        const unnoticed = own.filter(({ status }) => status !== 'Killed' && status !== 'Timeout');
        const noticed = own.length - unnoticed.length;
        const result = { state: states[at], noticed, seconds, left: survivors(file, unnoticed) };
        writeFileSync(placeOf(file), JSON.stringify(result, null, 2));
      }
    }
  });
}

/** @param {string} file */
function isRemembered(file) {
  return remembered.some((place) => file.startsWith(place));
}

/** @param {(copy: string) => Promise<void>} act */
async function inCopy(act) {
  const copy = await mkdtemp(path.join(tmpdir(), 'gates-mutation-'));
  const left = new Set(['.git', '.mutation', 'dist', 'node_modules'].map((name) => path.join(root, name)));
  await cp(root, copy, { recursive: true, filter: (place) => !left.has(place) });
  await symlink(path.join(root, 'node_modules'), path.join(copy, 'node_modules'));
  process.chdir(copy);
  try {
    await act(copy);
  } finally {
    process.chdir(root);
    await rm(copy, { recursive: true, force: true });
  }
}

/**
 * @param {string[]} mutate Files, or ranges of their lines.
 * @param {string[]} include The tests.
 * @param {string} [earlier] The file of earlier results. A mutant whose code and tests have not changed does not run again.
 */
async function mutantsOf(mutate, include, earlier) {
  process.env.GATES_MUTATION_TOGETHER = String(mutate.some(isRemembered) ? 1 : together);
  process.env.GATES_MUTATION_TESTS = JSON.stringify(include);
  const stryker = new Stryker({
    mutate,
    testRunner: 'vitest',
    plugins: [fileURLToPath(import.meta.resolve('@stryker-mutator/vitest-runner'))],
    vitest: { configFile: 'scripts/mutation/vitest-config.mjs', related: false },
    coverageAnalysis: 'perTest',
    concurrency: 1,
    inPlace: true,
    ...(earlier !== undefined && { incremental: true, incrementalFile: path.join(kept, earlier) }),
    timeoutMS: 20_000,
    reporters: ['progress-append-only'],
    allowConsoleColors: false,
  });
  return stryker.runMutationTest();
}

/**
 * @param {string} file
 * @param {Awaited<ReturnType<typeof mutantsOf>>} mutants
 * @returns {Survivor[]}
 */
function survivors(file, mutants) {
  const lines = readFileSync(path.join(root, file), 'utf8').split('\n');
  return mutants.map(({ location, mutatorName, replacement = '', status }) => ({
    line: location.start.line,
    source: (lines[location.start.line - 1] ?? '').trim(),
    mutator: mutatorName,
    replacement: replacement.replaceAll(/\s+/g, ' '),
    status,
  }));
}

/** Prints all results; false if a folder that was run has too many survivors that nobody judged. */
function summary() {
  const table = [];
  let enough = true;
  for (const folder of Object.keys(folders)) {
    const files = filesIn(folder);
    const results = files.flatMap((file) => {
      const result = resultOf(file);
      return result === undefined ? [] : [{ file, ...result }];
    });
    const run = results.length === files.length ? 'all files' : `${results.length} of ${files.length} files`;
    if (results.length === 0) {
      table.push(`| ${folder} | not run | | | | | |`);
      continue;
    }
    const left = results.flatMap(({ file, left }) => left.map((survivor) => ({ file, ...survivor })));
    const open = left.filter((survivor) => !isJudged(survivor));
    for (const { file, line, status, mutator, replacement } of open)
      console.log(`${file}:${line}  ${status}  ${mutator}: ${replacement.slice(0, 90)}`);
    const noticed = results.reduce((sum, result) => sum + result.noticed, 0);
    const score = (100 * noticed) / Math.max(1, noticed + left.length);
    const minutes = Math.ceil(results.reduce((sum, { seconds }) => sum + seconds, 0) / 60);
    enough &&= score >= least || open.length === 0;
    const found = [
      noticed,
      left.length,
      left.length - open.length,
      `${score.toFixed(1)} %`,
      `${minutes} min`,
    ];
    table.push(`| ${[folder, run, ...found].join(' | ')} |`);
  }
  console.log(`\nNode ${process.version}, ${cpus()[0]?.model}\n`);
  console.log('| folder | run | noticed | survived | of these judged | score | time |');
  console.log('| --- | --- | --- | --- | --- | --- | --- |');
  console.log(table.join('\n'));
  return enough;
}

/** @param {Survivor & { file: string }} survivor */
function isJudged({ file, source, replacement }) {
  return judged.some((one) => one.file === file && one.source === source && one.replacement === replacement);
}
