import type { Observed } from '../../../src/core/objects/object.ts';
import type { Reader, World } from '../../../src/core/world.ts';
import { listAuthentik } from '../reading/api.ts';

export interface OutpostReply {
  readonly pk: string;
  readonly name: string;
  readonly type: string;
  readonly providers: readonly number[];
  readonly config: Readonly<Record<string, unknown>>;
  readonly managed?: string | null;
}

const kind = 'authentik/outpost';

/** Marks the outpost inside the server, the only one that may serve nothing. */
const embedded = 'goauthentik.io/outposts/embedded';

export const outposts = '/outposts/instances/';

/** Reads outposts once for their providers and their settings. The spec is the reply. */
export const outpost: Reader<OutpostReply> = {
  kind,

  async observe(world) {
    const replies = (await listAuthentik(world, outposts)) as readonly OutpostReply[];
    return replies.map((reply) => ({
      address: { kind, key: reply.name },
      id: reply.pk,
      owner: undefined,
      spec: reply,
      attributes: { id: reply.pk },
      uses: [],
    }));
  },
};

export function isEmbedded({ managed }: OutpostReply): boolean {
  return managed === embedded;
}

/** The outposts that serve web hosts, as they were read. */
export async function proxyOutposts(world: World): Promise<readonly Observed<OutpostReply>[]> {
  return (await world.read(outpost)).filter(({ spec }) => spec.type === 'proxy');
}
