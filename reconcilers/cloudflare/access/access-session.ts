import { isAtHost } from '../../../src/core/objects/door.ts';
import type { Reconciler } from '../../../src/core/reconciler.ts';
import { carryOut } from '../../shared/carry-out.ts';
import { accessApplication } from './access-application.ts';
import { hostIn } from './application/destination.ts';
import {
  awaitEnd,
  endAgain,
  endingSessions,
  endSessions,
  endUnheard,
  forgetEnded,
  revocationTopic,
} from './session/revocation.ts';

/** The pending end of an application's sessions. Keyed by the application's id. */
export interface AccessSessionSpec {
  /** Hosts that those sessions open; none if the application no longer exists. */
  readonly hosts: readonly string[];
}

const kind = 'cloudflare/access-session';

/**
 * Sessions that should have ended after a narrowing, before a crash. The file never asks for one, so each is pruned,
 * and pruning it ends the sessions.
 */
export const accessSession: Reconciler<AccessSessionSpec> = {
  kind,
  title: 'Access sessions to end',
  traits: { unfinished: true },

  async observe(world) {
    const noted = await world.notes.list(revocationTopic);
    if (noted.length === 0) return [];
    const applications = await world.read(accessApplication);
    const hostsOf = (id: string) => applications.find((object) => object.id === id)?.spec.destinations ?? [];
    return noted.map((id) => ({
      address: { kind, key: id },
      id: `sessions of ${id}`,
      owner: world.scope.owner,
      spec: { hosts: [...new Set(hostsOf(id).flatMap((uri) => hostIn(uri) ?? []))] },
      attributes: {},
      uses: [],
    }));
  },

  /** Sessions end before anything else opens at the host: they also open a path that moves to the application. */
  doors: (_want, have) => (have?.spec.hosts ?? []).map((host) => ({ host, step: 'guard' as const })),

  write: (changes, world) =>
    carryOut(changes, async ({ address }) => {
      await endSessions(world, address.key);
      return undefined;
    }),

  moments: {
    async arrive(world, next) {
      const ending = await endingSessions(world);
      if (ending.length === 0) return;
      const handing = next?.filter(({ step }) => step === 'unroute' || step === 'unguard') ?? [];
      const applications = handing.length === 0 ? [] : await world.read(accessApplication);
      const isConcerned = (id: string) => {
        const opened = applications.find((object) => object.id === id)?.spec.destinations ?? [];
        return opened.some((uri) => handing.some(({ host }) => isAtHost(host, hostIn(uri) ?? '')));
      };
      const concerned = next === undefined ? ending : ending.filter(isConcerned);
      if (next !== undefined) await endUnheard(world, concerned);
      await endAgain(world, concerned);
      if (next !== undefined) await awaitEnd(world, concerned);
      await forgetEnded(world);
    },
  },
};
