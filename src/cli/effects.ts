import path from 'node:path';
import { reconcilers } from '../../reconcilers/index.ts';
import { createAuthentikWire } from '../clients/authentik.ts';
import { createBudget } from '../clients/budget.ts';
import { createCloudflareWire } from '../clients/cloudflare.ts';
import { createEdge, createOrigin } from '../clients/edge.ts';
import { systemClock } from '../clients/state/clock.ts';
import { createNotes } from '../clients/state/notes.ts';
import { fileSinks } from '../clients/state/sinks.ts';
import { createVault } from '../clients/state/vault.ts';
import { ConfigError } from '../core/errors.ts';
import type { Scope } from '../core/object.ts';
import type { Clock, World } from '../core/world.ts';
import { createWorld } from '../observed/world.ts';
import type { Effects } from '../reconcile.ts';
import type { Settings } from './settings.ts';
import { redactor } from './terminal.ts';

/**
 * What a pass reaches on this machine: the real wire, the state directory, the system's clock. The budget of
 * calls belongs to the token, so that it is shared by all passes of the process; the signal belongs to one.
 */
export function effectsMaker(settings: Settings): (signal: AbortSignal) => Effects {
  const token = settings.cloudflareToken;
  if (token === undefined) {
    throw new ConfigError('No token for Cloudflare', {
      hint: 'Set CLOUDFLARE_API_TOKEN, or CLOUDFLARE_API_TOKEN_FILE; the README lists the permissions it needs',
    });
  }
  const clock = systemClock;
  const budget = createBudget(clock);
  const state = (name: string) => path.join(settings.stateDir, name);
  const vault = createVault({
    directory: state('vault'),
    redactor,
    ...(settings.vaultKey !== undefined && { key: settings.vaultKey }),
  });
  const edge = createEdge(settings.probeEdge);
  const notes = createNotes(state('notes'));
  return (signal) => {
    const cloudflare = createCloudflareWire({
      token,
      clock,
      redactor,
      signal,
      budget,
      ...(settings.cloudflareBaseUrl !== undefined && { baseUrl: settings.cloudflareBaseUrl }),
    });
    const parts = { cloudflare, edge, originAt: createOrigin, vault, sinks: fileSinks, notes, clock, signal };
    return {
      reconcilers,
      world: (scope: Scope) => createWorld({ ...parts, ...authentikOf(scope, settings, { clock, signal }) }),
    };
  };
}

/** The Authentik of the file, if it has one: its wire, and a scope that says where it really is. */
function authentikOf(
  scope: Scope,
  settings: Settings,
  { clock, signal }: { readonly clock: Clock; readonly signal: AbortSignal },
): Pick<World, 'scope' | 'authentik'> {
  if (scope.authentik === undefined) return { scope, authentik: undefined };
  const token = settings.authentikToken;
  if (token === undefined) {
    throw new ConfigError('No token for Authentik', {
      hint: 'Set AUTHENTIK_TOKEN, or AUTHENTIK_TOKEN_FILE, to an API token that does not expire',
    });
  }
  const url = settings.authentikUrl ?? scope.authentik.url;
  const authentik = createAuthentikWire({ token, url, clock, redactor, signal });
  return { scope: { ...scope, authentik: { ...scope.authentik, url } }, authentik };
}
