// Adds up the result files of the suites (vitest's JSON reporter).
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

/**
 * The plain line `N passed, N failed`, followed by `, N skipped` if some were. A file that could not be loaded counts
 * as one failed test.
 * @param {string} directory
 */
export function testCount(directory) {
  let [passed, failed, skipped] = [0, 0, 0];
  for (const name of readdirSync(directory).filter((file) => file.endsWith('.json'))) {
    const result = JSON.parse(readFileSync(path.join(directory, name), 'utf8'));
    passed += result.numPassedTests;
    failed += result.numFailedTests + (result.numFailedTestSuites > 0 && result.numFailedTests === 0 ? 1 : 0);
    skipped += result.numPendingTests;
  }
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
}
