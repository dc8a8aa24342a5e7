import type { GatesFile } from '../../../schema/generated/config.ts';
import { type Use, usesOf } from '../checks/declarations.ts';
import { zoneOf } from '../model/host.ts';
import type { PartOf } from '../model/partial-file.ts';
import { writtenExpectations } from '../normal-form/normalize-expectations.ts';
import { isMap, type NamedAccount, type Values } from './named-systems.ts';

/** The use of an entry, with the accounts of the entry that uses it. */
export interface AccountUse extends Use {
  readonly from: readonly number[];
}

/** The accounts of each entry of a file, as indexes. */
export interface EntryAccounts {
  /** Never empty for an entry of the file: an entry that cannot be assigned belongs to the first account. */
  readonly of: (section: string, name: string | number) => readonly number[];
  readonly ofHost: (host: string | undefined) => number | undefined;
  readonly uses: readonly AccountUse[];
  /** Entries that belong to an account only because none uses them. */
  readonly unused: readonly { readonly section: string; readonly name: string }[];
}

/** Sections whose entries belong to the accounts that use them, each before those that its entries use. */
const BY_USE: readonly string[] = [
  ...[
    'clients',
    'people',
    'networks',
    'certificateAuthorities',
    'groups',
    'scopes',
    'serviceTokens',
    'actions',
  ],
];

/** Assigns the entries of `value` to accounts. `common` are its sound parts besides `cloudflare` and `authentik`. */
export function entryAccounts(
  value: Values,
  common: PartOf<GatesFile>,
  accounts: readonly NamedAccount[],
): EntryAccounts {
  const assigned = new Map<string, Set<number>>();
  const of = (section: string, name: string | number) => [...(assigned.get(`${section} ${name}`) ?? [])];
  const assign = (section: string, name: string | number, to: readonly number[]) => {
    assigned.set(`${section} ${name}`, new Set([...of(section, name), ...to]));
  };
  const namesIn = (section: string) => Object.keys(isMap(value[section]) ? value[section] : {});
  const indexes = [...accounts.keys()];
  const where = (holds: (account: NamedAccount) => boolean) =>
    indexes.filter((index) => accounts[index] !== undefined && holds(accounts[index]));

  const zones = new Map<string, number>();
  for (const [index, { sound }] of accounts.entries()) {
    for (const zone of sound.cloudflare?.zones ?? []) {
      if (zone !== undefined && !zones.has(zone.toLowerCase())) zones.set(zone.toLowerCase(), index);
    }
  }
  const ofHost = (host: string | undefined) =>
    host === undefined ? undefined : zones.get(zoneOf(host.toLowerCase(), zones) ?? '');
  const withTunnel = (tunnel: string | undefined) =>
    where(({ sound }) => tunnel !== undefined && Object.hasOwn(sound.cloudflare?.tunnels ?? {}, tunnel));

  for (const name of namesIn('services')) {
    const { host, origin } = common.services?.[name] ?? {};
    const [first = 0] = withTunnel(common.origins?.[origin ?? '']?.tunnel);
    assign('services', name, [ofHost(host) ?? first]);
  }
  for (const zone of namesIn('dns')) assign('dns', zone, [zones.get(zone.toLowerCase()) ?? 0]);
  for (const { path, host } of writtenExpectations({ expect: common.expect })) {
    assign('expect', path[1] ?? 0, [ofHost(host) ?? 0]);
  }
  for (const name of namesIn('origins')) {
    const used = namesIn('services')
      .filter((service) => common.services?.[service]?.origin === name)
      .flatMap((service) => of('services', service));
    const able = withTunnel(common.origins?.[name]?.tunnel);
    const both = able.filter((index) => used.includes(index));
    assign('origins', name, both.length > 0 ? both : able.length > 0 ? able : [used[0] ?? 0]);
  }
  const told = new Set<string>();
  for (const name of namesIn('clients')) {
    const account = common.clients?.[name]?.account;
    const [index] = where((each) => each.name === account);
    if (index === undefined) continue;
    told.add(name);
    assign('clients', name, [index]);
  }

  /** False for a domain of a shared server that is in a zone of another account. */
  const isOf =
    (index: number) =>
    ({ path: [section, part, domain] }: Use) =>
      section !== 'authentik' || part !== 'domains' || (ofHost(String(domain)) ?? index) === index;
  const written = [
    ...usesOf(common).map((use) => ({ use, index: undefined })),
    ...accounts.flatMap(({ sound }, index) =>
      usesOf(sound)
        .filter(isOf(index))
        .map((use) => ({ use, index })),
    ),
  ];
  const uses = () =>
    written.map(({ use, index }) => {
      const from = index === undefined ? of(String(use.path[0]), use.path[1] ?? 0) : [index];
      return { ...use, from };
    });
  const follow = () => {
    // A gate names a list of people, and the list names groups: one round for each step.
    for (let round = 0; round < 2; round += 1) {
      for (const { section, name, from } of uses()) {
        const isTold = section === 'clients' && told.has(name);
        if (BY_USE.includes(section) && from.length > 0 && !isTold) assign(section, name, from);
      }
    }
  };
  const able = where(({ authentik }) => authentik !== undefined);
  const unused: { section: string; name: string }[] = [];
  const settle = (section: string) => {
    const isSure = able.length === 1 && (section === 'clients' || section === 'groups');
    for (const name of namesIn(section)) {
      if (of(section, name).length > 0) continue;
      if (!isSure) unused.push({ section, name });
      assign(section, name, isSure ? able : [0]);
    }
  };
  follow();
  for (const section of BY_USE) {
    settle(section);
    // An entry that nobody uses may use others.
    follow();
  }
  // The account that made a group owns it, and keeps it as long as another account of the same server uses it.
  for (const name of namesIn('groups')) {
    const servers = of('groups', name).map((index) => accounts[index]?.authentik);
    assign(
      'groups',
      name,
      where(({ authentik }) => authentik !== undefined && servers.includes(authentik)),
    );
  }
  const orFirst = (found: readonly number[]) => (found.length > 0 ? found : [0]);
  return { of: (section, name) => orFirst(of(section, name)), ofHost, uses: uses(), unused };
}
