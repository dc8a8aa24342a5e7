import type { Widening } from '../../../../src/core/objects/widening.ts';
import { shorter } from '../session/go-duration.ts';
import type { AccessApplicationReply } from './application-form.ts';

/** The default length of a session at Access. */
const usualSession = '24h';

/** Settings of an application that gates does not write, and that admit more people, or for longer. */
export function applicationWidenings(reply: AccessApplicationReply): readonly Widening[] {
  return [
    ...when(reply.http_only_cookie_attribute === false, {
      field: 'http_only_cookie_attribute',
      effect: 'scripts of the page may read the cookie of the session',
    }),
    ...when(reply.same_site_cookie_attribute === 'none', {
      field: 'same_site_cookie_attribute',
      effect: 'requests that other sites make carry the session',
      unless: 'sameSite',
    }),
    ...when(reply.cors_headers != null, {
      field: 'cors_headers',
      effect:
        'Cloudflare lets scripts of other sites read answers, and answers their preflight requests itself',
      unless: 'cors',
    }),
    ...when(reply.allow_iframe === true, {
      field: 'allow_iframe',
      effect: 'other sites may show the host in a frame',
    }),
    ...when(reply.oauth_configuration != null && reply.oauth_configuration.enabled !== false, {
      field: 'oauth_configuration',
      effect: 'programs get tokens for people (Managed OAuth)',
    }),
    ...secondFactor(reply),
    ...longSession(reply),
  ];
}

/** The fields that policies and applications have in common. */
export function secondFactor({
  mfa_config: mfa,
}: Pick<AccessApplicationReply, 'mfa_config'>): readonly Widening[] {
  return when(mfa?.mfa_disabled === true, {
    field: 'mfa_config',
    effect: 'nobody is asked for the second factor that the account asks for',
  });
}

export function longSession({
  session_duration: session,
}: Pick<AccessApplicationReply, 'session_duration'>): readonly Widening[] {
  return when(Boolean(session) && shorter(usualSession, session ?? undefined), {
    field: 'session_duration',
    effect: `a session lasts ${session}, and ${usualSession} where nobody says otherwise`,
    unless: 'sessionDuration',
  });
}

function when(is: boolean, widening: Widening): readonly Widening[] {
  return is ? [widening] : [];
}
