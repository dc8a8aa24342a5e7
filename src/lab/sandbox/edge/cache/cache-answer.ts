import { chanceHex } from '../../state/ids.ts';
import { now, type World } from '../../state/world.ts';
import { mayHaveBody } from '../view/proxy.ts';
import type { CachedCopy, CachePassage, Verdict, Visit } from '../view/visit.ts';
import { answererOf, keepAnswer, OWN_HEADER } from './cache.ts';

/** Cloudflare's own status for a tunnel without a connector, which never concerns the cache. */
const NO_CONNECTOR = 530;

/** An answer from the cache, without its body for a HEAD. */
export function renderCopy(world: World, visit: Visit, { copy }: CachedCopy): Response {
  const headers = new Headers(copy.headers);
  headers.set('cf-cache-status', 'HIT');
  headers.set('age', String(Math.floor((now(world) - copy.storedAt) / 1000)));
  headers.set('cf-ray', `${chanceHex(16)}-CDG`);
  const isBare = visit.method === 'HEAD' || !mayHaveBody(copy.status);
  return new Response(isBare ? null : Buffer.from(copy.body, 'base64'), { status: copy.status, headers });
}

/** The origin's answer after the cache, which may store it and adds its own status. */
export async function passedThroughCache(
  world: World,
  way: { visit: Visit; verdict: Verdict; passage: CachePassage },
  response: Response,
): Promise<Response> {
  const { visit, verdict, passage } = way;
  const { status } = response;
  if (status === NO_CONNECTOR) return response;
  // Read at once: in Node 20 a stream that is passed on may never end after its answer was garbage-collected.
  const body = new Uint8Array(await response.arrayBuffer());
  const headers = new Headers(response.headers);
  const from = answererOf(verdict);
  const cacheStatus =
    passage.kind === 'beside'
      ? passage.status
      : keepAnswer(world, passage, visit, { status, headers, body, from });
  headers.set('cf-cache-status', cacheStatus);
  headers.delete(OWN_HEADER);
  const isBare = visit.method === 'HEAD' || !mayHaveBody(status);
  return new Response(isBare ? null : body, { status, headers });
}
