import type { World } from '../world.ts';

/**
 * Authentik's public face, until the sandbox plays it: every path answers 200 and says who answered, which is what
 * the edge needs to tell Authentik from an application.
 */
export function publicPage(world: World, method: string): Response {
  const body = { authentik: 'sandbox', zones: world.zones.map((zone) => zone.name) };
  return new Response(method === 'HEAD' ? null : `${JSON.stringify(body)}\n`, {
    status: 200,
    headers: { 'content-type': 'application/json', 'x-sandbox-served-by': 'authentik' },
  });
}
