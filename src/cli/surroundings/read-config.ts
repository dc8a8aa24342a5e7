// The thread that `config-reader.ts` starts: reads one file and answers with the result.
import { parentPort, workerData } from 'node:worker_threads';
import { checkedFile } from '../../expect/checked-config.ts';

parentPort?.postMessage(checkedFile(workerData as Uint8Array));
