import { reconcilers } from '../../../reconcilers/index.ts';
import { createAuthentikWire } from '../../../src/clients/authentik/authentik.ts';
import { createBudget } from '../../../src/clients/cloudflare/budget.ts';
import { createCloudflareWire } from '../../../src/clients/cloudflare/cloudflare.ts';
import { createRedactor } from '../../../src/clients/redaction.ts';
import { packFiles } from '../../../src/core/sources/source-files.ts';
import { checkedConfig } from '../../../src/expect/checked-config.ts';
import { type Imported, importedFile } from '../../../src/import/checked-draft.ts';
import { ExistingFile } from '../../../src/import/existing/existing-file.ts';
import { readLive } from '../../../src/import/reading.ts';
import type { Sandbox } from '../../../src/lab/sandbox/index.ts';
import { createWorld } from '../../../src/observed/world.ts';
import { sandboxEdge } from '../../support/sandbox-edge.ts';
import { eagerClock } from '../../support/world.ts';
import type { Disk } from '../stage/disk.ts';

export interface ImportPlace {
  readonly sandbox: Sandbox;
  readonly disk: Disk;
}

/** Imports everything that is live in a sandbox; fails if the import writes anything. */
export async function importedFrom(place: ImportPlace): Promise<Imported> {
  const { found, reach } = await readFrom(place);
  return importedFile(found, reach, {});
}

/** Imports everything that is live and that a valid file lacks. `included`: the files that it includes, by name. */
export async function importedInto(
  text: string,
  place: ImportPlace,
  included: Readonly<Record<string, string>> = {},
): Promise<Imported> {
  const encoder = new TextEncoder();
  const names = Object.keys(included).sort();
  const source = packFiles({
    main: encoder.encode(text),
    patterns: names,
    included: names.map((file) => ({ file, bytes: encoder.encode(included[file]) })),
  });
  const read = checkedConfig(source);
  if (!read.ok) throw new Error(JSON.stringify(read.mistakes));
  const { found, reach } = await readFrom(place);
  return importedFile(found, reach, {}, new ExistingFile(source, read.parsed));
}

/** Reads everything that an import or the findings need; fails on a write. */
export async function readFrom({ sandbox, disk }: ImportPlace, zones?: readonly string[]) {
  const clock = eagerClock();
  const signal = new AbortController().signal;
  const shared = { clock, redactor: createRedactor(), signal, random: () => 0 };
  const reading =
    (system: 'cloudflare' | 'authentik') => (input: string | URL | Request, init?: RequestInit) => {
      const request = new Request(input, init);
      if (request.method !== 'GET') throw new Error(`A reading wrote: ${request.method} ${request.url}`);
      return sandbox[system](request);
    };
  const cloudflare = createCloudflareWire({
    ...shared,
    token: sandbox.token,
    baseUrl: sandbox.urls.cloudflare,
    fetch: reading('cloudflare'),
    budget: createBudget(clock),
  });
  const authentik = createAuthentikWire({
    ...shared,
    token: sandbox.authentikToken,
    url: sandbox.urls.authentik,
    fetch: reading('authentik'),
  });
  const reach = {
    reconcilers,
    world: (scope: Parameters<Parameters<typeof readLive>[0]['world']>[0]) =>
      createWorld({
        scope,
        cloudflare,
        ...(scope.authentik && { authentik }),
        clock,
        signal,
        edge: sandboxEdge(sandbox),
        ...disk,
      }),
  };
  const found = await readLive(reach, {
    ...{ owner: 'home', authentik: 'http://authentik.lan:9000' },
    ...(zones && { zones }),
  });
  return { found, reach };
}
