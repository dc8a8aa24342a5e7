import { type AddressId, addressId } from '../core/address.ts';
import { coverId } from '../core/change.ts';
import { type DoorEffect, isAtHost } from '../core/door.ts';
import { differingFields } from '../core/equal.ts';
import { UnsafeError } from '../core/errors.ts';
import type { DesiredObject, Observed, Proof } from '../core/object.ts';
import type { AnyReconciler } from '../core/reconciler.ts';
import { referencesIn, resolve } from '../core/reference.ts';
import { type Draft, draftId, driftBetween } from './draft.ts';
import type { Known } from './known.ts';
import type { PlanOptions } from './options.ts';
import { type Attributes, draftOne } from './wanted.ts';

/**
 * Adds to a plan what has to be seen of the hosts that it touches. Where a host is opened, or its gate is made anew,
 * it stands under its cover meanwhile: an object that admits nobody but our own probe. The cover is put up with all
 * that guards, the gate is looked at once the host is open, and only then the cover goes; the order follows from
 * the doors. Killed or unproved anywhere, the cover stays, and the next pass goes on from there.
 */
export function proveFirst(
  known: Known,
  proofs: readonly Proof[],
  drafts: readonly Draft[],
  context: { readonly attributes: Attributes; readonly options: PlanOptions },
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
  };
  const added: Draft[] = [];
  const instead = new Map<string, Draft>();
  for (const proof of proofs) {
    const here = draftsAt(proof.host, plan.atHost);
    const left = coverLeft(known, proof, plan);
    if (vouched.has(proof.host)) {
      const reason = 'the cover: a person vouches for the gate';
      if (left !== undefined) added.push({ ...uncovering(known, proof, left), reason });
      continue;
    }
    if (here.length === 0 && left === undefined && context.options.watch !== true) continue;
    const step = stepsFor(known, proof, here, plan);
    added.push(...step.added);
    if (step.instead !== undefined) instead.set(step.instead.of.id, step.instead.draft);
  }
  return [...drafts.map((draft) => instead.get(draft.id) ?? draft), ...added];
}

interface Surroundings {
  readonly attributes: Attributes;
  readonly options: PlanOptions;
  /** What waits for a person or for another read, by host. */
  readonly refused: ReadonlyMap<string, readonly Draft[]>;
  readonly moved: ReadonlySet<AddressId>;
  readonly made: ReadonlySet<AddressId>;
  readonly prunes: ReadonlyMap<string, Draft>;
  /** What is done about each address that the file asks for. */
  readonly wanted: ReadonlyMap<AddressId, Draft>;
}

interface Steps {
  readonly added: readonly Draft[];
  /** A draft of the plan, and what it becomes. */
  readonly instead?: { readonly of: Draft; readonly draft: Draft };
}

function stepsFor(
  known: Known,
  proof: Proof,
  here: readonly Draft[],
  { attributes, options, refused, moved, made, prunes, wanted }: Surroundings,
): Steps {
  const opens = leadsTo(proof.host, here);
  // The way that the gate is changed for cannot be changed with it: it would lead to another gate than it was made for.
  const torn =
    proof.needs.some((need) => moved.has(need)) && leadsTo(proof.host, refused.get(proof.host) ?? []);
  const { cover, because } = proof;
  const standing = cover === undefined ? undefined : ownAt(known, cover);
  const renewed = proof.needs.some((need) => made.has(need));
  const own = cover === undefined ? undefined : wanted.get(addressId(cover.address));
  // Where an object is to come to the cover's place, somebody else's may stand before the host until then.
  const changesHands = own === undefined ? standing !== undefined : own.verb !== 'keep';
  const covering = changesHands || opens || torn || renewed || leaves(proof.host, here) ? cover : undefined;
  const covered = covering !== undefined;
  const up = covering === undefined ? [] : coverUp(known, covering, standing, attributes);
  const look = looking(known, proof, { attributes, options, covered, opened: opens, up });
  if (covering === undefined) return { added: [look] };
  const prune = standing === undefined ? undefined : prunes.get(standing.id);
  const added = [...up.map((draft) => ({ ...draft, because })), look];
  const alone = standing !== undefined && admitsOnlyProbe(covering, standing, attributes);
  if (prune !== undefined) {
    // Whatever it was, one that let everybody by for one: it is the cover by then.
    const doors = prune.doors.map(
      (effect): DoorEffect => ({ ...effect, step: 'unguard', ...(alone && { cover: true }) }),
    );
    return { added, instead: { of: prune, draft: { ...prune, doors, because } } };
  }
  if (own !== undefined) {
    return { added, instead: { of: own, draft: becoming(own, proof.host, { standing, alone }) } };
  }
  // What still stands for another reason, pruning that is off for one, keeps the probe's way in besides its own.
  const goes = standing === undefined || alone;
  return { added: goes ? [...added, uncovering(known, proof, { cover: covering, standing })] : added };
}

type Asked = Pick<Surroundings, 'attributes' | 'options'> & {
  readonly covered: boolean;
  readonly opened: boolean;
  /** What puts the cover up: rather than what the file asks for in its place, which comes after the look. */
  readonly up: readonly Draft[];
};

/** Whether any of these opens a way to the host. */
function leadsTo(host: string, drafts: readonly Draft[]): boolean {
  return drafts.some(({ doors }) =>
    doors.some((effect) => effect.host === host && (effect.step === 'route' || effect.step === 'publish')),
  );
}

/** Whether what guarded the whole host goes, whoever has guarded it well until now. */
function leaves(host: string, drafts: readonly Draft[]): boolean {
  const isLast = (effect: DoorEffect) =>
    effect.host === host && effect.step === 'unguard' && effect.part === undefined;
  return drafts.some(({ verb, doors }) => verb === 'prune' && doors.some(isLast));
}

/** The look itself, which waits for the gate and for the cover that it looks through. */
function looking(
  known: Known,
  { address, host, spec, step, needs, because }: Proof,
  { attributes, options, up, ...seen }: Asked,
): Draft {
  const [last] = known.byAddress.get(addressId(address)) ?? [];
  const finding = (last?.spec as { readonly finding?: string } | undefined)?.finding;
  const resolved = resolve(spec, (id) => attributes.get(id)) as object;
  const want = { ...resolved, ...seen, ...(options.watch === true && { watched: true }) };
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
    ...(finding !== undefined && { reason: `the last time: ${finding}` }),
  };
}

/** What puts the cover up: a new object, or one of ours that lets the probe in from now on; nothing if it does. */
function coverUp(
  known: Known,
  cover: DesiredObject,
  standing: Observed | undefined,
  attributes: Attributes,
): readonly Draft[] {
  const reason = 'admits only our own probe until the gate has been seen to work';
  if (standing === undefined) {
    const drafts = draftOne(known, cover, { adopt: false, attributes, used: () => false });
    const id = coverId(cover.address);
    return drafts.map((draft) => {
      // Also where it cannot be put up: the gate is not touched without it.
      const first = { ...draft, id, doors: closing(draft.doors) };
      return draft.verb === 'refuse' ? first : { ...first, reason };
    });
  }
  const { address } = cover;
  const reconciler = reconcilerOf(known, address.kind);
  const resolved = resolve(cover.spec, (id) => attributes.get(id));
  const want = reconciler.covered?.(standing, resolved) ?? resolved;
  const drift = driftBetween(reconciler, want, standing.spec);
  if (drift.length === 0) return [];
  const doors = closing(reconciler.doors?.(want, standing, address) ?? []);
  const leansOn = [...referencesIn(cover.spec), ...(cover.needs ?? [])];
  return [
    {
      id: coverId(address),
      verb: 'update',
      reconciler,
      address,
      want,
      have: standing,
      drift,
      doors,
      needs: [],
      leansOn,
      reason: 'lets our own probe in, until the new gate has been seen to work',
    },
  ];
}

/** What lets in nobody but the probe comes before the gate is touched: until it stands, it may guard nothing. */
function closing(doors: readonly DoorEffect[]): readonly DoorEffect[] {
  return doors.map((effect) => (effect.step === 'guard' ? { ...effect, step: 'close' } : effect));
}

/** The cover becomes what the file asks for in its place; one that this plan makes is found by its address. */
function becoming(
  draft: Draft,
  host: string,
  { standing, alone }: { readonly standing: Observed | undefined; readonly alone: boolean },
): Draft {
  if (draft.verb === 'refuse') return draft;
  const { address, want } = draft;
  const { have: _, ...base } = draft;
  return {
    ...base,
    id: `uncover ${addressId(address)}`,
    verb: 'update',
    drift: Object.keys(want as object),
    // Whomever it admits: more than the probe alone.
    doors: [{ host, step: 'unguard', ...(alone && { cover: true }) }],
    ...(standing && { have: standing }),
    reason: 'takes the place of the cover: the gate has been seen to work',
  };
}

interface Cover {
  readonly cover: DesiredObject;
  readonly standing?: Observed | undefined;
}

/** A cover that an earlier pass left, where nothing else of the plan takes it away: where pruning is off. */
function coverLeft(
  known: Known,
  { cover }: Proof,
  { attributes, prunes, wanted }: Surroundings,
): Cover | undefined {
  const standing = cover === undefined ? undefined : ownAt(known, cover);
  if (cover === undefined || standing === undefined) return undefined;
  if (prunes.has(standing.id) || wanted.has(addressId(cover.address))) return undefined;
  return admitsOnlyProbe(cover, standing, attributes) ? { cover, standing } : undefined;
}

/** The cover goes. One that this plan makes is found, when its turn comes, by its address. */
function uncovering(known: Known, { host, because }: Proof, { cover: { address }, standing }: Cover): Draft {
  return {
    id: draftId('prune', { address, ...(standing && { have: standing }) }),
    verb: 'prune',
    reconciler: reconcilerOf(known, address.kind),
    address,
    ...(standing && { have: standing }),
    drift: [],
    doors: [{ host, step: 'unguard', cover: true }],
    needs: [],
    because,
    reason: 'the cover: the gate has been seen to work',
  };
}

function ownAt(known: Known, { address }: DesiredObject): Observed | undefined {
  return known.byAddress.get(addressId(address))?.find(({ owner }) => owner === known.owner);
}

/** A cover that an earlier pass left, rather than a gate of its own. */
function admitsOnlyProbe(cover: DesiredObject, standing: Observed, attributes: Attributes): boolean {
  const resolved = resolve(cover.spec, (id) => attributes.get(id)) as object;
  return differingFields(resolved, standing.spec as object).length === 0;
}

function reconcilerOf(known: Known, kind: Proof['address']['kind']): AnyReconciler {
  const reconciler = known.reconcilers.get(kind);
  if (reconciler === undefined) {
    throw new UnsafeError('No reconciler knows this kind', { facts: { detail: kind } });
  }
  return reconciler;
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

/** What is done at a host, be it for all hosts of its domain. */
function draftsAt(host: string, atHost: ReadonlyMap<string, readonly Draft[]>): readonly Draft[] {
  const around = [...atHost.keys()].filter((pattern) => pattern.startsWith('*.') && isAtHost(pattern, host));
  return [host, ...around].flatMap((pattern) => atHost.get(pattern) ?? []);
}

function madeAnew(drafts: readonly Draft[]): ReadonlySet<AddressId> {
  const made = drafts.filter(({ verb }) => verb === 'create' || verb === 'replace');
  return new Set(made.map(({ address }) => addressId(address)));
}

function wantedIn(drafts: readonly Draft[]): ReadonlyMap<AddressId, Draft> {
  return new Map(
    drafts.flatMap((draft) => (draft.want === undefined ? [] : [[addressId(draft.address), draft] as const])),
  );
}

function prunesOf(drafts: readonly Draft[]): ReadonlyMap<string, Draft> {
  return new Map(
    drafts.flatMap((draft) =>
      draft.verb === 'prune' && draft.have !== undefined ? [[draft.have.id, draft] as const] : [],
    ),
  );
}
