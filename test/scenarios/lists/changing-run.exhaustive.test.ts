import { editedFile } from './every-gate-file.ts';
import { playLists } from './suite.ts';

playLists('a run that carries out a change', { from: 'first file', to: editedFile, every: 10 });
