import { markTag, readTag } from '../../../src/core/objects/marker.ts';
import type { Observed } from '../../../src/core/objects/object.ts';
import type { Reconciler } from '../../../src/core/reconciler.ts';
import { carryOut } from '../../shared/carry-out.ts';
import { listAccess } from '../account/access-list.ts';
import { accountPath } from '../account/account.ts';
import { accessApplication } from './access-application.ts';

/** A tag of Access applications. Keyed by its name, its only field; `gates-<owner>` marks the owner's applications. */
export interface AccessTagSpec {
  readonly name: string;
}

interface TagReply {
  readonly name: string;
  readonly created_at?: string;
}

export const accessTag: Reconciler<AccessTagSpec> = {
  kind: 'cloudflare/access-tag',
  title: 'Access tag',

  async observe(world) {
    const name = markTag(world.scope.owner);
    const applications = await world.read(accessApplication);
    // Cloudflare keeps a tag while an application has it, so one application shows that the tag exists.
    if (applications.some(({ uses }) => uses.includes(name))) return [observed({ name })];
    return (await listAccess(world, 'tags')).map((reply) => observed(reply as TagReply));
  },

  async write(changes, world) {
    const tags = `${await accountPath(world)}/access/tags`;
    return carryOut(changes, async ({ verb, address, want }) => {
      if (verb === 'prune') await world.cloudflare.delete(`${tags}/${encodeURIComponent(address.key)}`);
      if (want === undefined) return undefined;
      await world.cloudflare.post(tags, { name: want.name });
      return { id: want.name };
    });
  },
};

function observed({ name, created_at: createdAt }: TagReply): Observed<AccessTagSpec> {
  return {
    address: { kind: 'cloudflare/access-tag', key: name },
    id: name,
    owner: readTag(name),
    spec: { name },
    attributes: { id: name },
    uses: [],
    ...(createdAt !== undefined && { createdAt }),
  };
}
