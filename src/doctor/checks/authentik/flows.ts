import { usesLogins } from '../../chart/authentik.ts';
import { check, ok, problem } from '../../chart/check.ts';

interface SeenFlow {
  readonly slug: string;
  readonly wanted: 'authorization' | 'invalidation';
  /** Undefined: there is no such flow. */
  readonly designation: string | undefined;
}

interface FlowReply {
  readonly designation: string;
}

/** Checks whether the flows exist that every provider of gates names. */
export const flowsCheck = check<readonly SeenFlow[]>({
  name: 'flows',
  area: 'authentik',
  asks: 'authentik',
  async ask({ authentik, config }) {
    const named = config?.authentik?.flows;
    if (named === undefined) return [];
    return Promise.all(
      (['authorization', 'invalidation'] as const).map(async (wanted) => {
        const slug = named[wanted];
        // By its slug alone, a flow that the token may not see looks like a missing one.
        const [flow] = (await authentik.list('/flows/instances/', { slug })) as readonly FlowReply[];
        return { slug, wanted, designation: flow?.designation };
      }),
    );
  },
  judge(found, need) {
    if (found.length === 0 || !usesLogins(need)) return [];
    const wrong = found.filter(({ wanted, designation }) => designation !== wanted);
    if (wrong.length === 0) return [ok(`The flows are there: ${found.map(({ slug }) => slug).join(', ')}`)];
    return wrong.map(({ slug: about, wanted, designation }) =>
      problem('flow', {
        about,
        text:
          designation === undefined
            ? `There is no such flow, and the file names it for ${wanted}`
            : `The flow is for ${designation}, and the file names it for ${wanted}`,
        hint: `Name one that is there as \`authentik.flows.${wanted}\` (Flows and Stages → Flows shows slug and designation); the stock ones come back with the blueprints "Default"`,
      }),
    );
  },
});
