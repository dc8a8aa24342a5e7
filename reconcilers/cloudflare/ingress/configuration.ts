import { UnreachableError } from '../../../src/core/errors.ts';
import { equal } from '../../../src/core/objects/equal.ts';
import type { Interference, SeenDocument } from '../../../src/core/shared-documents.ts';
import type { World } from '../../../src/core/world.ts';
import { accountPath } from '../account/account.ts';
import { covers, type IngressEntry, isClosed, matchOf, placeFor, sameMatch } from './entry.ts';
import { settings } from './origin-request.ts';

/** A tunnel's configuration: one document, which each write replaces. */
export interface Configuration {
  /** Increases by one with each write; 0 before the first. */
  readonly version: number;
  readonly ingress: readonly IngressEntry[];
  /** The rest of the document: defaults for all rules, and any other keys. */
  readonly others: Readonly<Record<string, unknown>>;
}

interface ConfigurationReply {
  readonly version?: number;
  readonly config?: { readonly ingress?: readonly IngressEntry[] | null } | null;
}

/** A tunnel whose rules come from the API. */
export interface RuledTunnel {
  readonly id: string;
  readonly name: string;
}

/** The version of each tunnel's configuration that gates last read or wrote, by the tunnel's id. */
const versionTopic = 'tunnel-configuration';

/** Milliseconds between readings of a configuration that cannot be right, since an answer may lag behind. */
const patience = [1_000, 2_000, 4_000];

/** The most milliseconds until connectors run what was written. */
const longestPickUp = 90_000;
const firstPoll = 500;
const slowestPoll = 5_000;

/**
 * The rules of a tunnel as they are now. If an answer contradicts what this run, or an earlier run with this state
 * folder, has read or written, gates reads again.
 * @throws UnreachableError if the contradiction remains: an older list must not replace a newer one.
 */
export async function readConfiguration(world: World, tunnel: RuledTunnel): Promise<Configuration> {
  const path = await pathOf(world, tunnel.id);
  const known = await knownVersion(world, tunnel.id);
  for (const pause of [...patience, undefined]) {
    const reply = (await world.cloudflare.get(path)) as ConfigurationReply | undefined;
    const doubt = doubtOf(reply, known, world.shared.seen.get(documentOf(tunnel.id)));
    if (doubt === undefined) return noticed(world, tunnel, configurationOf(reply));
    if (pause === undefined) throw doubtful(tunnel, doubt);
    await world.clock.sleep(pause, world.signal);
  }
  throw doubtful(tunnel, 'no answer');
}

/**
 * Reads, edits and writes the list of rules, with nothing in between: the API has no conditional writes. The version
 * shows afterwards whether somebody else wrote meanwhile, whose rules are then lost, and gates reports it. An edit that
 * changes nothing writes nothing.
 */
export async function editIngress(
  world: World,
  tunnel: RuledTunnel,
  edit: (entries: readonly IngressEntry[]) => readonly IngressEntry[],
): Promise<void> {
  const { shared } = world;
  const document = documentOf(tunnel.id);
  const path = await pathOf(world, tunnel.id);
  await world.turn?.confirm(document);
  let live = await readConfiguration(world, tunnel);
  // A list that was never written is rare, and a write over an existing one cannot be undone, so gates reads twice.
  if (live.version === 0) live = await readConfiguration(world, tunnel);
  const edited = edit(withLost(live, shared.lost.get(document)));
  if (JSON.stringify(edited) === JSON.stringify(live.ingress)) return;
  const entries = textsOf(edited);
  const reply = await put(world, path, { live, edited, document });
  const version = reply?.version ?? live.version + 1;
  shared.seen.set(document, { version, entries, isRead: false });
  shared.lost.delete(document);
  await rememberVersion(world, tunnel.id, version);
  if (version !== live.version + 1) shared.interferences.push(overwritten(tunnel, live.version, version));
}

/** Writes the list, and remembers it while nobody knows whether the write arrived. */
async function put(
  { cloudflare, shared }: World,
  path: string,
  {
    live,
    edited,
    document,
  }: {
    readonly live: Configuration;
    readonly edited: readonly IngressEntry[];
    readonly document: string;
  },
): Promise<ConfigurationReply | undefined> {
  try {
    const config = { ...live.others, ingress: edited };
    return (await cloudflare.put(path, { config })) as ConfigurationReply | undefined;
  } catch (error) {
    if (error instanceof UnreachableError && error.facts.applied !== 'no') {
      const others = shared.unsure.get(document) ?? [];
      shared.unsure.set(document, [...others, { base: live.version, entries: textsOf(edited) }]);
    }
    throw error;
  }
}

/** True if a tunnel refuses every request for a host, by the rules that this run last read or wrote. */
export function isClosedAt({ shared }: World, tunnelId: string, host: string): boolean {
  const { entries = [] } = shared.seen.get(documentOf(tunnelId)) ?? {};
  const rules = entries
    .map((entry) => JSON.parse(entry) as IngressEntry)
    .filter((entry) => covers(matchOf(entry), host));
  const last = rules.findIndex((rule) => matchOf(rule).path === undefined);
  return last !== -1 && rules.slice(0, last + 1).every(({ service }) => isClosed(service));
}

/** Stores the versions that this run has read for the next run. */
export async function rememberVersions(world: World): Promise<void> {
  for (const [document, { version }] of world.shared.seen) {
    const id = tunnelIdOf(document);
    if (id !== undefined) await rememberVersion(world, id, version);
  }
}

function documentOf(tunnelId: string): string {
  return `tunnel ${tunnelId}`;
}

function tunnelIdOf(document: string): string | undefined {
  const [sort, id] = document.split(' ');
  return sort === 'tunnel' ? id : undefined;
}

function configurationOf(reply: ConfigurationReply | undefined): Configuration {
  // Before its first write, a tunnel answers version 0 and no config, or 404 with code 1055.
  const { ingress, ...others } = reply?.config ?? {};
  return { version: reply?.version ?? 0, ingress: ingress ?? [], others };
}

/** 0 if no version is known. */
async function knownVersion({ shared, notes }: World, tunnelId: string): Promise<number> {
  const seen = shared.seen.get(documentOf(tunnelId));
  return seen?.version ?? (Number(await notes.text(versionTopic, tunnelId)) || 0);
}

async function rememberVersion({ notes }: World, tunnelId: string, version: number): Promise<void> {
  const text = String(version);
  if ((await notes.text(versionTopic, tunnelId)) !== text) await notes.put(versionTopic, tunnelId, text);
}

/** The reason why an answer cannot be the current configuration; undefined if there is none. */
function doubtOf(
  reply: ConfigurationReply | undefined,
  known: number,
  seen: SeenDocument | undefined,
): string | undefined {
  const { version, ingress } = configurationOf(reply);
  if ((reply?.config ?? null) === null && Math.max(version, known) > 0)
    return `it is said to have none, and had version ${Math.max(version, known)}`;
  if (version < known) return `version ${version} was answered, and version ${known} was there before`;
  const isOther = seen?.isRead === true && seen.version === version && !sameLists(seen.entries, ingress);
  return isOther ? `version ${version} has other rules than a moment ago` : undefined;
}

function doubtful({ id, name }: RuledTunnel, detail: string): UnreachableError {
  return new UnreachableError(
    'The rules of the tunnel were answered as they were before, so nothing is written',
    {
      hint: `It may pass by itself. If the configuration really went back, remove the note ${versionTopic}/${id} from the state folder`,
      facts: { address: `cloudflare/tunnel:${name}`, detail, applied: 'no' },
    },
  );
}

/** Remembers the configuration, and reports what others, or a late write of our own, did to the previous one. */
function noticed({ shared }: World, tunnel: RuledTunnel, live: Configuration): Configuration {
  const document = documentOf(tunnel.id);
  const before = shared.seen.get(document);
  shared.seen.set(document, { version: live.version, entries: textsOf(live.ingress), isRead: true });
  if (before?.version === live.version) return live;
  const gone = vanished(before, live);
  const unsure = shared.unsure.get(document) ?? [];
  const arrived = unsure.find(({ base, entries }) => live.version > base && sameLists(entries, live.ingress));
  if (arrived === undefined) {
    if (gone.length > 0) shared.interferences.push(removed(tunnel, gone));
    return live;
  }
  shared.unsure.set(
    document,
    unsure.filter((write) => write !== arrived),
  );
  if (before !== undefined && arrived.base < before.version && gone.length > 0) {
    shared.lost.set(document, textsOf(gone));
    shared.interferences.push(arrivedLate(tunnel, gone));
  } else if (live.version > Math.max(arrived.base, before?.version ?? 0) + 1) {
    shared.interferences.push(overwritten(tunnel, arrived.base, live.version));
  }
  return live;
}

/** Entries of the earlier list for whose requests the later list has no entry. */
function vanished(before: SeenDocument | undefined, live: Configuration): readonly IngressEntry[] {
  return (before?.entries ?? [])
    .map((entry) => JSON.parse(entry) as IngressEntry)
    .filter((entry) => !live.ingress.some((other) => sameMatch(matchOf(entry), matchOf(other))));
}

/** The list with the entries that a late write of our own removed. */
function withLost(live: Configuration, lost: readonly string[] = []): readonly IngressEntry[] {
  return lost
    .map((entry) => JSON.parse(entry) as IngressEntry)
    .filter((entry) => !live.ingress.some((other) => sameMatch(matchOf(entry), matchOf(other))))
    .reduce<readonly IngressEntry[]>(
      (entries, entry) => entries.toSpliced(placeFor(entries.map(matchOf), matchOf(entry)), 0, entry),
      live.ingress,
    );
}

function overwritten({ name }: RuledTunnel, before: number, after: number): Interference {
  return {
    severity: 'loss',
    what: `cloudflare/tunnel:${name}`,
    text: `Somebody else wrote the rules of this tunnel at the same moment as gates (version ${before} became ${after}): what they changed is lost, and the API does not tell what it was. Ask who changes this tunnel, and have the change made again`,
  };
}

function removed({ name }: RuledTunnel, entries: readonly IngressEntry[]): Interference {
  return {
    severity: 'notice',
    what: `cloudflare/tunnel:${name}`,
    text: `Somebody else removed rules of this tunnel while gates was at work: ${rulesText(entries)}. The next run makes those again that the file asks for; others stay away`,
  };
}

function arrivedLate({ name }: RuledTunnel, entries: readonly IngressEntry[]): Interference {
  return {
    severity: 'loss',
    what: `cloudflare/tunnel:${name}`,
    text: `A write of gates whose reply was lost arrived late and took these rules out: ${rulesText(entries)}. The next write of this run puts them back; see whether they are there`,
  };
}

function rulesText(entries: readonly IngressEntry[]): string {
  return entries
    .map(matchOf)
    .map(({ hostname, path }) => (path === undefined ? hostname : `${hostname} ${path}`))
    .join(', ');
}

function textsOf(entries: readonly IngressEntry[]): readonly string[] {
  return entries.map((entry) => JSON.stringify(entry));
}

/** True if two lists mean the same: the API returns a list with settings that say nothing. */
function sameLists(texts: readonly string[], entries: readonly IngressEntry[]): boolean {
  const formOf = (entry: IngressEntry) => [matchOf(entry), entry.service, settings(entry.originRequest)];
  const sent = texts.map((text) => formOf(JSON.parse(text) as IngressEntry));
  return equal(sent, entries.map(formOf));
}

/**
 * Waits until every connected connector runs the current configuration. A tunnel without connectors, or a connector
 * without connections, serves nothing, so gates does not wait for those.
 * @throws UnreachableError if a connector does not run it in time.
 */
export async function awaitPickUp(world: World, tunnel: RuledTunnel): Promise<void> {
  const { version } = await readConfiguration(world, tunnel);
  const path = `${await accountPath(world)}/cfd_tunnel/${tunnel.id}/connections`;
  const deadline = world.clock.now().getTime() + longestPickUp;
  for (let pause = firstPoll; ; pause = Math.min(pause * 2, slowestPoll)) {
    const listed = ((await world.cloudflare.get(path)) ?? []) as readonly Connector[];
    const connectors = listed.filter(({ conns }) => conns === undefined || conns.length > 0);
    if (connectors.every(({ config_version: running }) => (running ?? -1) >= version)) return;
    if (world.clock.now().getTime() + pause > deadline) break;
    await world.clock.sleep(pause, world.signal);
  }
  throw new UnreachableError('A connector of the tunnel does not run the configuration that was written', {
    hint: `See on its host whether cloudflared is well, or restart it; nothing is taken away before it runs version ${version}`,
    facts: { address: `cloudflare/tunnel:${tunnel.name}`, applied: 'no' },
  });
}

interface Connector {
  readonly config_version?: number;
  readonly conns?: readonly unknown[];
}

async function pathOf(world: World, tunnelId: string): Promise<string> {
  return `${await accountPath(world)}/cfd_tunnel/${tunnelId}/configurations`;
}
