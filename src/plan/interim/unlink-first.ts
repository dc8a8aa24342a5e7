import { addressId } from '../../core/objects/address.ts';
import type { DoorEffect } from '../../core/objects/door.ts';
import { type Draft, draftId, driftBetween, rewriting } from '../drafts/draft.ts';
import type { Known } from '../drafts/known.ts';

/**
 * A part of a login that somebody negated admits everybody but those whom it names. Whom a removal takes out of a group
 * (`LoginEffects.enlarges`) would pass it from then on, and the right part until then. If the file drops the part and others
 * stay, the part goes first. Otherwise, nobody passes such a login until both changes are made. A host behind it gets a cover
 * that admits the probe alone (`losesPeople`). A login of no host, or of a domain, admits nobody itself.
 */
export function unlinkFirst(known: Known, drafts: readonly Draft[]): readonly Draft[] {
  const takings = drafts.filter(takesPeople);
  const negated = takings.length === 0 ? [] : drafts.filter(isNegated);
  if (negated.length === 0) return drafts;
  const repairs = negated.filter((draft) => !goesAtOnce(draft));
  const gone = negated.filter(goesAtOnce);
  const isPart = ({ have }: Draft, { address }: Draft) => have?.partOf === addressId(address);
  const logins = drafts.filter((draft) => repairs.some((repair) => isPart(repair, draft)));
  const closings = new Map(logins.flatMap((login) => closingOf(known, login)));
  const closed = [...closings.values()];
  return [
    ...closed,
    ...drafts.map((draft) => {
      const close = closings.get(draft);
      if (close !== undefined) {
        const own = repairs.filter((repair) => isPart(repair, draft));
        return opening(draft, close, [...takings, ...own]);
      }
      if (takings.includes(draft)) return after([...closed, ...gone], draft);
      const earlier = closed.filter((close) => isPart(draft, close));
      const isRepair = earlier.length > 0 && repairs.includes(draft);
      return after(earlier, isRepair ? { ...draft, doors: draft.doors.map(guarding) } : draft);
    }),
  ];
}

/** True if a group loses people while a part of a host's login is repaired that somebody negated. */
export function losesPeople(host: string, here: readonly Draft[]): boolean {
  const isHere = ({ doors }: Draft) => doors.some((effect) => effect.host === host);
  return (
    here.some(takesPeople) && here.some((draft) => isNegated(draft) && !goesAtOnce(draft) && isHere(draft))
  );
}

/** True for the removal of an object by which groups have more people. */
function takesPeople({ verb, reconciler }: Draft): boolean {
  return verb === 'prune' && reconciler.login?.enlarges !== undefined;
}

function isNegated({ verb, reconciler, have }: Draft): boolean {
  const isMended = verb === 'update' || verb === 'prune';
  return isMended && have !== undefined && reconciler.login?.negated?.(have.spec) === true;
}

/** True for the removal of a part that need not outlive its login: others stand, so fewer people pass without it. */
function goesAtOnce({ verb, have }: Draft): boolean {
  return verb === 'prune' && (have?.outlives ?? []).length === 0;
}

/** A login of ours that guards no host alone, and the step after which nobody passes it. */
function closingOf(known: Known, login: Draft): readonly (readonly [login: Draft, close: Draft])[] {
  const { verb, reconciler, address, have, because } = login;
  if (verb === 'refuse' || have === undefined || have.owner !== known.owner) return [];
  const want = reconciler.login?.unlinked?.(have.spec);
  if (want === undefined) return [];
  const removal = reconciler.doors?.(undefined, have, address) ?? [];
  if (removal.some(({ host }) => !host.startsWith('*.'))) return [];
  const doors = removal.map(({ host }): DoorEffect => ({ host, step: 'close' }));
  const reason = 'admits nobody while a group loses people: somebody negated a part of it';
  const plan = because === undefined ? {} : { because };
  return [[login, rewriting('close', { reconciler, have, want, doors, reason, ...plan })]];
}

/** The change by which people pass the login again. Its removal only waits. */
function opening(login: Draft, close: Draft, later: readonly Draft[]): Draft {
  const { reconciler, address, want, have } = login;
  const last = after([close, ...later], login);
  if (want === undefined || have === undefined) return last;
  const closed = { ...have, spec: close.want };
  return {
    ...last,
    ...{ id: draftId('update', login), verb: 'update', have: closed },
    drift: driftBetween(reconciler, want, closed.spec),
    doors: reconciler.doors?.(want, closed, address) ?? [],
    reason: 'admits its people again',
  };
}

/** Whatever the repair takes away, nobody passes the login by then. */
function guarding({ host }: DoorEffect): DoorEffect {
  return { host, step: 'guard' };
}

function after(earlier: readonly Draft[], draft: Draft): Draft {
  return earlier.length === 0 ? draft : { ...draft, needs: [...draft.needs, ...earlier.map(({ id }) => id)] };
}
