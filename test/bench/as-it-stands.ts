import { reconcilers } from '../../reconcilers/index.ts';
import type { Desired, Observation, Observed } from '../../src/core/objects/object.ts';
import { resolve } from '../../src/core/objects/reference.ts';

/** The observations of a live world that matches the file. */
export function asItStands(desired: Desired): readonly Observation[] {
  const attributes = { id: 'id', aud: 'aud', team: 'example' };
  const objects = desired.objects.map((want, index): Observed => {
    const spec = resolve(want.spec, () => attributes);
    return { address: want.address, id: `${index}`, owner: 'home', spec, attributes, uses: [] };
  });

  return reconcilers.map(({ kind }) => ({
    kind,
    state: 'known',
    objects: objects.filter(({ address }) => address.kind === kind),
  }));
}
