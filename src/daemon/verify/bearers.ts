import { errors, type JWTVerifyGetKey, jwtVerify } from 'jose';
import { type AskedFor, verifyChallenge } from '../../core/verify-challenge.ts';
import type { Clock } from '../../core/world.ts';
import type { BearerTerms } from '../../gates/shared/gate-row.ts';
import type { Log } from '../log/log.ts';
import type { KeySets } from './key-sets.ts';
import { isOperation } from './operations.ts';

/** A host whose callers have tokens of their own. */
export interface BearerDoor extends BearerTerms {
  readonly host: string;
  /** Undefined if the account of the host has no name. */
  readonly account?: string;
  /** Milliseconds of its longest token lifetime, for which an unpublished key is still accepted. */
  readonly keep: number;
}

export interface BearerRequest extends AskedFor {
  readonly host: string;
  /** The headers of the client's request. */
  readonly header: (name: string) => string | undefined;
}

/** The challenge of `refused` names what was judged. `unknown`: the keys, or the client's id, are not known yet. */
export type BearerVerdict =
  | { readonly type: 'admitted'; readonly subject: string | undefined }
  | { readonly type: 'refused'; readonly challenge: string }
  | { readonly type: 'unknown' };

/** Undefined if no host of the applied file has such a gate under this name. */
export type Bearers = (request: BearerRequest) => Promise<BearerVerdict | undefined>;

/** Reads the id that Authentik gave a client of an account, as in `aud`; undefined until it is known. */
export type ReadClientId = (client: string, account: string | undefined) => Promise<string | undefined>;

interface Parts {
  /** The doors of the applied file. */
  readonly doors: () => Promise<readonly BearerDoor[]>;
  readonly clientId: ReadClientId;
  readonly keySets: KeySets;
  readonly clock: Clock;
  readonly log: Log;
}

/** The issuer and the audience that a token must have. */
interface Terms {
  readonly issuer: string | undefined;
  readonly audience: string;
}

/** No algorithm with a shared secret: keys are public, and a token signed with one as the secret would be accepted. */
const ALGORITHMS = [
  ...['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'],
  ...['ES256', 'ES384', 'ES512', 'EdDSA'],
];
/** Seconds by which two clocks may differ. */
const SKEW = 30;

/**
 * Judges a client's own token: a key of the door's set must have signed it, with that key's algorithm, for the door's
 * audience, by its issuer, and it must not have expired. The request must be one of the door's operations.
 */
export function createBearers({ doors, clientId, keySets, clock, log }: Parts): Bearers {
  return async (request) => {
    const door = (await doors()).find(({ host }) => host === request.host);
    if (door === undefined) return undefined;
    const refuse = (why: string): BearerVerdict => {
      log.debug('token refused', { host: door.host, why });
      return { type: 'refused', challenge: verifyChallenge(door.host, request) };
    };
    if (!isOperation(door.operations, request)) return refuse('it is none of the operations');
    const token = tokenIn(request, door.from);
    if (token === undefined) return refuse('there is no token');
    const keys = await keySets.of(door.keysUrl, false, door.keep);
    if (keys === undefined) return { type: 'unknown' };
    const audience = await audienceOf(door);
    if (audience === undefined) return { type: 'unknown' };
    const terms = { issuer: door.issuer, audience };
    const judged = await judge(token, terms, keys);
    if (judged.type === 'admitted') return judged;
    const newer = judged.newKey ? await keySets.of(door.keysUrl, true, door.keep) : undefined;
    if (newer === undefined || newer === keys) return refuse(judged.why);
    const again = await judge(token, terms, newer);
    return again.type === 'admitted' ? again : refuse(again.why);
  };

  /**
   * The `aud` that a token for this door must contain; undefined if the client's id is unknown. The id is read for each
   * token, because a run may find it, or another one, while the file stays the same.
   */
  async function audienceOf({ host, audience, account }: BearerDoor): Promise<string | undefined> {
    if (typeof audience === 'string') return audience;
    const { client } = audience;
    try {
      const id = await clientId(client, account);
      if (id === undefined)
        log.debug('token not judged', { host, why: `no run has kept the id of client ${client}` });
      return id;
    } catch (error) {
      log.debug('token not judged', { host, why: `the id of client ${client} could not be read`, error });
      return undefined;
    }
  }

  async function judge(token: string, { issuer, audience }: Terms, keys: JWTVerifyGetKey) {
    try {
      const { payload } = await jwtVerify(token, keys, {
        ...(issuer !== undefined && { issuer }),
        audience,
        algorithms: ALGORITHMS,
        requiredClaims: ['exp'],
        clockTolerance: SKEW,
        currentDate: clock.now(),
      });
      return { type: 'admitted', subject: payload.sub } as const;
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      return { type: 'refused', why, newKey: error instanceof errors.JWKSNoMatchingKey } as const;
    }
  }
}

/** The token, from the first place of the file that has one. */
function tokenIn({ header }: BearerRequest, from: BearerDoor['from']): string | undefined {
  for (const place of from) {
    const found = 'header' in place ? header(place.header) : cookieIn(header('cookie') ?? '', place.cookie);
    const token = found?.replace(/^bearer +/i, '').trim();
    if (token !== undefined && token !== '') return token;
  }
  return undefined;
}

function cookieIn(cookies: string, name: string): string | undefined {
  return cookies
    .split(';')
    .map((pair) => pair.trim())
    .find((pair) => pair.startsWith(`${name}=`))
    ?.slice(name.length + 1);
}
