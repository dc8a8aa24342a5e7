/** Four characters, digits and letters in turn, so that no person's owner looks like one of a run. */
const owners = /^conformance-\d[a-z]\d[a-z]$/;

const digits = '0123456789';
const letters = 'abcdefghijklmnopqrstuvwxyz';

/** An owner for one run, `conformance-7x2k`: as long as a mark may be. `random` returns numbers from 0 to 1. */
export function newScratchOwner(random: () => number): string {
  const drawn = [digits, letters, digits, letters].map((set) => set[Math.floor(random() * set.length)]);
  return `conformance-${drawn.join('')}`;
}

export function isScratchOwner(owner: string | undefined): owner is string {
  return owner !== undefined && owners.test(owner);
}

/** The host that a run makes in the zone: `gates-conformance-7x2k.example.dev`. */
export function scratchHost(owner: string, zone: string): string {
  return `gates-${owner}.${zone}`;
}

/** The owner whose host this is; undefined for every other host. */
export function ownerOfHost(host: string, zone: string): string | undefined {
  const [label = '', rest = ''] = [host.slice(0, host.indexOf('.')), host.slice(host.indexOf('.') + 1)];
  const owner = label.startsWith('gates-') ? label.slice('gates-'.length) : undefined;
  return rest === zone && isScratchOwner(owner) ? owner : undefined;
}
