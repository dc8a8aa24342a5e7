import { type AddressId, addressId } from '../../core/objects/address.ts';
import type { Desired, DesiredObject, Observation, Observed } from '../../core/objects/object.ts';

type Fields = Readonly<Record<string, unknown>>;

/**
 * The desired objects with the live values of the fields that another tool owns: they never differ, and a write that
 * sends all fields sends them as they are. An object that does not exist is made with the values of the file.
 */
export function withLiveFields(desired: Desired, observations: readonly Observation[]): Desired {
  if (desired.objects.every(({ ignore }) => ignore === undefined)) return desired;
  const live = new Map<AddressId, Observed>(
    observations.flatMap((each) =>
      each.state === 'known' ? each.objects.map((have) => [addressId(have.address), have] as const) : [],
    ),
  );
  return { ...desired, objects: desired.objects.map((object) => asLive(object, live)) };
}

function asLive(object: DesiredObject, live: ReadonlyMap<AddressId, Observed>): DesiredObject {
  const have = live.get(addressId(object.address));
  const { ignore = [] } = object;
  if (have === undefined || ignore.length === 0) return object;
  const spec: Record<string, unknown> = { ...(object.spec as Fields) };
  for (const field of ignore) {
    const value = (have.spec as Fields)[field];
    if (value === undefined) delete spec[field];
    else spec[field] = value;
  }
  return { ...object, spec };
}
