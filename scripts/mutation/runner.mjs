// Vitest's runner, for files of tests that share a thread with the next mutant.
import { inject, it, TestRunner } from 'vitest';

/** What Stryker provides, and where the mutated code looks for the active mutant. */
const name = inject(/** @type {never} */ ('globalNamespace'));
const isStatic = inject(/** @type {never} */ ('mutantActivation')) === 'static';

export default class MutantRunner extends TestRunner {
  #isNoticed = false;

  /**
   * @override
   * @param {Parameters<TestRunner['cancel']>[0]} reason A test has failed.
   */
  cancel(reason) {
    this.#isNoticed = true;
    super.cancel(reason);
  }

  /**
   * A module that is loaded now serves the next mutants too, so no mutant is active. Stryker activates it before the tests run.
   * Stryker reads tests alone, so a file that does not load has one that fails.
   * @override
   * @param {string} file
   * @param {Parameters<TestRunner['importFile']>[1]} source
   */
  async importFile(file, source) {
    if (source === 'setup') return super.importFile(file, source);
    if (this.#isNoticed) return undefined;
    if (!isStatic) Object.assign(Reflect.get(globalThis, name) ?? {}, { activeMutant: undefined });
    try {
      return await super.importFile(file, source);
    } catch (error) {
      it('is loaded', () => {
        throw error;
      });
      return undefined;
    }
  }
}
