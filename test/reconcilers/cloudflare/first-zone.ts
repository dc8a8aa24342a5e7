import type { DesiredObject } from '../../../src/core/objects/object.ts';
import type { TestWorld } from '../../support/world.ts';

/** The lookup that a file with something in this zone always depends on. */
export const zoneLookup: DesiredObject = {
  address: { kind: 'cloudflare/zone', key: 'example.dev' },
  spec: { status: 'active' },
  mustExist: 'add the zone',
  because: 'cloudflare.zones',
};

/** The path of a call in the sandbox's first zone, `/zones/<id>/…`. */
export function inZone(test: TestWorld, path: string): string {
  return `/zones/${test.sandbox.zones[0]?.id}/${path}`;
}
