import { addressId } from '../../core/objects/address.ts';
import { isAtHost } from '../../core/objects/door.ts';
import type { GateCheck } from '../../core/objects/object.ts';
import type { KnownAttributes } from '../decisions/wanted.ts';
import type { Draft } from '../drafts/draft.ts';
import { madeAnew, prunesOf, wantedByKind, wantedIn } from '../drafts/draft-index.ts';
import type { Known } from '../drafts/known.ts';
import type { PlanOptions } from '../drafts/options.ts';
import { StandingHosts } from '../drafts/standing-hosts.ts';
import { uncovering, withReleasedLast } from './cover.ts';
import { coverLeft } from './covers-left.ts';
import { closeUnchecked, closeUnread } from './elsewhere.ts';
import { stepsFor } from './host-steps.ts';

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
  const checked = new Set(proofs.flatMap(({ host }) => (vouched.has(host) ? [] : [host])));
  for (const [host, here] of plan.atHost) {
    const closings = checked.has(host) ? undefined : closeUnchecked(known, host, here, plan);
    added.push(...(closings?.added ?? []));
    for (const [id, draft] of closings?.instead ?? []) instead.set(id, draft);
    const unread = closeUnread(known, host, { here, refused: plan.refused.get(host) ?? [] });
    for (const draft of unread) instead.set(draft.id, draft);
  }
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
