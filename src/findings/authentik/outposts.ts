import type { FindingQuestion, FoundFault } from '../terms/finding-ground.ts';
import { namedSubject } from '../terms/subjects.ts';

/** The outpost inside the server. It exists always, used or not, and nobody can rename it. */
const embedded = 'authentik Embedded Outpost';

/** The outposts that serve nobody, or do not know where people log in. */
export const faultyOutposts: FindingQuestion = {
  rules: ['idle-outpost', 'outpost-address'],
  reads: ['authentik/outpost-host', 'authentik/outpost-entry'],
  ask: ({ live }) => {
    const serving = new Set(live.of('authentik/outpost-entry').map(({ spec }) => spec.outpost));
    return live
      .of('authentik/outpost-host')
      .flatMap(({ address: { key }, attributes, spec }): readonly FoundFault[] => {
        const subject = namedSubject('outpost', key);
        const isServing = serving.has(attributes.id ?? '');
        if (!isServing && key !== embedded)
          return [{ rule: 'idle-outpost', subject, says: `The outpost "${key}" serves no provider` }];
        if (!isServing || spec.host !== '') return [];
        return [
          {
            rule: 'outpost-address',
            subject,
            says: `The outpost "${key}" serves providers, and its \`authentik_host\` is empty`,
          },
        ];
      });
  },
};
