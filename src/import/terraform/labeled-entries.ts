import { hostIn } from '../../../reconcilers/cloudflare/access/application/destination.ts';
import type { Observed } from '../../core/objects/object.ts';
import { applicationOfProvider } from '../authentik/authentik-login.ts';
import type { LiveObjects } from '../terms/live-objects.ts';
import type { LabelSource, ResourceLabel } from '../terms/resource-label.ts';

/** The labels of the objects at each host: its record first, then its Access applications, their policies, and Authentik's objects. */
export function hostLabels(
  live: LiveObjects,
  labels: LabelSource,
): ReadonlyMap<string, readonly ResourceLabel[]> {
  const byHost = new Map<string, ResourceLabel[]>();
  const add = (host: string | undefined, objects: readonly (Observed | undefined)[]) => {
    if (host === undefined) return;
    const found = objects.flatMap((each) => (each && labels.of(each)) ?? []);
    const before = byHost.get(host) ?? [];
    byHost.set(host, [...before, ...found.filter((label) => !before.includes(label))]);
  };
  for (const record of live.of('cloudflare/dns-record')) add(record.spec.name, [record]);
  for (const application of live.of('cloudflare/access-application')) {
    const policies = application.spec.policies.map((id) => live.withId('cloudflare/access-policy', id));
    const hosts = new Set(application.spec.destinations.map(hostIn));
    for (const host of hosts) add(host, [application, ...policies]);
  }
  for (const provider of live.of('authentik/proxy-provider'))
    for (const host of provider.spec.hosts) add(host, [provider, applicationOfProvider(provider, live)]);
  return byHost;
}

/** The entries as a state has them: by module in the order of the state, then those without a label in the order that they have. */
export function inOrderOfState<Entry>(
  entries: readonly Entry[],
  labelOf: (entry: Entry) => ResourceLabel | undefined,
): readonly Entry[] {
  const groups = new Map<string, number>();
  const placed = entries.map((entry) => ({ entry, label: labelOf(entry) }));
  for (const { label } of placed)
    if (label !== undefined)
      groups.set(label.group, Math.min(groups.get(label.group) ?? Number.POSITIVE_INFINITY, label.place));
  const last = Number.POSITIVE_INFINITY;
  const groupPlace = (label: ResourceLabel | undefined) => (label && groups.get(label.group)) ?? last;
  const compare = (left: number, right: number) => (left === right ? 0 : left < right ? -1 : 1);
  return placed
    .sort(
      (left, right) =>
        compare(groupPlace(left.label), groupPlace(right.label)) ||
        compare(left.label?.place ?? last, right.label?.place ?? last),
    )
    .map(({ entry }) => entry);
}

/** An entry for which a heading may be needed. */
interface Headed<Key> {
  readonly key: Key;
  readonly label: ResourceLabel | undefined;
  /** The heading of the entry if the state has none of the entries. */
  readonly otherwise?: string | undefined;
}

/** A heading above the first entry of each module, or else of each zone; none if all entries have the same. The entries are in order. */
export function headingsOf<Entry, Key>(
  entries: readonly Entry[],
  headed: (entry: Entry) => Headed<Key>,
): ReadonlyMap<Key, string> {
  const all = entries.map(headed);
  const isLabeled = all.some(({ label }) => label !== undefined);
  const headings = new Map<Key, string>();
  let before: string | undefined;
  for (const { key, label, otherwise } of all) {
    const heading = isLabeled ? headingOf(label) : otherwise;
    if (heading !== undefined && heading !== before) headings.set(key, heading);
    before = heading;
  }
  return headings.size > 1 ? headings : new Map();
}

function headingOf(label: ResourceLabel | undefined): string {
  if (label === undefined) return 'Not in the Terraform state';
  return label.group === '' ? 'Terraform, root module' : `Terraform, ${label.group}`;
}
