import type { Actor, OutsideChange, OwnWrite } from '../core/record/change-log.ts';
import type { LogEntry, ReadLog } from './log-entry.ts';
import type { Suspect } from './outside-changes.ts';

/** Milliseconds by which the clocks of this machine and of the systems may differ; gates doctor reports more. */
const SKEW = 60_000;

/** The longest time between a write without a reply and its entry, in milliseconds. */
const LATE = 5 * 60_000;

/** The logs, and the data that tells gates' own writes from others. */
export interface Evidence {
  readonly log: ReadLog;
  readonly ownWrites: readonly OwnWrite[];
  /** RFC 3339: the time of the plan. Later writes are not the reason for it. */
  readonly readBy: string;
  /** The token, or the account, of gates in this system; undefined if it was not requested. */
  readonly ownIdentity: string | undefined;
}

/**
 * The people and programs that changed an object, by the log. Undefined if the log cannot say: it was not read far
 * enough back, or only gates itself wrote the object.
 */
export function judgeSuspect(suspect: Suspect, evidence: Evidence): OutsideChange | undefined {
  const { log, readBy } = evidence;
  const ownWriteOf = ownWrites(evidence.ownWrites);
  const about = log.entries.filter((entry) => concerns(entry, suspect));
  // A write of gates after the plan, such as the repair itself, does not count.
  const own = about.filter((entry) => (ownWriteOf(entry)?.at ?? readBy) < readBy);
  const lastOwn = Math.max(...own.map(({ at }) => Date.parse(at)));
  const since = Date.parse(suspect.since);
  const foreign = about.filter((entry) => {
    const at = Date.parse(entry.at);
    // A change shortly before `since` has been repaired if gates wrote the object after it.
    const isSince = at >= since || (at >= since - SKEW && at > lastOwn);
    return ownWriteOf(entry) === undefined && isSince && at <= Date.parse(readBy) + SKEW;
  });
  const people = foreign.filter(({ isAutomatic }) => !isAutomatic);
  const by = actorsOf(people.length > 0 ? people : foreign, evidence.ownIdentity);
  const isUnsaid = by.length === 0 && (log.isCutOff || lastOwn >= since);
  return isUnsaid ? undefined : { how: suspect.how, by };
}

/** True if one of the entries is by a program that could be another gates with the same token. */
export function hasPrograms(
  suspects: readonly Suspect[],
  { log, ownWrites: writes }: Omit<Evidence, 'ownIdentity'>,
): boolean {
  const ownWriteOf = ownWrites(writes);
  return log.entries.some(
    (entry) =>
      entry.isProgram &&
      ownWriteOf(entry) === undefined &&
      suspects.some((suspect) => concerns(entry, suspect)),
  );
}

/** An entry that writes an object cannot have removed it: a deletion names only the object itself. */
function concerns({ ids, does, path }: LogEntry, { own, documents, how }: Suspect): boolean {
  if (documents.some((id) => ids.has(id))) return true;
  const removes = does === 'delete' || path.endsWith('/batch');
  return own.some((id) => ids.has(id)) && (how !== 'removed' || removes);
}

/**
 * Finds this state folder's write behind an entry. It has the id from the reply. A write whose reply was lost is found
 * by its method, path and time.
 */
function ownWrites(writes: readonly OwnWrite[]): (entry: LogEntry) => OwnWrite | undefined {
  const answered = new Map(writes.map((write) => [`${write.system} ${write.requestId}`, write]));
  const unanswered = writes.filter(({ requestId }) => requestId === undefined);
  return (entry) => {
    const { system, requestId, method, path } = entry;
    const found = requestId === undefined ? undefined : answered.get(`${system} ${requestId}`);
    const candidates = requestId === undefined ? writes : unanswered;
    return (
      found ??
      candidates.find((write) => {
        const lag = Date.parse(entry.at) - Date.parse(write.at);
        const isSame = write.system === system && write.method === method && write.path === path;
        return isSame && lag >= -SKEW && lag <= LATE;
      })
    );
  };
}

/** Each actor once, with their last write; the latest first. */
function actorsOf(entries: readonly LogEntry[], own: string | undefined): readonly Actor[] {
  const newest = [...entries].sort((one, other) => Date.parse(other.at) - Date.parse(one.at));
  const found = new Map<string, Actor>();
  for (const { actor, at, identity } of newest) {
    const isTwin = own !== undefined && identity === own;
    const name = isTwin ? `another program with gates' own login (${actor.name})` : actor.name;
    const key = `${name} ${actor.interface}`;
    if (!found.has(key)) found.set(key, { ...actor, name, at });
  }
  return [...found.values()];
}
