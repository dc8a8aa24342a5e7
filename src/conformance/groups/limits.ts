import { accessPolicy } from '../../../reconcilers/cloudflare/access/access-policy.ts';
import { sameDuration } from '../../../reconcilers/cloudflare/access/session/go-duration.ts';
import { serviceToken } from '../../../reconcilers/cloudflare/service-token/service-token.ts';
import { describeError, RejectedError } from '../../core/errors.ts';
import { markTag } from '../../core/objects/marker.ts';
import { held } from '../belief.ts';
import { type Group, named } from '../group.ts';
import type { Lab } from '../lab.ts';
import { tokenOf } from '../objects.ts';
import { readsBack } from '../read-back.ts';

const beliefs = named('limits', {
  destinations: {
    says: 'An application may have 50 destinations',
    where: 'src/desired/terms/doors.ts',
  },
  address: {
    says: 'A destination may have 63 characters',
    where: 'src/desired/terms/paths.ts',
  },
  'longer-address': {
    says: 'A destination of 64 characters is refused',
    where: 'src/lab/sandbox/cloudflare/access/access-destination.ts',
  },
  session: {
    says: 'A session may last a month, 730h',
    where: 'src/gates/cloudflare/gate.ts',
  },
  'longer-session': {
    says: 'A longer session, 731h, is refused or cut',
    where: 'src/gates/cloudflare/gate.ts',
  },
  token: {
    says: 'A service token may last any number of hours, such as 731h',
    where: 'reconcilers/cloudflare/service-token/service-token.ts',
    needs: ['names/token'],
  },
  rules: {
    says: 'A policy may list 1,000 addresses',
    where: 'src/gates/cloudflare/access.ts',
    needs: ['names/policy'],
  },
});

/** The most destinations that gates gives one application. */
const most = 50;
const longest = 63;
const longestSession = '730h';
const tooLong = '731h';
const mostRules = 1000;

/** The limits of an account on which gates relies. */
export const limits: Group = {
  name: 'limits',
  set: 'quick',
  seconds: 10,
  makes: ['1 tag, 1 policy, 1 service token and 1 application of Access, which refuses everybody'],
  needs: ['names/application'],
  beliefs: Object.values(beliefs),
  async ask(lab, answers) {
    await lab.tag();
    await answers.ask(beliefs.destinations, async () => {
      const { refusal } = await tried(lab, paths(lab, most));
      if (refusal === undefined) return held(true, '', { destinations: most });
      const allowed = await mostAllowed(lab);
      return held(false, allowed === 0 ? refusal : `${allowed}`, { destinations: allowed });
    });
    await answers.ask(beliefs.address, async () => {
      const { refusal } = await tried(lab, [addressOf(lab, longest)]);
      return held(refusal === undefined, refusal ?? '');
    });
    await answers.ask(beliefs['longer-address'], async () => {
      const { refusal } = await tried(lab, [addressOf(lab, longest + 1)]);
      return held(refusal !== undefined, 'it is taken');
    });
    await answers.ask(beliefs.session, async () => {
      const { refusal } = await tried(lab, [lab.host], longestSession);
      return held(refusal === undefined, refusal ?? '');
    });
    await answers.ask(beliefs['longer-session'], async () => {
      const { refusal, session = tooLong } = await tried(lab, [lab.host], tooLong);
      return held(refusal !== undefined || !sameDuration(session, tooLong), 'it is kept');
    });
    await answers.ask(beliefs.token, () => readsBack(lab, serviceToken, 'limits', tokenOf(tooLong)));
    await answers.ask(beliefs.rules, () =>
      readsBack(lab, accessPolicy, lab.host, {
        decision: 'allow',
        include: Array.from({ length: mostRules }, (_, index) => ({
          email: { email: `nobody${index}@example.invalid` },
        })),
        require: [],
        exclude: [],
      }),
    );
  },
};

function addressOf({ host }: Lab, length: number): string {
  return `${host}/${'a'.repeat(Math.max(1, length - host.length - 1))}`;
}

function paths({ host }: Lab, count: number): readonly string[] {
  return Array.from({ length: count }, (_, index) => `${host}/${index}`);
}

/** Halves the interval between an accepted and a refused number. */
async function mostAllowed(lab: Lab): Promise<number> {
  let [accepted, refused] = [0, most];
  while (refused - accepted > 1) {
    const between = Math.floor((accepted + refused) / 2);
    if ((await tried(lab, paths(lab, between))).refusal === undefined) accepted = between;
    else refused = between;
  }
  return accepted;
}

/** The API's answer to an application: the refusal, or the session that it keeps. */
interface Tried {
  readonly refusal?: string;
  readonly session?: string | undefined;
}

/** Makes such an application, and removes it at once. */
async function tried(lab: Lab, uris: readonly string[], session = '24h'): Promise<Tried> {
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
    })) as { readonly id: string; readonly session_duration?: string };
    await cloudflare.delete(lab.account(`access/apps/${reply.id}`));
    return { session: reply.session_duration };
  } catch (error) {
    if (error instanceof RejectedError) return { refusal: describeError(error) };
    throw error;
  }
}
