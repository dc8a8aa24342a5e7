import type { Context, Hono } from 'hono';
import type { SecretPlace } from '../../clients/state/secret-source.ts';
import type { Clock } from '../../core/world.ts';
import type { ReadBody } from '../http/body-reader.ts';
import { type RateLimit, rateLimit } from '../http/rate-limit.ts';
import type { Log } from '../log/log.ts';
import type { ActionQueue } from './action-queue.ts';
import type { Signed } from './call-book.ts';
import { judgeCall, type ReadGate, readSignature } from './call-proof.ts';

export interface ActionDoorParts {
  readonly queue: ActionQueue;
  readonly readSecret: (place: SecretPlace) => Promise<string>;
  readonly clock: Clock;
  readonly log: Log;
  /** The most bytes of a body. */
  readonly maxBody: number;
  readonly readBody: ReadBody;
  /** Answers 401, always in the same way; the reason is only for the log. */
  readonly refuse: (context: Context, reason: string) => Response;
  readonly tooMany: (context: Context, retryAfter: number) => Response;
}

/** Signed calls and questions for each action: enough for several jobs that ask every second. */
const SIGNED = { burst: 120, perSecond: 2 };

const CALL = '/hooks/actions/:name{[a-z0-9-]+}';
const QUESTION = `${CALL}/:id{[0-9a-f-]+}` as const;

/**
 * Adds `POST /hooks/actions/<name>`, which starts an action, and `GET /hooks/actions/<name>/<id>`, which answers with
 * its result. gates uses only the name and the signature of a request; the body is signed, but never interpreted.
 * Without a `webhook` gate in the file, both answer 404 to everybody.
 */
export function actionDoor(app: Hono, parts: ActionDoorParts): void {
  const { queue, clock, log, refuse, tooMany } = parts;
  const secretErrors = rateLimit(1, 1 / 60, clock);
  const limits = new Map<string, RateLimit>();

  /** The signature of an admitted request, or the answer to a refused one. */
  async function admitted(
    context: Context,
    name: string,
    read: () => Promise<Body>,
  ): Promise<Signed | Response> {
    if (queue.inForce().gates.length === 0) return context.json({ status: 'unknown' }, 404);
    const signature = readSignature(context.req.header('x-gates-signature'));
    if (signature === undefined) return refuse(context, 'not signed');
    const body = await read();
    if (body === 'too large') return context.json({ status: body }, 413);
    if (body === 'too much') return context.json({ status: body }, 503, { 'retry-after': '1' });
    const gates = await readGates(parts, secretErrors);
    const verdict = judgeCall({ name, signature, body }, gates, clock.now());
    if (verdict.type === 'refused') return refuse(context, verdict.reason);
    if (verdict.type === 'unlisted') return context.json({ status: 'unknown' }, 404);
    const limit = limits.get(name) ?? rateLimit(SIGNED.burst, SIGNED.perSecond, clock);
    limits.set(name, limit);
    return limit.take() ? verdict : tooMany(context, limit.retryAfter());
  }

  app.post(CALL, async (context) => {
    const { name } = context.req.param();
    const declared = Number(context.req.header('content-length') ?? 0);
    if (declared > parts.maxBody) return context.json({ status: 'too large' }, 413);
    const signed = await admitted(context, name, () => parts.readBody(context.req.raw));
    if (signed instanceof Response) return signed;
    const accepted = await queue.accept(name, signed);
    if (accepted.type === 'spent') return refuse(context, 'signature used before, for something else');
    const { type, call: id } = accepted;
    log.info('action called', { action: name, id, seen: type === 'seen' });
    if (type === 'seen') return context.json({ status: 'already seen', id }, 200);
    return context.json({ status: 'accepted', id }, 202);
  });

  app.get(QUESTION, async (context) => {
    const { name, id } = context.req.param();
    const signed = await admitted(context, name, async () => new Uint8Array());
    if (signed instanceof Response) return signed;
    const call = await queue.ask(name, id, signed);
    if (call === undefined) return context.json({ status: 'unknown' }, 404);
    const { process: _, ...answer } = call;
    return context.json(answer, 200, { 'cache-control': 'no-store' });
  });
}

type Body = Awaited<ReturnType<ReadBody>>;

/** A gate whose secret cannot be read admits nobody; the others work as before. */
async function readGates(
  { queue, readSecret, log }: ActionDoorParts,
  errorLimit: RateLimit,
): Promise<readonly ReadGate[]> {
  const read = queue.inForce().gates.map(async ({ secret, actions }): Promise<ReadGate[]> => {
    try {
      return [{ secret: await readSecret(secret), actions }];
    } catch (error) {
      // Strangers can cause this error too, so the log gets it at most once a minute.
      if (errorLimit.take()) log.error('secret of a webhook gate not read', { error });
      return [];
    }
  });
  return (await Promise.all(read)).flat();
}
