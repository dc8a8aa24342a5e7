/** The longest of the zones that the host is in or is; `undefined` where it is in none. Lower case throughout. */
export function zoneOf(host: string, zones: readonly string[]): string | undefined {
  let longest: string | undefined;
  for (const zone of zones) {
    const inside = host === zone || host.endsWith(`.${zone}`);
    if (inside && zone.length > (longest?.length ?? 0)) longest = zone;
  }
  return longest;
}

/** A host of the file in lower case and in full: `@` is the zone itself where there is only one. */
export function fullHost(host: string, zones: readonly string[]): string {
  const [only] = zones;
  return host === '@' && zones.length === 1 && only !== undefined ? only : host.toLowerCase();
}

/** The name of a record in lower case and in full, as Cloudflare reads names: what is not in the zone is below it. */
export function fullRecordName(name: string, zone: string): string {
  const lower = name.toLowerCase();
  if (lower === '@') return zone;
  return zoneOf(lower, [zone]) === undefined ? `${lower}.${zone}` : lower;
}
