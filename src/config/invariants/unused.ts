import { zoneOf } from '../model/host.ts';
import { gatesIn, type InvariantBreach, type Judged } from './invariant.ts';

/** G109: declared, but not used. Clients may be unused: their application has another gate. */
export function declaredAndUnused({ config, whole }: Judged): InvariantBreach[] {
  // If entries with mistakes were left out, one of them may use the rest.
  if (!whole) return [];
  const gates = gatesIn(config);
  const { access, tunnels } = config.cloudflare;
  const domains = config.authentik?.domains ?? new Map();
  const groups = new Set([
    ...gates.flatMap(({ gate }) => gate.groups),
    ...[...config.clients.values()].flatMap((client) => client.groups),
    ...[...domains.values()].flatMap((domain) => domain.groups),
    // A group with a parent, and the parent, mean something to each other.
    ...[...config.groupParents].flat(),
    // An assertion may say that a group gets in nowhere.
    ...config.expectations.flatMap(({ visitor }) => (visitor.who === 'member' ? visitor.groups : [])),
  ]);
  const tokens = new Set([
    ...gates.flatMap(({ gate }) => gate.tokens),
    ...config.expectations.flatMap(({ visitor }) => (visitor.who === 'machine' ? visitor.token : [])),
  ]);
  const actions = new Set(gates.flatMap(({ gate }) => gate.actions));
  const scopes = new Set(
    [...config.clients.values()].flatMap((client) => (client.protocol === 'oidc' ? client.scopes : [])),
  );
  const origins = new Set([...config.services.values()].map(({ origin }) => origin.name));
  const usedTunnels = new Set([...config.origins.values()].map(({ tunnel }) => tunnel));
  const usedDomains = new Set(
    gates.flatMap(({ gate, service }) => (gate.sharesLogin ? [zoneOf(service.host, domains)] : [])),
  );
  const unused = (
    section: readonly string[],
    names: Iterable<string>,
    used: ReadonlySet<string | undefined>,
  ) =>
    [...names]
      .filter((name) => !used.has(name))
      .map((name): InvariantBreach => {
        const message = `${section.join('.')}.${name} is declared and nothing uses it`;
        return {
          path: [...section, name],
          part: 'key',
          message,
          hint: 'remove it, or name it where it is meant',
          // A name that is undeclared elsewhere may be a slip of this one.
          restsOn: [[]],
        };
      });
  return [
    ...unused(['cloudflare', 'tunnels'], tunnels.keys(), usedTunnels),
    ...unused(['origins'], config.origins.keys(), origins),
    ...unused(['groups'], config.groups, groups),
    ...unused(['people'], config.people, new Set(gates.flatMap(({ gate }) => gate.lists.people))),
    ...unused(['networks'], config.networks, new Set(gates.flatMap(({ gate }) => gate.lists.networks))),
    ...unused(
      ['certificateAuthorities'],
      config.certificateAuthorities.keys(),
      new Set(gates.flatMap(({ gate }) => gate.lists.certificateAuthorities)),
    ),
    ...unused(['serviceTokens'], config.serviceTokens.keys(), tokens),
    ...unused(['actions'], config.actions.keys(), actions),
    ...unused(['authentik', 'domains'], domains.keys(), usedDomains),
    ...unused(['authentik', 'scopes'], config.authentik?.scopes.keys() ?? [], scopes),
    ...(access.breakGlass !== undefined && access.identityProvider === undefined
      ? [
          {
            path: ['cloudflare', 'access', 'breakGlass'],
            part: 'key' as const,
            message: 'a way around Authentik, and Access does not log in through Authentik',
            hint: 'remove it, or set `identityProvider: authentik`',
          },
        ]
      : []),
  ];
}
