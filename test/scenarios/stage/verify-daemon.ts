import type { Hono } from 'hono';
import { bearersOf, clientIdReader } from '../../../src/cli/commands/verifying.ts';
import type { Notes, Vault } from '../../../src/core/world.ts';
import { createHttp } from '../../../src/daemon/http.ts';
import { createBearers } from '../../../src/daemon/verify/bearers.ts';
import { createKeySets, type ReadDocument } from '../../../src/daemon/verify/key-sets.ts';
import { quietLog } from '../../daemon/quiet-log.ts';

interface Parts {
  readonly notes: Notes;
  readonly vault: Vault;
  readonly read: ReadDocument;
  readonly onForeignChange: () => void;
}

/** The daemon's own `/verify`, for an applied file. */
export function verifyDaemon(text: string, { vault, ...parts }: Parts): Hono {
  const clock = { now: () => new Date(), sleep: async () => {} };
  const log = quietLog();
  const keySets = createKeySets({ clock, log, ...parts });
  const doors = bearersOf(new TextEncoder().encode(text));
  return createHttp({
    clock,
    status: async () => {
      throw new Error('nobody asks');
    },
    metrics: async () => ({ text: '', type: 'text/plain' }),
    verify: async () => ({ type: 'refused' }),
    bearers: createBearers({
      doors: async () => doors,
      clientId: clientIdReader(() => vault),
      keySets,
      clock,
      log,
    }),
  });
}
