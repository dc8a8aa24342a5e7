import { type Context, Hono } from 'hono';
import type { Clock } from '../../core/world.ts';
import { type ActionDoorParts, actionDoor } from '../actions/action-door.ts';
import { bodyReader } from '../http/body-reader.ts';
import { rateLimit } from '../http/rate-limit.ts';
import type { Replays } from '../http/replay.ts';
import { isProven, isToken, proofIn } from '../http/signature.ts';
import type { Log } from '../log/log.ts';
import { deliveryIn, eventIn, readPushEvent } from './push-event.ts';

export interface HooksOptions {
  /** `GATES_WEBHOOK_SECRET`; without it, every delivery is refused. */
  readonly secret?: string;
  readonly branch: string;
  readonly replays: Replays;
  readonly clock: Clock;
  readonly log: Log;
  readonly onPush: (revision: string | undefined) => void;
  readonly actions: Pick<ActionDoorParts, 'queue' | 'readSecret'>;
}

/** Marks a refusal as one of this listener, and not of another program that also refuses. */
const CHALLENGE = 'Gates realm="hooks"';
const MAX_BODY = 1024 * 1024;
/** The most bytes of all bodies that are being read: their senders may know no secret. A forge's burst is a few MiB. */
const MAX_READING = 64 * 1024 * 1024;
/** Signed deliveries. A forge that sends more is broken, and scheduled runs continue. */
const SIGNED = { burst: 1_000, perSecond: 10 };
/** Unsigned deliveries, with their own bucket, so that they cannot use up that of the forge. */
const UNSIGNED = { burst: 60, perSecond: 1 };

/**
 * The hooks listener, the only part of the daemon that the internet reaches: `POST /hooks/git`, `/hooks/actions/<name>`
 * and nothing else. 202 accepted, 200 already seen, 401 not signed or wrong, 404 unknown, 413 over 1 MiB, 429 too many,
 * 503 too much at once.
 */
export function createHooks(options: HooksOptions): Hono {
  const { secret, clock, log } = options;
  const signed = rateLimit(SIGNED.burst, SIGNED.perSecond, clock);
  const unsigned = rateLimit(UNSIGNED.burst, UNSIGNED.perSecond, clock);
  const readBody = bodyReader(MAX_BODY, MAX_READING);
  const app = new Hono();

  function tooMany(context: Context, retryAfter: number): Response {
    return context.json({ status: 'too many' }, 429, { 'retry-after': String(Math.max(1, retryAfter)) });
  }

  function refuse(context: Context, reason: string): Response {
    if (!unsigned.take()) return tooMany(context, unsigned.retryAfter());
    log.warn('webhook refused', { reason });
    const refusal = { status: 'refused', reason: 'not signed, or not with the right secret' };
    return context.json(refusal, 401, { 'www-authenticate': CHALLENGE });
  }

  app.post('/hooks/git', async (context) => {
    const header = (name: string) => context.req.header(name);
    const declared = Number(header('content-length') ?? 0);
    if (declared > MAX_BODY) return context.json({ status: 'too large' }, 413);
    if (secret === undefined) return refuse(context, 'no secret is set');
    const proof = proofIn(header);
    if (proof === undefined) return refuse(context, 'not signed');
    if (proof.type === 'token' && !isToken(proof.given, secret)) return refuse(context, 'wrong token');
    const body = await readBody(context.req.raw);
    if (body === 'too large') return context.json({ status: body }, 413);
    if (body === 'too much') return context.json({ status: body }, 503, { 'retry-after': '1' });
    if (!isProven(proof, body, secret, clock.now())) return refuse(context, 'wrong signature');
    if (!signed.take()) return tooMany(context, signed.retryAfter());

    const delivery = deliveryIn(header);
    const contentType = header('content-type') ?? '';
    const event = readPushEvent({ event: eventIn(header), contentType, body }, options.branch);
    if (event.type === 'ignored') return context.json({ status: 'ignored', reason: event.reason }, 202);
    if (!(await admit(options, delivery, body))) return context.json({ status: 'already seen' }, 200);
    log.info('push received', { delivery, revision: event.revision });
    options.onPush(event.revision);
    return context.json({ status: 'accepted' }, 202);
  });
  actionDoor(app, { ...options.actions, clock, log, maxBody: MAX_BODY, readBody, refuse, tooMany });
  app.notFound((context) => context.json({ status: 'unknown' }, 404));
  app.onError((error, context) => {
    // A disconnected caller is no failure of ours, and a caller without a secret must not fill the log.
    if (context.req.raw.signal.aborted || !unsigned.take()) log.debug('webhook broken off', { error });
    else log.error('webhook failed', { error });
    return context.json({ status: 'failed' }, 500);
  });
  return app;
}

/** True if a delivery is new. On a full disk, gates accepts the push and just does not remember it. */
async function admit(options: HooksOptions, delivery: string, body: Uint8Array): Promise<boolean> {
  try {
    return await options.replays.admit(delivery, body);
  } catch (error) {
    options.log.warn('delivery not saved in the state folder', { error });
    return true;
  }
}
