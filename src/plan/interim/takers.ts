import { isCover } from '../../core/change.ts';
import { addressId } from '../../core/objects/address.ts';
import { grouped } from '../../core/objects/grouped.ts';
import type { Observed } from '../../core/objects/object.ts';
import { type Draft, isClosing } from '../drafts/draft.ts';

const letsGo: ReadonlySet<string> = new Set(['update', 'replace', 'prune']);
const takes: ReadonlySet<string> = new Set(['create', 'update', 'replace', 'adopt']);

/** The object as the draft makes it. */
export function coming({ have, want }: Draft): Observed {
  return { ...have, spec: want } as Observed;
}

/**
 * The drafts that come to have what the object of another draft has now, or as a cover. The groups keep the search from growing with the
 * square of the plan.
 */
export function takersAmong(drafts: readonly Draft[]): (draft: Draft) => readonly Draft[] {
  const gates = drafts.filter(({ reconciler }) => reconciler.gate?.released !== undefined);
  const taking = grouped(
    gates.filter(({ verb, want }) => want !== undefined && takes.has(verb)),
    ({ reconciler }) => reconciler.kind,
  );
  const rewrites = grouped(
    gates.filter(({ verb }) => verb === 'update'),
    ({ have }) => have?.id,
  );
  return (draft) => {
    const { reconciler, verb, have } = draft;
    const released = reconciler.gate?.released;
    if (released === undefined) return [];
    const before = have !== undefined && letsGo.has(verb) ? [have] : [];
    // A cover may also come to take it.
    const forms = isCover(draft) && verb !== 'refuse' ? [...before, coming(draft)] : before;
    if (forms.length === 0) return [];
    // An earlier step that rewrites the object also releases it.
    const earlier = have === undefined ? [] : (rewrites.get(have.id) ?? []);
    if (earlier.some((other) => verb === 'prune' || isCovering(other, draft))) return [];
    // An object takes nothing from itself, however many steps it goes through.
    const own = addressId(draft.address);
    return (taking.get(reconciler.kind) ?? []).filter(
      ({ address, want }) =>
        addressId(address) !== own && forms.some((form) => released(form, [want ?? {}]) !== undefined),
    );
  };
}

/** True if `earlier` closes what `later` changes. */
function isCovering(earlier: Draft, later: Draft): boolean {
  return earlier.id !== later.id && isClosing(earlier) && !isClosing(later);
}
