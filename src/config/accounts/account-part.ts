import { type Path, pathText } from '../mistakes/finding.ts';
import { zoneOf } from '../model/host.ts';
import { MAPS } from '../yaml/sections.ts';
import type { EntryAccounts } from './entry-accounts.ts';
import { isMap, type NamedAccount, ownerOf, type Values } from './named-systems.ts';

/** The part of a file that belongs to one account: a file with one account. */
export interface AccountPart {
  readonly name: string;
  /** Name of its Authentik, if the servers of the file have names. */
  readonly server: string | undefined;
  readonly value: Values;
  /** Its entries, as paths of mistakes name them: `groups.admins`. */
  readonly entries: ReadonlySet<string>;
  /** Path of a value of this part in the complete file. */
  readonly whole: (path: Path) => Path;
  /** Path of a value of the complete file in this part; undefined if it is in another. */
  readonly within: (path: Path) => Path | undefined;
}

/** The place of an account among the others. */
interface Place {
  readonly index: number;
  readonly accounts: readonly NamedAccount[];
  readonly entries: EntryAccounts;
}

/** The part of the account at an index: its own entries, and the settings of the complete file. */
export function accountPart(value: Values, account: NamedAccount, place: Place): AccountPart {
  const { name, server, keys } = account;
  const { index, entries } = place;
  const owner = ownerOf(value.owner, account);
  const isHere = (section: string, entry: string | number) => entries.of(section, entry).includes(index);
  const lists: Record<string, readonly number[]> = {
    expect: indexesOf(value.expect, (at) => isHere('expect', at)),
    'waf.skip.hosts': indexesOf(hostsOf(value), (_, host) => {
      return (entries.ofHost(typeof host === 'string' ? host : undefined) ?? 0) === index;
    }),
  };
  const sections = Object.entries(value).flatMap(
    ([section, content]): readonly (readonly [string, unknown])[] => {
      if (section === 'cloudflare') return [[section, account.cloudflare]];
      if (section === 'authentik') {
        const authentik = authentikOf(account, place);
        return authentik === undefined ? [] : [[section, authentik]];
      }
      if (section === 'owner') return [[section, owner]];
      if (section === 'waf') return wafOf(content, lists['waf.skip.hosts'] ?? []);
      if (Array.isArray(content) && section === 'expect')
        return [[section, picked(content, lists.expect ?? [])]];
      if (!isMap(content) || !MAPS.has(section)) return [[section, content]];
      const own = Object.entries(content).filter(([entry]) => isHere(section, entry));
      return [[section, Object.fromEntries(section === 'clients' ? own.map(withoutAccount) : own)]];
    },
  );
  const whole = (path: Path): Path => {
    const [section, ...below] = path;
    if (section === 'cloudflare') return [section, name, ...below];
    if (section === 'authentik' && server !== undefined) return [section, server, ...below];
    if (section === 'owner' && keys.owner !== undefined) return ['cloudflare', name, section];
    return moved(path, (list, at) => lists[list]?.[at] ?? at) ?? path;
  };
  const within = (path: Path): Path | undefined => {
    const [section, named, ...below] = path;
    if (section === 'cloudflare') {
      if (named !== undefined && named !== name) return undefined;
      return below[0] === 'owner' ? below : [section, ...below];
    }
    if (section === 'authentik' && server !== undefined)
      return named === undefined || named === server ? [section, ...below] : undefined;
    return moved(path, (list, at) => {
      const found = lists[list]?.indexOf(at) ?? -1;
      return found === -1 ? undefined : found;
    });
  };
  const names = sections.flatMap(([section, content]) =>
    MAPS.has(section) && isMap(content)
      ? Object.keys(content).map((entry) => pathText([section, entry]))
      : [],
  );
  return { name, server, value: Object.fromEntries(sections), entries: new Set(names), whole, within };
}

/** The server without domains, scopes and a login host of other accounts that use it too. */
function authentikOf(account: NamedAccount, { index, accounts, entries }: Place): unknown {
  const { authentik, sound } = account;
  if (!isMap(authentik)) return authentik;
  const sharing = [...accounts.keys()].filter((each) => accounts[each]?.authentik === authentik);
  const isFirst = sharing[0] === index;
  const zones = new Set(sound.cloudflare?.zones?.map((zone) => zone?.toLowerCase() ?? ''));
  const { service, domains, scopes, ...rest } = authentik;
  const isOwnService = typeof service !== 'string' || entries.of('services', service).includes(index);
  const ownDomain = (domain: string) => {
    const owner = entries.ofHost(domain);
    const isElsewhere = owner === undefined || !sharing.includes(owner);
    return zoneOf(domain.toLowerCase(), zones) !== undefined || (isElsewhere && isFirst);
  };
  const users = (scope: string) =>
    entries.uses
      .filter(({ section, name }) => section === 'scopes' && name === scope)
      .flatMap(({ from }) => from);
  const ownScope = (scope: string) => {
    const isUsed = users(scope).some((each) => sharing.includes(each));
    return isUsed ? users(scope).includes(index) : isFirst;
  };
  return {
    ...rest,
    ...(service !== undefined && isOwnService && { service }),
    ...(domains !== undefined && { domains: filtered(domains, ownDomain) }),
    ...(scopes !== undefined && { scopes: filtered(scopes, ownScope) }),
  };
}

function filtered(value: unknown, keeps: (key: string) => boolean): unknown {
  return isMap(value) ? Object.fromEntries(Object.entries(value).filter(([key]) => keeps(key))) : value;
}

function hostsOf({ waf }: Values): unknown {
  return isMap(waf) && isMap(waf.skip) ? waf.skip.hosts : undefined;
}

/** `waf` with the hosts of one account; no section if the account has none of them. */
function wafOf(waf: unknown, indexes: readonly number[]): readonly (readonly [string, unknown])[] {
  const hosts = isMap(waf) ? hostsOf({ waf }) : undefined;
  if (!isMap(waf) || !isMap(waf.skip) || !Array.isArray(hosts)) return [['waf', waf]];
  if (hosts.length > 0 && indexes.length === 0) return [];
  return [['waf', { ...waf, skip: { ...waf.skip, hosts: picked(hosts, indexes) } }]];
}

/** Clients have the key only in a file with several accounts. */
function withoutAccount([name, entry]: readonly [string, unknown]): readonly [string, unknown] {
  if (!isMap(entry)) return [name, entry];
  const { account: _, ...rest } = entry;
  return [name, rest];
}

function indexesOf(list: unknown, keeps: (index: number, item: unknown) => boolean): readonly number[] {
  return Array.isArray(list) ? [...list.keys()].filter((index) => keeps(index, list[index])) : [];
}

function picked(list: readonly unknown[], indexes: readonly number[]): readonly unknown[] {
  return indexes.map((index) => list[index]);
}

/** The path with another index in a list of which each part has some entries; undefined if there is none. */
function moved(path: Path, indexOf: (list: string, at: number) => number | undefined): Path | undefined {
  const depth = path[0] === 'expect' ? 1 : path[0] === 'waf' && path[2] === 'hosts' ? 3 : undefined;
  const at = depth === undefined ? undefined : path[depth];
  if (depth === undefined || typeof at !== 'number') return path;
  const index = indexOf(path.slice(0, depth).join('.'), at);
  return index === undefined ? undefined : [...path.slice(0, depth), index, ...path.slice(depth + 1)];
}
