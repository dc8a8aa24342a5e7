import type { Verb } from '../core/change.ts';
import { type DoorEffect, type DoorStep, isGuarding } from '../core/door.ts';

/** The facts, besides the effect itself, that are needed to put it into words. */
export interface DoorContext {
  readonly verb: Verb;
  /** It is done for the sake of our own probe. */
  readonly cover: boolean;
  /** It lets go of the cover before the cover goes. */
  readonly uncovers: boolean;
  /** Requests reached an origin before it. */
  readonly routed: boolean;
  /** A gate stood before the plan; one of the same system did; one of it will when all is done. */
  readonly hadGate: boolean;
  readonly hadThisGate: boolean;
  readonly keepsThisGate: boolean;
  /** Any gate exists when all is done. */
  readonly keepsGate: boolean;
}

/**
 * The effect of a step on a host if the same people reach the host as before, in few words: the state from then on.
 */
export function eventWords(effect: DoorEffect, context: DoorContext): string {
  if (context.cover) return 'probe admitted too';
  if (context.uncovers) return 'tunnel open';
  if (effect.part !== undefined && (isGuarding(effect.step) || effect.step === 'change'))
    return 'paths guarded';
  if (effect.part !== undefined && effect.step === 'unguard') return 'paths opened';
  return words[effect.step](context);
}

const words: Readonly<Record<DoorStep, (context: DoorContext) => string>> = {
  close: () => 'closed',
  guard: ({ verb, hadGate, hadThisGate }) => {
    if (!hadThisGate) return hadGate ? 'new gate exists' : 'gate exists';
    return verb === 'create' ? 'gate changed' : 'gate narrowed';
  },
  divide: () => 'paths guarded',
  change: () => 'gate admits different people',
  attest: () => 'gate read back',
  route: ({ routed }) => (routed ? 'route changed' : 'routed'),
  publish: ({ verb }) => {
    if (verb === 'create') return 'named';
    return verb === 'prune' ? 'name gone' : 'name changed';
  },
  vacate: () => 'old gate gone',
  prove: () => 'gate checked',
  purge: () => 'copies purged',
  unroute: () => 'route gone',
  unguard: ({ verb, keepsThisGate, keepsGate }) => {
    if (verb !== 'prune') return 'gate admits more';
    if (keepsThisGate) return 'gate changed';
    return keepsGate ? 'old gate gone' : 'gate removed';
  },
  confirm: () => 'gate checked again',
};
