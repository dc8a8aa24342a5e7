import type { DoorEffect, DoorStep } from '../../../src/core/objects/door.ts';
import type { Linked } from '../../../src/core/objects/reference.ts';

/** The same step at each host, each host once. */
export function atHosts(hosts: Linked<readonly string[]>, step: DoorStep): readonly DoorEffect[] {
  return [...new Set(hosts.map(String))].map((host) => ({ host, step }));
}

/** The host of an address, if it has one: an object that the file no longer has still guards it. */
export function hostsOfUrl(url: string): readonly string[] {
  return URL.canParse(url) ? [new URL(url).hostname] : [];
}
