import { policySettings } from '../../cloudflare/access/access-policy.ts';
import type { JsonObject } from '../../state/json.ts';
import type { AccessPolicy } from '../../state/world.ts';
import { type Copy, has } from '../rows/copy.ts';
import { objectsOf, put, wordOf } from '../rows/row.ts';

const DECISIONS: readonly AccessPolicy['decision'][] = ['allow', 'deny', 'bypass', 'non_identity'];

/** The inverse of `policyView`, of a reusable policy of the account. */
export function readAccessPolicy(copy: Copy, object: JsonObject): void {
  keepPolicy(copy, object, null);
}

/** The policy of a reply, of the account or of one application; null if it is omitted. */
export function keepPolicy(copy: Copy, object: JsonObject, appId: string | null): AccessPolicy | null {
  const { world, omissions } = copy;
  if (!has(copy, 'Access policy', object, 'id', 'name')) return null;
  const { id, name } = object;
  const decision = DECISIONS.find((known) => known === object.decision);
  if (decision === undefined) {
    const why = `the decision "${String(object.decision)}" is not known`;
    omissions.leaveOut(`Access policy "${name}"`, id, why);
    return null;
  }
  const createdAt = wordOf(object.created_at) ?? world.account.createdOn;
  return put(world.policies, 'id', {
    id,
    uid: wordOf(object.uid) ?? id,
    appId,
    name,
    decision,
    include: objectsOf(object.include),
    exclude: objectsOf(object.exclude),
    require: objectsOf(object.require),
    sessionDuration: wordOf(object.session_duration) ?? null,
    settings: policySettings(object),
    createdAt,
    updatedAt: wordOf(object.updated_at) ?? createdAt,
  });
}
