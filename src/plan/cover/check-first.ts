import { LAST_TIME } from '../../core/change.ts';
import { type AddressId, addressId } from '../../core/objects/address.ts';
import { type DoorEffect, isAtHost, isLeading } from '../../core/objects/door.ts';
import type { GateCheck, Observed } from '../../core/objects/object.ts';
import { referencesIn, resolve } from '../../core/objects/reference.ts';
import type { KnownAttributes } from '../decisions/wanted.ts';
import { type Draft, draftId } from '../drafts/draft.ts';
import { madeAnew, prunesOf, wantedByKind, wantedIn } from '../drafts/draft-index.ts';
import type { Known } from '../drafts/known.ts';
import type { PlanOptions } from '../drafts/options.ts';
import { StandingHosts } from '../drafts/standing-hosts.ts';
import {
  admitsOnlyProbe,
  type Besides,
  becoming,
  coverLeft,
  coverUp,
  demandCover,
  ownAt,
  reconcilerOf,
  uncovering,
  withReleasedLast,
} from './cover.ts';
import { admitsOthers, closeElsewhere } from './elsewhere.ts';

/**
 * Adds the checks of the hosts that a plan touches. A host that is opened, or whose gate is made anew, is covered in
 * the meantime: an object admits only gates' own probe. The cover is put up with the guarding steps, the gate is
 * checked once the host is open, and only then is the cover removed. The door steps give this order. If the run is
 * killed or a check fails, the cover stays, and the next run continues from there.
 */
export function checkFirst(
  known: Known,
  proofs: readonly GateCheck[],
  drafts: readonly Draft[],
  context: { readonly attributes: KnownAttributes; readonly options: PlanOptions },
): readonly Draft[] {
  const vouched = new Set(context.options.unverified);
  const moving = drafts.filter(({ verb }) => verb !== 'keep' && verb !== 'refuse');
  const plan = {
    ...context,
    atHost: byHost(moving),
    refused: byHost(drafts.filter(({ verb }) => verb === 'refuse')),
    moved: new Set(moving.map(({ address }) => addressId(address))),
    made: madeAnew(moving),
    prunes: prunesOf(moving),
    wanted: wantedIn(drafts),
    wantedOfKind: wantedByKind(drafts),
    before: new StandingHosts(known),
  };
  const added: Draft[] = [];
  const instead = new Map<string, Draft | undefined>();
  for (const proof of proofs) {
    const here = draftsAt(proof.host, plan.atHost);
    const leftCover = coverLeft(known, proof, plan);
    if (vouched.has(proof.host)) {
      const reason = 'the cover: a person vouches for the gate';
      if (leftCover !== undefined) added.push({ ...uncovering(known, proof, leftCover), reason });
      continue;
    }
    if (here.length === 0 && leftCover === undefined && context.options.watch !== true) continue;
    const step = stepsFor(known, proof, here, plan);
    added.push(...step.added);
    for (const [id, draft] of step.instead) instead.set(id, draft);
  }
  const rest = drafts.flatMap((draft) => (instead.has(draft.id) ? (instead.get(draft.id) ?? []) : [draft]));
  return withReleasedLast([...rest, ...added]);
}

/** True for the removal of a route to a whole host that an earlier run has closed. */
function leftClosed({ verb, doors }: Draft): boolean {
  return (
    verb === 'prune' &&
    doors.some(
      ({ step, via, part, live }) =>
        step === 'unroute' && via !== undefined && part === undefined && live !== true,
    )
  );
}

interface Surroundings extends Besides {
  readonly options: PlanOptions;
  /** Drafts that wait for a person or for another read, by host. */
  readonly refused: ReadonlyMap<string, readonly Draft[]>;
  readonly moved: ReadonlySet<AddressId>;
  readonly made: ReadonlySet<AddressId>;
  readonly before: StandingHosts;
}

interface Steps {
  readonly added: readonly Draft[];
  /** Drafts of the plan by id, and their replacements; undefined: the draft is dropped. */
  readonly instead: ReadonlyMap<string, Draft | undefined>;
}

function stepsFor(
  known: Known,
  proof: GateCheck,
  here: readonly Draft[],
  { attributes, options, refused, moved, made, prunes, wanted, wantedOfKind, before }: Surroundings,
): Steps {
  const opens = leadsTo(proof.host, here);
  // The route that the new gate belongs to is refused: the old one would lead to a gate that was not made for it.
  const torn =
    proof.needs.some((need) => moved.has(need)) && leadsTo(proof.host, refused.get(proof.host) ?? []);
  const { cover, because } = proof;
  const renewed = proof.needs.some((need) => made.has(need));
  // A Worker behind the gate changes for everybody who passes the gate, so they must not pass meanwhile.
  const shuts = proof.inner?.some((id) => moved.has(id)) === true;
  const own = cover === undefined ? undefined : wanted.get(addressId(cover.address));
  const adopted = own?.verb === 'adopt' ? own.have : undefined;
  const standing = cover === undefined ? undefined : (ownAt(known, cover) ?? adopted);
  // If an object is to take the cover's place, a foreign one may stand before the host until then. An object that stays
  // for another reason, such as pruning that is off, is not exchanged, and hides the gate behind it.
  const stays =
    own === undefined && standing !== undefined && !isGoing(known, proof, standing, attributes, prunes);
  const isAlike = own?.verb === 'keep' || (own?.verb === 'adopt' && own.doors.length === 0);
  const changesHands = own === undefined ? standing !== undefined && !stays : !isAlike;
  const joins = before.joinsLogin(proof.host);
  const covering =
    changesHands || opens || torn || renewed || joins || shuts || leaves(proof.host, here)
      ? cover
      : undefined;
  if (covering === undefined && stays) return { added: [], instead: new Map() };
  const covered = covering !== undefined;
  const leaving = closeElsewhere(known, proof.host, here);
  const isLeft = leaving.added.length > 0 || leaving.instead.size > 0;
  const elsewhere =
    covered || (isLeft && admitsOthers(known, proof.host, here))
      ? leaving
      : { added: [], instead: new Map<string, Draft>() };
  // By then, nobody of the old gate gets in. The cover must not admit them to the origin, which may be a different one.
  const isClosed = here.some(leftClosed) || before.isLeftClosed(proof.host) || !before.isLed(proof.host);
  const isShut = shuts || elsewhere.added.length > 0 || isClosed;
  const up =
    covering === undefined
      ? []
      : coverUp(known, covering, standing, { attributes, wantedOfKind, isShut, isFirst: shuts });
  const changed = here.length > 0;
  const stands = before.isOpen(proof.host, here, leaving.added);
  const checkTerms = { attributes, options, covered, opened: opens, stands: opens && stands, changed };
  const look = looking(known, proof, { ...checkTerms, up });
  if (covering === undefined) {
    const { added, instead } = elsewhere;
    return { added: [look, ...(stands ? forNow(added, proof.host) : added)], instead };
  }
  const behind = demandCover(known, proof, { attributes, wanted }, options.adopt);
  const { freed } = behind;
  const instead = new Map([...behind.instead, ...elsewhere.instead]);
  const covers = [...up.map((draft) => ({ ...draft, because })), ...behind.first];
  // The gate is made anew, without a new route or another gate, because somebody removed a part of it.
  const isLed = opens || leadsTo(proof.host, refused.get(proof.host) ?? []);
  const isWhole = !renewed || isLed || before.hasOtherGate(proof);
  const isGuarded = stands && isWhole && before.isGuarded(proof.host);
  const locksOut = (draft: Draft) =>
    isGuarded && (standing === undefined || isShut || elsewhere.added.includes(draft));
  const closing = [...covers, ...elsewhere.added].map((draft) =>
    locksOut(draft) ? { ...draft, interim: proof.host } : draft,
  );
  const added = [...closing, look, ...freed];
  // The earlier form, which may have admitted everybody, does not count: only the form under the cover does.
  const spec = up[0]?.want ?? standing?.spec;
  const alone = standing !== undefined && admitsOnlyProbe(known, covering, { spec }, attributes);
  const unwatched = { ...options, watch: false };
  const plain = {
    attributes,
    options: unwatched,
    covered: false,
    opened: false,
    stands: false,
    changed,
    up: [],
  };
  const confirmed = confirming(looking(known, proof, plain));
  const end = (draft: Draft): Draft =>
    draft.verb === 'refuse' ? draft : { ...draft, needs: [...draft.needs, ...freed.map(({ id }) => id)] };
  const prune = standing === undefined ? undefined : prunes.get(standing.id);
  const successor = prune ?? own;
  // A cover that stands alone has released what the object used, so nothing of that waits for the cover's removal.
  const old = standing && isShut && up.length > 0 ? { ...standing, uses: [] } : standing;
  if (successor !== undefined) {
    const last = end(
      prune === undefined
        ? becoming(successor, proof.host, { standing: old, alone })
        : { ...prune, ...(old && { have: old }), doors: uncoveringDoors(prune, alone), because },
    );
    return { added: [...added, confirmed], instead: new Map([...instead, [successor.id, last]]) };
  }
  // An object that stays for another reason, such as pruning that is off, keeps the probe's way in along with its own.
  if (standing !== undefined && !alone) return { added, instead };
  const last = end(uncovering(known, proof, { cover: covering, standing: old }));
  return { added: [...added, last, confirmed], instead };
}

/** True if the object in the cover's place is a cover, or is removed. */
function isGoing(
  known: Known,
  { cover }: GateCheck,
  standing: Observed,
  attributes: KnownAttributes,
  prunes: Besides['prunes'],
): boolean {
  return (
    prunes.has(standing.id) || (cover !== undefined && admitsOnlyProbe(known, cover, standing, attributes))
  );
}

/** The same check, as visitors meet the gate: the answer without the cover may differ from the answer through it. */
function confirming(look: Draft): Draft {
  return {
    ...look,
    id: `${look.id} without its cover`,
    reason: 'once more, without the cover',
    doors: look.doors.map((effect) => ({ ...effect, step: 'confirm' })),
  };
}

function uncoveringDoors({ doors }: Draft, alone: boolean): readonly DoorEffect[] {
  return doors.map((effect) => ({ ...effect, step: 'unguard', ...(alone && { cover: true }) }));
}

type Asked = Pick<Surroundings, 'attributes' | 'options'> & {
  readonly covered: boolean;
  readonly opened: boolean;
  /** The plan opens the host, and it was open before the run. */
  readonly stands: boolean;
  /** The plan changes something at the host, and the change may not have arrived everywhere. */
  readonly changed: boolean;
  /** The drafts that put the cover up, without the file's own object in its place, which comes after the check. */
  readonly up: readonly Draft[];
};

/** The same closings, which the run undoes if later steps are not made. */
function forNow(closings: readonly Draft[], host: string): readonly Draft[] {
  return closings.map((draft) => ({ ...draft, interim: host }));
}

/** True if any of these drafts opens a way to the host. */
function leadsTo(host: string, drafts: readonly Draft[]): boolean {
  return drafts.some(({ doors }) => doors.some((effect) => effect.host === host && isLeading(effect)));
}

/** True if an object that guarded the whole host is removed, even if it guarded it well. */
function leaves(host: string, drafts: readonly Draft[]): boolean {
  const isLast = (effect: DoorEffect) =>
    effect.host === host &&
    (effect.step === 'unguard' || effect.step === 'vacate') &&
    effect.part === undefined;
  return drafts.some(({ verb, doors }) => verb === 'prune' && doors.some(isLast));
}

/** The check itself, which waits for the gate and for the cover through which it looks. */
function looking(
  known: Known,
  { address, host, spec, step, needs, because }: GateCheck,
  { attributes, options, up, stands, ...seen }: Asked,
): Draft {
  const [last] = known.byAddress.get(addressId(address)) ?? [];
  const finding = (last?.spec as { readonly finding?: string } | undefined)?.finding;
  const resolved = resolve(spec, (id) => attributes.get(id)) as object;
  const want = {
    ...resolved,
    ...seen,
    ...(stands && { stands }),
    ...(options.watch === true && { watched: true }),
  };
  return {
    id: draftId('verify', { address }),
    verb: 'verify',
    reconciler: reconcilerOf(known, address.kind),
    address,
    want,
    drift: [],
    doors: [{ host, step }],
    needs: up.map(({ id }) => id),
    leansOn: [...referencesIn(spec), ...needs],
    because,
    ...(finding !== undefined && { reason: LAST_TIME + finding }),
  };
}

function byHost(drafts: readonly Draft[]): ReadonlyMap<string, readonly Draft[]> {
  const found = new Map<string, Draft[]>();
  for (const draft of drafts) {
    for (const host of new Set(draft.doors.map(({ host }) => host))) {
      const here = found.get(host);
      if (here === undefined) found.set(host, [draft]);
      else here.push(draft);
    }
  }
  return found;
}

/** The drafts at a host, including those for all hosts of its domain. */
function draftsAt(host: string, atHost: ReadonlyMap<string, readonly Draft[]>): readonly Draft[] {
  const wild = [...atHost.keys()].filter((pattern) => pattern.startsWith('*.') && isAtHost(pattern, host));
  return [host, ...wild].flatMap((pattern) => atHost.get(pattern) ?? []);
}
