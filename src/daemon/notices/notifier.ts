import { createHash } from 'node:crypto';
import type { Receiver } from '../../clients/notify/receiver.ts';
import type { Notification } from '../../config/model/config.ts';
import { UnreachableError } from '../../core/errors.ts';
import type { Notice } from '../../core/record/notice.ts';
import type { Clock, Notes } from '../../core/world.ts';
import { advance, nothingReported, type Reported } from '../../report/notices/advance.ts';
import type { RunEnd } from '../../report/notices/trouble.ts';
import { judgeRun } from '../../report/notices/troubles.ts';
import type { Log } from '../log/log.ts';
import { redactDeep } from '../log/redact-deep.ts';

export interface NotifierOptions {
  readonly notes: Notes;
  readonly receiver: (notification: Notification) => Receiver;
  readonly clock: Clock;
  readonly log: Log;
  readonly redact: (text: string) => string;
  readonly signal: AbortSignal;
}

/** Reports changes of state to people. It never fails, and no run waits for a receiver. */
export interface Notifier {
  /** Sets the receivers from now on, and the time zone. */
  follow(wanted: readonly Notification[], timezone: string): void;
  /** Resolves once the report is on disk; it is sent in the background. */
  ended(end: RunEnd): Promise<void>;
  /** Resolves once nothing is being sent. */
  settled(): Promise<void>;
}

/** A notice, and the receivers that have not accepted it yet. */
interface Owed {
  readonly notice: Notice;
  readonly to: readonly string[];
}

interface Kept {
  readonly told: Reported;
  readonly owed: readonly Owed[];
}

const TOPIC = 'notify';
const NAME = 'told';
/** Milliseconds after which a notice is no longer news. */
const STALE = 24 * 3_600_000;
/** The most notices that wait for a receiver that does not answer. */
const MOST_OWED = 50;

/**
 * The notifier. It keeps what it reported, and what it still has to send, in one note of the state directory, which
 * it writes before it sends anything. If the daemon is killed in between, it sends a notice twice rather than never.
 */
export function createNotifier(options: NotifierOptions): Notifier {
  const { notes, clock, log, redact, signal } = options;
  let receivers: ReadonlyMap<string, Receiver> = new Map();
  let timezone = 'UTC';
  let loading: Promise<void> | undefined;
  let kept: Kept = { told: nothingReported, owed: [] };
  let onDisk = '';
  let saving: Promise<void> = Promise.resolve();
  /** By receiver, so that one that does not answer delays no other. */
  const sending = new Map<string, Promise<void>>();

  async function load(): Promise<void> {
    try {
      const text = await notes.text(TOPIC, NAME);
      if (text === undefined) return;
      kept = keptIn(text);
      onDisk = text;
    } catch (error) {
      log.warn('earlier notices could not be read', { error });
    }
  }

  function save(): Promise<void> {
    saving = saving.then(async () => {
      const text = JSON.stringify(kept);
      if (text === onDisk) return;
      try {
        await notes.put(TOPIC, NAME, text);
        onDisk = text;
      } catch (error) {
        log.warn('notices not saved in the state folder', { error });
      }
    });
    return saving;
  }

  /** Removes one receiver from a notice. */
  function settle({ id }: Notice, receiver: string): Promise<void> {
    const owed = kept.owed
      .map((item) =>
        item.notice.id === id ? { ...item, to: item.to.filter((other) => other !== receiver) } : item,
      )
      .filter(({ to }) => to.length > 0);
    kept = { ...kept, owed };
    return save();
  }

  function sendAll(): void {
    for (const [id, receiver] of receivers) {
      const before = sending.get(id) ?? Promise.resolve();
      sending.set(
        id,
        before.then(() => sendTo(id, receiver)),
      );
    }
  }

  /** Sends the notices in order, up to the first that fails for now. */
  async function sendTo(id: string, receiver: Receiver): Promise<void> {
    for (;;) {
      const notice = kept.owed.find(({ to }) => to.includes(id))?.notice;
      if (notice === undefined || signal.aborted) return;
      try {
        await receiver.send(notice, signal);
        log.info('notice sent', { receiver: receiver.name, title: notice.title });
      } catch (error) {
        if (signal.aborted) return;
        const later = error instanceof UnreachableError;
        log[later ? 'warn' : 'error']('notice not sent', {
          receiver: receiver.name,
          title: notice.title,
          error,
          again: later,
        });
        if (later) return;
      }
      await settle(notice, id);
    }
  }

  return {
    follow(wanted, zone) {
      timezone = zone;
      receivers = new Map(wanted.map((one) => [idOf(one), options.receiver(one)]));
    },

    async ended(end) {
      if (receivers.size === 0 || signal.aborted) return;
      try {
        loading ??= load();
        await loading;
        const now = clock.now();
        const { told: known, notices } = advance(kept.told, judgeRun(end, now), { now, timezone });
        // A notice that is held back will be sent later, so neither it nor the note may contain a secret.
        const told = { ...known, ...(known.held && { held: redactDeep(known.held, redact) }) };
        const clean = redactDeep(notices, redact);
        const fresh = clean.map((notice) => ({ notice, to: [...receivers.keys()] }));
        kept = { told, owed: [...stillOwed(kept.owed, receivers, now), ...fresh].slice(-MOST_OWED) };
        await save();
        sendAll();
      } catch (error) {
        log.error('notice not sent', { error });
      }
    },

    async settled() {
      await Promise.all(sending.values());
      await saving;
    },
  };
}

/** @throws SyntaxError if the text is damaged, or not from gates. */
function keptIn(text: string): Kept {
  const { told, owed } = (JSON.parse(text) ?? {}) as Partial<Kept>;
  const isKept =
    Array.isArray(owed) &&
    Array.isArray(told?.sent) &&
    typeof told.topics === 'object' &&
    told.topics !== null &&
    (told.held === undefined || Array.isArray(told.held?.last));
  if (told === undefined || owed === undefined || !isKept) throw new SyntaxError('not what was noted');
  return { told, owed };
}

/** An id of an entry, as the file has it: without secrets. */
function idOf(notification: Notification): string {
  return createHash('sha256').update(JSON.stringify(notification)).digest('hex').slice(0, 12);
}

function stillOwed(
  owed: readonly Owed[],
  receivers: ReadonlyMap<string, Receiver>,
  now: Date,
): readonly Owed[] {
  return owed
    .filter(({ notice }) => now.getTime() - Date.parse(notice.at) < STALE)
    .map(({ notice, to }) => ({ notice, to: to.filter((id) => receivers.has(id)) }))
    .filter(({ to }) => to.length > 0);
}
