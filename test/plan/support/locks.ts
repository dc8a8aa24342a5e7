import type { Reconciler } from '../../../src/core/reconciler.ts';
import { host } from './plan-text.ts';

export interface Lock {
  readonly admits: string;
  /** The people of the objects beside it, as the planner passes them. */
  readonly beside?: readonly string[];
  readonly alone?: boolean;
}

/** A kind that can cover a host, whose form says what the planner passed to it. One beside it is its heir. */
export const lock: Reconciler<Lock> = {
  kind: 'cloudflare/lock',
  title: 'lock',
  observe: async () => [],
  write: async () => [],
  siblings: { obstacle: (_, __, siblings) => siblings.find(({ spec }) => spec.admits === 'obstacle') },

  gate: {
    // One that admits everybody never keeps them.
    covered: (have, { admits }, beside, alone) => {
      const people = have?.spec.admits;
      const keeps = alone === false && people !== admits && people !== 'everybody';
      return {
        ...have?.spec,
        admits: keeps ? `${people} and ${admits}` : admits,
        beside: beside.map((spec) => spec.admits),
        ...(alone !== undefined && { alone }),
      };
    },

    isCover: (have, cover) => have.admits === cover.admits,

    heirs: ({ spec, id }, to, siblings) =>
      siblings.filter(
        (each) =>
          each.id !== id && spec.beside?.includes(each.spec.admits) && !to.beside?.includes(each.spec.admits),
      ),
  },

  doors: (asked, have) => [
    { host, step: have === undefined ? 'guard' : asked === undefined ? 'unguard' : 'change' },
  ],
};
