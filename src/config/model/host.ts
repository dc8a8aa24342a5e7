/** The longest of the zones that the host is in or is; `undefined` where it is in none. Lower case throughout. */
export function zoneOf(host: string, zones: Pick<ReadonlySet<string>, 'has'>): string | undefined {
  for (let name = host; ; ) {
    if (zones.has(name)) return name;
    const dot = name.indexOf('.');
    if (dot === -1) return undefined;
    name = name.slice(dot + 1);
  }
}

/** Whether a name is the zone or lies below it. */
export function isWithin(name: string, zone: string): boolean {
  return name === zone || name.endsWith(`.${zone}`);
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
  return isWithin(lower, zone) ? lower : `${lower}.${zone}`;
}
