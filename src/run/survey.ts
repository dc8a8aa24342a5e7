import type { Config } from '../config/model/config.ts';
import type { Desired, Observation, Scope } from '../core/objects/object.ts';
import type { ProgressEvent } from '../core/progress.ts';
import type { AnyReconciler } from '../core/reconciler.ts';
import type { World } from '../core/world.ts';
import { compile } from '../desired/compile.ts';
import { heed } from '../desired/live/heed.ts';
import { withLiveFields } from '../desired/live/ignored.ts';
import { withProtection } from '../desired/live/protection.ts';
import { withoutFreeTags } from '../desired/live/record-tags.ts';
import { withRetiring } from '../desired/live/retiring.ts';
import { managedPart, withWatched } from '../desired/live/watched.ts';
import { withCounterparts } from '../observed/counterparts.ts';
import { kindsToLeave } from '../observed/full-read.ts';
import { observe } from '../observed/observe.ts';
import { leftScope, leftWarning, unreadAuthentik, withoutAuthentik } from './left-authentik.ts';

/** The reconcilers and the world that a run uses. */
export interface Reach {
  readonly reconcilers: readonly AnyReconciler[];
  readonly world: (scope: Scope) => World;
  readonly onEvent?: (event: ProgressEvent) => void;
}

/** The reconcilers and the world of a run, which may adopt. */
export interface Surveying extends Reach {
  /** True: an unmarked object that does what the file asks for counts as that object. */
  readonly adopt: boolean;
}

/** The objects that the file asks for, and the live objects. */
export interface Survey {
  /** The objects from the file alone. */
  readonly asked: Desired;
  /** The same objects, without the services that foreign objects forbid. */
  readonly desired: Desired;
  readonly world: World;
  readonly observed: readonly Observation[];
  /** The time at which the reading began: a later change may be missing from it. */
  readonly readAt: Date;
  /** Warnings about objects that could not be read; also among those of `desired`. */
  readonly warnings: readonly string[];
  /** The same with the kinds that were left unread; undefined if all were read. */
  readonly complete?: () => Promise<Survey>;
}

/** The reading half of every run. Writes nothing. */
export async function survey(config: Config, reach: Reach): Promise<Survey> {
  const asked = compile(config);
  const ground = await groundOf(asked.scope, reach.world);
  return surveyOf(config, asked, await look(ground, { ...reach, adopt: false }));
}

/** A survey without kinds on which the file does not depend and of which the state folder knows no object of ours. */
export async function surveyWanted(config: Config, reach: Surveying): Promise<Survey> {
  const { reconcilers } = reach;
  const asked = compile(config);
  const ground = await groundOf(asked.scope, reach.world);
  const unneeded = await kindsToLeave(asked, reconcilers, ground.world);
  const read = reconcilers.filter(({ kind }) => !unneeded.has(kind));
  const found = surveyOf(config, asked, await look(ground, { ...reach, reconcilers: read }));
  if (unneeded.size === 0) return found;
  return { ...found, complete: async () => surveyOf(config, asked, await look(ground, reach)) };
}

/** A new survey in the same world, after it forgot everything that it had read. */
export async function surveyAgain(
  config: Config,
  { reconcilers, adopt }: Pick<Surveying, 'reconcilers' | 'adopt'>,
  { asked, world, warnings }: Survey,
): Promise<Survey> {
  world.forget();
  const readAt = world.clock.now();
  const observed = await observe(reconcilers, world);
  return surveyOf(config, asked, { world, readAt, observed, warnings, adopters: adopt ? reconcilers : [] });
}

function surveyOf(config: Config, asked: Desired, found: Look): Survey {
  const { world, readAt, warnings, adopters } = found;
  const counterparts = ({ objects }: Desired, among: readonly Observation[]) =>
    adopters.length === 0 ? among : withCounterparts(objects, among, adopters);
  const first = counterparts(asked, found.observed);
  const now = world.clock.now();
  const whole = heed(config, asked, first, now);
  const managed = managedPart(config);
  const heeded =
    managed === config
      ? whole
      : withWatched(
          heed(managed, { ...compile(managed), scope: asked.scope }, first, now),
          whole,
          config,
          first,
        );
  // Foreign objects may make the file ask for further objects, which may exist already.
  const observed = counterparts(heeded, first);
  const adapted = withLiveFields(withoutFreeTags(withRetiring(heeded, observed), observed), observed);
  const desired = withProtection(config, adapted, observed);
  const warned = { ...desired, warnings: [...desired.warnings, ...warnings] };
  return { asked, desired: warned, world, readAt, observed, warnings };
}

/** The scope and the world in which a run reads. */
interface Ground {
  readonly world: World;
  /** An Authentik that the file does not use, and the world without it. */
  readonly idle?: { readonly url: string; readonly without: World };
}

/**
 * The ground of a run. An Authentik that the file does not use, or that only the state folder remembers, is read too,
 * for objects of ours that are left there.
 */
async function groundOf(scope: Scope, enter: Reach['world']): Promise<Ground> {
  if (scope.authentik !== undefined && scope.authentik.idle !== true) return { world: enter(scope) };
  const { authentik: named, ...rest } = scope;
  const without = enter(rest);
  const left = named ?? (await leftScope(without));
  if (left === undefined) return { world: without };
  return { world: enter({ ...scope, authentik: left }), idle: { url: left.url, without } };
}

interface Look {
  readonly world: World;
  readonly readAt: Date;
  readonly observed: readonly Observation[];
  readonly warnings: readonly string[];
  /** The reconcilers that recognize objects to adopt; none in a run that does not adopt. */
  readonly adopters: readonly AnyReconciler[];
}

/** Reads every kind. If an Authentik that the file does not use cannot be read, the run continues without it. */
async function look({ world, idle }: Ground, { reconcilers, onEvent, adopt }: Surveying): Promise<Look> {
  const readAt = world.clock.now();
  const adopters = adopt ? reconcilers : [];
  const observed = await observe(reconcilers, world, onEvent);
  const unread = idle === undefined ? undefined : unreadAuthentik(world, observed);
  if (idle === undefined || unread === undefined) return { world, readAt, observed, warnings: [], adopters };
  const warnings = [await leftWarning(idle.without, idle.url, unread)];
  return { world: idle.without, readAt, observed: withoutAuthentik(observed), warnings, adopters };
}
