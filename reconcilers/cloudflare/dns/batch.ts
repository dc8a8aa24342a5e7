import type { ReadyChange } from '../../../src/core/change.ts';
import { QuotaError, RejectedError } from '../../../src/core/errors.ts';
import type { Outcome } from '../../../src/core/outcome.ts';
import type { Wire } from '../../../src/core/world.ts';
import { done, failed } from '../../shared/carry-out.ts';

/** The write of one change to the zone. A PATCH has an id and a body, a removal only an id. */
export interface RecordWrite<Spec> {
  readonly change: ReadyChange<Spec>;
  /** Writes of one name stay together, so that a name always has either the old record or its replacement. */
  readonly name: string;
  readonly id?: string;
  readonly body?: Readonly<Record<string, unknown>>;
}

/** The reply to a batch. The API carries a batch out in this order, whatever the order of its fields. */
interface BatchReply {
  readonly patches?: readonly { readonly id: string }[] | null;
  readonly posts?: readonly { readonly id: string }[] | null;
}

/**
 * Writes records in batches of at most `limit`; each batch is one transaction. A refused batch is halved until the
 * faulty write is alone and fails alone. A batch with a lost reply is not repeated: the engine reads first.
 */
export async function writeBatches<Spec>(
  wire: Wire,
  records: string,
  writes: readonly RecordWrite<Spec>[],
  limit: number,
): Promise<readonly Outcome[]> {
  const zone: ZoneWrites = { wire, records };
  const outcomes: Outcome[] = [];
  for (const batch of batches(byName(writes), limit)) outcomes.push(...(await writeGroups(zone, batch)));
  return outcomes;
}

/** The records of a zone. `full`: the quota error of a single record, after which no other is sent. */
interface ZoneWrites {
  readonly wire: Wire;
  readonly records: string;
  full?: QuotaError;
}

type Group<Spec> = readonly RecordWrite<Spec>[];

async function writeGroups<Spec>(
  zone: ZoneWrites,
  groups: readonly Group<Spec>[],
): Promise<readonly Outcome[]> {
  const { wire, records, full } = zone;
  const writes = groups.flat();
  const [only] = writes;
  if (full !== undefined && writes.every(({ id }) => id === undefined))
    return writes.map(({ change }) => failed(change, full));
  if (writes.length === 1 && only !== undefined) return [await writeOne(zone, only)];
  try {
    return await writeBatch(wire, records, writes);
  } catch (error) {
    if (!isAboutOneOf(error)) return writes.map(({ change }) => failed(change, error));
    if (groups.length === 1) return writeEach(zone, writes);
    const half = Math.ceil(groups.length / 2);
    return [
      ...(await writeGroups(zone, groups.slice(0, half))),
      ...(await writeGroups(zone, groups.slice(half))),
    ];
  }
}

async function writeBatch<Spec>(
  wire: Wire,
  records: string,
  writes: readonly RecordWrite<Spec>[],
): Promise<readonly Outcome[]> {
  const { deletes, patches, posts } = sorted(writes);
  const reply = (await wire.post(`${records}/batch`, {
    ...(deletes.length > 0 && { deletes: deletes.map(({ id }) => ({ id })) }),
    ...(patches.length > 0 && { patches: patches.map(({ id, body }) => ({ id, ...body })) }),
    ...(posts.length > 0 && { posts: posts.map(({ body }) => body) }),
  })) as BatchReply | null;
  const createdId = (index: number) => reply?.posts?.[index]?.id;
  return [
    ...deletes.map(({ change }) => done(change)),
    ...patches.map(({ change, id }) => done(change, id === undefined ? undefined : { id })),
    ...posts.map(({ change }, index) => {
      const id = createdId(index);
      return done(change, id === undefined ? undefined : { id });
    }),
  ];
}

/** Writes one by one, removals first. If a record could not be removed, the API refuses its replacement. */
async function writeEach<Spec>(
  zone: ZoneWrites,
  writes: readonly RecordWrite<Spec>[],
): Promise<readonly Outcome[]> {
  const { deletes, patches, posts } = sorted(writes);
  const outcomes: Outcome[] = [];
  for (const write of [...deletes, ...patches, ...posts]) outcomes.push(await writeOne(zone, write));
  return outcomes;
}

async function writeOne<Spec>(zone: ZoneWrites, write: RecordWrite<Spec>): Promise<Outcome> {
  const { wire, records } = zone;
  const { change, id, body } = write;
  try {
    if (id === undefined) return done(change, idIn(await wire.post(records, body)));
    if (body !== undefined) return done(change, idIn(await wire.patch(`${records}/${id}`, body)));
    await wire.delete(`${records}/${id}`);
    return done(change);
  } catch (error) {
    if (error instanceof QuotaError) zone.full = error;
    return failed(change, error);
  }
}

function idIn(reply: unknown): { readonly id: string } {
  return { id: (reply as { readonly id: string }).id };
}

/** True for a refusal that one record of several may have caused. A missing permission concerns all. */
function isAboutOneOf(error: unknown): boolean {
  if (!(error instanceof RejectedError)) return false;
  const { status } = error.facts;
  return status === undefined || status === 400 || status === 404 || status === 409 || status === 422;
}

function sorted<Spec>(writes: readonly RecordWrite<Spec>[]) {
  return {
    deletes: writes.filter(({ body }) => body === undefined),
    patches: writes.filter(({ id, body }) => id !== undefined && body !== undefined),
    posts: writes.filter(({ id }) => id === undefined),
  };
}

function byName<Spec>(writes: readonly RecordWrite<Spec>[]): readonly Group<Spec>[] {
  const groups = new Map<string, RecordWrite<Spec>[]>();
  for (const write of writes) {
    const group = groups.get(write.name);
    if (group === undefined) groups.set(write.name, [write]);
    else group.push(write);
  }
  return [...groups.values()];
}

/** Groups as many names as fit into each batch; only a name with more records than a batch allows is split. */
function batches<Spec>(groups: readonly Group<Spec>[], limit: number): readonly (readonly Group<Spec>[])[] {
  const result: Group<Spec>[][] = [];
  let size = Number.POSITIVE_INFINITY;
  const pieces = groups.flatMap((group) =>
    Array.from({ length: Math.ceil(group.length / limit) }, (_, index) =>
      group.slice(index * limit, (index + 1) * limit),
    ),
  );
  for (const piece of pieces) {
    if (size + piece.length > limit) {
      result.push([]);
      size = 0;
    }
    result.at(-1)?.push(piece);
    size += piece.length;
  }
  return result;
}
