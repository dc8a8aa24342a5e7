import type { ReadyChange } from '../../../src/core/change.ts';
import { UnsafeError } from '../../../src/core/errors.ts';
import type { Observed } from '../../../src/core/objects/object.ts';
import type { Reconciler } from '../../../src/core/reconciler.ts';
import type { World } from '../../../src/core/world.ts';
import { carryOut } from '../../shared/carry-out.ts';
import { awaitWrites, notingWrite, workerWriteTopic } from '../access/application/path-writes.ts';
import { forgetArrived } from '../access/session/moment.ts';
import { noteZone, zonesOfOurs } from '../rules/zones.ts';
import { routePattern, workerName, workersWire } from './workers-wire.ts';

/**
 * A Workers route. Keyed by its pattern, `app.example.dev/*`. It has no mark: it is the owner's if it leads to the Worker
 * that only the owner has at that host.
 */
export interface WorkerRouteSpec {
  readonly zone: string;
  readonly zoneId: string;
  /** The host of the pattern, in lower case, with the star of a wildcard. */
  readonly host: string;
  /** The name of the Worker; empty: no Worker runs there. */
  readonly script: string;
  /** True: beyond the account's limit of requests, visitors reach the origin without the Worker. Absent: not shown. */
  readonly failsOpen?: boolean;
}

interface RouteReply {
  readonly id: string;
  readonly pattern: string;
  readonly script?: string | null;
  /** Seen in replies, and described nowhere. */
  readonly request_limit_fail_open?: boolean;
}

const kind = 'cloudflare/worker-route';

export const workerRoute: Reconciler<WorkerRouteSpec> = {
  kind,
  title: 'Workers route',
  traits: { unmarked: true },

  async observe(world) {
    const zones = await zonesOfOurs(world, 'worker', world.scope.workerZones ?? []);
    if (zones.length === 0) return [];
    const wire = workersWire(world);
    const found = await Promise.all(
      zones.map(async ({ id, name }) => {
        const replies = (await world.roster.list(
          wire,
          `/zones/${id}/workers/routes`,
        )) as readonly RouteReply[];
        return replies.map((reply) => observed(reply, { zone: name, zoneId: id }, world.scope.owner));
      }),
    );
    return found.flat();
  },

  doors(want, have) {
    const host = String(want?.host ?? have?.spec.host ?? '');
    if (want === undefined) return [{ host, step: 'unguard', first: true }];
    const isSame = have?.spec.script === want.script && have.spec.failsOpen === want.failsOpen;
    return isSame ? [] : [{ host, step: 'guard' }];
  },

  async write(changes, world) {
    return carryOut(changes, (change) => {
      const host = change.want?.host ?? change.have?.spec.host ?? '';
      return notingWrite(world, workerWriteTopic, [host], () => writeOne(change, world));
    });
  },

  moments: {
    arrive: (world, next) =>
      next === undefined
        ? forgetArrived(world, workerWriteTopic)
        : awaitWrites(world, workerWriteTopic, next),
  },
};

async function writeOne(
  { want, have }: ReadyChange<WorkerRouteSpec>,
  world: World,
): Promise<Readonly<Record<string, string>> | undefined> {
  const wire = workersWire(world);
  const routes = `/zones/${want?.zoneId ?? have?.spec.zoneId}/workers/routes`;
  if (want === undefined) {
    if (have !== undefined) await wire.delete(`${routes}/${have.id}`);
    return undefined;
  }
  await noteZone(world, 'worker', want.zoneId);
  const { script, failsOpen } = want;
  const body = { pattern: routePattern(want.host), script, request_limit_fail_open: failsOpen };
  const { id } = (await (have === undefined
    ? wire.post(routes, body)
    : wire.put(`${routes}/${have.id}`, body))) as RouteReply;
  const reply = (await wire.get(`${routes}/${id}`)) as RouteReply | undefined;
  if (reply?.script !== script || reply.request_limit_fail_open !== failsOpen) {
    throw new UnsafeError('Cloudflare does not show the Workers route as gates sent it', {
      hint: 'The host stays closed: without this, visitors would reach the application past the Worker',
      facts: { detail: body.pattern, applied: 'maybe' },
    });
  }
  return { id };
}

function observed(
  { id, pattern, script, request_limit_fail_open: failsOpen }: RouteReply,
  at: { readonly zone: string; readonly zoneId: string },
  owner: string,
): Observed<WorkerRouteSpec> {
  const [, host = ''] = /^(?:https?:\/\/)?([^/]*)/i.exec(pattern) ?? [];
  const name = host.toLowerCase();
  const isOurs = script === workerName(owner, name) && pattern.toLowerCase() === routePattern(name);
  return {
    address: { kind, key: isOurs ? routePattern(name) : pattern },
    id,
    owner: isOurs ? owner : undefined,
    spec: { ...at, host: name, script: script ?? '', ...(failsOpen !== undefined && { failsOpen }) },
    attributes: { id },
    uses: script ? [script] : [],
  };
}
