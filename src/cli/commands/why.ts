import { stepsOf } from '../../apply/turns.ts';
import type { Config } from '../../config/model/config.ts';
import type { Plan } from '../../core/change.ts';
import { ConfigError } from '../../core/errors.ts';
import type { Observation, Scope } from '../../core/objects/object.ts';
import type { AnyReconciler } from '../../core/reconciler.ts';
import { compile } from '../../desired/compile.ts';
import { verdictFor } from '../../doors/admission/visitor.ts';
import { explain } from '../../doors/explanation.ts';
import type { LiveParts } from '../../interlock/live-parts.ts';
import { missingGroups, visitorNamed } from '../../interlock/named-visitor.ts';
import { PlanStates } from '../../interlock/plan-states.ts';
import { makePlan } from '../../plan/plan.ts';
import { widthOf } from '../../report/screen/screen.ts';
import { type Reach, type Survey, survey } from '../../run/survey.ts';
import { type DoorMapDocument, doorMap } from '../../why/door-map.ts';
import { formatDoorMap } from '../../why/door-map-text.ts';
import { type WhyDocument, type WhyGround, whyDocument } from '../../why/why-document.ts';
import { formatWhy } from '../../why/why-text.ts';
import { readConfigOrTell } from '../surroundings/asked-config.ts';
import { effectsMaker } from '../surroundings/effects.ts';
import { print, printJson, tell, wantsColor } from '../surroundings/terminal.ts';
import {
  type AskedPlace,
  type AskedState,
  type AskedVisitor,
  askedPlace,
  askedState,
  askedVisitor,
  type VisitorOptions,
} from '../surroundings/why-question.ts';

export interface WhyCommandOptions extends VisitorOptions {
  readonly url: string;
  readonly file: string;
  /** The account that is meant, if the file has several. */
  readonly account?: string;
  readonly output: 'text' | 'json';
  readonly color: boolean;
  readonly quiet: boolean;
  readonly method: string;
  /** `live`, `file` or `plan:STEP` */
  readonly from: string;
}

/** Says who gets in at one door and why, and writes nothing. Exit codes: 0 = answered, whatever the answer; 1 = not. */
export async function why(options: WhyCommandOptions): Promise<number> {
  const { output, color, quiet } = options;
  const place = askedPlace(options.url);
  const state = askedState(options.from);
  const asked = await readConfigOrTell(options);
  if (asked === undefined) return 1;
  const { config, settings } = asked;
  const visitor = askedVisitor(options, config);
  const isOffline = state === 'file' && settings.cloudflareToken === undefined;
  const reach = isOffline ? undefined : effectsMaker(settings)(new AbortController().signal);
  const ground = reach === undefined ? offlineGround(config) : await liveGround(config, reach, state);
  for (const warning of unreadOf(ground.observed)) tell(`warning: ${warning}`);
  const { method } = options;
  const answer = answerTo({ place, state, isOffline, method, visitor }, config, ground);
  const form = { color: wantsColor(process.stdout, color), width: widthOf(process.stdout), quiet };
  if (output === 'json') printJson(answer);
  else print('layers' in answer ? formatWhy(answer, form) : formatDoorMap(answer, form));
  return 0;
}

/** The input of an answer. */
export interface WhyReading extends Pick<Survey, 'desired' | 'observed'> {
  readonly plan: Plan;
  readonly reconcilers: readonly AnyReconciler[];
  readonly now: Date;
}

/** The ground of a live answer: everything that gates can read of the account, and the plan of the file. */
export async function liveGround(config: Config, reach: Reach, state: AskedState): Promise<WhyReading> {
  // A run reads only the zones in which the file has rules, but a door may depend on the rules of all zones.
  const all = (scope: Scope): Scope => ({ ...scope, wafZones: scope.zones, cacheZones: scope.zones });
  const found = await survey(config, { ...reach, world: (scope) => reach.world(all(scope)) });
  const { desired, observed, world } = found;
  // The steps of a plan have the numbers of `gates plan`.
  const planned = typeof state === 'object' ? await survey(config, reach) : found;
  const plan = planOf(config, planned, reach.reconcilers);
  return { desired, observed, plan, reconcilers: reach.reconcilers, now: world.clock.now() };
}

/** The ground of an answer from the file alone: every kind as if the account had no object of it. */
export function offlineGround(config: Config): WhyReading {
  const desired = compile(config);
  const kinds = new Set(desired.objects.map(({ address }) => address.kind));
  const observed = [...kinds].map((kind): Observation => ({ kind, state: 'known', objects: [] }));
  const plan: Plan = { owner: config.owner, changes: [], warnings: [], attributes: {}, unknown: [] };
  return { desired, observed, plan, reconcilers: [], now: new Date(0) };
}

function planOf(config: Config, { desired, observed }: Survey, reconcilers: readonly AnyReconciler[]): Plan {
  const { prune, limits } = config.reconcile;
  return makePlan(desired, observed, reconcilers, { adopt: false, allow: [], prune, limits });
}

interface Question {
  readonly place: AskedPlace;
  readonly state: AskedState;
  readonly isOffline: boolean;
  readonly method: string;
  readonly visitor: AskedVisitor;
}

/**
 * The answer, from what was read.
 * @throws ConfigError for a step or a group that does not exist.
 */
export function answerTo(
  { place: { host, path }, state, isOffline, method, visitor: asked }: Question,
  config: Config,
  ground: WhyReading,
): WhyDocument | DoorMapDocument {
  const { desired, observed, plan, reconcilers, now } = ground;
  const groups = typeof asked.named === 'object' && 'groups' in asked.named ? (asked.named.groups ?? []) : [];
  const [missing] = isOffline
    ? groups.filter((name) => !config.groups.has(name))
    : missingGroups(groups, ground);
  if (missing !== undefined)
    throw new ConfigError(`Neither Authentik nor the file has a group "${missing}"`, {
      hint: config.groups.size === 0 ? 'The file has none' : `The file has: ${[...config.groups].join(', ')}`,
    });
  const { prune } = config.reconcile;
  const steps = stepsOf(plan);
  const states = new PlanStates({ desired, observed, reconcilers, now, prune }, steps);
  const reached = stateOf(states, state, steps.length);
  const { store } = reached;
  const visitor = visitorNamed(asked.named, ground);
  const about: WhyGround = {
    ...(typeof state === 'object' ? { from: 'plan', step: state.step } : { from: state }),
    isOffline,
  };
  if (path === undefined) return doorMap(store, { host, visitor: asked.text, ...about }, visitor);
  const upper = method.toUpperCase();
  const found = explain(store, { host, path, method: upper }, (admits) => verdictFor(admits, visitor));
  return whyDocument({ host, path, method: upper, visitor: asked.text, ...about }, found, (part) =>
    states.sourceOf(reached, part),
  );
}

function stateOf(states: PlanStates, state: AskedState, steps: number): LiveParts {
  if (state === 'live') return states.start;
  if (state === 'file') return states.goal;
  const found = states.afterStep(state.step);
  if (found !== undefined) return found;
  throw new ConfigError(`The plan has no step ${state.step}`, {
    hint:
      steps === 0
        ? 'It has none: --from live is the state of the file'
        : `It has ${steps}; \`gates plan --verbose\` numbers them`,
  });
}

/** The lists that could not be read, each reason once: the doors that depend on them are unknown. */
function unreadOf(observed: readonly Observation[]): readonly string[] {
  const kinds = observed.flatMap((each) => (each.state === 'unknown' ? [each] : []));
  const reasons = [...new Set(kinds.map(({ error }) => error.message))];
  return reasons.map((reason) => {
    const same = kinds.filter(({ error }) => error.message === reason).map(({ kind }) => kind);
    return `${same.join(', ')} could not be read: ${reason}`;
  });
}
