import type { GatesFile } from '../../../schema/generated/config.ts';
import { outline } from '../../../schema/generated/validate.js';
import { needsOfAuthentik } from '../checks/agreement.ts';
import { sharedSinks } from '../checks/shared-sinks.ts';
import { type Finding, type Path, quoted } from '../mistakes/finding.ts';
import type { Rule } from '../mistakes/mistake-kinds.ts';
import { didYouMean } from '../mistakes/suggestion.ts';
import { isFileName } from '../model/account-name.ts';
import type { PartOf } from '../model/partial-file.ts';
import type { AccountPart } from './account-part.ts';
import type { EntryAccounts } from './entry-accounts.ts';
import {
  isMap,
  type NamedAccount,
  type NamedSystems,
  ownerOf,
  soundParts,
  type Values,
} from './named-systems.ts';

export interface SplitGround {
  readonly value: Values;
  /** The sound parts besides `cloudflare` and `authentik`. */
  readonly common: PartOf<GatesFile>;
  readonly systems: NamedSystems;
  readonly entries: EntryAccounts;
  readonly parts: readonly AccountPart[];
}

/** Mistakes that no account has alone: its part looks right, or fails for a reason in another one. */
export function accountFindings(ground: SplitGround): readonly Finding[] {
  const { systems } = ground;
  return [
    ...badNames(
      'cloudflare',
      systems.accounts.map(({ name }) => name),
    ),
    ...badNames('authentik', Object.keys(systems.servers ?? {})),
    ...serverFindings(systems),
    ...ownerFindings(ground),
    ...oneTwice(ground),
    ...unknownAccounts(ground),
    ...foreignUses(ground),
    ...sharedEntries(ground),
    ...unusedEntries(ground),
    ...sinkFindings(ground),
    ...withoutServer(ground),
  ];
}

function error(path: Path, message: string, hint: string, rule: Rule = 'conflicting-keys'): Finding {
  return { severity: 'error', rule, path, message, hint };
}

/** The most accounts, and the most servers. */
const MOST = outline.$defs.cloudflareAccounts?.maxProperties ?? 20;

/** Names become parts of variables, in which `_FILE` at the end has a meaning. */
function badNames(section: 'cloudflare' | 'authentik', names: readonly string[]): readonly Finding[] {
  const { pattern = '', title } = outline.$defs.accountName ?? {};
  const wrong = names.flatMap((name): readonly Finding[] => {
    const at = [section, name];
    if (!new RegExp(pattern).test(name)) {
      const message = `${quoted(name)} cannot be a name here`;
      return [{ ...error(at, message, `expected ${title}`, 'wrong-name'), part: 'key' }];
    }
    if (!isFileName(name)) return [];
    const message = `${quoted(name)} cannot be a name here: variables that end in _FILE name files`;
    return [
      { ...error(at, message, 'choose a name that does not end in `file`', 'wrong-name'), part: 'key' },
    ];
  });
  const beyond = names[MOST];
  if (beyond === undefined) return wrong;
  const hint = 'split the file between two owners, each with a gates.yaml';
  return [
    ...wrong,
    { ...error([section, beyond], `there are more than ${MOST} names here`, hint), part: 'key' },
  ];
}

function serverFindings({ accounts, servers }: NamedSystems): readonly Finding[] {
  const known = Object.keys(servers ?? {});
  const asked = accounts.flatMap(({ name, keys }): readonly Finding[] => {
    const at = ['cloudflare', name, 'authentik'];
    const { authentik } = keys;
    if (authentik === undefined) return [];
    if (servers === undefined) {
      const message = 'the file has no Authentik with a name';
      return [error(at, message, 'remove it, or make `authentik` a map of names')];
    }
    if (typeof authentik === 'string' && known.includes(authentik)) return [];
    const near = typeof authentik === 'string' ? didYouMean(authentik, known) : undefined;
    const message = `there is no Authentik ${quoted(authentik)}`;
    return [error(at, message, near ?? `use one of: ${known.join(', ')}`, 'undeclared-name')];
  });
  const unused = known.filter((name) => !accounts.some(({ server }) => server === name));
  return [
    ...asked,
    ...unused.map((name): Finding => {
      const message = `authentik.${name} is declared and no account uses it`;
      const hint = `remove it, or add \`authentik: ${name}\` to an account`;
      return { severity: 'warning', rule: 'G109', path: ['authentik', name], part: 'key', message, hint };
    }),
  ];
}

function ownerFindings({ value, systems }: SplitGround): readonly Finding[] {
  const first = new Map<unknown, string>();
  return systems.accounts.flatMap((account): readonly Finding[] => {
    const { name, keys } = account;
    const owner = ownerOf(value.owner, account);
    const at: Finding['path'] = ['cloudflare', name, ...(keys.owner === undefined ? [] : ['owner'])];
    if (keys.owner === undefined && owner === value.owner) {
      if (!new RegExp(outline.$defs.owner?.pattern ?? '').test(String(owner))) return [];
      const message = `"${String(owner)}-${name}" is too long for an owner`;
      const hint = `add \`owner:\` to cloudflare.${name}, with at most 16 characters`;
      return [{ ...error(at, message, hint, 'wrong-value'), part: 'key' }];
    }
    const before = first.get(owner);
    if (before === undefined) first.set(owner, name);
    if (before === undefined) return [];
    const message = `${before} and ${name} have the same owner, ${quoted(owner)}`;
    return [
      error(at, message, 'give each account an owner of its own: they would remove each other’s objects'),
    ];
  });
}

/** One zone, one account or one server under two names. */
function oneTwice({ systems: { accounts, servers } }: SplitGround): readonly Finding[] {
  const twice = (
    of: readonly { readonly key: string | undefined; readonly path: Path; readonly what: string }[],
  ) => {
    const first = new Map<string, Path>();
    return of.flatMap(({ key, path, what }): readonly Finding[] => {
      const before = key === undefined ? undefined : first.get(key);
      if (key !== undefined && before === undefined) first.set(key, path);
      if (before === undefined || before[1] === path[1]) return [];
      return [error(path, `${what} is in ${String(before[1])} already`, 'keep it in one of them')];
    });
  };
  return [
    ...twice(
      accounts.map(({ name, sound }) => {
        const key = sound.cloudflare?.account;
        return { key, path: ['cloudflare', name, 'account'], what: `the account ${quoted(key)}` };
      }),
    ),
    ...twice(
      accounts.flatMap(({ name, sound }) =>
        (sound.cloudflare?.zones ?? []).map((zone, index) => {
          return {
            key: zone?.toLowerCase(),
            path: ['cloudflare', name, 'zones', index],
            what: `the zone ${zone}`,
          };
        }),
      ),
    ),
    ...twice(
      Object.entries(servers ?? {}).map(([name, server]) => {
        const url =
          isMap(server) && typeof server.url === 'string' ? server.url.replace(/\/$/, '') : undefined;
        return { key: url, path: ['authentik', name, 'url'], what: `the server ${url}` };
      }),
    ),
  ];
}

function unknownAccounts({ common, systems: { accounts } }: SplitGround): readonly Finding[] {
  const names = accounts.map(({ name }) => name);
  return Object.entries(common.clients ?? {}).flatMap(([client, entry]): readonly Finding[] => {
    const account = entry?.account;
    if (account === undefined || names.includes(account)) return [];
    const hint = didYouMean(account, names) ?? `use one of: ${names.join(', ')}`;
    const message = `there is no account ${quoted(account)}`;
    return [error(['clients', client, 'account'], message, hint, 'undeclared-name')];
  });
}

/** Uses of an entry that belongs to other accounts alone. */
function foreignUses({ value, systems: { accounts }, entries }: SplitGround): readonly Finding[] {
  return entries.uses.flatMap(({ section, name, path, from }): readonly Finding[] => {
    const declared = value[section];
    if ((section !== 'origins' && section !== 'clients') || !isMap(declared)) return [];
    if (!Object.hasOwn(declared, name)) return [];
    const owners = entries.of(section, name);
    const user = from.find((index) => !owners.includes(index));
    if (user === undefined) return [];
    const message = `${section}.${name} belongs to the account ${namesOf(owners, accounts)}, and this to ${namesOf([user], accounts)}`;
    const hint =
      section === 'origins'
        ? `use an origin with a tunnel of ${namesOf([user], accounts)}`
        : `declare a client for ${namesOf([user], accounts)}`;
    return [error(path, message, hint)];
  });
}

/** Entries with a secret or an object of their own, which two accounts would make twice. */
function sharedEntries({ systems: { accounts }, entries }: SplitGround): readonly Finding[] {
  const seen = new Set<string>();
  return entries.uses.flatMap(({ section, name }): readonly Finding[] => {
    const owners = entries.of(section, name);
    const id = `${section} ${name}`;
    if (!['clients', 'serviceTokens', 'scopes'].includes(section) || seen.has(id)) return [];
    seen.add(id);
    const [first = 0] = owners;
    const sharing = owners.filter((each) => accounts[each]?.authentik === accounts[first]?.authentik);
    const server = accounts[first]?.server;
    const path =
      section === 'scopes'
        ? ['authentik', ...(server === undefined ? [] : [server]), section, name]
        : [section, name];
    const scopes = accounts[first]?.sound.authentik?.scopes ?? {};
    const isShared =
      section === 'scopes' ? sharing.length > 1 && Object.hasOwn(scopes, name) : owners.length > 1;
    if (!isShared) return [];
    const message = `${section}.${name} is used in several accounts: ${namesOf(owners, accounts)}`;
    return [{ ...error(path, message, 'declare one for each account'), part: 'key' }];
  });
}

/** Entries that gates would have to make in some account, and no account uses them. */
function unusedEntries({ common, entries }: SplitGround): readonly Finding[] {
  return entries.unused.flatMap(({ section, name }): readonly Finding[] => {
    if (!['clients', 'groups', 'serviceTokens'].includes(section)) return [];
    // An account that the file lacks is a mistake of its own.
    if (section === 'clients' && common.clients?.[name]?.account !== undefined) return [];
    const message = `${section}.${name} is used by no account, so it belongs to none`;
    const hint =
      section === 'clients' ? 'add `account:` with the name of one' : 'remove it, or name it in a gate';
    return [{ ...error([section, name], message, hint), part: 'key' }];
  });
}

/** Files to which two secrets are delivered, also from two accounts. */
function sinkFindings({ common, systems: { accounts } }: SplitGround): readonly Finding[] {
  const tunnels = Object.fromEntries(
    accounts.flatMap(({ name, sound }) =>
      Object.entries(sound.cloudflare?.tunnels ?? {}).map(
        ([tunnel, entry]) => [`${name}/${tunnel}`, entry] as const,
      ),
    ),
  );
  const { clients, serviceTokens } = common;
  return sharedSinks({ cloudflare: { tunnels }, clients, serviceTokens }).map((finding) => {
    const [section, , tunnel, ...below] = finding.path;
    if (section !== 'cloudflare') return finding;
    const [account = '', ...name] = String(tunnel).split('/');
    return { ...finding, path: [section, account, 'tunnels', name.join('/'), ...below] };
  });
}

/** Accounts that need an Authentik, in a file with several of which they name none. */
function withoutServer({ systems: { accounts, servers }, parts }: SplitGround): readonly Finding[] {
  if (servers === undefined) return [];
  return parts.flatMap((part, index) => {
    if (accounts[index]?.authentik !== undefined) return [];
    const message = `this needs Authentik, and cloudflare.${part.name} does not say which`;
    const hint = `add \`authentik:\` to cloudflare.${part.name}, with one of: ${Object.keys(servers).join(', ')}`;
    return needsOfAuthentik(soundParts(part.value)).map(({ path, part: key = 'value' }): Finding => {
      return { ...error(part.whole(path), message, hint), part: key, cause: `authentik ${part.name}` };
    });
  });
}

function namesOf(indexes: readonly number[], accounts: readonly NamedAccount[]): string {
  return indexes.map((index) => accounts[index]?.name).join(' and ');
}
