import type { System } from '../../core/objects/address.ts';

export type Api = Exclude<System, 'edge'>;

/**
 * The failure of a rehearsed run.
 * - At its n-th write, from 1: `kill`: the write arrives and the process ends. `lose-reply`: it arrives, but the reply
 *   is lost. `drop`: it does not arrive. `refuse`: 500, nothing is done. `stop`: it arrives, and the process is asked
 *   to stop.
 * - `unread`: a read is refused, from the first time on.
 * - `random`: some of all calls fail; a seed decides which.
 */
export type Misfortune =
  | { readonly kind: WriteTrouble; readonly write: number }
  | { readonly kind: 'unread'; readonly system: Api; readonly path: string }
  | { readonly kind: 'random'; readonly seed: number };

export const writeTroubles = ['kill', 'lose-reply', 'drop', 'refuse', 'stop'] as const;
export type WriteTrouble = (typeof writeTroubles)[number];

/** A misfortune in a few words. */
export function misfortuneText(misfortune: Misfortune): string {
  switch (misfortune.kind) {
    case 'unread':
      return `${misfortune.system} ${misfortune.path} not readable`;
    case 'random':
      return `random faults, seed ${misfortune.seed}`;
    default:
      return `${words[misfortune.kind]} at write ${misfortune.write}`;
  }
}

const words: Readonly<Record<WriteTrouble, string>> = {
  kill: 'killed',
  'lose-reply': 'reply lost',
  drop: 'not sent',
  refuse: 'refused',
  stop: 'stopped',
};
