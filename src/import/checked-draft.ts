import type { Config } from '../config/model/config.ts';
import type { Mistake } from '../core/mistake.ts';
import { compile } from '../desired/compile.ts';
import { heed } from '../desired/live/heed.ts';
import { withRetiring } from '../desired/live/retiring.ts';
import { type Admission, anyOf } from '../doors/admission/admission.ts';
import { implies } from '../doors/admission/decision.ts';
import { admittedThrough } from '../doors/course.ts';
import { coursesIn } from '../doors/courses.ts';
import { Inquiry, placesAsked } from '../doors/inquiry.ts';
import { pathClasses } from '../doors/paths.ts';
import type { DoorRequest } from '../doors/state/snapshot.ts';
import { checkedConfig } from '../expect/checked-config.ts';
import { RelevantObjects } from '../expect/relevant-objects.ts';
import { RunStates } from '../interlock/run-states.ts';
import { withCounterparts } from '../observed/counterparts.ts';
import { assembled, type Selection } from './assemble.ts';
import type { ExistingFile } from './existing/existing-file.ts';
import { extendedText } from './existing/extended-text.ts';
import { newMistakes } from './existing/new-mistakes.ts';
import { leftReasons } from './left-changes.ts';
import { type Found, type LiveReach, requireEssential } from './reading.ts';
import type { Excluded, FileDraft } from './terms/draft.ts';
import type { LiveObjects } from './terms/live-objects.ts';
import { recordPlace } from './terms/record-place.ts';
import { fileText } from './text/file-text.ts';

/** A file that gates itself has checked, and what is left out of it. */
export interface Imported {
  readonly text: string;
  readonly draft: FileDraft;
  /** Mistakes that belong to no entry that an import could leave out. */
  readonly mistakes: readonly Mistake[];
}

/** The most times that the checks may leave out entries: each time there are fewer. */
const mostRounds = 12;

/**
 * The file that describes the live objects, checked like a file of a person. An entry is left out with the reason if it is a
 * mistake, if the live objects forbid it, or if it admits somebody whom the live objects refuse. With an existing file: its
 * text, with the entries that it lacks.
 * @throws GatesError if the records, the tunnels or the Access applications could not be read.
 */
export function importedFile(
  { now, ...ground }: Found,
  { reconcilers, onEvent }: Pick<LiveReach, 'reconcilers' | 'onEvent'>,
  selection: Selection,
  existing?: ExistingFile,
): Imported {
  const { live } = ground;
  requireEssential(live);
  let excluded: Excluded = nothing;
  for (let round = 1; ; round += 1) {
    const words = `checking who gets in by the file${round === 1 ? '' : `, round ${round}`}`;
    onEvent?.({ type: 'working', words });
    const draft = assembled({ ...ground, ...(existing && { existing }) }, selection, excluded);
    const text = existing === undefined ? fileText(draft) : extendedText(existing.text, draft);
    const read = checkedConfig(existing?.with(text) ?? text);
    const errors = read.ok ? [] : read.mistakes.filter(({ severity }) => severity === 'error');
    const mistakes = existing === undefined ? errors : newMistakes(read, draft, existing);
    const found =
      read.ok && mistakes.length === 0
        ? refusedHosts(read.parsed.config, [...draft.hosts.values()], { live, reconcilers, now })
        : ofMistakes(mistakes, draft);
    const more = combined(excluded, found);
    if (sizeOf(more) === sizeOf(excluded) || round === mostRounds) {
      onEvent?.({ type: 'working' });
      return { text, draft, mistakes: errors };
    }
    excluded = more;
  }
}

const nothing: Excluded = { hosts: new Map(), records: new Map(), clients: new Map(), aliases: new Set() };

/** The entries in which the mistakes are. */
function ofMistakes(mistakes: readonly Mistake[], draft: FileDraft): Excluded {
  const [hosts, records, clients] = [
    new Map<string, string>(),
    new Map<string, string>(),
    new Map<string, string>(),
  ];
  for (const { path, message, code, file } of mistakes) {
    const [section = '', name = '', ...keys] = path.split('.');
    const said = keys.length === 0 ? message : `\`${keys.join('.')}\`: ${message}`;
    const reason = code === undefined ? said : `${code}: ${message}`;
    if (section === 'services') exclude(hosts, draft.hosts.get(name), reason);
    if (section === 'origins')
      for (const [service, { origin }] of Object.entries(draft.file.services ?? {}))
        if (origin === name) exclude(hosts, draft.hosts.get(service), reason);
    if (section === 'authentik')
      for (const [service, { gate }] of Object.entries(draft.file.services ?? {}))
        if (gate.authentik !== undefined) exclude(hosts, draft.hosts.get(service), reason);
    if (section === 'clients') exclude(clients, name, reason);
    // Import adds no record to an included file.
    const record = file === undefined ? recordPlace(path) : undefined;
    if (record !== undefined) exclude(records, draft.recordIds.get(record.zone)?.[record.index], reason);
  }
  return { ...nothing, hosts, records, clients };
}

function exclude(excluded: Map<string, string>, key: string | undefined, reason: string): void {
  if (key !== undefined && !excluded.has(key)) excluded.set(key, reason);
}

interface LiveGround {
  readonly live: LiveObjects;
  readonly reconcilers: LiveReach['reconcilers'];
  readonly now: Date;
}

/** The imported hosts that live objects forbid, and those at which the file admits somebody whom the live objects refuse. */
function refusedHosts(
  config: Config,
  asked: readonly string[],
  { live, reconcilers, now }: LiveGround,
): Excluded {
  const wanted = compile(config);
  const first = withCounterparts(wanted.objects, live.observed, reconcilers);
  const heeded = heed(config, wanted, first, now);
  const observed = withCounterparts(heeded.objects, first, reconcilers);
  const desired = withRetiring(heeded, observed);
  const refusals = desired.refusals.filter(({ host }) => asked.includes(host));
  const hosts = new Map(refusals.map(({ host, reason }) => [host, reason]));
  if (hosts.size === 0) {
    const relevant = new RelevantObjects({ desired, observed }, asked);
    const ground = { desired: relevant.desired, observed: relevant.observed, reconcilers };
    const { start, goal } = new RunStates({ ...ground, now, prune: true, uncheckedOrigins: true });
    for (const [host, reason] of leftReasons(config, ground))
      if (asked.includes(host)) exclude(hosts, host, reason);
    for (const host of asked) {
      const path = pathClasses(goal.store, host).find((each) => {
        const door = { host, path: each };
        const inquiry = new Inquiry(start.store);
        const now = admittedToOrigin(inquiry, door);
        // Most doors are as the file says already.
        if (start.store.isAlikeAt(new Set(placesAsked(inquiry.answers)), goal.store)) return false;
        return !implies(admittedToOrigin(new Inquiry(goal.store), door), now);
      });
      if (path !== undefined)
        exclude(
          hosts,
          host,
          `the file would admit visitors at ${path} whom the live objects refuse: see \`gates why https://${host}${path}\``,
        );
    }
  }
  return { ...nothing, hosts };
}

/** Everybody who reaches an origin at a door, whatever the origin asks: a visit has shown that. */
function admittedToOrigin(inquiry: Inquiry, door: DoorRequest): Admission {
  const courses = coursesIn(inquiry, door);
  return anyOf(...courses.map((course) => admittedThrough(course, 'tunnel rule')));
}

function combined(one: Excluded, other: Excluded): Excluded {
  const merged = (left: ReadonlyMap<string, string>, right: ReadonlyMap<string, string>) =>
    new Map([...right, ...left]);
  // Another gate at the same server is no mistake if the file confirms it (G117), which an import can do once.
  const shared = [...other.hosts].filter(
    ([host, reason]) => reason.startsWith('G117') && !one.aliases.has(host),
  );
  const aliases = new Set(shared.map(([host]) => host));
  const refused = new Map([...other.hosts].filter(([host]) => !aliases.has(host)));
  return {
    aliases: new Set([...one.aliases, ...aliases]),
    hosts: merged(one.hosts, refused),
    records: merged(one.records, other.records),
    clients: merged(one.clients, other.clients),
  };
}

function sizeOf({ hosts, records, clients, aliases }: Excluded): number {
  return hosts.size + records.size + clients.size + aliases.size;
}
