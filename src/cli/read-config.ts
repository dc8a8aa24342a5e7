// The thread that `config-reader.ts` starts: reads one file and answers with the result.
import { parentPort, workerData } from 'node:worker_threads';
import { parseConfig } from '../config/parse-config.ts';

parentPort?.postMessage(parseConfig(workerData as Uint8Array));
