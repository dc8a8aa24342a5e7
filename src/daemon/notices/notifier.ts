import { createHash } from 'node:crypto';
import type { Receiver } from '../../clients/notify/receiver.ts';
import type { Notification } from '../../config/model/config.ts';
import { UnreachableError } from '../../core/errors.ts';
import type { Notice } from '../../core/record/notice.ts';
import type { Clock, Notes } from '../../core/world.ts';
import type { RunEnd } from '../../report/notices/trouble.ts';
import type { Log } from '../log/log.ts';
import {
  type KeptNotices,
  keptNoticesIn,
  NO_NOTICES,
  nextNotice,
  withNotices,
  withoutReceiver,
} from './owed-notices.ts';

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

const TOPIC = 'notify';
const NAME = 'told';

/**
 * The notifier. It keeps what it reported, and what it still has to send, in one note of the state directory, which
 * it writes before it sends anything. If the daemon is killed in between, it sends a notice twice rather than never.
 */
export function createNotifier(options: NotifierOptions): Notifier {
  const { clock, log, redact, signal } = options;
  const note = noticesNote(options);
  let receivers: ReadonlyMap<string, Receiver> = new Map();
  let timezone = 'UTC';
  let loading: Promise<void> | undefined;
  let kept: KeptNotices = NO_NOTICES;
  /** By receiver, so that one that does not answer delays no other. */
  const sending = new Map<string, Promise<void>>();

  async function load(): Promise<void> {
    kept = (await note.load()) ?? kept;
  }

  function keep(next: KeptNotices): Promise<void> {
    kept = next;
    return note.save(next);
  }

  /** Sends the notices in order, up to the first that fails for now. */
  async function sendTo(id: string, receiver: Receiver): Promise<void> {
    for (;;) {
      const notice = nextNotice(kept, id);
      if (notice === undefined || signal.aborted) return;
      if (!(await sendNotice(notice, receiver, options))) return;
      await keep(withoutReceiver(kept, notice, id));
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
        const ids = [...receivers.keys()];
        await keep(withNotices(kept, end, { receivers: ids, now: clock.now(), timezone, redact }));
        for (const [id, receiver] of receivers) {
          const before = sending.get(id) ?? Promise.resolve();
          sending.set(
            id,
            before.then(() => sendTo(id, receiver)),
          );
        }
      } catch (error) {
        log.error('notice not sent', { error });
      }
    },

    async settled() {
      await Promise.all(sending.values());
      await note.settled();
    },
  };
}

/** The note in the state directory. Each write has the newest state, and none repeats what is on disk. */
function noticesNote({ notes, log }: Pick<NotifierOptions, 'notes' | 'log'>) {
  let latest: KeptNotices | undefined;
  let onDisk = '';
  let saving: Promise<void> = Promise.resolve();

  async function write(): Promise<void> {
    const text = JSON.stringify(latest);
    if (text === onDisk) return;
    try {
      await notes.put(TOPIC, NAME, text);
      onDisk = text;
    } catch (error) {
      log.warn('notices not saved in the state folder', { error });
    }
  }

  return {
    /** Undefined if there are none, or none that can be read. */
    async load(): Promise<KeptNotices | undefined> {
      try {
        const text = await notes.text(TOPIC, NAME);
        if (text === undefined) return undefined;
        const found = keptNoticesIn(text);
        onDisk = text;
        return found;
      } catch (error) {
        log.warn('earlier notices could not be read', { error });
        return undefined;
      }
    },
    save(next: KeptNotices): Promise<void> {
      latest = next;
      saving = saving.then(write);
      return saving;
    },
    settled: () => saving,
  };
}

/** Sends a notice. False if the receiver may accept it later, or if the daemon stops. */
async function sendNotice(
  notice: Notice,
  receiver: Receiver,
  { log, signal }: Pick<NotifierOptions, 'log' | 'signal'>,
): Promise<boolean> {
  const { title } = notice;
  try {
    await receiver.send(notice, signal);
    log.info('notice sent', { receiver: receiver.name, title });
    return true;
  } catch (error) {
    if (signal.aborted) return false;
    const again = error instanceof UnreachableError;
    log[again ? 'warn' : 'error']('notice not sent', { receiver: receiver.name, title, error, again });
    return !again;
  }
}

/** An id of an entry, as the file has it: without secrets. */
function idOf(notification: Notification): string {
  return createHash('sha256').update(JSON.stringify(notification)).digest('hex').slice(0, 12);
}
