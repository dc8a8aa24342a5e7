/** The zone and the index of the record that the path of a mistake leads to; undefined if it leads elsewhere. */
export function recordPlace(path: string): { readonly zone: string; readonly index: number } | undefined {
  const [, zone, index] = /^dns\["(.+)"\]\[(\d+)\]/.exec(path) ?? [];
  return zone === undefined ? undefined : { zone: zone.toLowerCase(), index: Number(index) };
}
