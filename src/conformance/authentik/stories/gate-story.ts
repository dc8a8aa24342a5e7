import { authentikKinds } from '../all-kinds.ts';
import { theirOutpost } from '../hands.ts';
import type { Story } from '../story.ts';

/** Makes stories about complete gates, with a foreign outpost. `where`: the file of gates that relies on them. */
export function ofGates(where: string) {
  return (name: string, says: string, act: Story['act']): Story => ({
    id: `authentik/gate-${name}`,
    says: `A whole gate: ${says}`,
    where,
    reconcilers: authentikKinds,
    act: async (stage) => {
      await theirOutpost(stage);
      await act(stage);
    },
  });
}
