import { LAST_TIME } from '../../core/change.ts';
import { addressId } from '../../core/objects/address.ts';
import type { GateCheck } from '../../core/objects/object.ts';
import { referencesIn, resolve } from '../../core/objects/reference.ts';
import type { KnownAttributes } from '../decisions/wanted.ts';
import { type Draft, draftId } from '../drafts/draft.ts';
import type { Known } from '../drafts/known.ts';
import type { PlanOptions } from '../drafts/options.ts';
import { reconcilerOf } from './cover.ts';

/** The facts of the plan that the check of a host needs. */
export interface Asked {
  readonly attributes: KnownAttributes;
  readonly options: PlanOptions;
  readonly covered: boolean;
  readonly opened: boolean;
  /** The plan opens the host, and it was open before the run. */
  readonly stands: boolean;
  /** The plan changes something at the host, and the change may not have arrived everywhere. */
  readonly changed: boolean;
  /** The drafts that put the cover up, without the file's own object in its place, which comes after the check. */
  readonly up: readonly Draft[];
}

/** The check itself, which waits for the gate and for the cover through which it looks. */
export function looking(
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

/** The same check, as visitors meet the gate: the answer without the cover may differ from the answer through it. */
export function confirming(look: Draft): Draft {
  return {
    ...look,
    id: `${look.id} without its cover`,
    reason: 'once more, without the cover',
    doors: look.doors.map((effect) => ({ ...effect, step: 'confirm' })),
  };
}
