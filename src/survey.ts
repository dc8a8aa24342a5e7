import type { Config } from './config/config.ts';
import type { Desired, Observation, Scope } from './core/object.ts';
import type { AnyReconciler } from './core/reconciler.ts';
import type { World } from './core/world.ts';
import { compile } from './desired/compile.ts';
import { heed } from './desired/live/heed.ts';
import { withoutFreeTags } from './desired/live/record-tags.ts';
import { withRetiring } from './desired/live/retiring.ts';
import { leftScope, leftWarning, unreadAuthentik, withoutAuthentik } from './left-authentik.ts';
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
  /** Of what could not be looked at; also among those of `desired`. */
  readonly warnings: readonly string[];
}

/** The reading half of every pass. Writes nothing. */
export async function survey(config: Config, { reconcilers, world: enter }: Reach): Promise<Survey> {
  const asked = compile(config);
  return surveyOf(config, asked, await look(asked.scope, reconcilers, enter));
}

/** The same in the same world, of which nothing is known any more. */
export async function surveyAgain(
  config: Config,
  reconcilers: readonly AnyReconciler[],
  { asked, world, warnings }: Survey,
): Promise<Survey> {
  world.forget();
  return surveyOf(config, asked, { world, observed: await observe(reconcilers, world), warnings });
}

function surveyOf(config: Config, asked: Desired, { world, observed, warnings }: Look): Survey {
  const heeded = heed(config, asked, observed, world.clock.now());
  const desired = withoutFreeTags(withRetiring(heeded, observed), observed);
  const warned = { ...desired, warnings: [...desired.warnings, ...warnings] };
  return { asked, desired: warned, world, observed, warnings };
}

interface Look {
  readonly world: World;
  readonly observed: readonly Observation[];
  readonly warnings: readonly string[];
}

/**
 * Reads every kind. An Authentik of which the file asks nothing, or which only the state folder remembers, is read for
 * objects of ours that are left there. When it cannot be read, the rest of the run goes on without it.
 */
async function look(
  scope: Scope,
  reconcilers: readonly AnyReconciler[],
  enter: Reach['world'],
): Promise<Look> {
  const isUsed = scope.authentik !== undefined && scope.authentik.idle !== true;
  const { authentik: named, ...rest } = scope;
  const plain = isUsed ? undefined : enter(rest);
  const left = plain === undefined ? undefined : (named ?? (await leftScope(plain)));
  const world = left === undefined ? (plain ?? enter(scope)) : enter({ ...scope, authentik: left });
  const observed = await observe(reconcilers, world);
  const unread = plain === undefined || left === undefined ? undefined : unreadAuthentik(world, observed);
  if (plain === undefined || left === undefined || unread === undefined)
    return { world, observed, warnings: [] };
  const warnings = [await leftWarning(plain, left.url, unread)];
  return { world: plain, observed: withoutAuthentik(observed), warnings };
}
