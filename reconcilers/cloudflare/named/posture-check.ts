import type { Reconciler } from '../../../src/core/reconciler.ts';
import { accountPath } from '../account/account.ts';
import { namedOnce } from './named-once.ts';

/** A check of devices, found by its name or, for WARP and Gateway, by its type. Attribute `id`. */
interface PostureCheckSpec {
  readonly type?: string;
}

/** Shape of `GET /accounts/{id}/devices/posture` (types of the SDK: `DevicePostureRule`). */
interface PostureReply {
  readonly id?: string;
  readonly name?: string;
  readonly type?: string;
}

const kind = 'cloudflare/posture-check';

/** The key of the only check of a type that an account has once. */
export function postureCheckOfType(type: 'warp' | 'gateway'): string {
  return `type:${type}`;
}

export const postureCheck: Reconciler<PostureCheckSpec> = {
  kind,
  title: 'Posture check',
  unmarked: true,

  async observe(world) {
    if (world.scope.looksUp?.includes(kind) !== true) return [];
    const path = `${await accountPath(world)}/devices/posture`;
    const replies = (await world.roster.list(world.cloudflare, path, {
      per_page: 1000,
    })) as readonly PostureReply[];
    const checks = replies.flatMap(({ id, name, type }) => {
      if (id === undefined) return [];
      const keys = [name, type === 'warp' || type === 'gateway' ? postureCheckOfType(type) : undefined];
      return keys.flatMap((key) => (key === undefined ? [] : [{ key, id, spec: { ...(type && { type }) } }]));
    });
    return namedOnce(kind, checks);
  },
};
