import { firstFile } from './every-gate-file.ts';
import { playLists } from './suite.ts';

playLists('a run that has nothing to do', { from: 'first file', to: firstFile, every: 4 });
