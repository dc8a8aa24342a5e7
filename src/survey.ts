import type { Config } from './config/config.ts';
import type { Desired, Observation, Scope } from './core/object.ts';
import type { AnyReconciler } from './core/reconciler.ts';
import type { World } from './core/world.ts';
import { compile } from './desired/compile.ts';
import { heed } from './desired/live/heed.ts';
import { withoutFreeTags } from './desired/live/record-tags.ts';
import { withRetiring } from './desired/live/retiring.ts';
import { observe } from './observed/observe.ts';

/** What a pass reaches. */
export interface Reach {
  readonly reconcilers: readonly AnyReconciler[];
  readonly world: (scope: Scope) => World;
}

/** What the file asks for, beside all that is there. */
export interface Survey {
  /** From the file alone. */
  readonly asked: Desired;
  /** The same in the world as it is: without the services that what others have forbids. */
  readonly desired: Desired;
  readonly world: World;
  readonly observed: readonly Observation[];
}

/** The reading half of every pass. Writes nothing. */
export async function survey(config: Config, { reconcilers, world: enter }: Reach): Promise<Survey> {
  const asked = compile(config);
  const world = enter(asked.scope);
  const observed = await observe(reconcilers, world);
  const heeded = heed(config, asked, observed, world.clock.now());
  const desired = withoutFreeTags(withRetiring(heeded, observed), observed);
  return { asked, desired, world, observed };
}
