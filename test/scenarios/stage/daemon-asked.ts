import { bearersOf, clientIdReader } from '../../../src/cli/commands/verifying.ts';
import type { Vault } from '../../../src/core/world.ts';
import { createHttp } from '../../../src/daemon/http.ts';
import type { BearerDoor } from '../../../src/daemon/verify/bearers.ts';
import { createBearers } from '../../../src/daemon/verify/bearers.ts';
import { createKeySets, type ReadDocument } from '../../../src/daemon/verify/key-sets.ts';
import type { Verifier } from '../../../src/lab/sandbox/index.ts';
import { quietLog } from '../../daemon/quiet-log.ts';
import { memoryNotes } from '../../support/memory.ts';

interface State {
  /** The applied file. */
  readonly inForce: () => string;
  /** The vault of the runs that applied it. */
  readonly vault: Vault;
}

/** The daemon's own `/verify`, in this process, for the applied file; `read` reads key sets. */
export function daemonAsked({ inForce, vault }: State, read: ReadDocument): Verifier {
  const clock = { now: () => new Date(), sleep: async () => {} };
  const log = quietLog();
  const known = new Map<string, readonly BearerDoor[]>();
  const doors = async () => {
    const text = inForce();
    const found = known.get(text) ?? bearersOf(new TextEncoder().encode(text));
    known.set(text, found);
    return found;
  };
  const keySets = createKeySets({ clock, log, notes: memoryNotes(), read });
  const app = createHttp({
    clock,
    status: async () => {
      throw new Error('nobody asks');
    },
    metrics: async () => ({ text: '', type: 'text/plain' }),
    verify: async () => ({ type: 'refused' }),
    bearers: createBearers({ doors, clientId: clientIdReader(() => vault), keySets, clock, log }),
  });
  return async (url, request) => app.request(url, request);
}
