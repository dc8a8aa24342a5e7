import type { FlowUse } from '../../../config/model/config.ts';
import { flowDesignations } from '../../../desired/logins/authentik.ts';
import { ownFlows } from '../../../desired/logins/flow.ts';
import { usesLdap, usesLogins } from '../../chart/authentik.ts';
import { check, ok, problem } from '../../chart/check.ts';

interface SeenFlow {
  readonly slug: string;
  /** The key of the file that names it. */
  readonly key: string;
  readonly use: FlowUse;
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
  async ask(chart) {
    const { authentik, config } = chart;
    if (config?.authentik === undefined) return [];
    const named = config.authentik.flows;
    const uses: readonly FlowUse[] = [
      ...(['authorization', 'invalidation'] as const),
      ...(usesLdap(chart) ? (['bind', 'unbind'] as const) : []),
    ];
    const all = [
      ...uses.map((use) => ({ slug: named[use], use, key: `authentik.flows.${use}` })),
      ...ownFlows(config).map((flow) => ({ ...flow, use: 'authorization' as const })),
    ];
    return Promise.all(
      all.map(async ({ slug, use, key }) => {
        // By its slug alone, a flow that the token may not see looks like a missing one.
        const [flow] = (await authentik.list('/flows/instances/', { slug })) as readonly FlowReply[];
        return { slug, use, key, designation: flow?.designation };
      }),
    );
  },
  judge(found, need) {
    if (found.length === 0 || !usesLogins(need)) return [];
    const wrong = found.filter(({ use, designation }) => designation !== flowDesignations[use]);
    if (wrong.length === 0) return [ok(`The flows are there: ${found.map(({ slug }) => slug).join(', ')}`)];
    return wrong.map(({ slug: about, use, key, designation }) =>
      problem('flow', {
        about,
        text:
          designation === undefined
            ? `There is no such flow, and the file names it for ${flowDesignations[use]}`
            : `The flow is for ${designation}, and the file names it for ${flowDesignations[use]}`,
        hint: `Name one that is there as \`${key}\` (Flows and Stages → Flows shows slug and designation); the stock ones come back with the blueprints "Default"`,
      }),
    );
  },
});
