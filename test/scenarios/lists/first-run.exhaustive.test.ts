import { firstFile } from './every-gate-file.ts';
import { playLists } from './suite.ts';

playLists('a first run', { from: 'nothing', to: firstFile, every: 12 });
