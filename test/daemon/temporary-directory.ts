import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { onTestFinished } from 'vitest';

/** Makes a directory that is removed after the running test. */
export function temporaryDirectory(): string {
  const directory = mkdtempSync(path.join(tmpdir(), 'gates-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}
