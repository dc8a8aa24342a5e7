import type { Admitted, Moves, State } from '../moves/moves.ts';
import { home } from './authentik-home.ts';

/** A login of people who must pass policies and a flow of Authentik. */
export interface PolicedLogin {
  readonly who: 'ada' | 'ben' | 'both' | 'everyone';
  readonly policies?: readonly string[];
  readonly flow?: string;
}

const people = {
  ada: ['users: [ada]', { users: ['ada'] }],
  ben: ['users: [ben]', { users: ['ben'] }],
  both: ['users: [ada, ben]', { users: ['ada', 'ben'] }],
  everyone: ['everyone: { reason: all }', { everyone: true }],
} as const;

export const policedLogins: readonly PolicedLogin[] = [
  { who: 'ada' },
  { who: 'both' },
  { who: 'everyone' },
  { who: 'ada', policies: ['office'] },
  { who: 'ben', policies: ['office'] },
  { who: 'ben', policies: ['office', 'trusted'] },
  { who: 'everyone', policies: ['office'] },
  { who: 'everyone', policies: ['trusted'] },
  { who: 'ada', policies: ['trusted'], flow: 'mfa' },
];

/** A client with each of these logins. */
export const clientStates: readonly State[] = policedLogins.map((login) => ({
  name: keysOfLogin(login),
  service: undefined,
  guards: [{ host: 'auth.example.dev', client: 'portal', admit: admittedBy(login) }],
}));

/** A home with the client in this state. */
export function clientHome(of: State): string {
  const client = `  portal: { redirectUris: ["https://portal.example.dev/callback"], ${of.name} }\n`;
  return home({ ...of, service: undefined }).replace('clients:\n', `clients:\n${client}`);
}

/** Two people, two policies and a flow at Authentik. */
export async function settlePolicies(moves: Moves): Promise<void> {
  const make = (path: string, body: object) => moves.byHand('POST', `/api/v3${path}`, body, 'authentik');
  for (const username of ['ada', 'ben']) await make('/core/users/', { username, name: username, groups: [] });
  for (const name of ['office', 'trusted'])
    await make('/policies/expression/', { name, expression: `return is_${name}(request)` });
  const flow = { name: 'mfa', slug: 'mfa', title: 'mfa', designation: 'authorization' };
  await make('/flows/instances/', flow);
}

/** The keys of a gate or a client in the file. */
export function keysOfLogin({ who, policies = [], flow }: PolicedLogin): string {
  const asked = policies.length > 0 ? [`policies: [${policies.join(', ')}]`] : [];
  return [people[who][0], ...asked, ...(flow === undefined ? [] : [`flow: ${flow}`])].join(', ');
}

/** The people whom the login admits, in the form of a guard. */
export function admittedBy({ who, policies = [], flow }: PolicedLogin): Admitted {
  const passes = [
    ...policies.map((name) => `policy ${name}`),
    ...(flow === undefined ? [] : [`flow ${flow}`]),
  ];
  const [, one] = people[who];
  const include = 'everyone' in one ? { everyone: true as const } : { users: [...one.users] };
  return { rules: [{ include: [include], require: passes.map((name) => ({ passes: [name] })) }] };
}
