// The vitest in which Stryker runs mutants. A mutant that is active only while tests run runs in a thread that has loaded the
// modules for an earlier one: so it costs no more than its tests.
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { BaseSequencer, ThreadsPoolWorker } from 'vitest/node';

/** @type {string[]} The files of tests, in the order in which they run. */
const include = JSON.parse(process.env.GATES_MUTATION_TESTS ?? '[]');

class AsListed extends BaseSequencer {
  /**
   * @override
   * @param {import('vitest/node').TestSpecification[]} specifications
   */
  async sort(specifications) {
    const place = (/** @type {{ moduleId: string }} */ { moduleId }) =>
      include.indexOf(path.relative(process.cwd(), moduleId));
    return specifications.sort((left, right) => place(left) - place(right));
  }
}

/** A thread that keeps its modules when vitest stops it. */
class KeptThread extends ThreadsPoolWorker {
  /** @type {[string, (arg: unknown) => void][]} */
  #listeners = [];
  #runs = false;

  /**
   * @override
   * @param {string} event
   * @param {(arg: unknown) => void} listener
   */
  on(event, listener) {
    this.#listeners.push([event, listener]);
    super.on(event, listener);
  }

  /** @override */
  async start() {
    if (this.#runs) return;
    await super.start();
    this.#runs = true;
    super.on('exit', () => {
      if (kept === this) kept = undefined;
    });
  }

  /**
   * @override
   * @param {import('vitest/node').WorkerRequest} request
   */
  send(request) {
    if (request.type !== 'stop') return super.send(request);
    for (const [event, listener] of this.#listeners)
      if (event === 'message') listener({ type: 'stopped', __vitest_worker_response__: true });
  }

  /** @override */
  async stop() {
    for (const [event, listener] of this.#listeners) this.off(event, listener);
    this.#listeners = [];
  }

  async end() {
    await super.stop();
  }
}

/** How many mutants share a thread. */
const together = Number(process.env.GATES_MUTATION_TOGETHER);
let runs = 0;
/** @type {KeptThread | undefined} */
let kept;

/** @param {import('vitest/node').PoolOptions} options */
function createPoolWorker(options) {
  // Modules that are loaded while a mutant is active.
  if (Reflect.get(options.project.getProvidedContext(), 'mutantActivation') === 'static')
    return new ThreadsPoolWorker(options);
  if (runs % together === 0) {
    kept?.end();
    kept = undefined;
  }
  runs += 1;
  kept ??= new KeptThread(options);
  return kept;
}

export default {
  plugins: [
    {
      name: 'kept-thread',
      /** @param {import('vitest/node').VitestPluginContext} context Stryker has set the pool. */
      configureVitest({ project: { config } }) {
        Object.assign(config, { pool: 'kept', poolRunner: { name: 'kept', createPoolWorker } });
      },
    },
  ],
  test: {
    include,
    testTimeout: 300_000,
    hookTimeout: 300_000,
    maxWorkers: 1,
    isolate: false,
    runner: fileURLToPath(new URL('runner.mjs', import.meta.url)),
    sequence: { sequencer: AsListed },
    setupFiles: ['test/support/each-file.ts'],
  },
};
