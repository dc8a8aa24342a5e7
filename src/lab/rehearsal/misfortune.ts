import type { System } from '../../core/objects/address.ts';

export type Api = Exclude<System, 'edge'>;

/**
 * The failure of a rehearsed run.
 * - at its n-th write, from 1: `kill`: it arrives and the process is gone · `lose-reply`: it arrives, unheard ·
 *   `drop`: it does not arrive · `refuse`: 500, nothing done · `stop`: it arrives, and the process is told to stop
 * - `unread`: a read is refused, from the first time on
 * - `random`: some of all calls fail, which of them by a seed
 */
export type Misfortune =
  | { readonly kind: WriteTrouble; readonly write: number }
  | { readonly kind: 'unread'; readonly system: Api; readonly path: string }
  | { readonly kind: 'random'; readonly seed: number };

export const writeTroubles = ['kill', 'lose-reply', 'drop', 'refuse', 'stop'] as const;
export type WriteTrouble = (typeof writeTroubles)[number];

/** Tells one misfortune in a few words. */
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
