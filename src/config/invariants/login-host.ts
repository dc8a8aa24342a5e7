import type { Config } from '../model/config.ts';
import type { Gate } from '../model/gate.ts';
import { overlaps, type PathForm } from '../model/path-form.ts';
import { asksForToken, gatesIn, type InvariantBreach, type Judged } from './invariant.ts';

/** Paths of Authentik that both browsers and machines use. */
const SHARED: readonly PathForm[] = [
  { form: 'subtree', prefix: '/api/v3' },
  { form: 'subtree', prefix: '/application/o' },
];

/** G105: a service token there would lock people out of their login. */
export function tokenOnTheLoginHost({ config }: Judged): InvariantBreach[] {
  return [...config.services.values()].flatMap((service) => {
    if (!service.gate.showsLogin) return [];
    return service.paths.flatMap((exception): InvariantBreach[] => {
      const shared = SHARED.find((path) => overlaps(path, exception));
      if (!asksForToken(exception.gate) || shared === undefined) return [];
      const message = `browsers use ${shared.prefix}/ of the login host too, and have no service token`;
      const hint = 'make a second service for machines, with `hostHeader` set to the login host';
      return [{ path: ['services', service.name, 'paths', exception.path], part: 'key', message, hint }];
    });
  });
}

/** G103, the part that the file alone shows: people who must log in need a way to the login page. */
export function noLoginHost({ config, whole }: Judged): InvariantBreach[] {
  const { authentik } = config;
  const uses = gatesIn(config).some(({ gate }) => asksAuthentik(config, gate));
  // If entries with mistakes were left out, one of them may be the service that shows the login page.
  if (authentik === undefined || !whole || !uses || authentik.service !== undefined) return [];
  const faces = [...config.services.values()].filter(({ gate }) => gate.showsLogin);
  const message =
    faces.length === 0
      ? 'no service shows the login page of Authentik, to which people are sent'
      : 'several services show the login page of Authentik, and people are sent to one';
  const hint =
    faces.length === 0
      ? 'add a service with `gate: { identityProvider: {} }`'
      : `add \`service:\` with one of: ${faces.map(({ name }) => name).join(', ')}`;
  return [{ path: ['authentik'], part: 'key', message, hint }];
}

function asksAuthentik({ cloudflare }: Config, { login }: Gate): boolean {
  if (login === 'access') return cloudflare.access.identityProvider !== undefined;
  return login === 'authentik';
}

/** G120: while Authentik is down, people whom that locks out cannot repair it. */
export function noWayBackIn({ config, whole }: Judged): InvariantBreach[] {
  const { identityProvider, breakGlass } = config.cloudflare.access;
  // If entries with mistakes were left out, one of them may be the way back in.
  if (!whole || identityProvider === undefined || breakGlass !== undefined) return [];
  if (!gatesIn(config).some(({ gate }) => gate.login === 'access')) return [];
  const message = 'while Authentik is down, nobody gets through a gate of `cloudflare`';
  const hint =
    'add `breakGlass: { emails: […], reason: … }` beside it: these people may log in by a one-time PIN; or live with it';
  return [{ path: ['cloudflare', 'access', 'identityProvider'], part: 'key', message, hint }];
}

/** G104, the part that the file alone shows: a login in front of the login page lets nobody log in. */
export function loginBeforeTheLogin({ config }: Judged): InvariantBreach[] {
  return [...config.services.values()].flatMap((service) => {
    if (!service.gate.showsLogin) return [];
    return service.paths.flatMap(({ gate, path }): InvariantBreach[] => {
      if (gate.login === undefined) return [];
      const message = 'it would ask for a login on the host that people log in at';
      const hint = 'take the path out, or serve it from another host';
      return [{ path: ['services', service.name, 'paths', path], part: 'key', message, hint }];
    });
  });
}
