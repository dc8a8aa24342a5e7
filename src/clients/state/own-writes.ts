import { randomUUID } from 'node:crypto';
import { appendFile, mkdir } from 'node:fs/promises';
import path from 'node:path';
import type { OwnWrite } from '../../core/record/change-log.ts';
import type { Clock } from '../../core/world.ts';
import { PRIVATE_MODE, readOptionalFile, writePrivateFile } from './private-file.ts';

type Fetch = (input: string | URL | Request, init?: RequestInit) => Promise<Response>;
type ApiSystem = OwnWrite['system'];

/** Records each write of this state folder, so that a later run recognizes it in the log of the system. */
export interface OwnWrites {
  /** The same fetch, recorded. `base`: the address of the API; its path is left out of the record. */
  around(system: ApiSystem, base: string, fetch?: Fetch): Fetch;
  list(): Promise<readonly OwnWrite[]>;
}

/** A write at its beginning and, by the same key, the id of the reply. */
type Line =
  | ({ readonly key: string } & Omit<OwnWrite, 'requestId'>)
  | { readonly key: string; readonly requestId: string };

/** Milliseconds for which a write is recorded: nobody looks further back. */
const KEPT = 30 * 24 * 60 * 60 * 1000;

/** The most bytes of the file, some 10,000 writes; beyond them, the older half is removed. */
const MOST_BYTES = 2 * 1024 * 1024;

const HEADERS = { cloudflare: 'cf-ray', authentik: 'x-authentik-id' } as const;

/**
 * `<state folder>/own-writes.jsonl`. A write is recorded before it is sent, because a process can be killed before the
 * reply arrives. Only the holder of the lease writes, so only one process appends. A failure to record never stops a
 * write: it only means that the log attributes the write to gates' own token.
 */
export function createOwnWrites(file: string, clock: Clock): OwnWrites {
  let prepared: Promise<void> | undefined;
  const append = async (line: Line) => {
    try {
      prepared ??= prepare(file);
      await prepared;
      await appendFile(file, `${JSON.stringify(line)}\n`, { mode: PRIVATE_MODE });
    } catch {
      prepared = undefined;
    }
  };
  return {
    around(system, base, fetch = globalThis.fetch) {
      const prefix = system === 'cloudflare' ? new URL(base).pathname.replace(/\/+$/, '') : '';
      return async (input, init) => {
        const { method, pathname } = requestOf(input, init);
        if (method === 'GET' || method === 'HEAD') return fetch(input, init);
        const key = randomUUID();
        const at = clock.now().toISOString();
        const relative = pathname.startsWith(prefix) ? pathname.slice(prefix.length) : pathname;
        await append({ key, system, at, method, path: relative });
        const response = await fetch(input, init);
        const requestId = response.headers.get(HEADERS[system])?.split('-')[0];
        if (requestId !== undefined) await append({ key, requestId });
        return response;
      };
    },
    async list() {
      const since = clock.now().getTime() - KEPT;
      return writesIn(await linesOf(file)).filter(({ at }) => Date.parse(at) >= since);
    },
  };
}

function requestOf(input: string | URL | Request, init: RequestInit | undefined) {
  const method = (init?.method ?? (input instanceof Request ? input.method : 'GET')).toUpperCase();
  const { pathname } = new URL(input instanceof Request ? input.url : input);
  return { method, pathname };
}

async function prepare(file: string): Promise<void> {
  await mkdir(path.dirname(file), { recursive: true, mode: 0o700 });
  const bytes = await readOptionalFile(file);
  if (bytes === undefined || bytes.length < MOST_BYTES) return;
  const lines = await linesOf(file);
  const newerHalf = lines.slice(Math.floor(lines.length / 2)).map((line) => `${JSON.stringify(line)}\n`);
  await writePrivateFile(file, newerHalf.join(''));
}

/** Lines that a crash cut short are ignored. */
async function linesOf(file: string): Promise<readonly Line[]> {
  const text = (await readOptionalFile(file))?.toString('utf8') ?? '';
  return text.split('\n').flatMap((line) => {
    try {
      return line === '' ? [] : [JSON.parse(line) as Line];
    } catch {
      return [];
    }
  });
}

function writesIn(lines: readonly Line[]): readonly OwnWrite[] {
  const ids = new Map(lines.flatMap((line) => ('requestId' in line ? [[line.key, line.requestId]] : [])));
  return lines.flatMap((line) => {
    if ('requestId' in line) return [];
    const { key, ...write } = line;
    const requestId = ids.get(key);
    return [{ ...write, ...(requestId !== undefined && { requestId }) }];
  });
}
