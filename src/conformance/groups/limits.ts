import { describeError, RejectedError } from '../../core/errors.ts';
import { markTag } from '../../core/marker.ts';
import { held } from '../belief.ts';
import { type Group, named } from '../group.ts';
import type { Lab } from '../lab.ts';

const beliefs = named('limits', {
  destinations: {
    says: 'An application may have 50 destinations',
    where: 'src/desired/doors.ts',
  },
  address: {
    says: 'A destination may have 63 characters',
    where: 'src/desired/paths.ts',
  },
  session: {
    says: 'A session may last a month, 730h',
    where: 'src/config/agreement.ts',
  },
});

/** Most destinations that gates gives one application. */
const most = 50;
const longest = 63;

/** What an account allows, of that which gates counts on. */
export const limits: Group = {
  name: 'limits',
  set: 'quick',
  seconds: 10,
  makes: ['1 tag and 1 application of Access, which refuses everybody'],
  needs: ['names/application'],
  beliefs: Object.values(beliefs),
  async ask(lab, answers) {
    await lab.tag();
    await answers.ask(beliefs.destinations, async () => {
      const refusal = await refusalOf(lab, paths(lab, most));
      if (refusal === undefined) return held(true, '', { destinations: most });
      const allowed = await mostAllowed(lab);
      return held(false, allowed === 0 ? refusal : `${allowed}`, { destinations: allowed });
    });
    await answers.ask(beliefs.address, async () => {
      const room = longest - lab.host.length - 1;
      const refusal = await refusalOf(lab, [`${lab.host}/${'a'.repeat(Math.max(1, room))}`]);
      return held(refusal === undefined, refusal ?? '');
    });
    await answers.ask(beliefs.session, async () => {
      const refusal = await refusalOf(lab, [lab.host], '730h');
      return held(refusal === undefined, refusal ?? '');
    });
  },
};

function paths({ host }: Lab, count: number): readonly string[] {
  return Array.from({ length: count }, (_, index) => `${host}/${index}`);
}

/** Halves what is left between a number that is taken and one that is refused. */
async function mostAllowed(lab: Lab): Promise<number> {
  let [taken, refused] = [0, most];
  while (refused - taken > 1) {
    const tried = Math.floor((taken + refused) / 2);
    if ((await refusalOf(lab, paths(lab, tried))) === undefined) taken = tried;
    else refused = tried;
  }
  return taken;
}

/** Makes such an application, and removes it at once; what the API says where it refuses it. */
async function refusalOf(lab: Lab, uris: readonly string[], session = '24h'): Promise<string | undefined> {
  const { cloudflare } = lab.world;
  try {
    const reply = (await cloudflare.post(lab.account('access/apps'), {
      type: 'self_hosted',
      name: lab.host,
      domain: uris[0],
      destinations: uris.map((uri) => ({ type: 'public', uri })),
      policies: [],
      tags: [markTag(lab.owner)],
      session_duration: session,
    })) as { readonly id: string };
    await cloudflare.delete(lab.account(`access/apps/${reply.id}`));
    return undefined;
  } catch (error) {
    if (error instanceof RejectedError) return describeError(error);
    throw error;
  }
}
