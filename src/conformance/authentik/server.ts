import { ConfigError } from '../../core/errors.ts';
import type { Clock, Wire } from '../../core/world.ts';
import { createPerson, type Endpoint, type Fetch } from './person.ts';

/** The Authentik at which the stories are played, and a superuser's way to its API. */
export interface StoryServer extends Endpoint {
  /** Year and month, `2025.12`. */
  readonly release: string;
  readonly clock: Clock;
  /** Gates' own client for this server, with another token and another fetch than the endpoint's. */
  connect(token: string, fetch: Fetch): Wire;
}

/** Flows that every server has from its first start; the stories refer to them and never change them. */
export const stockFlows = [
  'default-provider-authorization-implicit-consent',
  'default-provider-authorization-explicit-consent',
  'default-provider-invalidation-flow',
  'default-invalidation-flow',
] as const;

/**
 * The release of a server at which the stories can be played. Writes nothing.
 * @throws ConfigError if the token is not a superuser's, or a flow of every server is missing.
 */
export async function releaseOf(endpoint: Endpoint): Promise<string> {
  const person = createPerson(endpoint);
  const { user } = await person.get('/core/users/me/');
  if ((user as { readonly is_superuser?: boolean } | undefined)?.is_superuser !== true) {
    throw new ConfigError('The token of Authentik is not that of a superuser', {
      hint: 'The stories create users with few rights, so give AUTHENTIK_TOKEN a token of a superuser for this command alone; gates itself needs no such token',
    });
  }
  const flows = new Set((await person.list('/flows/instances/')).map(({ slug }) => slug));
  const missing = stockFlows.filter((slug) => !flows.has(slug));
  if (missing.length > 0) {
    throw new ConfigError(`The server lacks the stock flow ${missing.join(', ')}`, {
      hint: 'Authentik creates it with its default blueprints: see whether they have been applied',
    });
  }
  const { version_current: current } = await person.get('/admin/version/');
  return String(current).split('.').slice(0, 2).join('.');
}
