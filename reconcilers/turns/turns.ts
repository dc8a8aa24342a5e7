import { GatesError, RejectedError, UnreachableError } from '../../src/core/errors.ts';
import type { Scope } from '../../src/core/objects/object.ts';
import type { TakenTurns, TurnTaker } from '../../src/core/turn-taker.ts';
import type { Wire, World } from '../../src/core/world.ts';
import { documentsOf } from './places.ts';
import { newStamp, ownerInStamp } from './stamp.ts';
import { type HeldTurn, type TurnObject, turnObject } from './turn-object.ts';

/** Milliseconds after which a holder renews its turn, at its next write or wait. */
const renewal = 60_000;

/** Milliseconds without a renewal after which the holder itself counts its turn as lost. */
const lifetime = 240_000;

/** Milliseconds for which another run must see a turn unchanged before it takes that over. */
const patience = 300_000;

/** The most attempts to make the object, since the holder may have just removed it. */
const mostTries = 3;

/** Stamps with which this state folder takes or holds the turn of a document, one on each line. */
const ownTopic = 'turn';

/** The time since which this machine's clock has seen another's turn unchanged. */
const seenTopic = 'turn-of-another';

/** Wires that still carry calls for some seconds after the run was stopped, for the release. */
type LateWires = (scope: Scope) => Pick<World, 'cloudflare' | 'authentik'>;

/** Turns at shared documents; see docs/decisions/0019. */
export function createTurns(lateWires?: LateWires): TurnTaker {
  const late = (world: World): World => ({ ...world, ...lateWires?.(world.scope) });
  return {
    documents: documentsOf,
    async take(documents, inner) {
      const world = late(inner);
      const taken: Turn[] = [];
      const refused = new Map<string, RejectedError>();
      for (const document of [...documents].sort()) {
        const turn = await takeOne(document, world);
        if (turn instanceof Turn) taken.push(turn);
        else if (turn instanceof RejectedError) refused.set(document, turn);
        else {
          for (const held of taken) await held.release();
          return turn;
        }
      }
      return together(taken, refused, inner);
    },
    async sweep(inner) {
      const documents = await inner.notes.list(ownTopic);
      for (const document of documents) await sweepOne(document, late(inner));
    },
  };
}

/** A turn of one document, held by this run. */
class Turn {
  readonly document: string;
  readonly #object: TurnObject;
  readonly #world: World;
  readonly #id: string;
  #renewedAt: number;

  constructor(
    document: string,
    world: World,
    { id, since }: { readonly id: string; readonly since: number },
  ) {
    this.document = document;
    this.#object = turnObject(document, world);
    this.#world = world;
    this.#id = id;
    this.#renewedAt = since;
  }

  /** Renews the turn if it is old enough, by the clock alone. */
  async keep(): Promise<void> {
    const now = this.#world.clock.now().getTime();
    const age = Math.abs(now - this.#renewedAt);
    if (age < renewal) return;
    if (age >= lifetime) throw lost(this.document);
    const stamp = newStamp(this.#world.scope.owner);
    await addStamp(this.#world, this.document, stamp);
    await this.#object.renew(this.#id, stamp);
    this.#renewedAt = now;
  }

  async confirm(): Promise<void> {
    await this.keep();
    if (!(await this.#object.isThere(this.#id))) throw lost(this.document);
  }

  async release(): Promise<void> {
    try {
      await this.#object.remove(this.#id);
      await this.#world.notes.clear(ownTopic, this.document);
    } catch (error) {
      if (!isExpected(error)) throw error;
    }
  }
}

function together(
  turns: readonly Turn[],
  refused: ReadonlyMap<string, RejectedError>,
  world: World,
): TakenTurns {
  // Simultaneous calls share one renewal: a turn must not get two stamps.
  let lastRenewal: Promise<void> = Promise.resolve();
  const keep = () => {
    const renew = async () => {
      for (const turn of turns) await turn.keep();
    };
    lastRenewal = lastRenewal.then(renew, renew);
    return lastRenewal;
  };
  return {
    documents: new Set(turns.map(({ document }) => document)),
    refused,
    world: {
      ...world,
      cloudflare: keeping(world.cloudflare, keep),
      authentik: world.authentik && keeping(world.authentik, keep),
      clock: {
        now: world.clock.now,
        sleep: async (milliseconds, signal) => {
          await keep();
          await world.clock.sleep(milliseconds, signal);
        },
      },
      turn: {
        confirm: async (document) => turns.find((turn) => turn.document === document)?.confirm(),
      },
    },
    release: async () => {
      for (const turn of turns) await turn.release();
    },
  };
}

function keeping(wire: Wire, keep: () => Promise<void>): Wire {
  return {
    ...wire,
    post: async (path, body) => keep().then(() => wire.post(path, body)),
    put: async (path, body) => keep().then(() => wire.put(path, body)),
    patch: async (path, body) => keep().then(() => wire.patch(path, body)),
    delete: async (path) => keep().then(() => wire.delete(path)),
  };
}

async function takeOne(
  document: string,
  world: World,
): Promise<Turn | RejectedError | { readonly waitsFor: string }> {
  const object = turnObject(document, world);
  const stamp = newStamp(world.scope.owner);
  let held: HeldTurn | undefined;
  try {
    await addStamp(world, document, stamp);
    for (let attempt = 0; attempt < mostTries; attempt += 1) {
      const since = world.clock.now().getTime();
      const id = await object.make(stamp).catch(unlessUnsure);
      if (id !== undefined) return await holding(document, world, { id, since });
      held = await object.find();
      // The object was made although the reply was lost.
      if (held?.stamp === stamp) return await holding(document, world, { id: held.id, since });
      if (held === undefined) continue;
      if (!((await isOwn(world, document, held)) || (await isAbandoned(world, document, held)))) break;
      await object.remove(held.id);
    }
  } catch (error) {
    if (error instanceof UnreachableError) return { waitsFor: `the turn at ${document}: ${error.message}` };
    if (error instanceof RejectedError) return error;
    throw error;
  }
  const owner = held === undefined ? '' : ownerInStamp(held.stamp);
  const whose = owner === '' ? 'another run' : `a run of the owner "${owner}" from another state folder`;
  return { waitsFor: `${whose} that writes ${document}` };
}

async function holding(
  document: string,
  world: World,
  held: { readonly id: string; readonly since: number },
): Promise<Turn> {
  await world.notes.clear(seenTopic, document);
  return new Turn(document, world, held);
}

/** Undefined if it is unknown whether the object was made: the caller then looks for it. */
function unlessUnsure(error: unknown): undefined {
  if (error instanceof UnreachableError && error.facts.applied !== 'no') return undefined;
  throw error;
}

async function addStamp({ notes }: World, document: string, stamp: string): Promise<void> {
  await notes.put(ownTopic, document, [...(await stampsOf(notes, document)), stamp].join('\n'));
}

async function stampsOf(notes: World['notes'], document: string): Promise<readonly string[]> {
  return ((await notes.text(ownTopic, document)) ?? '').split('\n').filter((stamp) => stamp !== '');
}

/** True if a killed run of this state folder left the turn; only one such run is active at a time. */
async function isOwn({ notes }: World, document: string, { stamp }: HeldTurn): Promise<boolean> {
  return (await stampsOf(notes, document)).includes(stamp);
}

/** True if another's turn has been unchanged for long enough. Notes the time when it is first seen. */
async function isAbandoned(
  { notes, clock }: World,
  document: string,
  { id, stamp }: HeldTurn,
): Promise<boolean> {
  const now = clock.now();
  const [seenId, seenStamp, since = ''] = ((await notes.text(seenTopic, document)) ?? '').split(' ');
  if (seenId === id && seenStamp === stamp) return now.getTime() - Date.parse(since) >= patience;
  await notes.put(seenTopic, document, [id, stamp, now.toISOString()].join(' '));
  return false;
}

async function sweepOne(document: string, world: World): Promise<void> {
  try {
    const object = turnObject(document, world);
    const held = await object.find();
    if (held !== undefined && (await isOwn(world, document, held))) await object.remove(held.id);
    await world.notes.clear(ownTopic, document);
  } catch (error) {
    if (!isExpected(error)) throw error;
  }
}

/** True for an error of the API, or a stop, that only delays a release. */
function isExpected(error: unknown): boolean {
  return error instanceof GatesError || (error instanceof Error && error.name === 'AbortError');
}

function lost(document: string): UnreachableError {
  return new UnreachableError(`The turn to write ${document} was lost: another run of gates may have it`, {
    hint: 'The next run goes on. Where this happens again, see which other gates writes it',
    facts: { applied: 'no' },
  });
}
