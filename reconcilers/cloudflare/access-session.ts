import type { Reconciler } from '../../src/core/reconciler.ts';
import { carryOut } from '../carry-out.ts';
import { endSessions, revocationTopic } from './access/revocation.ts';

/** A revocation of an application's sessions that is still to be done; keyed by the application's id. */
export type AccessSessionSpec = Readonly<Record<string, never>>;

const kind = 'cloudflare/access-session';

/**
 * What a crash between a narrowing and the end of its sessions left undone. The file never asks for one, so
 * each is pruned, and pruning it is ending the sessions.
 */
export const accessSession: Reconciler<AccessSessionSpec> = {
  kind,
  title: 'Access sessions to end',
  unfinished: true,

  async observe(world) {
    const applications = await world.notes.list(revocationTopic);
    return applications.map((id) => ({
      address: { kind, key: id },
      id: `sessions of ${id}`,
      owner: world.scope.owner,
      spec: {},
      attributes: {},
      uses: [],
    }));
  },

  write: (changes, world) =>
    carryOut(changes, async ({ address }) => {
      await endSessions(world, address.key);
      return undefined;
    }),
};
