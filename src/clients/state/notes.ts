import { rm } from 'node:fs/promises';
import path from 'node:path';
import type { Notes } from '../../core/world.ts';
import { fileNameOf, namesOfFiles } from './file-name.ts';
import { listDirectory, writePrivateFile } from './private-file.ts';

/** Notes as empty files, `<directory>/<topic>/<name>`: what is there is still to be done. */
export function createNotes(directory: string): Notes {
  const folder = (topic: string) => path.join(directory, fileNameOf(topic));
  const place = (topic: string, name: string) => path.join(folder(topic), fileNameOf(name));
  return {
    list: async (topic) => namesOfFiles(await listDirectory(folder(topic))),
    put: (topic, name) => writePrivateFile(place(topic, name), ''),
    clear: (topic, name) => rm(place(topic, name), { force: true }),
  };
}
