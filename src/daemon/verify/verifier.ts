import { errors, type JWTPayload, type JWTVerifyGetKey, jwtVerify } from 'jose';
import type { Clock } from '../../core/world.ts';
import type { Log } from '../log/log.ts';
import type { Expectations, Expected } from './expected.ts';
import type { KeySets } from './key-sets.ts';

export interface VerifyRequest {
  readonly host: string;
  /** The path with its own gate, as in the file. */
  readonly path?: string;
  /** The value of the header. */
  readonly token: string | undefined;
}

/** The person or machine of a token. A machine has a client id instead of an address. */
export interface Visitor {
  readonly user: string;
  readonly email?: string;
}

/** `unknown`: gates never read what it needs to judge the token. */
export type TokenVerdict =
  | { readonly type: 'admitted'; readonly visitor: Visitor }
  | { readonly type: 'refused' }
  | { readonly type: 'unknown' };

export type Verifier = (request: VerifyRequest) => Promise<TokenVerdict>;

interface Parts {
  readonly expectations: Expectations;
  readonly keySets: KeySets;
  readonly clock: Clock;
  readonly log: Log;
}

/** The only algorithm of Access (facts/cloudflare §9). */
const ALGORITHM = 'RS256';
/** Seconds by which two clocks may differ. */
const SKEW = 30;

const REFUSED: TokenVerdict = { type: 'refused' };

/**
 * Judges the token that Access sends with a request: Access of this team must have issued it, for this very door, and
 * it must not have expired. Only the log gets the reason of a refusal.
 */
export function createVerifier({ expectations, keySets, clock, log }: Parts): Verifier {
  return async ({ host, path, token }) => {
    const refuse = (why: string): TokenVerdict => {
      log.debug('token refused', { host, ...(path !== undefined && { path }), why });
      return REFUSED;
    };
    let expected = await expectations.of(host, path);
    if (expected === undefined) return refuse('no gate that asks for a token has this host and path');
    if (token === undefined) return refuse('there is none');
    let judged = await judge(token, expected);
    if (judged === OTHER_ISSUE) {
      // A new application has another audience.
      expected = await expectations.of(host, path, true);
      judged = expected === undefined ? judged : await judge(token, expected);
    }
    if (judged === undefined) return { type: 'unknown' };
    return typeof judged === 'string' ? refuse(judged) : { type: 'admitted', visitor: judged };
  };

  /** The visitor of a token, the reason why it is refused, or undefined if there are no keys to check it. */
  async function judge(token: string, expected: Expected): Promise<Visitor | string | undefined> {
    const keys = await keySets.of(expected.keysUrl);
    if (keys === undefined) return undefined;
    try {
      return await visitor(token, expected, keys);
    } catch (error) {
      if (!(error instanceof errors.JWKSNoMatchingKey)) return reason(error);
      const newer = await keySets.of(expected.keysUrl, true);
      if (newer === undefined || newer === keys) return reason(error);
      return visitor(token, expected, newer).catch(reason);
    }
  }

  async function visitor(
    token: string,
    { issuer, audience }: Expected,
    keys: JWTVerifyGetKey,
  ): Promise<Visitor | string> {
    const { payload } = await jwtVerify(token, keys, {
      issuer,
      audience,
      algorithms: [ALGORITHM],
      requiredClaims: ['exp'],
      clockTolerance: SKEW,
      currentDate: clock.now(),
    });
    return visitorOf(payload) ?? 'it names nobody';
  }
}

const OTHER_ISSUE = 'issued by another, or for another door';

function reason(error: unknown): string {
  if (error instanceof errors.JWTClaimValidationFailed && ['aud', 'iss'].includes(error.claim)) {
    return OTHER_ISSUE;
  }
  return error instanceof Error ? error.message : String(error);
}

function visitorOf({ email, common_name: client }: JWTPayload): Visitor | undefined {
  if (typeof email === 'string' && email !== '') return { user: email, email };
  return typeof client === 'string' && client !== '' ? { user: client } : undefined;
}
