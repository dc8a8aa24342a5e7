import { admittedTexts, type DoorGate, type FileDoor } from '../config/model/file-door.ts';
import type { HistoryRun } from '../core/record/history.ts';
import { counted } from '../report/screen/revision-words.ts';
import { formatAge } from '../report/screen/time-words.ts';
import type { DriftedObject, GateSeen, Status, StatusProblem } from '../report/status/status.ts';
import { failedActionSection } from '../report/status/status-actions.ts';
import {
  commitStatusSection,
  driftSection,
  driftText,
  expiringSection,
  pausedSection,
} from '../report/status/status-attention.ts';
import { type StatusFact, statusFacts } from '../report/status/status-facts.ts';
import { isWell, originText, unwellGateSection, verdictWords } from '../report/status/status-gates.ts';
import { headline } from '../report/status/status-headline.ts';
import {
  problemSection,
  problemText,
  rejectedSection,
  repositorySection,
  warningSection,
} from '../report/status/status-problems.ts';
import type { SectionTopic, StatusSection } from '../report/status/status-section.ts';
import { type Moment, momentAt, spanSince } from './moment.ts';
import { expiries, type PageExpiry } from './page-expiry.ts';
import { type PageRun, pageRuns } from './page-runs.ts';
import type { Tone } from './tone.ts';

/** The facts that the daemon has when somebody requests the page. */
export interface PageInput {
  readonly status: Status;
  /** The doors of the applied file; undefined until a file has been read. */
  readonly doors: readonly FileDoor[] | undefined;
  /** Newest first. */
  readonly runs: readonly HistoryRun[];
  readonly now: Date;
  /** Email addresses are shown, and not only counted. */
  readonly addresses: boolean;
}

/** Everything that the page shows, in words; no markup. */
export interface PageModel {
  readonly verdict: { readonly state: string; readonly text: string; readonly tone: Tone };
  readonly facts: readonly StatusFact[];
  readonly problems: readonly PageProblem[];
  /** Undefined until a file has been read. */
  readonly zones: readonly PageZone[] | undefined;
  /** Hosts by filter. */
  readonly tally: Readonly<Record<DoorFilter, number>>;
  readonly runs: readonly PageRun[];
  readonly expiries: readonly PageExpiry[];
  readonly updated: Moment;
  readonly version: string;
}

export interface PageProblem extends StatusSection {
  readonly tone: Tone;
}

export interface PageZone {
  readonly name: string;
  readonly hosts: readonly PageHost[];
}

export type DoorFilter = 'attention' | 'guarded' | 'public';

export interface PageHost {
  readonly host: string;
  readonly service: string;
  readonly gate: DoorGate;
  readonly admits: readonly string[];
  readonly reason?: string;
  readonly state: PageState;
  readonly filter: DoorFilter;
  readonly checked?: Moment;
  /** Milliseconds that the last answer took. */
  readonly milliseconds?: number;
  /** Notes on pending changes, differences from the file, and observations other than the gate. */
  readonly notes: readonly string[];
  readonly paths: readonly PagePath[];
}

export interface PagePath {
  readonly path: string;
  readonly gate: DoorGate;
  readonly admits: readonly string[];
  readonly reason?: string;
}

export interface PageState {
  /** `guarded`, `HIDDEN` */
  readonly word: string;
  /** `gate not confirmed` */
  readonly detail?: string;
  /** Its text is a span: `18 min`. */
  readonly since?: Moment;
  readonly tone: Tone;
}

export function pageModel(input: PageInput): PageModel {
  const { status, doors, runs, now, addresses } = input;
  const hosts = doors === undefined ? undefined : hostsOf(doors, { status, now, addresses });
  const count = (filter: DoorFilter) => hosts?.filter((host) => host.filter === filter).length ?? 0;
  return {
    verdict: verdictOf(status, now),
    facts: statusFacts(status, { now, alive: true }),
    problems: problemsOf(status, now),
    zones: hosts && zonesOf(hosts, doors ?? []),
    tally: { attention: count('attention'), guarded: count('guarded'), public: count('public') },
    runs: pageRuns(runs, now),
    expiries: expiries(status, now),
    updated: momentAt(status.updatedAt, now),
    version: status.version,
  };
}

/** `OK: everything holds as the file says` in its two parts. */
function verdictOf(status: Status, now: Date): PageModel['verdict'] {
  const line = headline(status, { now, alive: true });
  const [state = ''] = /^[A-Z]+(?: [A-Z]+)*/.exec(line) ?? [];
  const text = line.slice(state.length).replace(/^: ?/, '').trim();
  return { state, text, tone: tones[state] ?? 'bad' };
}

const tones: Readonly<Record<string, Tone>> = {
  OK: 'good',
  WAITING: 'info',
  STARTING: 'info',
  PAUSED: 'warn',
  DRIFTED: 'warn',
  EXPIRING: 'warn',
  'NOT CONFIRMED': 'warn',
};

/** The sections that `gates status` prints below its facts, without those that the page shows in full elsewhere. */
function problemsOf(status: Status, now: Date): readonly PageProblem[] {
  const ago = (time: string) => formatAge(now.getTime() - Date.parse(time));
  const sections = [
    ...unwellGateSection(status, now),
    ...problemSection(status),
    ...rejectedSection(status, ago),
    ...repositorySection(status, ago),
    ...pausedSection(status, ago),
    ...driftSection(status),
    ...expiringSection(status, now),
    ...failedActionSection(status, ago),
    ...commitStatusSection(status),
    ...warningSection(status),
  ];
  return sections.map((section) => ({ ...section, tone: toneOf(section.about, status) }));
}

function toneOf(about: SectionTopic, { gates = [] }: Status): Tone {
  if (about === 'problems' || about === 'mistakes' || about === 'repository') return 'bad';
  return about === 'gates' && gates.some(({ verdict }) => verdict === 'open') ? 'bad' : 'warn';
}

interface Context {
  readonly status: Status;
  readonly now: Date;
  readonly addresses: boolean;
}

/** Every host with its paths, in alphabetical order. */
function hostsOf(doors: readonly FileDoor[], context: Context): readonly PageHost[] {
  const gateByHost = new Map((context.status.gates ?? []).map((gate) => [gate.host, gate]));
  const notes = notesByService(context.status);
  const paths = grouped(
    doors.filter(({ path }) => path !== undefined),
    ({ service }) => service,
  );
  return doors
    .filter(({ path }) => path === undefined)
    .sort((left, right) => (left.host < right.host ? -1 : 1))
    .map((door) => {
      const gate = gateByHost.get(door.host);
      return hostOf(door, {
        gate,
        paths: paths.get(door.service) ?? [],
        notes: notes.get(door.service) ?? [],
        context,
      });
    });
}

interface Around {
  readonly gate: GateSeen | undefined;
  readonly paths: readonly FileDoor[];
  readonly notes: readonly string[];
  readonly context: Context;
}

function hostOf(door: FileDoor, { gate, paths, notes, context }: Around): PageHost {
  const { now } = context;
  const { host, service, reason } = door;
  const state = stateOf(door, gate, now);
  const origin = gate?.origin === undefined ? [] : [originText(gate.origin, now)];
  const isGood = (gate === undefined || isWell(gate)) && notes.length === 0;
  const filter = !isGood ? 'attention' : door.isOpen ? 'public' : 'guarded';
  return {
    host,
    service,
    gate: door.gate,
    admits: admittedTexts(door.admits, context),
    ...(reason !== undefined && { reason }),
    state,
    filter: gate === undefined && !door.isOpen ? 'attention' : filter,
    ...(gate !== undefined && { checked: momentAt(gate.at, now) }),
    ...(gate?.milliseconds !== undefined && { milliseconds: gate.milliseconds }),
    // The row names the host already.
    notes: [
      ...notes.map((note) => withoutHost(note, host)).filter((note) => !isCheck(note, gate)),
      ...origin,
    ],
    paths: paths.map((inner) => ({
      path: inner.path ?? '',
      gate: inner.gate,
      admits: admittedTexts(inner.admits, context),
      ...(inner.reason !== undefined && { reason: inner.reason }),
    })),
  };
}

/** The state shows the check's finding already. */
function isCheck(note: string, gate: GateSeen | undefined): boolean {
  return gate !== undefined && (note === 'failed check from outside' || note === 'failed check of the login');
}

/** `failed check from outside` instead of `failed check from outside of grafana.example.dev` */
function withoutHost(note: string, host: string): string {
  return note.replace(`:${host}`, '').replace(`/${host}`, '').replace(` of ${host}`, '');
}

const verdictTones: Readonly<Record<GateSeen['verdict'], Tone>> = {
  guarded: 'good',
  closed: 'warn',
  covered: 'warn',
  open: 'bad',
  unproved: 'warn',
};

function stateOf({ isOpen }: FileDoor, gate: GateSeen | undefined, now: Date): PageState {
  if (gate === undefined) {
    return isOpen ? { word: 'public', tone: 'quiet' } : { word: 'not checked yet', tone: 'info' };
  }
  return {
    ...verdictWords[gate.verdict],
    since: spanSince(gate.since, now),
    tone: verdictTones[gate.verdict],
  };
}

/** The changes of each service that the last run did not make, and those that it left. */
function notesByService({ lastRun }: Status): ReadonlyMap<string, readonly string[]> {
  const { problems = [], drifted, result } = lastRun ?? {};
  const driftedObjects = result === 'reported' ? (drifted?.objects ?? []) : [];
  const waiting = problems.filter(({ status }) => status === 'skipped');
  const notes = new Map<string, string[]>();
  const add = (service: string, text: string) => notes.set(service, [...(notes.get(service) ?? []), text]);
  for (const [service, of] of byService(problems.filter(({ status }) => status !== 'skipped'))) {
    for (const { status, what } of of) add(service, problemText({ status, what, reason: '' }));
  }
  for (const [service, of] of byService(driftedObjects)) {
    for (const { because: _, ...object } of of) add(service, driftText(object));
  }
  for (const [service, of] of byService(waiting)) {
    add(service, `${counted(of.length, 'change')} ${of.length === 1 ? 'waits' : 'wait'}`);
  }
  return notes;
}

/** The items by service, from the entries `services.NAME…` of the file. */
function byService<Item extends Pick<StatusProblem | DriftedObject, 'because'>>(
  items: readonly Item[],
): ReadonlyMap<string, readonly Item[]> {
  const serviceOf = ({ because = '' }: Item) => /^services\.([^.]+)/.exec(because)?.[1] ?? '';
  return grouped(
    items.filter((item) => serviceOf(item) !== ''),
    serviceOf,
  );
}

function zonesOf(hosts: readonly PageHost[], doors: readonly FileDoor[]): readonly PageZone[] {
  const zoneOfHost = new Map(doors.map(({ host, zone }) => [host, zone]));
  const zones = grouped(hosts, ({ host }) => zoneOfHost.get(host) ?? '');
  return [...zones]
    .map(([name, of]) => ({ name, hosts: of }))
    .sort((left, right) => (left.name < right.name ? -1 : 1));
}

function grouped<Item>(items: readonly Item[], keyOf: (item: Item) => string): ReadonlyMap<string, Item[]> {
  const groups = new Map<string, Item[]>();
  for (const item of items) {
    const group = groups.get(keyOf(item));
    if (group === undefined) groups.set(keyOf(item), [item]);
    else group.push(item);
  }
  return groups;
}
