import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Receiver } from '../../../src/clients/notify/receiver.ts';
import { createNotes } from '../../../src/clients/state/notes.ts';
import type { Notification } from '../../../src/config/model/config.ts';
import { RejectedError, UnreachableError } from '../../../src/core/errors.ts';
import type { Notice } from '../../../src/core/record/notice.ts';
import type { Notes } from '../../../src/core/world.ts';
import { createNotifier } from '../../../src/daemon/notices/notifier.ts';
import { ended, gate, rejected } from '../../report/notices/status.ts';
import { quietLog } from '../quiet-log.ts';
import { temporaryDirectory } from '../temporary-directory.ts';
import { virtualClock } from '../virtual-clock.ts';

const CANARY = 'canary-17';
const FIRST: Notification = { type: 'ntfy', url: 'https://ntfy.sh/one', token: undefined };
const SECOND: Notification = { type: 'ntfy', url: 'https://ntfy.sh/two', token: undefined };
const bad = ended({ rejected: rejected() });

interface Scene {
  readonly directory?: string;
  readonly notes?: Notes;
}

/** A notifier on a real disk; `answer` plays the receiver at an address. */
function notifierOf({ directory = temporaryDirectory(), notes = createNotes(directory) }: Scene = {}) {
  const got: { to: string; title: string; notice: Notice }[] = [];
  const play = { answer: async (_to: string, _signal: AbortSignal): Promise<void> => {} };
  const clock = virtualClock();
  const log = quietLog();
  const stop = new AbortController();
  const receiver = (notification: Notification): Receiver => ({
    name: notification.type,
    async send(notice, signal) {
      const to = 'url' in notification ? String(notification.url).slice(-3) : '';
      await play.answer(to, signal);
      got.push({ to, title: notice.title, notice });
    },
  });
  const redact = (text: string) => text.replaceAll(CANARY, '[redacted]');
  const notifier = createNotifier({ notes, receiver, clock, log, redact, signal: stop.signal });
  notifier.follow([FIRST], 'UTC');
  const run = async (end = ended()) => {
    await notifier.ended(end);
    await notifier.settled();
  };
  const heard = () => got.splice(0).map(({ to, title }) => `${to}: ${title.slice(0, 10)}`);
  const file = path.join(directory, 'notify', 'told');
  return { notifier, run, heard, got, play, clock, log, stop, file, directory };
}

const lost = () => Promise.reject(new UnreachableError('No answer'));

describe('a receiver', () => {
  it('gets each notice once, like every other receiver, even after a restart', async () => {
    const first = notifierOf();
    first.notifier.follow([FIRST, SECOND], 'UTC');
    await first.run(bad);
    await first.run(bad);
    expect(first.heard().sort()).toEqual(['one: Mistake in', 'two: Mistake in']);
    const second = notifierOf({ directory: first.directory });
    await second.run(bad);
    expect(second.heard()).toEqual([]);
    await second.run();
    expect(second.heard()).toEqual(['one: Good again']);
  });

  it('that is added later gets what is wrong then', async () => {
    const { notifier, run, heard } = notifierOf();
    notifier.follow([], 'UTC');
    await run(bad);
    notifier.follow([FIRST], 'UTC');
    await run(bad);
    expect(heard()).toEqual(['one: Mistake in']);
  });

  it('gets failed notices later, in order, and no run fails for them', async () => {
    const { run, heard, play, log } = notifierOf();
    play.answer = lost;
    await run(bad);
    await run(ended());
    expect(heard()).toEqual([]);
    expect(log.lines).toMatchObject([
      { level: 'warn', message: 'notice not sent', fields: { receiver: 'ntfy', again: true } },
      { level: 'warn', message: 'notice not sent' },
    ]);
    play.answer = async () => {};
    await run(ended());
    expect(heard()).toEqual(['one: Mistake in', 'one: Good again']);
  });

  it('gets them after a restart too, but not those that have become pointless', async () => {
    const first = notifierOf();
    first.play.answer = lost;
    await first.run(bad);
    const second = notifierOf({ directory: first.directory });
    second.play.answer = lost;
    await second.run(bad);
    second.play.answer = async () => {};
    await second.run(bad);
    expect(second.heard()).toEqual(['one: Mistake in']);

    const old = notifierOf();
    old.play.answer = lost;
    await old.run(bad);
    await old.clock.advance(25 * 3_600_000);
    old.play.answer = async () => {};
    await old.run(bad);
    expect(old.heard()).toEqual([]);
  });

  it('is not delayed by another that does not answer', async () => {
    const { notifier, got, play, stop } = notifierOf();
    notifier.follow([FIRST, SECOND], 'UTC');
    play.answer = (to, signal) =>
      to === 'two'
        ? Promise.resolve()
        : new Promise((_, reject) => {
            signal.addEventListener('abort', () => reject(signal.reason));
          });
    await notifier.ended(bad);
    await notifier.ended(ended());
    await expect.poll(() => got.map(({ to }) => to)).toEqual(['two', 'two']);
    stop.abort(new Error('stopped'));
    await notifier.settled();
  });

  it('is not called again after a permanent refusal', async () => {
    const { run, heard, play, log } = notifierOf();
    play.answer = () => Promise.reject(new RejectedError('No'));
    await run(bad);
    play.answer = async () => {};
    await run(bad);
    expect(heard()).toEqual([]);
    expect(log.lines).toMatchObject([{ level: 'error', fields: { again: false } }]);
  });

  it('that has left the file gets nothing more', async () => {
    const { notifier, run, heard, play } = notifierOf();
    play.answer = lost;
    await run(bad);
    play.answer = async () => {};
    notifier.follow([SECOND], 'UTC');
    await run(bad);
    notifier.follow([FIRST, SECOND], 'UTC');
    await run(bad);
    expect(heard()).toEqual([]);
  });

  it('gets no secret, and the note contains none', async () => {
    const { run, got, file, play } = notifierOf();
    play.answer = lost;
    const reason = `the API said ${CANARY}`;
    await run(ended({ gates: [gate('a', 'open', { reason })] }));
    expect(readFileSync(file, 'utf8')).not.toContain(CANARY);
    play.answer = async () => {};
    await run(ended({ gates: [gate('a', 'open', { reason })] }));
    expect(JSON.stringify(got)).not.toContain(CANARY);
    expect(got[0]?.notice.details).toEqual(['the API said [redacted]']);
  });

  it('gets after a restart what its hour had no room for, without a secret in the note', async () => {
    const first = notifierOf();
    const hosts = Array.from({ length: 9 }, (_, n) =>
      gate(`h${n}`, 'closed', { reason: `h${n} said ${CANARY}` }),
    );
    await first.run(ended({ gates: hosts }));
    expect(first.heard()).toHaveLength(8);
    expect(readFileSync(first.file, 'utf8')).not.toContain(CANARY);
    const second = notifierOf({ directory: first.directory });
    await second.clock.advance(3_600_000);
    await second.run(ended({ gates: hosts.map(({ host }) => gate(host, 'guarded')) }));
    expect(second.got.map(({ notice }) => notice)).toMatchObject([
      { title: 'h8 stays closed: could not confirm that the gate works', details: ['h8 said [redacted]'] },
      { title: 'Good again: 9 things' },
    ]);
  });

  it('gets nothing from a daemon that is stopping', async () => {
    const { run, heard, stop } = notifierOf();
    stop.abort(new Error('stopped'));
    await run(bad);
    expect(heard()).toEqual([]);
  });
});

describe('the note of sent notices', () => {
  it('is private to its owner, and is written before anything is sent', async () => {
    const { run, play, file } = notifierOf();
    let before = '';
    play.answer = async () => {
      before = readFileSync(file, 'utf8');
    };
    await run(bad);
    expect(JSON.parse(before)).toMatchObject({ owed: [{ to: [expect.any(String)] }] });
    expect(JSON.parse(readFileSync(file, 'utf8'))).toMatchObject({ owed: [] });
  });

  it('starts anew if it is damaged, and is skipped if the disk fails', async () => {
    const { run, heard, file, directory } = notifierOf();
    await run(bad);
    heard();
    writeFileSync(file, '{"told":');
    chmodSync(file, 0o600);
    const torn = notifierOf({ directory });
    await torn.run(bad);
    expect(torn.heard()).toEqual(['one: Mistake in']);
    expect(torn.log.lines[0]).toMatchObject({ message: 'earlier notices could not be read' });

    const full: Notes = {
      ...createNotes(directory),
      text: async () => undefined,
      put: () => Promise.reject(new Error('ENOSPC')),
    };
    const { run: runFull, heard: heardFull } = notifierOf({ notes: full });
    await runFull(bad);
    await runFull(bad);
    expect(heardFull()).toEqual(['one: Mistake in']);
  });

  it('starts anew if it is not a note of ours', async () => {
    const { run, heard, file, directory } = notifierOf();
    await run(bad);
    heard();
    const held = '{"told":{"topics":{},"sent":[],"held":{"last":7}},"owed":[]}';
    for (const text of ['null', '[]', '{"told":{}}', '{"told":{"topics":1,"sent":2},"owed":3}', held]) {
      writeFileSync(file, text);
      const other = notifierOf({ directory });
      await other.run(bad);
      expect(other.heard()).toEqual(['one: Mistake in']);
    }
  });
});
