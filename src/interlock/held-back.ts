import { addressId, type Kind } from '../core/objects/address.ts';
import type { Observed } from '../core/objects/object.ts';
import { placesAsked } from '../doors/inquiry.ts';
import type { Interlock } from '../doors/interlock.ts';
import { placesOf } from '../doors/state/places.ts';
import type { LiveEntry, LiveParts } from './live-parts.ts';
import { partsOfKind, type RunGround } from './run-states.ts';

/** A write that the interlock holds back. */
export interface HeldWrite {
  /** The host and path at which it would let somebody in. */
  readonly at: string;
  /** The doors at which the write would let somebody new in if these objects did not exist, and the answers of doors. */
  without(entries: readonly LiveEntry[]): ReturnType<Interlock['step']>;
  /** True if a write of this run has failed, so that its effect is unknown. */
  readonly hasFailed: boolean;
}

/** Why a write is held back. */
export interface HeldBack {
  readonly message: string;
  /** True if something of ours is in the way that stays only because nothing is removed. */
  readonly isByLeftover: boolean;
}

/**
 * The reason of a held write. Only a write for which no other cause is found is a bug: with pruning off, an object that
 * left the file may admit people; gates may not know everything that is live; and somebody else's object may be in the way.
 */
export function heldBack(write: HeldWrite, { observed }: RunGround, suspects: Suspects): HeldBack {
  const { at, hasFailed } = write;
  const because = (cause: string, isByLeftover = false): HeldBack => ({
    message: `This write would let somebody in at ${at} whom neither the file nor the state before it admits, so gates has not sent it. ${cause}`,
    isByLeftover,
  });
  const leftover = causeAmong(suspects.leftovers, write);
  if (leftover !== undefined)
    return because(
      `${leftover.address} admits them, which the file no longer asks for: remove it there, or let gates remove it (\`reconcile.prune\`)`,
      true,
    );
  const unread = observed.flatMap(({ kind, state }) =>
    state === 'unknown' && partsOfKind[kind] !== undefined ? [kind] : [],
  );
  if (unread.length > 0)
    return because(
      `gates could not read ${unread.join(', ')}: the next run tries again; \`gates doctor\` says whether a permission is missing`,
    );
  if (hasFailed)
    return because(
      'An earlier write of this run failed and may have had an effect: the next run looks again',
    );
  const foreign = causeAmong(suspects.foreign, write);
  if (foreign !== undefined)
    return because(
      `${foreign.address}, which is not ours, admits them: remove it, or take the service out of the file, apply, and add it again. If neither helps, report it`,
    );
  const message = `Bug in gates: this write would let somebody in at ${at} whom neither the file nor the state before it admits. gates has not sent it. Please report it`;
  return { message, isByLeftover: false };
}

/** The first cause among live objects, of which each door has one of its own. Undefined if a door has none among them. */
function causeAmong(suspects: readonly LiveEntry[], write: HeldWrite): LiveEntry | undefined {
  const causes: LiveEntry[] = [];
  for (;;) {
    const { newcomersAt, doors } = write.without(causes);
    const [at] = newcomersAt;
    if (at === undefined) return causes[0];
    const asked = new Set(placesAsked(doors.get(at)?.answers ?? new Map()));
    const isCause = (entry: LiveEntry) =>
      entry.parts.flatMap(placesOf).some((place) => asked.has(place)) &&
      !write.without([...causes, entry]).newcomersAt.includes(at);
    const cause = suspects.find((entry) => !causes.includes(entry) && isCause(entry));
    if (cause === undefined) return undefined;
    causes.push(cause);
  }
}

/** Live objects that may let somebody in without a mistake of gates. */
export interface Suspects {
  readonly leftovers: readonly LiveEntry[];
  readonly foreign: readonly LiveEntry[];
}

export function doorSuspects(
  { desired, observed, reconcilers, prune }: RunGround,
  start: LiveParts,
): Suspects {
  const wanted = new Set(desired.objects.map(({ address }) => addressId(address)));
  const writable = new Set(reconcilers.flatMap(({ kind, write }) => (write === undefined ? [] : [kind])));
  const objects = observed.flatMap((each) => (each.state === 'known' ? each.objects : []));
  const suspected = objects.filter(({ address: { kind } }) => writable.has(kind) && !carriers.has(kind));
  const entryOf = (have: Observed) => start.find(addressId(have.address), have) ?? [];
  const isOurs = ({ owner }: Observed) => owner === desired.scope.owner;
  const isLeftover = (have: Observed) => isOurs(have) && !wanted.has(addressId(have.address));
  return {
    leftovers: prune ? [] : suspected.filter(isLeftover).flatMap(entryOf),
    foreign: suspected.filter((have) => !isOurs(have)).flatMap(entryOf),
  };
}

/** Kinds without which nothing answers at all: they never let anybody in by themselves. */
const carriers: ReadonlySet<Kind> = new Set(['cloudflare/tunnel', 'cloudflare/zone']);
