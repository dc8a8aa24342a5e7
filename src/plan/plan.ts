import type { Change, Difference, Plan } from '../core/change.ts';
import { addressId } from '../core/objects/address.ts';
import { frozenHosts } from '../core/objects/frozen-hosts.ts';
import type { Desired, Observation, Observed } from '../core/objects/object.ts';
import { describeWidening, standingWidenings } from '../core/objects/widening.ts';
import type { AnyReconciler } from '../core/reconciler.ts';
import { checkFirst } from './cover/check-first.ts';
import { standingCovers } from './cover/covers-left.ts';
import { brake } from './decisions/limits.ts';
import { draftPrunes } from './decisions/prune.ts';
import { waitForLeftovers, waitForParts } from './decisions/staying-parts.ts';
import { waitForRoutes } from './decisions/staying-routes.ts';
import { draftWanted, type KnownAttributes } from './decisions/wanted.ts';
import { type Draft, draftId, inStrictSteps } from './drafts/draft.ts';
import { type Known, knowledge, standingDoors, withFinalSteps } from './drafts/known.ts';
import type { PlanOptions, ProposedChange } from './drafts/options.ts';
import { StandingHosts } from './drafts/standing-hosts.ts';
import { keepAround } from './interim/around.ts';
import { closeFirst, closePathsFirst, leadBackFirst } from './interim/close-first.ts';
import { dropCopies } from './interim/copies.ts';
import { demandFirst, demandOfNewGates } from './interim/demands.ts';
import { takeAround } from './interim/new-outer.ts';
import { releaseFirst } from './interim/releases.ts';
import { unlinkFirst } from './interim/unlink-first.ts';
import { orderWithoutVain } from './order/in-vain.ts';
import type { SharedHosts } from './order/refused-hosts.ts';
import { selected } from './selection.ts';

/**
 * Returns the changes that make the live world match the file: decided per object, braked, and in an order in which no
 * prefix admits anybody whom the file does not admit. Pure: a dry run is this and no more.
 */
export function makePlan(
  desired: Desired,
  observations: readonly Observation[],
  reconcilers: readonly AnyReconciler[],
  options: PlanOptions,
): Plan {
  const { known, attributes, proved } = checked(desired, observations, reconcilers, options);
  const unlinked = unlinkFirst(known, demandFirst(known, proved));
  const closed = closePathsFirst(known, closeFirst(known, unlinked));
  const released = keepAround(known, releaseFirst(known, takeAround(known, closed)));
  const stepped = demandOfNewGates(known, leadBackFirst(known, released));
  const drafts = withFinalSteps(dropCopies(known, desired, stepped, options.served));
  const ordered = orderWithoutVain(
    drafts,
    reconcilers.map((reconciler) => reconciler.kind),
    sharedHosts(known, options),
  );
  const changes = ordered.map(({ draft, phase, needs, needReasons }) => ({
    ...changeOf(draft),
    phase,
    needs,
    ...(needs.length > 0 && { needReasons }),
  }));
  return {
    owner: desired.scope.owner,
    changes: selected([...refusals(desired), ...changes], desired, options),
    warnings: [
      ...desired.warnings,
      ...unprunedWarning(known, drafts, options),
      ...stayingWarnings(known),
      ...keptWarnings(drafts),
      ...wideningWarnings(known),
      ...vouchedWarnings(options),
    ],
    attributes: Object.fromEntries(attributes),
    unknown: [...known.unknown].map(([kind, reason]) => ({ kind, reason })),
  };
}

function sharedHosts(known: Known, { openingHosts }: PlanOptions): SharedHosts | undefined {
  if (openingHosts === undefined) return undefined;
  let standing: StandingHosts | undefined;
  return {
    openingHosts: (shared, hosts, made) => openingHosts(shared.map(changeOf), hosts, made.map(changeOf)),
    mayOpen(host, closed) {
      standing ??= new StandingHosts(known);
      return standing.mayOpen(host, closed);
    },
  };
}

/**
 * The changes alone, as they are decided per object: without an order, and so without covers and closings. Planning the order of
 * thousands of changes takes a hundred times as long.
 */
export function decidedChanges(
  desired: Desired,
  observations: readonly Observation[],
  reconcilers: readonly AnyReconciler[],
  options: PlanOptions,
): readonly Change[] {
  const { braked } = decided(desired, observations, reconcilers, options);
  const changes = braked.map((draft) => ({ ...changeOf(draft), phase: 'prepare' as const, needs: [] }));
  return selected([...refusals(desired), ...changes], desired, options);
}

interface Checked {
  readonly known: Known;
  readonly attributes: KnownAttributes;
  readonly proved: readonly Draft[];
}

/**
 * The decisions with the checks of hosts. With pruning off, a gate that would stay may become the cover of its host, and goes with that. So
 * others get what it had (`going`: the ids of such gates).
 */
function checked(
  desired: Desired,
  observations: readonly Observation[],
  reconcilers: readonly AnyReconciler[],
  options: PlanOptions,
  going: ReadonlySet<string> = new Set(),
): Checked {
  const { known, braked, attributes } = decided(desired, observations, reconcilers, options, going);
  const proved = checkFirst(known, desired.proofs, braked, { attributes, options });
  if (options.prune) return { known, attributes, proved };
  const planned = new Set(braked.map(({ id }) => id));
  const found = proved.flatMap(({ id, verb, have }) =>
    verb === 'prune' && have !== undefined && !planned.has(id) && !going.has(have.id) ? [have.id] : [],
  );
  if (found.length === 0) return { known, attributes, proved };
  return checked(desired, observations, reconcilers, options, new Set([...going, ...found]));
}

function decided(
  desired: Desired,
  observations: readonly Observation[],
  reconcilers: readonly AnyReconciler[],
  options: PlanOptions,
  going: ReadonlySet<string> = new Set(),
) {
  const known = knowledge(desired, observations, reconcilers);
  const covers = standingCovers(known, desired.proofs, going);
  const leaves = (have: Observed) => options.prune || covers.has(have);
  const { drafts, attributes } = draftWanted(known, { ...options, leaves });
  const wanted = drafts.filter(({ verb }) => verb !== 'prune');
  const duplicates = drafts.filter(({ verb }) => verb === 'prune');
  const prunes = draftPrunes(
    known,
    { wanted, duplicates },
    {
      frozen: frozenHosts(desired),
      covered: new Set(covers.values()),
      prune: options.prune,
    },
  );
  const limited = brake(known, desired.scope.zones, [...wanted, ...prunes], options);
  const waiting = waitForParts(known, limited.flatMap(inStrictSteps));
  const braked = waitForLeftovers(known, desired.proofs, waitForRoutes(known, waiting));
  return { known, attributes, braked };
}

function changeOf(draft: Draft): ProposedChange {
  const { id, verb, reconciler, address, have, doors, because, interim } = draft;
  // A kept object matches the file, so repeating its spec would only make the plan long.
  const want = verb === 'keep' ? undefined : draft.want;
  const foreseen =
    verb === 'update' && have !== undefined && reconciler.foreseen?.(draft.drift, want, have) === true;
  const updates = verb === 'update' && want !== undefined && have !== undefined;
  const reason = draft.reason ?? (updates ? reconciler.words?.afterwards?.(want, have.spec) : undefined);
  return {
    id,
    verb,
    address,
    drift: differences(draft.drift, want, have),
    doors,
    ...(want !== undefined && { want }),
    ...(have !== undefined && { have }),
    ...(reason !== undefined && { reason }),
    ...(because !== undefined && { because }),
    ...(interim !== undefined && { interim }),
    ...(foreseen && { foreseen }),
  };
}

function differences(
  fields: readonly string[],
  want: unknown,
  have: Observed | undefined,
): readonly Difference[] {
  const after = (want ?? {}) as Record<string, unknown>;
  const before = (have?.spec ?? {}) as Record<string, unknown>;
  return fields.map((field) => ({ field, before: before[field], after: after[field] }));
}

/** A refused service appears in the plan as one refused change, under its host. */
function refusals(desired: Desired): readonly Change[] {
  return desired.refusals.map((refusal) => {
    const address = { kind: 'cloudflare/service' as const, key: refusal.host };
    const { service, reason, unread } = refusal;
    return {
      id: draftId('refuse', { address }),
      verb: 'refuse',
      phase: 'prepare',
      address,
      drift: [],
      needs: [],
      doors: [],
      reason,
      ...(service !== undefined && { because: `services.${service}` }),
      ...(unread !== undefined && { unread }),
    };
  });
}

function vouchedWarnings({ unverified = [] }: PlanOptions): readonly string[] {
  return unverified.map((host) => `${host} is opened without a check, because of --unverified`);
}

/** Objects of ours that the file does not ask for and that stay all the same, each with the reason. */
function stayingWarnings({ objects, owner, wanted }: Known): readonly string[] {
  return objects.flatMap((have) =>
    have.staysBecause === undefined || have.owner !== owner || wanted.has(addressId(have.address))
      ? []
      : [`${addressId(have.address)} stays: ${have.staysBecause}`],
  );
}

/** Warnings about objects that are kept although they differ, with the reason. */
function keptWarnings(drafts: readonly Draft[]): readonly string[] {
  return drafts.flatMap(({ verb, address, reason }) =>
    verb === 'keep' && reason !== undefined ? [`${addressId(address)}: ${reason}`] : [],
  );
}

/** A warning for each change by hand that gates does not undo and that admits more people, or admits them for longer. */
function wideningWarnings({ objects, owner, wanted }: Known): readonly string[] {
  return objects.flatMap((have) => {
    const want = wanted.get(addressId(have.address));
    if (have.owner !== owner || want === undefined) return [];
    return standingWidenings(have, want).map(
      (widening) => `${addressId(have.address)}: ${describeWidening(widening)}`,
    );
  });
}

function unprunedWarning(known: Known, drafts: readonly Draft[], options: PlanOptions): readonly string[] {
  if (options.prune) return [];
  const going = new Set(drafts.flatMap(({ verb, have }) => (verb === 'prune' ? (have?.id ?? []) : [])));
  const leftovers = known.objects.filter(
    (have) =>
      have.owner === known.owner &&
      !going.has(have.id) &&
      known.reconcilers.get(have.address.kind)?.traits?.unfinished !== true &&
      !known.wanted.has(addressId(have.address)) &&
      standingDoors(known, have).length > 0,
  );
  return leftovers.length === 0
    ? []
    : [
        `reconcile.prune is off: ${leftovers.length === 1 ? '1 object that the file no longer asks for is left as it is' : `${leftovers.length} objects that the file no longer asks for are left as they are`}`,
      ];
}
