import { readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import type { Notes } from '../../core/world.ts';
import { fileNameOf, namesOfFiles } from './file-name.ts';
import { listDirectory, writePrivateFile } from './private-file.ts';

/** Notes as files, `<directory>/<topic>/<name>`, most of them empty: an existing note is work to do. */
export function createNotes(directory: string): Notes {
  const folder = (topic: string) => path.join(directory, fileNameOf(topic));
  const place = (topic: string, name: string) => path.join(folder(topic), fileNameOf(name));
  return {
    list: async (topic) => namesOfFiles(await listDirectory(folder(topic))),
    text: async (topic, name) => {
      try {
        return await readFile(place(topic, name), 'utf8');
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
        throw error;
      }
    },
    put: (topic, name, text = '') => writePrivateFile(place(topic, name), text),
    clear: (topic, name) => rm(place(topic, name), { force: true }),
  };
}
