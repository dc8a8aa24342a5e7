import type { UserRow } from '../../state/authentik-state.ts';
import type { SessionRow } from '../../state/login-rows.ts';
import type { ProviderRow } from '../../state/provider-row.ts';
import { now, type World } from '../../state/world.ts';
import { cookieValue } from '../api/cookie.ts';
import { type AuthentikPage, escaped, htmlPage, redirect } from '../api/page.ts';
import { newSecret } from '../api/secret.ts';

const COOKIE = 'authentik_session';

/** The methods of a login with nothing but a password. */
export const PASSWORD = ['pwd'];

/** Starts a session of this person, as after a login by these methods, who passes these flows and policies. */
export function beginSession(
  world: World,
  user: UserRow,
  amr: string[] = PASSWORD,
  passes?: string[],
): SessionRow {
  const session = {
    ...{ id: newSecret(world, 32), user: user.pk, begun: now(world), amr },
    ...(passes === undefined ? {} : { passes }),
  };
  world.authentik.sessions.push(session);
  return session;
}

export function sessionCookie(session: SessionRow): string {
  return `${COOKIE}=${session.id}`;
}

/** The session of this `Cookie` header, and its person while they are active. */
export function loggedIn(
  world: World,
  cookies: string | null,
): { session: SessionRow; user: UserRow } | null {
  const id = cookieValue(cookies, COOKIE);
  const session = world.authentik.sessions.find((row) => row.id === id);
  const user = world.authentik.users.find(({ pk }) => pk === session?.user);
  return session !== undefined && user?.is_active === true ? { session, user } : null;
}

export function endSession(world: World, session: SessionRow): void {
  world.authentik.sessions = world.authentik.sessions.filter(({ id }) => id !== session.id);
}

/** The active person with this username or mail address. */
export function personCalled(world: World, name: string): UserRow | undefined {
  const wanted = name.toLowerCase();
  if (wanted === '') return undefined;
  return world.authentik.users.find(
    (user) => user.is_active && (user.username === name || user.email.toLowerCase() === wanted),
  );
}

/** Sends a browser to log in and back to `next`: with the provider's own flow, else the brand's; 404 without any. */
export function toLogin(world: World, provider: ProviderRow, next: string): AuthentikPage {
  const { brands, flows } = world.authentik;
  const standard = brands.find((brand) => brand.default)?.settings.flow_authentication;
  const flow = flows.find(({ pk }) => pk === (provider.authentication_flow ?? standard));
  if (flow === undefined) return htmlPage(404, 'Not Found', 'There is no authentication flow');
  return redirect(`/if/flow/${flow.slug}/?${new URLSearchParams({ next })}`);
}

/** The page of an authentication flow, which believes any stated identity and second factor; null for any other flow. */
export function loginPage(
  world: World,
  slug: string,
  request: { method: string; query: URLSearchParams; form: URLSearchParams },
): AuthentikPage | null {
  const flow = world.authentik.flows.find((row) => row.slug === slug);
  if (flow?.designation !== 'authentication') return null;
  if (request.method !== 'POST') return loginForm('');
  const user = personCalled(world, request.form.get('uid_field') ?? '');
  if (user === undefined) return loginForm('Failed to authenticate.');
  const amr = request.form.has('mfa') ? [...PASSWORD, 'mfa'] : PASSWORD;
  const next = request.query.get('next') ?? '/';
  const inside = next.startsWith('/') && !/^\/[/\\]/.test(next) ? next : '/';
  return redirect(inside, {
    'set-cookie': `${sessionCookie(beginSession(world, user, amr))}; Path=/; HttpOnly; SameSite=None; Secure`,
  });
}

function loginForm(mistake: string): AuthentikPage {
  const form =
    '<form method="post"><input name="uid_field"><input name="mfa" type="checkbox"><button>Log in</button></form>';
  return htmlPage(200, 'Log in', `${escaped(mistake)}${form}`);
}
