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

/** Accounts to which an entry belongs, as indexes. */
interface Assignment {
  readonly section: string;
  readonly name: string | number;
  readonly to: readonly number[];
}

/** The accounts of entries, as far as they are known. */
class AssignedEntries {
  readonly #accounts = new Map<string, Set<number>>();

  of(section: string, name: string | number): readonly number[] {
    return [...(this.#accounts.get(`${section} ${name}`) ?? [])];
  }

  add(assignments: readonly Assignment[]): void {
    for (const { section, name, to } of assignments)
      this.#accounts.set(`${section} ${name}`, new Set([...this.of(section, name), ...to]));
  }
}

/** The account of a host, by its zone; undefined if no account has the zone. */
type AccountOfHost = EntryAccounts['ofHost'];

/** Assigns the entries of `value` to accounts. `common` are its sound parts besides `cloudflare` and `authentik`. */
export function entryAccounts(
  value: Values,
  common: PartOf<GatesFile>,
  accounts: readonly NamedAccount[],
): EntryAccounts {
  const zones = accountsOfZones(accounts);
  const ofHost: AccountOfHost = (host) =>
    host === undefined ? undefined : zones.get(zoneOf(host.toLowerCase(), zones) ?? '');
  const assigned = new AssignedEntries();
  assigned.add(serviceAccounts(value, common, accounts, ofHost));
  for (const name of namesIn(value, 'dns'))
    assigned.add([{ section: 'dns', name, to: [zones.get(name.toLowerCase()) ?? 0] }]);
  for (const { path, host } of writtenExpectations({ expect: common.expect }))
    assigned.add([{ section: 'expect', name: path[1] ?? 0, to: [ofHost(host) ?? 0] }]);
  assigned.add(originAccounts(value, common, accounts, assigned));
  const clients = clientAccounts(value, common, accounts);
  assigned.add(clients);

  const written = writtenUses(common, accounts, ofHost);
  const follow = () => followUses(written, clients, assigned);
  follow();
  const unused: { section: string; name: string }[] = [];
  for (const section of BY_USE) {
    const sure = onlyServer(section, accounts);
    for (const name of namesIn(value, section)) {
      if (assigned.of(section, name).length > 0) continue;
      if (sure === undefined) unused.push({ section, name });
      assigned.add([{ section, name, to: [sure ?? 0] }]);
    }
    // An entry that nobody uses may use others.
    follow();
  }
  assigned.add(groupAccounts(value, accounts, assigned));
  const orFirst = (found: readonly number[]) => (found.length > 0 ? found : [0]);
  const of: EntryAccounts['of'] = (section, name) => orFirst(assigned.of(section, name));
  return { of, ofHost, uses: usesWithAccounts(written, assigned), unused };
}

function namesIn(value: Values, section: string): readonly string[] {
  return Object.keys(isMap(value[section]) ? value[section] : {});
}

/** The indexes of the accounts for which this is true. */
function accountsWhere(
  accounts: readonly NamedAccount[],
  holds: (account: NamedAccount) => boolean,
): readonly number[] {
  return [...accounts.entries()].flatMap(([index, account]) => (holds(account) ? [index] : []));
}

function accountsWithTunnel(
  accounts: readonly NamedAccount[],
  tunnel: string | undefined,
): readonly number[] {
  return accountsWhere(
    accounts,
    ({ sound }) => tunnel !== undefined && Object.hasOwn(sound.cloudflare?.tunnels ?? {}, tunnel),
  );
}

/** The account of each zone: the first that names it. */
function accountsOfZones(accounts: readonly NamedAccount[]): ReadonlyMap<string, number> {
  const zones = new Map<string, number>();
  for (const [index, { sound }] of accounts.entries()) {
    for (const zone of sound.cloudflare?.zones ?? []) {
      if (zone !== undefined && !zones.has(zone.toLowerCase())) zones.set(zone.toLowerCase(), index);
    }
  }
  return zones;
}

/** A service belongs to the account of its zone, or else to the first with the tunnel of its origin. */
function serviceAccounts(
  value: Values,
  common: PartOf<GatesFile>,
  accounts: readonly NamedAccount[],
  ofHost: AccountOfHost,
): readonly Assignment[] {
  return namesIn(value, 'services').map((name) => {
    const { host, origin } = common.services?.[name] ?? {};
    const [first = 0] = accountsWithTunnel(accounts, common.origins?.[origin ?? '']?.tunnel);
    return { section: 'services', name, to: [ofHost(host) ?? first] };
  });
}

/** An origin belongs to the accounts that have both its tunnel and a service that uses it, or else one of them. */
function originAccounts(
  value: Values,
  common: PartOf<GatesFile>,
  accounts: readonly NamedAccount[],
  assigned: AssignedEntries,
): readonly Assignment[] {
  return namesIn(value, 'origins').map((name) => {
    const used = namesIn(value, 'services')
      .filter((service) => common.services?.[service]?.origin === name)
      .flatMap((service) => assigned.of('services', service));
    const able = accountsWithTunnel(accounts, common.origins?.[name]?.tunnel);
    const both = able.filter((index) => used.includes(index));
    const to = both.length > 0 ? both : able.length > 0 ? able : [used[0] ?? 0];
    return { section: 'origins', name, to };
  });
}

/** The clients that name their account. */
function clientAccounts(
  value: Values,
  common: PartOf<GatesFile>,
  accounts: readonly NamedAccount[],
): readonly Assignment[] {
  return namesIn(value, 'clients').flatMap((name) => {
    const [index] = accountsWhere(accounts, (each) => each.name === common.clients?.[name]?.account);
    return index === undefined ? [] : [{ section: 'clients', name, to: [index] }];
  });
}

/** A use, and the account that contains it; undefined: one of the entries that all accounts share. */
interface WrittenUse {
  readonly use: Use;
  readonly index: number | undefined;
}

/** Every use, without those in a domain of a shared server that is in a zone of another account. */
function writtenUses(
  common: PartOf<GatesFile>,
  accounts: readonly NamedAccount[],
  ofHost: AccountOfHost,
): readonly WrittenUse[] {
  const isOf =
    (index: number) =>
    ({ path: [section, part, domain] }: Use) =>
      section !== 'authentik' || part !== 'domains' || (ofHost(String(domain)) ?? index) === index;
  return [
    ...usesOf(common).map((use) => ({ use, index: undefined })),
    ...accounts.flatMap(({ sound }, index) =>
      usesOf(sound)
        .filter(isOf(index))
        .map((use) => ({ use, index })),
    ),
  ];
}

function usesWithAccounts(written: readonly WrittenUse[], assigned: AssignedEntries): readonly AccountUse[] {
  return written.map(({ use, index }) => {
    const from = index === undefined ? assigned.of(String(use.path[0]), use.path[1] ?? 0) : [index];
    return { ...use, from };
  });
}

/** Assigns entries to the accounts that use them. `clients` name their account, so that no use changes it. */
function followUses(
  written: readonly WrittenUse[],
  clients: readonly Assignment[],
  assigned: AssignedEntries,
): void {
  const told = new Set(clients.map(({ name }) => name));
  // A gate names a list of people, and the list names groups: one round for each step.
  for (let round = 0; round < 2; round += 1) {
    for (const { section, name, from } of usesWithAccounts(written, assigned)) {
      const isTold = section === 'clients' && told.has(name);
      if (BY_USE.includes(section) && from.length > 0 && !isTold) assigned.add([{ section, name, to: from }]);
    }
  }
}

/** The only account with an Authentik, to which clients and groups belong that nobody uses. */
function onlyServer(section: string, accounts: readonly NamedAccount[]): number | undefined {
  const [first, ...others] = accountsWhere(accounts, ({ authentik }) => authentik !== undefined);
  const isOfServer = section === 'clients' || section === 'groups';
  return isOfServer && others.length === 0 ? first : undefined;
}

/** The account that made a group owns it, and keeps it as long as another account of the same server uses it. */
function groupAccounts(
  value: Values,
  accounts: readonly NamedAccount[],
  assigned: AssignedEntries,
): readonly Assignment[] {
  return namesIn(value, 'groups').map((name) => {
    const servers = assigned.of('groups', name).map((index) => accounts[index]?.authentik);
    const to = accountsWhere(
      accounts,
      ({ authentik }) => authentik !== undefined && servers.includes(authentik),
    );
    return { section: 'groups', name, to };
  });
}
