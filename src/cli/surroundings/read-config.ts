// The thread that `config-reader.ts` starts: reads one file and answers with the result.
import { parentPort, workerData } from 'node:worker_threads';
import { checkedConfig } from '../../expect/checked-config.ts';

parentPort?.postMessage(checkedConfig(workerData as Uint8Array));
