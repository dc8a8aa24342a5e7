import type { Reconciler } from '../../../src/core/reconciler.ts';
import { accountPath } from './account.ts';

/**
 * A check of devices that the account has: gates only reads it, and only if the file names one. Keyed by its name; one
 * of the types WARP and Gateway, which an account has once, by {@link postureCheckOfType}. Attribute `id`.
 */
interface PostureCheckSpec {
  readonly type?: string;
}

/** A rule of `GET /accounts/{id}/devices/posture` (types of the SDK: `DevicePostureRule`). */
interface PostureReply {
  readonly id?: string;
  readonly name?: string;
  readonly type?: string;
}

const kind = 'cloudflare/posture-check';

export function postureCheckOfType(type: 'warp' | 'gateway'): string {
  return `type:${type}`;
}

export const postureCheck: Reconciler<PostureCheckSpec> = {
  kind,
  title: 'Posture check',
  traits: { unmarked: true },

  async observe(world) {
    if (world.scope.looksUp?.includes(kind) !== true) return [];
    const path = `${await accountPath(world)}/devices/posture`;
    const replies = (await world.roster.list(world.cloudflare, path, {
      per_page: 1000,
    })) as readonly PostureReply[];
    const checks = replies.map(({ id = '', name = '', type = '' }) => ({
      key: type === 'warp' || type === 'gateway' ? postureCheckOfType(type) : name,
      id,
      type,
    }));
    // If several have one name, nobody knows which one is meant, so none is found by it.
    const isOnly = (key: string) => checks.filter((other) => other.key === key).length === 1;
    return checks.map(({ key, id, type }) => ({
      address: { kind, key: isOnly(key) ? key : `${key} (${id})` },
      id,
      owner: undefined,
      spec: { type },
      attributes: { id },
      uses: [],
    }));
  },
};
