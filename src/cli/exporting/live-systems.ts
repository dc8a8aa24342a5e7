import { createAuthentikWire } from '../../clients/authentik/authentik.ts';
import { nobodyWrites } from '../../clients/http/write-guard.ts';
import { systemClock } from '../../clients/state/clock.ts';
import type { Config } from '../../config/model/config.ts';
import { ConfigError } from '../../core/errors.ts';
import { zoneScope } from '../../desired/terms/zone-scope.ts';
import type { ReadingSystems } from '../../export/read-systems.ts';
import { cloudflareMaker } from '../surroundings/cloudflare-wires.ts';
import { zoneTokensIn } from '../surroundings/named-variables.ts';
import type { Settings } from '../surroundings/settings.ts';
import { redactor } from '../surroundings/terminal.ts';

/**
 * The real systems, for reading alone: a write is refused before it is sent. Authentik's address comes from the
 * environment or the file, never from an export, since the token is sent to it. `zones`: those to read beside the file's.
 * @throws ConfigError if a token is missing.
 */
export function liveSystems(
  settings: Settings,
  config: Config | undefined,
  zones: readonly string[] = [],
): Pick<ReadingSystems, 'cloudflare' | 'authentik' | 'tokens'> {
  const { cloudflareToken, cloudflareBaseUrl: baseUrl, authentikToken, tokenVariables } = settings;
  if (cloudflareToken === undefined) {
    throw new ConfigError('No token for Cloudflare', {
      hint: `Set ${tokenVariables.cloudflare}, or ${tokenVariables.cloudflare}_FILE`,
    });
  }
  const cloudflareWires = cloudflareMaker(settings, systemClock);
  const authentikUrl = settings.authentikUrl ?? config?.authentik?.url;
  if (authentikUrl !== undefined && authentikToken === undefined) {
    throw new ConfigError('No token for Authentik', {
      hint: `Set ${tokenVariables.authentik}, or ${tokenVariables.authentik}_FILE`,
    });
  }
  const { signal } = new AbortController();
  const common = { clock: systemClock, redactor, signal, guard: nobodyWrites };
  return {
    cloudflare: cloudflareWires({ ...common, ...(baseUrl !== undefined && { baseUrl }) }).of(
      config === undefined
        ? { zones }
        : { ...zoneScope(config.cloudflare), zones: [...new Set([...config.cloudflare.zones, ...zones])] },
    ),
    authentik:
      authentikUrl === undefined || authentikToken === undefined
        ? undefined
        : createAuthentikWire({ ...common, token: authentikToken, url: authentikUrl }),
    tokens: [cloudflareToken, authentikToken ?? '', ...zoneTokensIn(settings.named).values()],
  };
}
