import type { ProxyProviderSpec } from '../../../reconcilers/authentik/provider/proxy-provider.ts';
import type * as file from '../../../schema/generated/config.ts';
import { longestOutpostSession } from '../../config/model/outpost-terms.ts';
import { durationText } from '../terms/durations.ts';

type OutpostSettings = Pick<
  NonNullable<file.Gate['authentik']>,
  'session' | 'basicAuth' | 'interceptAuthorization'
>;

/** Seconds of a session at a new provider. */
const usualSession = 3600;

/**
 * The settings of a proxy provider that are not those of a new one. One that a file cannot say is left out: gates leaves
 * it, and reports it if it widens the login.
 */
export function outpostSettings({
  sessionLifetime,
  basicAuth,
  interceptAuthorization,
}: ProxyProviderSpec): OutpostSettings {
  return {
    ...(isSession(sessionLifetime) && { session: durationText(sessionLifetime) }),
    ...(isBasicAuth(basicAuth) && { basicAuth }),
    ...(interceptAuthorization === false && { interceptAuthorization }),
  };
}

function isSession(seconds: number | undefined): seconds is number {
  if (seconds === undefined || seconds === usualSession) return false;
  return Number.isInteger(seconds) && seconds > 0 && seconds <= longestOutpostSession;
}

function isBasicAuth(
  basicAuth: ProxyProviderSpec['basicAuth'],
): basicAuth is Exclude<file.BasicAuth, boolean> {
  if (basicAuth === undefined || basicAuth === 'off') return false;
  return basicAuth.userAttribute.trim() !== '' && basicAuth.passwordAttribute.trim() !== '';
}
