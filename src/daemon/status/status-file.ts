import path from 'node:path';
import { readOptionalFile, writePrivateFile } from '../../clients/state/private-file.ts';
import type { Clock } from '../../core/world.ts';
import type { Status } from '../../report/status/status.ts';

export interface StatusFile {
  current(): Status;
  /** Replaces parts of the status; undefined removes a part. The disk is written in the background. */
  change(parts: StatusChange): void;
  /** Calls the listener at every change, until the returned function is called. */
  onChange(listener: () => void): () => void;
  /** Resolves once the last change is on disk, or could not be written. */
  written(): Promise<void>;
}

export type StatusChange = { readonly [Part in keyof Status]?: Status[Part] | undefined };

const NAME = 'status.json';

/**
 * The status in memory and in `status.json` of the state folder. Several changes during one write share the next write;
 * a reader always finds a complete file. `onError` gets the errors of the disk. Nothing is written once the file
 * belongs to another daemon.
 */
export function statusFile(
  stateDir: string,
  first: Status,
  clock: Clock,
  onError: (error: unknown) => void,
  isOurs: () => Promise<boolean> = async () => true,
): StatusFile {
  const file = path.join(stateDir, NAME);
  let status = first;
  let dirty = false;
  const listeners = new Set<() => void>();
  let writing: Promise<void> | undefined;

  async function flush(): Promise<void> {
    while (dirty) {
      dirty = false;
      if (!(await isOurs())) return;
      await writePrivateFile(file, `${JSON.stringify(status, null, 2)}\n`);
    }
  }

  return {
    current: () => status,
    change(parts) {
      const entries = Object.entries({ ...status, ...parts, updatedAt: clock.now().toISOString() });
      status = Object.fromEntries(entries.filter(([, value]) => value !== undefined)) as unknown as Status;
      dirty = true;
      for (const listener of listeners) listener();
      writing ??= flush()
        .catch(onError)
        .finally(() => {
          writing = undefined;
        });
    },
    onChange(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    async written() {
      await writing;
    },
  };
}

/** The status that a daemon left in the state folder; undefined if none ever ran. */
export async function readStatusFile(stateDir: string): Promise<Status | undefined> {
  const content = await readOptionalFile(path.join(stateDir, NAME));
  return content === undefined ? undefined : (JSON.parse(content.toString('utf8')) as Status);
}
