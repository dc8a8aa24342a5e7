import { expect, it } from 'vitest';
import { type Evidence, judgeSuspect } from '../../src/attribution/judge.ts';
import type { LogEntry } from '../../src/attribution/log-entry.ts';
import type { Suspect } from '../../src/attribution/outside-changes.ts';
import type { OwnWrite } from '../../src/core/record/change-log.ts';

/** Time this many minutes after 12:00 of one day. */
const at = (minute: number) => new Date(Date.UTC(2026, 10, 27, 12, 0) + minute * 60_000).toISOString();

const entry = (name: string, minute: number, more: Partial<LogEntry> = {}): LogEntry => ({
  system: 'cloudflare',
  at: at(minute),
  actor: { name, interface: 'dashboard' },
  isAutomatic: false,
  isProgram: false,
  identity: undefined,
  does: 'update',
  ids: new Set(['record']),
  requestId: `${name}${minute}`,
  method: 'PATCH',
  path: '/zones/z/dns_records/record',
  ...more,
});

const write = (minute: number, requestId?: string): OwnWrite => ({
  system: 'cloudflare',
  at: at(minute),
  method: 'PATCH',
  path: '/zones/z/dns_records/record',
  ...(requestId !== undefined && { requestId }),
});

interface Row {
  readonly because: string;
  readonly entries: readonly LogEntry[];
  readonly writes?: readonly OwnWrite[];
  readonly suspect?: Partial<Suspect>;
  readonly evidence?: Partial<Evidence>;
  /** Undefined: the log cannot say. */
  readonly by: readonly string[] | undefined;
}

/** Everything was in order at 12:00, and the log was read at 13:00. */
const rows: readonly Row[] = [
  { because: 'a later change counts', entries: [entry('ann', 10)], by: ['ann'] },
  { because: 'an earlier change was in order', entries: [entry('ann', -10)], by: [] },
  {
    because: 'the clock of gates may be ahead by a minute',
    entries: [entry('ann', -0.5)],
    by: ['ann'],
  },
  {
    because: 'a change that gates repaired is over',
    entries: [entry('gates', 0.1), entry('ann', -0.5)],
    writes: [write(0.1, 'gates0.1')],
    by: undefined,
  },
  {
    because: 'what was written after the plan is not the reason for it',
    entries: [entry('ann', 62)],
    by: [],
  },
  {
    because: 'the repair of this run is no actor',
    entries: [entry('gates', 60.5), entry('ann', 10)],
    writes: [write(60.5, 'gates60.5')],
    by: ['ann'],
  },
  {
    because: 'the repair of this run says nothing about the log',
    entries: [entry('gates', 60.5)],
    writes: [write(60.5, 'gates60.5')],
    by: [],
  },
  {
    because: 'a write without a reply is known by its path and its time',
    entries: [entry('gates', 20)],
    writes: [write(19)],
    by: undefined,
  },
  {
    because: 'an hour later it is not that write',
    entries: [entry('twin', 59)],
    writes: [write(2)],
    by: ['twin'],
  },
  {
    because: 'an answered write is no excuse for another of the same path',
    entries: [entry('gates', 20), entry('twin', 21)],
    writes: [write(20, 'gates20')],
    by: ['twin'],
  },
  {
    because: 'an entry without an id is known like a write without a reply',
    entries: [entry('gates', 20, { requestId: undefined })],
    writes: [write(20, 'gates20')],
    by: undefined,
  },
  {
    because: 'an id of another system is another id',
    entries: [entry('ann', 20)],
    writes: [{ ...write(20, 'ann20'), system: 'authentik' }],
    by: ['ann'],
  },
  {
    because: 'what a system does by itself follows from what somebody did',
    entries: [entry('Cloudflare itself', 11, { isAutomatic: true }), entry('ann', 10)],
    by: ['ann'],
  },
  {
    because: 'unless nobody did anything',
    entries: [entry('Cloudflare itself', 11, { isAutomatic: true })],
    by: ['Cloudflare itself'],
  },
  {
    because: 'who changed an object did not remove it',
    entries: [entry('ann', 10), entry('bob', 20, { does: 'delete' })],
    suspect: { how: 'removed' },
    by: ['bob'],
  },
  {
    because: 'whoever wrote the document may have removed an entry of it',
    entries: [entry('ann', 10, { ids: new Set(['tunnel']) }), entry('bob', 20, { ids: new Set(['tunnel']) })],
    suspect: { how: 'removed', own: [], documents: ['tunnel'] },
    by: ['bob', 'ann'],
  },
  { because: 'other objects are others', entries: [entry('ann', 10, { ids: new Set(['www']) })], by: [] },
  {
    because: 'the entry may be in the part that was not read',
    entries: [],
    evidence: { log: { entries: [], since: at(0), isCutOff: true } },
    by: undefined,
  },
  {
    because: 'the token of gates in other hands is somebody else',
    entries: [entry('the token "gates"', 10, { isProgram: true, identity: 'token' })],
    evidence: { ownIdentity: 'token' },
    by: [`another program with gates' own login (the token "gates")`],
  },
];

it.each(rows)('$because', ({ entries, writes = [], suspect = {}, evidence = {}, by }) => {
  const found = judgeSuspect(
    {
      address: 'cloudflare/dns-record:nas',
      how: 'changed',
      own: ['record'],
      documents: [],
      since: at(0),
      ...suspect,
    },
    {
      log: { entries, since: at(-1), isCutOff: false },
      ownWrites: writes,
      readBy: at(60),
      ownIdentity: undefined,
      ...evidence,
    },
  );
  expect(found?.by.map(({ name }) => name)).toEqual(by);
});
