import { type Door, doorsOf, isAccessGate } from '../../desired/terms/doors.ts';

/** The reason why Authentik cannot be the gate of this door, in any mode. */
export function refuseOnPath({ path }: Door): string | undefined {
  return path === undefined ? undefined : 'it is the gate of a whole host, not of a path';
}

/** The reason for the modes in which the outpost asks. */
export function refuseAtOutpost(door: Door): string | undefined {
  const { service } = door;
  if (door.path !== undefined) return refuseOnPath(door);
  if (service.hostHeader !== undefined) {
    return 'the outpost knows a host by its public name, which `hostHeader` replaces: take it out';
  }
  // Access needs an application on the whole host to guard an exact path. The cover takes that place until the check.
  const exact = doorsOf(service).find(
    ({ path, gate, around }) => path?.form === 'exact' && isAccessGate(gate) && around.length === 1,
  );
  if (exact?.path === undefined) return undefined;
  const { path } = exact.path;
  return `Access cannot guard ${path} alone on this host: write it as a subtree, \`${path}/**\``;
}
