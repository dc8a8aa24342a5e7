import type { Config, Everyone, Gate, Service } from '../../config/model/config.ts';
import { zoneOf } from '../../config/model/host.ts';
import type { Guard } from '../sandbox/index.ts';

type Admitted = Guard['admit'];

/** The domain of the guards of clients' logins: no host has such a name. */
export const clientDomain = '.client.invalid';

/**
 * The people whom the file admits, in the words of the sandbox's oracle. It follows from the file alone and shares no
 * code with the plan, so that a mistake there is not repeated here. `leaving` are hosts that the file no longer has:
 * nobody may reach one of them who could not before.
 */
export function guardsOf(config: Config, leaving: readonly string[]): readonly Guard[] {
  return [
    ...[...config.services.values()].flatMap((service) => ofService(service, config)),
    ...ofClients(config),
    ...leaving.map((host): Guard => ({ host, admit: {} })),
  ];
}

function ofService({ host, gate, paths, zone }: Service, config: Config): readonly Guard[] {
  const own = { host, zone };
  return [
    { host, admit: admitted(gate, own, config) },
    ...paths.map((path): Guard => ({ host, path: path.path, admit: admitted(path.gate, own, config) })),
  ];
}

/** Whoever gets a code for a client gets into the application behind it. */
function ofClients(config: Config): readonly Guard[] {
  return [...config.clients.values()].map(({ name, groups, everyone }): Guard => {
    const gates = [...config.services.values()].flatMap(({ gate }) =>
      gate.type === 'authentik' && gate.client === name ? [gate] : [],
    );
    const all = [{ groups, everyone }, ...gates];
    return { host: `${name}${clientDomain}`, client: name, admit: people(all) };
  });
}

function admitted(gate: Gate, { host }: Pick<Service, 'host'>, config: Config): Admitted {
  switch (gate.type) {
    case 'public':
    case 'identityProvider':
      return { public: true };
    case 'serviceToken':
      return { tokens: [...gate.tokens] };
    case 'cloudflare':
      return gate.everyone === undefined
        ? { emails: [...gate.emails, ...byPin(config)], groups: [...gate.groups] }
        : everybody;
    case 'authentik':
      // The application itself asks: what is looked at is who gets a code for its client.
      if (gate.mode === 'oidc') return { public: true };
      return people([gate.mode === 'domain' ? domainOf(host, config) : gate]);
    case 'webhook':
      return gate.tokens.length > 0 ? { tokens: [...gate.tokens] } : {};
    case 'jwt':
      return {};
  }
}

/** The people who may pass every Access gate with a one-time PIN, in addition to those who may with Authentik. */
function byPin({ cloudflare: { access } }: Config): readonly string[] {
  return access.identityProvider === undefined ? [] : (access.breakGlass?.emails ?? []);
}

/** Whoever logs in, and nobody who does not. */
const everybody: Admitted = { people: true };

interface Admitting {
  readonly groups: readonly string[];
  readonly everyone: Everyone | undefined;
}

function people(entries: readonly (Admitting | undefined)[]): Admitted {
  const groups = [...new Set(entries.flatMap((entry) => entry?.groups ?? []))];
  if (groups.length > 0) return { groups };
  return entries.some((entry) => entry?.everyone !== undefined) ? everybody : {};
}

function domainOf(host: string, { authentik }: Config): Admitting | undefined {
  return authentik?.domains.get(zoneOf(host, authentik.domains) ?? '');
}
