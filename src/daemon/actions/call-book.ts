import { randomUUID } from 'node:crypto';
import { SKEW } from './call-proof.ts';
import type { Call, CallBook, Spent } from './call-record.ts';

/** A valid signature, with what the record keeps of it. */
export interface Signed {
  readonly digest: string;
  readonly time: Date;
}

/** `seen`: the same call came before. `spent`: its signature was used for something else. */
export type Accepted =
  | { readonly type: 'accepted' | 'seen'; readonly call: string }
  | { readonly type: 'spent' };

/** A book after a change, and the answer to the caller, as `CallStore.change` takes them. */
interface Changed<Answer> {
  readonly book: CallBook;
  readonly answer: Answer;
}

/** The calls that wait, the oldest first. */
export function waitingCalls({ calls }: CallBook): readonly Call[] {
  return calls.filter(({ state }) => state === 'queued');
}

/** The book with a call of an action. If one waits already, that one answers for it. */
export function withAccepted(book: CallBook, action: string, signed: Signed, now: Date): Changed<Accepted> {
  const spent = freshSpent(book, now);
  const before = spent.find(({ digest }) => digest === signed.digest);
  if (before !== undefined) {
    const { id } = before;
    const isSame = id !== undefined && before.action === action;
    return { book, answer: isSame ? { type: 'seen', call: id } : { type: 'spent' } };
  }
  if (signed.time.getTime() < (book.unknownBefore ?? 0)) return { book, answer: { type: 'spent' } };
  const waits = waitingCalls(book).find((call) => call.action === action);
  const id = waits?.id ?? randomUUID();
  const call: Call = { id, action, state: 'queued', askedAt: now.toISOString() };
  return {
    book: {
      ...book,
      calls: waits === undefined ? [...book.calls, call] : book.calls,
      spent: [...spent, { digest: signed.digest, until: untilOf(signed), action, id }],
    },
    answer: { type: 'accepted', call: id },
  };
}

/** The book after a question about a call, whose signature can start nothing from now on. */
export function withAsked(book: CallBook, action: string, signed: Signed, now: Date): Changed<undefined> {
  const spent = freshSpent(book, now);
  const { digest } = signed;
  if (spent.some((each) => each.digest === digest)) return { book, answer: undefined };
  const more = { digest, until: untilOf(signed), action };
  return { book: { ...book, spent: [...spent, more] }, answer: undefined };
}

/** The new values of a call; undefined removes one. */
export type CallParts = { readonly [Part in keyof Call]?: Call[Part] | undefined };

/** The book with other values of a call, and that call. */
export function withParts(book: CallBook, id: string, parts: CallParts): Changed<Call> {
  const before = book.calls.find((one) => one.id === id);
  const known = Object.entries({ ...before, ...parts }).filter(([, value]) => value !== undefined);
  const answer = Object.fromEntries(known) as unknown as Call;
  return { book: withCall(book, answer), answer };
}

/** The book with another state of a call. */
export function withCall(book: CallBook, call: Call): CallBook {
  return { ...book, calls: book.calls.map((one) => (one.id === call.id ? call : one)) };
}

/** The spent signatures that are not stale yet. */
function freshSpent({ spent }: CallBook, now: Date): readonly Spent[] {
  return spent.filter(({ until }) => until >= now.getTime());
}

function untilOf({ time }: Signed): number {
  return time.getTime() + SKEW;
}
