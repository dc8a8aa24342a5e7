import type * as file from '../../../schema/generated/config.ts';
import { secondsOf } from './duration.ts';

/** The way in which an outpost logs people in, whoever they are. Undefined: the file does not decide. */
export interface OutpostTerms {
  /** Seconds that a login lasts. */
  readonly session: number | undefined;
  /** Attributes of the person with the name and the password that the application gets; `false`: it gets none. */
  readonly basicAuth: Exclude<file.BasicAuth, boolean> | false | undefined;
  /** True: a request whose `Authorization` header proves nothing is refused, and not sent to the login. */
  readonly interceptAuthorization: boolean | undefined;
}

/** Seconds of a month, which is also the longest session at the gate `cloudflare`. */
export const longestOutpostSession = 730 * 3600;

/** The keys of the file that decide them, below a gate or a domain. */
export const outpostKeys = ['session', 'basicAuth', 'interceptAuthorization'] as const;

export function outpostTermsOf({
  session,
  basicAuth,
  interceptAuthorization,
}: {
  readonly session?: string;
  readonly basicAuth?: file.BasicAuth;
  readonly interceptAuthorization?: boolean;
}): OutpostTerms {
  return {
    session: session === undefined ? undefined : secondsOf(session),
    // The checks of the file refuse `true`.
    basicAuth: typeof basicAuth === 'boolean' ? false : basicAuth,
    interceptAuthorization,
  };
}
