import type { NeedReason } from '../../core/change.ts';
import { type AddressId, addressId } from '../../core/objects/address.ts';
import type { Draft } from '../drafts/draft.ts';
import type { OpeningHosts } from '../drafts/options.ts';
import type { IsApart } from './need-edge.ts';
import type { Ordered } from './order.ts';
import { allBefore } from './repeated-purges.ts';

/** The questions of the order about the hosts of changes for many hosts. */
export interface SharedHosts {
  readonly openingHosts: OpeningHosts<Draft>;
  /** True if we have an open route at the host before the run, besides those of `closed`. Another route may answer in its place. */
  readonly mayOpen: (host: string, closed: ReadonlySet<AddressId>) => boolean;
}

/**
 * A refused change delays its own host, and so does a check, which may fail in every run. A change for many hosts, such as one of a
 * domain's login, waits for what is refused at one of them, or for its check, only if it would let somebody new in there. The question
 * is about the host as the run leaves it without that, because the next run begins there. If the closing of a host may wait for the refused
 * change, it is about the host as it was before the run. Undefined: no such change waits for a refused one or for a check.
 * A login is never taken from an open host whose new gate is refused, unless this run closes the host anyway: an outage would close it.
 */
export function apartFromRefused(
  ordered: readonly Ordered[],
  { openingHosts, mayOpen }: SharedHosts,
): IsApart | undefined {
  const ofOneHost = ordered.flatMap(({ draft }) => (spans(draft) ? [] : [draft]));
  const refusedHosts = hostsOf(ofOneHost, heldIn(ordered, isRefused));
  // The closing of a host may wait for what is refused there, and then this run makes nothing at the host.
  const mayWait = (draft: Draft) =>
    isRefused(draft) || (draft.interim !== undefined && refusedHosts.has(draft.interim));
  const isHeld = (draft: Draft) => mayWait(draft) || isCheckFromOutside(draft);
  const held = heldIn(ordered, isHeld);
  const shared = ordered.filter(({ draft }) => isShared(draft) && !held.has(draft.id));
  if (!shared.some(({ needs }) => needs.some((need) => held.has(need)))) return undefined;
  const hosts = hostsOf(ofOneHost, held);
  const refused = heldIn(ordered, mayWait);
  const closed = new Set(ofOneHost.flatMap(({ interim }) => interim ?? []));
  const isMade = (host: string) => hosts.has(host) && !(refusedHosts.has(host) && closed.has(host));
  const waiting = heldIn(ordered, isHeld, () => true);
  const drafts = shared.map(({ draft }) => draft);
  const ids = new Set(drafts.map(({ id }) => id));
  const parts = allBefore([...ids], new Map(ordered.map((one) => [one.draft.id, partsOf(one)])));
  const made = ofOneHost.filter(({ id, doors }) => {
    if (parts.has(id)) return !held.has(id);
    return !waiting.has(id) && (doors.length === 0 || doors.some(({ host }) => isMade(host)));
  });
  const opens = openingHosts(drafts, hosts, made);
  const removed = new Set(drafts.filter(removesGate).map(({ id }) => id));
  const shut = new Set(made.filter(closes).map(({ address }) => addressId(address)));
  return (later, earlier, host) =>
    ids.has(later) &&
    held.has(earlier) &&
    hosts.has(host) &&
    opens.get(later)?.has(host) !== true &&
    !(removed.has(later) && refused.has(earlier) && mayOpen(host, shut));
}

function closes({ doors }: Draft): boolean {
  return doors.some(({ step }) => step === 'close');
}

function removesGate({ verb, doors }: Draft): boolean {
  return verb === 'prune' && doors.some(({ step }) => step === 'unguard');
}

/** The drafts of which this is true, and those that wait for one for a reason that counts. */
function heldIn(
  ordered: readonly Ordered[],
  isHeld: (draft: Draft) => boolean,
  counts = waitsAnyway,
): ReadonlySet<string> {
  const held = new Set<string>();
  for (const { draft, needs, needReasons } of ordered) {
    const waits = needs.some((need, index) => held.has(need) && counts(draft, needReasons[index]));
    if (isHeld(draft) || waits) held.add(draft.id);
  }
  return held;
}

/** What a change is made of, such as the provider of an outpost's entry. The question about the change includes it. */
function partsOf({ needs, needReasons }: Ordered): readonly string[] {
  return needs.filter((_, index) => needReasons[index] === 'reference' || needReasons[index] === 'part');
}

/** False for a change for many hosts that waits by the order of steps at a host alone. */
function waitsAnyway(draft: Draft, reason: NeedReason | undefined): boolean {
  return reason !== 'door' || !isShared(draft);
}

function hostsOf(drafts: readonly Draft[], ids: ReadonlySet<string>): ReadonlySet<string> {
  return new Set(drafts.flatMap(({ id, doors }) => (ids.has(id) ? doors.map(({ host }) => host) : [])));
}

function isRefused({ verb }: Draft): boolean {
  return verb === 'refuse';
}

/**
 * True for a check of an open host. Everything that leads to the host comes before it, so a change for many hosts waits
 * for all of that.
 */
function isCheckFromOutside({ verb, doors }: Draft): boolean {
  return verb === 'verify' && doors.some(({ step }) => step === 'prove');
}

/** True for a change that gates makes at many hosts at once. */
function isShared(draft: Draft): boolean {
  return draft.verb !== 'refuse' && draft.verb !== 'keep' && spans(draft);
}

function spans({ doors }: Draft): boolean {
  return doors.some(({ host }) => host.startsWith('*.')) || new Set(doors.map(({ host }) => host)).size > 1;
}
