/** The longest zone that is the host or contains it; undefined if there is none. Everything in lower case. */
export function zoneOf(host: string, zones: Pick<ReadonlySet<string>, 'has'>): string | undefined {
  for (let name = host; ; ) {
    if (zones.has(name)) return name;
    const dot = name.indexOf('.');
    if (dot === -1) return undefined;
    name = name.slice(dot + 1);
  }
}

/** True if a name is the zone or lies below it. */
export function isWithin(name: string, zone: string): boolean {
  return name === zone || name.endsWith(`.${zone}`);
}

/** A host of the file in lower case and in full: `@` is the zone itself if there is only one. */
export function fullHost(host: string, zones: readonly string[]): string {
  const [only] = zones;
  return host === '@' && zones.length === 1 && only !== undefined ? only : host.toLowerCase();
}

/** The name of a record in lower case and in full, as Cloudflare reads names: names outside the zone are below it. */
export function fullRecordName(name: string, zone: string): string {
  const lower = name.toLowerCase();
  if (lower === '@') return zone;
  return isWithin(lower, zone) ? lower : `${lower}.${zone}`;
}
