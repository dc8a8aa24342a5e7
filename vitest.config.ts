import { defineConfig } from 'vitest/config';
import { LongestFirst } from './test/support/longest-first.ts';
import { ProgramReporter } from './test/support/program-reporter.ts';
import { longSuites, ofThisTurn } from './test/support/turn.ts';

/** Where `.ci/run` collects results to count; each run of a suite writes a file of its own. */
const results = process.env.GATES_TEST_RESULTS;

/**
 * Ends a test that hangs. No test passes or fails by the time that it takes: a machine that is busy with other programs
 * needs many times as long.
 */
const patience = {
  testTimeout: 900_000,
  hookTimeout: 900_000,
  expect: { poll: { timeout: 600_000 } },
};

const played = ofThisTurn(longSuites);

/** Folders of `src` whose branches the quick suite must cover; reading the coverage of the others takes long. */
const coveredFolders = ['core', 'config', 'desired', 'plan'];

export default defineConfig({
  test: {
    // Both cores of a small machine: by default one is left idle.
    maxWorkers: 2,
    sequence: { sequencer: LongestFirst },
    // The next run takes the modules that have not changed as they were translated.
    experimental: { fsModuleCache: true },
    reporters:
      results === undefined
        ? ['default', new ProgramReporter()]
        : ['default', new ProgramReporter(), ['json', { outputFile: `${results}/${process.pid}.json` }]],
    projects: [
      {
        test: {
          name: 'quick',
          include: ['test/**/*.test.ts'],
          exclude: ['test/**/*.exhaustive.test.ts', 'test/e2e/**'],
          ...patience,
          // The files share the modules that they load: that saves a fifth of the time. A module that the tests share
          // keeps its state from file to file; what belongs to each file goes into the setup file.
          isolate: false,
          // Most of what a test makes is garbage soon: with room for it, less is copied until then.
          execArgv: ['--max-semi-space-size=64'],
          // The proxy around each CommonJS package costs more than the package itself; no test needs its guesses.
          deps: { interopDefault: false },
          setupFiles: ['test/support/each-file.ts'],
          // The live suite plays the newest release then, and reaches no server whatever the environment says. The
          // exhaustive suite plays the older ones.
          env: { GATES_LIVE_RELEASE: 'newest' },
        },
      },
      {
        test: {
          // Real processes, of dist/.
          name: 'end-to-end',
          include: ['test/e2e/**/*.test.ts'],
          exclude: ['test/**/*.exhaustive.test.ts'],
          ...patience,
        },
      },
      {
        test: {
          name: 'live',
          include: ['test/live/authentik.test.ts'],
          // Each call of a story ends after 30 seconds, and a story has a certain number of them: however slow a server is,
          // that ends every story, and no other limit does.
          testTimeout: 0,
          hookTimeout: 0,
        },
      },
      {
        test: {
          name: 'bench',
          include: ['test/bench/*.bench.ts'],
          testTimeout: 600_000,
        },
      },
      {
        test: {
          name: 'exhaustive',
          include: ['test/**/*.exhaustive.test.ts', 'test/live/authentik.test.ts'],
          exclude: longSuites.filter((suite) => !played.includes(suite)),
          ...patience,
          isolate: false,
          execArgv: ['--max-semi-space-size=64'],
          deps: { interopDefault: false },
          setupFiles: ['test/support/each-file.ts'],
          env: { GATES_LIVE_RELEASE: 'older' },
        },
      },
    ],
    coverage: {
      provider: 'v8',
      include: coveredFolders.map((folder) => `src/${folder}/**/*.ts`),
      reporter: ['text-summary', 'json-summary'],
      thresholds: Object.fromEntries(coveredFolders.map((folder) => [`src/${folder}/**`, { branches: 95 }])),
    },
  },
});
