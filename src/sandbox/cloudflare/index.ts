import type { World } from '../world.ts';

/** How a request is let in: as another person (no token asked for, no budget used), or by its token. */
export interface CallOptions {
  /** Set by an edit of another actor: authentication and the call budget do not apply. */
  trusted?: boolean;
}

/**
 * Answers one call of the Cloudflare API (`/client/v4/…`, host ignored) and changes the world as it says.
 * Checks the token and the budget. Never throws. Does not log the call, judge exposures or apply faults:
 * the dispatcher does, since a dropped call must be logged and an edit must not.
 */
export async function handleCloudflare(
  world: World,
  request: Request,
  options: CallOptions = {},
): Promise<Response> {
  void [world, request, options];
  return new Response(null, { status: 501 });
}
