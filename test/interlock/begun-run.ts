import { reconcilers } from '../../reconcilers/index.ts';
import type { ReadyChange } from '../../src/core/change.ts';
import { type Address, addressId, type Kind } from '../../src/core/objects/address.ts';
import type { Observation, Observed } from '../../src/core/objects/object.ts';
import { withAddresses } from '../../src/interlock/canonical-ids.ts';
import { RunInterlock } from '../../src/interlock/run-interlock.ts';
import { appliedHouse, file, type House } from '../cli/house.ts';

/** The interlock of a run with the applied file, and the objects that the run has read. */
export async function begun({
  home,
  text,
  prune: pruned = true,
  unread,
  live,
}: {
  home?: House;
  text?: string;
  prune?: boolean;
  unread?: Kind;
  /** In place of the object that the run has read. */
  live?: Observed;
} = {}) {
  const { desired, observed: all } = await (home ?? (await appliedHouse())).survey(text);
  const error = new Error('503');
  const observed = all.map((each): Observation => {
    if (each.kind === unread) return { kind: unread, state: 'unknown', error };
    if (each.state !== 'known') return each;
    return { ...each, objects: each.objects.map((have) => (have.id === live?.id ? live : have)) };
  });
  let now = new Date('2026-06-01T00:00:00Z');
  const clock = { now: () => now, sleep: () => Promise.reject(new Error('the interlock never sleeps')) };
  const interlock = new RunInterlock(
    { desired, observed, reconcilers, prune: pruned, now },
    { clock, longestLag: 30_000 },
  );
  const wait = (seconds: number) => {
    now = new Date(now.getTime() + seconds * 1000);
  };
  const objects = observed.flatMap((each) => (each.state === 'known' ? each.objects : []));
  const at = (kind: Address['kind'], key: string): Observed => {
    const found = objects.find(({ address }) => address.kind === kind && address.key === key);
    if (found === undefined) throw new Error(`no ${kind} ${key}`);
    return found;
  };
  /** The changes that make the objects of the file with this in their keys, a name first. */
  const creates = (key: string) =>
    desired.objects
      .filter(({ address }) => address.key.includes(key))
      .map(
        ({ address, spec }): ReadyChange<unknown> => ({
          ...{ id: `create ${addressId(address)}`, verb: 'create', address, drift: [] },
          ...{ want: withAddresses(spec), have: undefined },
        }),
      )
      .sort((one, other) => Number(isName(other)) - Number(isName(one)));
  return { interlock, at, wait, creates };
}

const isName = ({ address }: ReadyChange<unknown>) => address.kind === 'cloudflare/dns-record';

/** A file with a host behind the login of its domain, which is for one group. */
export function withDomain(group: string): string {
  return `${file
    .replace('groups: { admins: {} }', 'groups: { admins: {}, family: {} }')
    .replace('service: auth }', `service: auth, domains: { example.dev: { groups: [${group}] } } }`)}
  notes: { host: notes.example.dev, origin: traefik, gate: { authentik: { mode: domain } } }
`;
}

/** A house with a domain, and a file without one of its hosts. */
export async function leavingDomain(): Promise<{ home: House; text: string }> {
  const notes = 'notes: { host: notes.example.dev, origin: traefik, gate: { authentik: { mode: domain } } }';
  const text = file
    .replace('service: auth }', 'service: auth, domains: { example.dev: { groups: [admins] } } }')
    .replace('services:', `services:\n  ${notes}`);
  const home = await appliedHouse();
  await home.apply(`${text}
  wiki: { host: wiki.example.dev, origin: traefik, gate: { authentik: { mode: domain } } }
`);
  return { home, text };
}
