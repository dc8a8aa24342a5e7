import type { GatesFile } from '../../../schema/generated/config.ts';
import { type Outline, outline } from '../../../schema/generated/validate.js';
import { partialFile } from '../checks/readable-file.ts';
import { schemaFindings } from '../hints/schema-findings.ts';
import type { PartOf } from '../model/partial-file.ts';

export type Values = Readonly<Record<string, unknown>>;

/** A Cloudflare account of a file with several, and the Authentik that it uses. Values are as written, maybe wrong. */
export interface NamedAccount {
  readonly name: string;
  /** Name of its Authentik; undefined if it uses none, or if the file has one without a name. */
  readonly server: string | undefined;
  /** `owner` and `authentik` of the account. */
  readonly keys: { readonly owner?: unknown; readonly authentik?: unknown };
  /** The other values of the account. */
  readonly cloudflare: unknown;
  /** Undefined if it uses none. Accounts with one server share this value. */
  readonly authentik: unknown;
  /** The sound parts of both. */
  readonly sound: Pick<PartOf<GatesFile>, 'cloudflare' | 'authentik'>;
}

export interface NamedSystems {
  readonly accounts: readonly NamedAccount[];
  /** The servers by name; undefined if the file has one without a name, or none. */
  readonly servers: Values | undefined;
}

/** The most violations of the schema that are needed to tell the sound parts. */
const MOST = 1000;

/** The accounts of a file that has a map of names below `cloudflare`; undefined for a file with one account. */
export function namedSystems({ cloudflare, authentik }: Values): NamedSystems | undefined {
  const accounts = byName(cloudflare, 'cloudflare', ['account', 'zones']);
  if (accounts === undefined) return undefined;
  const servers = byName(authentik, 'authentik', ['url']);
  const entries = Object.entries(accounts);
  return { servers, accounts: entries.map(([name, value]) => named(name, value, { authentik, servers })) };
}

function named(
  name: string,
  value: unknown,
  { authentik, servers }: { readonly authentik: unknown; readonly servers: Values | undefined },
): NamedAccount {
  const { owner, authentik: asked, ...rest } = isMap(value) ? value : {};
  const keys = { ...(owner !== undefined && { owner }), ...(asked !== undefined && { authentik: asked }) };
  const cloudflare = isMap(value) ? rest : value;
  const server = servers && serverOf(asked, servers);
  const own = servers === undefined ? authentik : server && servers[server];
  return {
    name,
    server,
    keys,
    cloudflare,
    authentik: own,
    sound: soundParts({ cloudflare, authentik: own }),
  };
}

/** An unknown name stands for the first server, so that a slip is one mistake. */
function serverOf(asked: unknown, servers: Values): string | undefined {
  const [first, second] = Object.keys(servers);
  if (typeof asked === 'string') return Object.hasOwn(servers, asked) ? asked : first;
  return second === undefined ? first : undefined;
}

/** The owner on the objects of an account: two accounts may use one Authentik. */
export function ownerOf(owner: unknown, { name, keys }: Pick<NamedAccount, 'name' | 'keys'>): unknown {
  if (keys.owner !== undefined) return keys.owner;
  const derived = `${String(owner)}-${name}`;
  // A derived owner that is too long is a mistake of its own.
  return new RegExp(outline.$defs.owner?.pattern ?? '').test(derived) ? derived : owner;
}

/** The parts of a file that have the right shape. */
export function soundParts(value: Values): PartOf<GatesFile> {
  return partialFile(value, schemaFindings(value, MOST));
}

/** The value if its keys are names: none of them is a key of the section, and below one is such a key. */
function byName(
  value: unknown,
  section: 'cloudflare' | 'authentik',
  telling: readonly string[],
): Values | undefined {
  if (!isMap(value)) return undefined;
  const known: Outline['properties'] = outline.$defs[section]?.properties ?? {};
  const isNamed = Object.keys(value).every((key) => !Object.hasOwn(known, key));
  const hasOne = Object.values(value).some(
    (each) => isMap(each) && telling.some((key) => Object.hasOwn(each, key)),
  );
  return isNamed && hasOne ? value : undefined;
}

export function isMap(value: unknown): value is Values {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
