// Adds up the result files of the suites (vitest's JSON reporter).
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

/**
 * A line `FAILED file: test: reason` for each failed test, then the plain line `N passed, N failed`, followed by
 * `, N skipped` if some were. So a log of which only the end is kept still names the failed tests. A file that fails
 * outside its tests (while it loads, or in a hook) counts as one failed test.
 * @param {string} directory
 */
export function testSummary(directory) {
  let [passed, skipped] = [0, 0];
  /** @type {string[]} */
  const failed = [];
  for (const name of readdirSync(directory).filter((file) => file.endsWith('.json'))) {
    const result = JSON.parse(readFileSync(path.join(directory, name), 'utf8'));
    passed += result.numPassedTests;
    skipped += result.numPendingTests;
    for (const file of result.testResults.filter(({ status = '' }) => status === 'failed')) {
      const failures = file.assertionResults
        .filter(({ status = '' }) => status === 'failed')
        .map(({ fullName = '', failureMessages = [''] }) => `${fullName}: ${failureMessages[0]}`);
      if (failures.length === 0) failures.push(file.message);
      for (const failure of failures)
        failed.push(`FAILED ${path.relative('.', file.name)}: ${failure.split('\n', 1)[0]}`);
    }
  }
  const count = `${passed} passed, ${failed.length} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
  return [...failed, count].join('\n');
}
