import type { DoorEffect, DoorStep } from '../../../src/core/objects/door.ts';
import type { Linked } from '../../../src/core/objects/reference.ts';

/** The same step at each host, each host once. */
export function atHosts(hosts: Linked<readonly string[]>, step: DoorStep): readonly DoorEffect[] {
  return [...new Set(hosts.map(String))].map((host) => ({ host, step }));
}

/** The effects at the hosts that leave a login: a change by which the login comes to admit people waits until they have left. */
export function atLeavingHosts({
  hosts,
  behind = [],
}: Linked<{
  readonly hosts: readonly string[];
  readonly behind?: readonly string[];
}>): readonly DoorEffect[] {
  const staying = new Set(hosts.map(String));
  return atHosts(
    behind.filter((host) => !staying.has(String(host))),
    'unguard',
  );
}

/** The host of an address, if it has one: an object that the file no longer has still guards it. */
export function hostsOfUrl(url: string): readonly string[] {
  return URL.canParse(url) ? [new URL(url).hostname] : [];
}
