import { stepsOf } from '../apply/turns.ts';
import type { DoorExpectation } from '../config/model/config.ts';
import type { Change, Plan } from '../core/change.ts';
import type { Kind } from '../core/objects/address.ts';
import type { Desired, Observation } from '../core/objects/object.ts';
import type { AnyReconciler } from '../core/reconciler.ts';
import { besideMain } from '../core/sources/source-files.ts';
import type { PartStore } from '../doors/state/part-store.ts';
import { checkedHosts } from '../interlock/file-origins.ts';
import { RunStates } from '../interlock/run-states.ts';
import { assertionText, breachText } from './assertion-text.ts';
import { answerAt } from './door-answer.ts';
import { type Breach, judged } from './judgment.ts';
import { RelevantObjects } from './relevant-objects.ts';
import { WatchedDoor } from './watched-door.ts';

/** The run whose plan is checked by the assertions of its file. */
export interface AssertedRun {
  readonly expectations: readonly DoorExpectation[];
  /** The name of gates.yaml in messages. */
  readonly file: string;
  readonly desired: Desired;
  readonly observed: readonly Observation[];
  readonly reconcilers: readonly AnyReconciler[];
  readonly prune: boolean;
  /** Hosts that a person vouches for: their gates count as checked. */
  readonly unverified: readonly string[];
  readonly now: Date;
}

/**
 * The plan without the steps that break an assertion that held before: they are refused, and changes that need them
 * wait. A warning names assertions that do not hold at the end either. Without assertions, the plan itself.
 */
export function withAssertions(plan: Plan, run: AssertedRun): Plan {
  if (run.expectations.length === 0) return plan;
  const { reconcilers, prune, now } = run;
  const hosts = run.expectations.map(({ host }) => host);
  const relevant = new RelevantObjects(run, hosts);
  const { desired, observed } = relevant;
  // Each gate counts as working; `isUnchecked` asks separately what happens if one does not work.
  const checked = desired.proofs.map(({ host }) => host);
  const parts = { desired, observed, reconcilers, prune, checked, now };
  const states = new RunStates({ ...parts, uncheckedOrigins: true });
  const narrowed = { ...run, desired, observed, relevant };
  const losses: Loss[] = [];
  let safe = plan;
  for (;;) {
    const loss = firstLoss(safe, states, narrowed);
    if (loss === undefined) break;
    losses.push(loss);
    const reason = reasonOf(loss, run.file);
    const changes = safe.changes.map(
      (each): Change => (each.id === loss.change.id ? { ...each, verb: 'refuse', reason } : each),
    );
    safe = { ...safe, changes };
  }
  const reported = new Set(losses.map(({ expectation }) => expectation));
  const rest = run.expectations.filter((expectation) => !reported.has(expectation));
  const warnings = warningsAt(states.goal.store, rest, narrowed);
  return warnings.length === 0 ? safe : { ...safe, warnings: [...safe.warnings, ...warnings] };
}

/** The assertions that live objects break once everything matches the file: the file alone breaks none. */
function warningsAt(
  goal: PartStore,
  expectations: readonly DoorExpectation[],
  run: AssertedRun,
): readonly string[] {
  return expectations.flatMap((expectation) => {
    const { line, key, verdict } = expectation;
    const file = besideMain(run.file, expectation.file);
    const judgment = judged(answerAt(goal, expectation, run), verdict);
    if (judgment === 'holds' || 'unknown' in judgment) return [];
    return [
      `${file}:${line} (${key}) asserts ${assertionText(expectation)}, but ${breachText(judgment.breach, verdict)}, also after this plan: something decides there that is not of this file`,
    ];
  });
}

/** A step of a plan that breaks an assertion that held before. */
interface Loss {
  readonly expectation: DoorExpectation;
  readonly breach: Breach;
  readonly change: Change;
  /** From 1, as the plan counts its steps. */
  readonly step: number;
}

function firstLoss(
  plan: Plan,
  states: RunStates,
  run: AssertedRun & { readonly relevant: RelevantObjects },
): Loss | undefined {
  const checked = new Set([...run.unverified, ...checkedHosts(run.desired, plan.changes)]);
  const ends = { start: states.start.store, goal: states.goal.store };
  const doors = run.expectations.map((each) => new WatchedDoor(each, ends, run, !checked.has(each.host)));
  let state = states.start;
  for (const [index, change] of stepsOf(plan).entries()) {
    if (!run.relevant.isTouchedBy(change)) continue;
    const after = states.after(state, change);
    const touched = doors.filter((door) => door.isTouchedBy(change, [state, after]));
    state = after;
    if (touched.length === 0) continue;
    for (const door of touched) {
      const breach = door.take(change, state.store);
      // A check writes nothing, so its finding is not the plan's fault.
      if (breach !== undefined && change.verb !== 'verify')
        return { expectation: door.expectation, breach, change, step: index + 1 };
    }
  }
  return undefined;
}

/** The reason names the line, the layer and the step. */
function reasonOf({ expectation, breach, change, step }: Loss, file: string): string {
  const { verb, address } = change;
  const { line, key, verdict } = expectation;
  const place = besideMain(file, expectation.file);
  return `${place}:${line} (${key}) asserts ${assertionText(expectation)}, but after step ${step} of the plan, ${verb} ${address.kind} ${address.key}, ${breachText(breach, verdict)} (layer: ${layerOf(address.kind)}). Correct the assertion, or what the step meets there`;
}

/** The layer of objects of a kind, in the words of `gates why`. */
function layerOf(kind: Kind): string {
  if (kind.startsWith('authentik/')) return 'Authentik';
  return layers.find(([pattern]) => pattern.test(kind))?.[1] ?? kind;
}

const layers: readonly (readonly [RegExp, string])[] = [
  [/dns-record|zone/, 'name'],
  [/waf|api-|token-rule|token-configuration/, 'edge rules'],
  [/access-|service-token|organization/, 'Access'],
  [/worker/, 'Worker'],
  [/cache/, 'cache'],
  [/tunnel|ingress/, 'tunnel rule'],
];
