import type { AddressId } from './address.ts';

/** The entries of the file that `protect: true` keeps. */
export const protectedEntries = ['service', 'record', 'client', 'token'] as const;
export type ProtectedEntry = (typeof protectedEntries)[number];

/**
 * The protection of a live object, from a mark at the system or a note in the state folder: it stays there when the
 * entry has left the file, and so keeps a run from removing the object.
 */
export interface Protection {
  readonly entry: ProtectedEntry;
  /** The object that carries the mark: the application of a binding, or the object itself. */
  readonly carrier: AddressId;
}

/** The end of each refusal to remove something protected. */
export const unprotecting = 'to remove it, put it back with `protect: false`, apply, and then take it out';
