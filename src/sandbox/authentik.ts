import type { World } from './world.ts';

/**
 * Authentik's place, until the sandbox plays Authentik: every path answers 200 and says who answered, which is
 * what the edge needs to tell Authentik from an application.
 */
export function authentikReply(world: World, method: string): Response {
  const body = { authentik: 'sandbox', zones: world.zones.map((zone) => zone.name) };
  return new Response(method === 'HEAD' ? null : `${JSON.stringify(body)}\n`, {
    status: 200,
    headers: { 'content-type': 'application/json', 'x-sandbox-served-by': 'authentik' },
  });
}
