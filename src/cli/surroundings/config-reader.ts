import { Worker } from 'node:worker_threads';
import type { FileResult, ReadAccounts } from '../../config/parse-config.ts';
import { rememberFiles } from '../../core/record/file-memory.ts';

/** Megabytes of heap for one file. The costliest file below the size limit takes half of it. */
const HEAP = 500;

/**
 * Reads each file in a separate thread, so that a costly one delays neither the lease nor a listener. `script` is the
 * built `read-config.js`.
 */
export function configReader(script: URL): ReadAccounts {
  return rememberFiles((source) => readInThread(script, source));
}

function readInThread(script: URL, workerData: Uint8Array): Promise<FileResult> {
  return new Promise((resolve) => {
    const limits = { maxOldGenerationSizeMb: HEAP };
    // It gets no environment: a file needs none of the secrets in it.
    const worker = new Worker(script, { workerData, env: {}, resourceLimits: limits });
    worker.once('message', resolve);
    worker.once('error', ({ message }) => resolve(unreadable(message)));
    worker.once('exit', () => resolve(unreadable('the thread ended early')));
  });
}

function unreadable(reason: string): FileResult {
  const message = `the file could not be read: ${reason}`;
  return {
    ok: false,
    names: [],
    mistakes: [{ severity: 'error', rule: 'file-unreadable', line: 1, column: 1, path: '', message }],
  };
}
