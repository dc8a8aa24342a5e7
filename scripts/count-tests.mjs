// Adds up the suites' result files (vitest's JSON reporter) into the plain line `N passed, N failed`.
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

const [directory = '.'] = process.argv.slice(2);
let passed = 0;
let failed = 0;
for (const name of readdirSync(directory).filter((file) => file.endsWith('.json'))) {
  const result = JSON.parse(readFileSync(path.join(directory, name), 'utf8'));
  passed += result.numPassedTests;
  failed += result.numFailedTests + (result.numFailedTestSuites > 0 && result.numFailedTests === 0 ? 1 : 0);
}
console.log(`${passed} passed, ${failed} failed`);
