import type { World } from '../../state/world.ts';
import { teamCerts } from '../access/access-token.ts';

/** The team's keys, if a Worker asks for them; null for every other address. */
export async function serveTeam({ organization }: World, request: Request): Promise<Response | null> {
  const { hostname, pathname } = new URL(request.url);
  if (hostname !== organization?.authDomain || pathname !== '/cdn-cgi/access/certs') return null;
  return Response.json(await teamCerts());
}
