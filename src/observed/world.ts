import { longestLag } from '../core/longest-lag.ts';
import type { Kind } from '../core/objects/address.ts';
import type { Observed } from '../core/objects/object.ts';
import { sharedDocuments } from '../core/shared-documents.ts';
import type { Reader, World } from '../core/world.ts';
import { RunRoster } from './roster.ts';

type Optional =
  | 'authentik'
  | 'workers'
  | 'edge'
  | 'originAt'
  | 'document'
  | 'longestLag'
  | 'sideBySide'
  | 'turn'
  | 'roster';
type WorldParts = Omit<World, 'read' | 'forget' | 'shared' | Optional> & Partial<Pick<World, Optional>>;

/**
 * The number of simultaneous writes. Cloudflare's budget is counted in calls, not in time, so more would only use it up
 * sooner; and if a process is killed, at most this many writes have an unknown result.
 */
const usualWidth = 4;

/** The objects that were read in a world, by kind. */
export type Memory = Map<Kind, Promise<readonly Observed<unknown>[]>>;

/**
 * A world for one run: its parts, and a memory of observed objects, so that each kind is read once. A run begins with
 * an empty memory, unless nothing is known to have changed since.
 */
export function createWorld(parts: WorldParts, memory: Memory = new Map()): World {
  const { authentik, cloudflare, workers, notes, scope, vault } = parts;
  const roster = parts.roster ?? new RunRoster({ owner: scope.owner, notes, vault });
  const world: World = {
    edge: undefined,
    originAt: undefined,
    document: undefined,
    longestLag,
    sideBySide: usualWidth,
    turn: undefined,
    shared: sharedDocuments(),
    ...parts,
    roster,
    cloudflare: roster.recording(cloudflare),
    authentik: authentik && roster.recording(authentik),
    workers: workers && roster.recording(workers),
    read<Spec>(reader: Reader<Spec>): Promise<readonly Observed<Spec>[]> {
      const known = memory.get(reader.kind);
      if (known !== undefined) return known as Promise<readonly Observed<Spec>[]>;
      const reading = reader.observe(world);
      memory.set(reader.kind, reading);
      return reading;
    },
    forget(...readers: readonly Reader<unknown>[]): void {
      if (readers.length === 0) memory.clear();
      for (const { kind } of readers) memory.delete(kind);
    },
  };
  return world;
}
