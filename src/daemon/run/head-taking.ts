import type { SourceRevision } from '../../clients/git/git.ts';
import { equal } from '../../core/objects/equal.ts';
import type { Clock } from '../../core/world.ts';
import type { Paused, Upcoming } from '../../report/status/status.ts';
import type { Turn } from '../lease/lease-turn.ts';
import type { Log } from '../log/log.ts';
import { redactDeep } from '../log/redact-deep.ts';
import type { StatusFile } from '../status/status-file.ts';
import { type ApplyConditions, waitsFor } from '../triggers/upcoming.ts';
import type { ReadHead } from './branch-head.ts';
import type { GoodRevision } from './good-revision.ts';
import type { LastGood } from './last-good.ts';
import type { FileVerdict, LoopSettings } from './verdicts.ts';

/** A head without mistakes. */
type SoundHead = Extract<ReadHead, { readonly head: unknown }>;

/** The run in which the head is taken. */
export interface TakingRun {
  readonly log: Log;
  readonly turn: Turn;
  /** Warnings of this run. */
  readonly told: string[];
  /** The obstacles that the commit of the revision lifted for this run. */
  readonly passed: 'window'[];
}

export interface HeadTakingParts {
  readonly status: StatusFile;
  readonly clock: Clock;
  readonly redact: (text: string) => string;
  /** The pause, if a person has paused gates; never rejects. */
  readonly paused: () => Promise<Paused | undefined>;
  readonly verdictOn: (bytes: Uint8Array) => Promise<FileVerdict>;
}

/** Makes the head of the branch the last good revision, or lets it wait. */
export async function takeHead(
  found: SoundHead | { readonly mistaken: true },
  run: TakingRun,
  good: GoodRevision,
  parts: HeadTakingParts,
): Promise<void> {
  const isNew = 'head' in found && !isInForce(found.head, good.current());
  if (isNew) return takeUp(found, run, good, parts);
  parts.status.change({ upcoming: undefined });
  if ('head' in found) await takeAgain(found, run, good);
}

/** True if the revision is the last good one, or the head in place of which a person holds another one. */
function isInForce({ revision }: Pick<SourceRevision, 'revision'>, good: LastGood | undefined): boolean {
  return (good?.held?.head ?? good?.revision) === revision;
}

/** Handles a head that is the last good revision. If the copy in the state folder differs, git's file counts. */
async function takeAgain(
  { head, bytes }: SoundHead,
  { log, turn, told }: TakingRun,
  good: GoodRevision,
): Promise<void> {
  const copy = good.current();
  if (copy?.revision !== head.revision || Buffer.compare(copy.bytes, bytes) === 0) return;
  const text =
    'The copy of gates.yaml in the state directory differed from git. The file of git was taken again';
  log.warn('copy replaced', { revision: head.revision });
  told.push(text);
  await good.keep({ ...copy, applied: false, bytes }, turn);
}

/** Takes the head unless it has to wait. A later run reads a waiting revision again. */
async function takeUp(
  found: SoundHead,
  { log, turn, passed }: TakingRun,
  good: GoodRevision,
  { status, clock, redact, paused, verdictOn }: HeadTakingParts,
): Promise<void> {
  const { revision, author, subject } = found.head;
  const now = clock.now();
  const pause = await paused();
  const inForce = await settingsOf(good.current(), verdictOn);
  const { waits, passes } = obstacles(found.head, { paused: pause, inForce, now });
  if (waits !== undefined) {
    const known = status.current().upcoming;
    const upcoming = redactDeep(upcomingOf(found.head, { waits, known, now }), redact);
    if (!equal(known, upcoming)) log.info('revision waits', { revision, author, subject, ...waits });
    return status.change({ upcoming });
  }
  log.info('revision accepted', { revision, author, subject, ...(passes && { outside: 'windows' }) });
  await good.keep(acceptedRevision(found, now), turn);
  if (passes) passed.push('window');
}

async function settingsOf(
  good: LastGood | undefined,
  verdictOn: HeadTakingParts['verdictOn'],
): Promise<LoopSettings | undefined> {
  const verdict = good && (await verdictOn(good.bytes));
  return verdict && 'settings' in verdict ? verdict.settings : undefined;
}

/** The obstacle that a new head waits for, if any. `passes`: its commit lifts the one that there is. */
function obstacles(
  { allow }: SoundHead['head'],
  conditions: ApplyConditions,
): { readonly waits: ReturnType<typeof waitsFor>; readonly passes: boolean } {
  const waits = waitsFor(conditions);
  const passes = waits?.for === 'window' && allow.includes('window');
  return { waits: passes ? undefined : waits, passes };
}

/** A head that waits, since the time at which it was first known to wait. */
function upcomingOf(
  { revision, author, subject }: SoundHead['head'],
  {
    waits,
    known,
    now,
  }: {
    readonly waits: Pick<Upcoming, 'for' | 'until'>;
    readonly known: Upcoming | undefined;
    readonly now: Date;
  },
): Upcoming {
  const since = known?.revision === revision ? known.since : now.toISOString();
  return { revision, author, subject, since, ...waits };
}

function acceptedRevision({ head, bytes }: SoundHead, now: Date): LastGood {
  const { revision, author, subject, allow } = head;
  const limits = allow.filter((limit) => limit !== 'window');
  return { revision, author, subject, allow: limits, since: now.toISOString(), applied: false, bytes };
}
