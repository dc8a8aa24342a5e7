import { isDeepStrictEqual } from 'node:util';
import { isHeldBack, shuffled } from '../orders/random-order.ts';
import { playChain } from './chain.ts';
import type { Play, Step } from './play/play.ts';
import type { World } from './play/played-world.ts';
import type { Interleaving } from './second-writer.ts';

/** The orders in which each pair of files is played, besides the planner's own. */
const ordersEach = 3;

/** The results of random orders. */
export interface OrdersSeen {
  pairs: number;
  orders: number;
  /** The changes that the interlock held back. */
  held: number;
  /** The orders in which somebody new got a copy from the cache. */
  copies: number;
  /** The orders after which the planner's own order is held back too; decision 35 lists the reasons. */
  stuck: number;
  /** The orders after which the world was as after the planner's order; the others left a waiting host. */
  alike: number;
}

export const noOrders: OrdersSeen = { pairs: 0, orders: 0, held: 0, copies: 0, stuck: 0, alike: 0 };

/** The results of all orders that this process has played. */
export const ordersSeen: OrdersSeen = { ...noOrders };

/**
 * Plays a chain whose pairs are also played in random orders of their changes, from the same world. Only the interlock
 * keeps people out then. The next run, in the planner's own order, ends as without these orders.
 * @throws {Finding}
 */
export async function playInAnyOrder(
  seed: number,
  chain: number,
  afterEach?: (world: World) => boolean,
): Promise<void> {
  await playChain(seed, chain, afterEach, inAnyOrder);
}

async function inAnyOrder(
  play: Play,
  step: Step,
  between: Interleaving | undefined,
  seed: number,
): Promise<void> {
  const back = await play.moment();
  await play.step(step, between);
  // A person's change between two runs picks one of the objects that are there then: it may be another one in another order.
  const own = step.meanwhile.length > 0 ? undefined : await play.shape();
  const onward = await play.moment();
  for (let order = 0; order < ordersEach; order += 1) {
    await back();
    const before = { ...play.orderTally };
    // One of the orders is applied completely.
    const each = order === 0 ? { ...step, troubles: [{ faults: [] }] } : step;
    const isStuck = await play
      .step(each, between, (plan) => shuffled(plan, seed * ordersEach + order))
      .then(() => false, stuckOrThrown);
    ordersSeen.orders += 1;
    ordersSeen.held += play.orderTally.held - before.held;
    if (play.orderTally.copies > before.copies) ordersSeen.copies += 1;
    if (isStuck) ordersSeen.stuck += 1;
    const shape = isStuck ? undefined : await play.shape();
    if (own === undefined || shape === undefined) continue;
    if (!isDeepStrictEqual(shape, own))
      throw new Error(`another end in order ${order}: ${difference(own, shape)}`);
    ordersSeen.alike += 1;
  }
  await onward();
  ordersSeen.pairs += 1;
}

/** True for a safe step that the interlock holds back. */
function stuckOrThrown(error: unknown): true {
  if (error instanceof Error && error.message.startsWith('not done:') && isHeldBack(error.message))
    return true;
  throw error;
}

function difference(own: unknown, shape: unknown): string {
  const [was, is] = [own, shape].map((each) => JSON.stringify(each, undefined, 1).split('\n'));
  const lines = (sign: string, these: readonly string[] = [], those: readonly string[] = []) =>
    these.filter((line) => !those.includes(line)).map((line) => `${sign} ${line}`);
  return [...lines('-', was, is), ...lines('+', is, was)].slice(0, 40).join('\n');
}
