import { ConfigError, RejectedError } from '../core/errors.ts';
import type { Wire } from '../core/world.ts';
import {
  type ExportedAnswer,
  type ExportedSystem,
  exportedKey,
  isMembers,
  type JsonMembers,
  type JsonValue,
  objectsOf,
  type RefusedQuestion,
  type SystemsExport,
} from './exported-answer.ts';
import {
  applications,
  configurationOf,
  type ExportQuestion,
  questionsOfAccount,
  questionsOfAuthentik,
  questionsOfZone,
  tunnelsOfAccount,
} from './questions.ts';
import { withoutSecrets } from './secret-members.ts';

type ReadOnlyWire = Pick<Wire, 'get' | 'list'>;

export interface ReadingSystems {
  readonly cloudflare: ReadOnlyWire;
  /** Undefined if there is no Authentik. */
  readonly authentik: ReadOnlyWire | undefined;
  /** The id or the exact name of the account; undefined: the only one that the token sees. */
  readonly account: string | undefined;
  /** The names of the zones; undefined: all that the token sees in the account. */
  readonly zones: readonly string[] | undefined;
  /** The tokens of this reading, which no answer may contain. */
  readonly tokens: readonly string[];
}

/**
 * Reads both systems, with GETs only, and removes every secret from the answers. A question that a system refuses is
 * reported as refused.
 * @throws ConfigError if the account or a zone is unknown; UnreachableError if a system does not answer.
 */
export async function readSystems(reading: ReadingSystems): Promise<SystemsExport> {
  const { cloudflare, authentik, tokens } = reading;
  const refused: RefusedQuestion[] = [];
  const ask = askerOf({ cloudflare, authentik }, refused);
  const zones = await zonesOf(reading, ask);
  const { account } = zones;
  const answers = [
    zones.accounts,
    zones.answer,
    ...(await askAll(ask, 'cloudflare', questionsOfAccount(account))),
    ...(await tunnelAnswers(ask, account)),
  ];
  for (const zone of zones.ids) answers.push(...(await askAll(ask, 'cloudflare', questionsOfZone(zone))));
  if (authentik !== undefined) answers.push(...(await authentikAnswers(ask)));
  return {
    account,
    zones: zones.names,
    isAnonymized: false,
    answers: withoutSecrets(
      answers.filter((answer) => answer !== undefined),
      tokens,
    ),
    refused: refused.sort((left, right) => (left.path < right.path ? -1 : 1)),
  };
}

type Ask = (system: ExportedSystem, question: ExportQuestion) => Promise<ExportedAnswer | undefined>;

/** The answer to a question; undefined if there is no such object, or if the system refuses the question. */
function askerOf(
  wires: Readonly<Record<ExportedSystem, ReadOnlyWire | undefined>>,
  refused: RefusedQuestion[],
): Ask {
  return async (system, { how, path, query, isOrdered, isNeeded }) => {
    const wire = wires[system];
    if (wire === undefined) return undefined;
    const about = { system, path, ...(query !== undefined && { query }) };
    try {
      if (how === 'list') {
        const items = ((await wire.list(path, query)) as readonly JsonValue[]).map(inSetOrder);
        return { ...about, content: { items: isOrdered === true ? items : sorted(items) } };
      }
      const object = (await wire.get(path, query)) as JsonValue | undefined;
      return object === undefined ? undefined : { ...about, content: { object: inSetOrder(object) } };
    } catch (error) {
      // With a token that the system does not know, every question is refused, and there is nothing to export.
      const isFatal = isNeeded === true || !(error instanceof RejectedError) || error.facts.status === 401;
      if (isFatal) throw error;
      refused.push({ system, path, status: error.facts.status ?? 0 });
      return undefined;
    }
  };
}

function askAll(
  ask: Ask,
  system: ExportedSystem,
  questions: readonly ExportQuestion[],
): Promise<readonly (ExportedAnswer | undefined)[]> {
  return Promise.all(questions.map((question) => ask(system, question)));
}

/** Members of Authentik's objects that are sets: the database returns them in any order. */
const sets: ReadonlySet<string> = new Set([
  ...['groups', 'roles', 'parents', 'children', 'providers', 'backchannel_providers', 'outpost_set'],
  ...['property_mappings', 'jwt_federation_sources', 'jwt_federation_providers', 'policies'],
]);

/** The value with each set in order, if it consists of texts or numbers. */
function inSetOrder(value: JsonValue): JsonValue {
  if (Array.isArray(value)) return value.map(inSetOrder);
  if (!isMembers(value)) return value;
  const members = Object.entries(value).map(([name, inner]) => {
    const isSet = sets.has(name) && Array.isArray(inner) && inner.every((item) => typeof item !== 'object');
    return [name, isSet ? sorted(inner) : inSetOrder(inner)];
  });
  return Object.fromEntries(members);
}

function sorted(items: readonly JsonValue[]): readonly JsonValue[] {
  return items.toSorted((left, right) => compared(exportedKey(left), exportedKey(right)));
}

function compared(left: string, right: string): number {
  const isNumber = [left, right].every((key) => /^\d{1,15}$/.test(key));
  if (isNumber) return Number(left) - Number(right);
  return left < right ? -1 : left > right ? 1 : 0;
}

interface Zones {
  readonly account: string;
  readonly accounts: ExportedAnswer | undefined;
  readonly answer: ExportedAnswer;
  readonly ids: readonly string[];
  readonly names: readonly string[];
}

/** Finds the account and its zones. An answer keeps only those that are exported. */
async function zonesOf({ account: wanted, zones: named }: ReadingSystems, ask: Ask): Promise<Zones> {
  const page = { per_page: 50 };
  const accounts = await ask('cloudflare', { how: 'list', path: '/accounts', query: page });
  const all = await ask('cloudflare', { how: 'list', path: '/zones', query: page });
  if (all === undefined) {
    throw new ConfigError('The token may not list zones', {
      hint: 'docs/permissions.md lists the permissions it needs',
    });
  }
  const listed = objectsOf(all).filter(isMembers);
  const seen = accounts === undefined ? [] : objectsOf(accounts).filter(isMembers);
  const account = accountOf(wanted, [...seen, ...listed.map((zone) => zone.account).filter(isMembers)]);
  const inAccount = listed.filter((zone) => !isMembers(zone.account) || zone.account.id === account);
  const unknown = named?.find((name) => !inAccount.some((zone) => zone.name === name));
  if (unknown !== undefined) {
    const others = inAccount.map(({ name }) => String(name)).join(', ');
    throw new ConfigError(`The token sees no zone "${unknown}"`, { hint: `It sees: ${others || 'none'}` });
  }
  const exported = inAccount.filter(({ name }) => named?.includes(String(name)) ?? true);
  const own = seen.filter(({ id }) => id === account);
  return {
    account,
    accounts: accounts && own.length > 0 ? { ...accounts, content: { items: own } } : undefined,
    answer: { ...all, content: { items: exported } },
    ids: exported.map(({ id }) => String(id)),
    names: exported.map(({ name }) => String(name)).sort(),
  };
}

function accountOf(wanted: string | undefined, accounts: readonly JsonMembers[]): string {
  if (wanted !== undefined && /^[0-9a-f]{32}$/.test(wanted)) return wanted;
  const fitting = accounts.filter(({ name }) => wanted === undefined || name === wanted);
  const [id, ...others] = new Set(fitting.map((account) => String(account.id)));
  if (id === undefined) {
    throw new ConfigError(
      wanted === undefined ? 'The token sees no account' : 'The token sees no account of this name',
      {
        hint: 'See whether cloudflare.account is its exact name or id, and whether the token sees its zones',
      },
    );
  }
  if (others.length > 0) {
    throw new ConfigError('The token sees several accounts', {
      hint: `Name one of them in the file, as cloudflare.account: ${[id, ...others].join(', ')}`,
    });
  }
  return id;
}

async function tunnelAnswers(ask: Ask, account: string): Promise<readonly (ExportedAnswer | undefined)[]> {
  const tunnels = await ask('cloudflare', tunnelsOfAccount(account));
  if (tunnels === undefined) return [];
  const ids = objectsOf(tunnels).filter(isMembers).map(exportedKey);
  const configurations = ids.map((id) => configurationOf(account, id));
  return [tunnels, ...(await askAll(ask, 'cloudflare', configurations))];
}

/**
 * A token without the rights of a superuser gets a list of applications that lacks some. Those to which a provider is
 * assigned are asked for by name.
 */
async function authentikAnswers(ask: Ask): Promise<readonly (ExportedAnswer | undefined)[]> {
  const answers = await askAll(ask, 'authentik', questionsOfAuthentik);
  const listed = await ask('authentik', applications);
  const have = listed === undefined ? [] : objectsOf(listed);
  const known = new Set(have.filter(isMembers).map(({ slug }) => slug));
  const assigned = answers
    .filter((answer) => answer?.path.startsWith('/providers/') === true)
    .flatMap((answer) => (answer === undefined ? [] : objectsOf(answer).filter(isMembers)))
    .map(({ assigned_application_slug: slug }) => slug);
  const missing = new Set(
    assigned.filter((slug) => typeof slug === 'string' && slug !== '' && !known.has(slug)),
  );
  const found = await askAll(
    ask,
    'authentik',
    [...missing].map((slug) => ({ how: 'get' as const, path: `/core/applications/${slug}/` })),
  );
  const named = found.flatMap((answer) => (answer === undefined ? [] : objectsOf(answer)));
  if (listed === undefined && named.length === 0) return answers;
  const about = listed ?? { system: 'authentik' as const, path: applications.path };
  return [...answers, { ...about, content: { items: sorted([...have, ...named]) } }];
}
