import { gatesIn } from '../../config/invariants/invariant.ts';
import type { Action, Config } from '../../config/model/config.ts';
import type { SecretSource } from '../../config/model/secret-source.ts';

/** A `webhook` gate as the daemon needs it. */
export interface ActionGate {
  /** The secret that signs its calls. */
  readonly secret: SecretSource;
  /** Names of the actions that a call may start. */
  readonly actions: readonly string[];
}

/** Everything that calls may start, by the applied file. */
export interface AppliedActions {
  readonly gates: readonly ActionGate[];
  /** The actions of the file, without the built-in `reconcile` and `sync-jwks`. */
  readonly declared: ReadonlyMap<string, Action>;
}

export const NO_ACTIONS: AppliedActions = { gates: [], declared: new Map() };

/** The actions that calls may start: those of every `webhook` gate of a file, of a host or of a path. */
export function actionsOf(config: Config): AppliedActions {
  const gates = gatesIn(config).flatMap(({ gate: { secret, actions } }): ActionGate[] =>
    secret === undefined ? [] : [{ secret, actions }],
  );
  return { gates, declared: config.actions };
}

/** The action with this name in the applied file: one of the file, or a built-in one. Undefined if no gate lists it. */
export function appliedAction(
  name: string,
  { gates, declared }: AppliedActions,
): Action | 'reconcile' | 'sync-jwks' | undefined {
  if (!gates.some(({ actions }) => actions.includes(name))) return undefined;
  return name === 'reconcile' || name === 'sync-jwks' ? name : declared.get(name);
}
