import type { Chart, Need } from './check.ts';

/** The account of the token. */
export interface Self {
  readonly pk: number;
  readonly username: string;
  readonly is_superuser: boolean;
}

export interface ListedOutpost {
  readonly pk: string;
  readonly name: string;
  readonly type?: string;
  readonly managed?: string | null;
  readonly providers: readonly number[];
  readonly config: Readonly<Record<string, unknown>>;
}

export async function selfOf({ authentik }: Chart): Promise<Self> {
  const reply = (await authentik.get('/core/users/me/')) as { readonly user: Self };
  return reply.user;
}

/** True if a gate of the file sends people through the outpost; without a file, it may. */
export function usesOutpost({ config }: Need): boolean {
  if (config === undefined) return true;
  return [...config.services.values()].some(
    ({ gate }) => gate.login === 'authentik' && gate.enforcedBy !== 'application',
  );
}

/** True if a client of the file logs people in by LDAP. */
export function usesLdap({ desired }: Need): boolean {
  return desired?.scope.authentik?.ldapOutpost !== undefined;
}

/** True if gates makes logins in Authentik at all. */
export function usesLogins(need: Need): boolean {
  const { config } = need;
  if (config === undefined) return true;
  const gates = [...config.services.values()].map(({ gate }) => gate);
  return config.clients.size > 0 || gates.some(({ login }) => login === 'authentik');
}
