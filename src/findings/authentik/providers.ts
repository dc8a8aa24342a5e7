import { grouped } from '../../core/objects/grouped.ts';
import { applicationOfProvider, outpostsOf } from '../../import/authentik/authentik-login.ts';
import type { FindingGround, FindingQuestion, FoundFault } from '../terms/finding-ground.ts';
import { namedSubject, providerName } from '../terms/subjects.ts';

/** The providers with which nobody can log in. */
export const idleProviders: FindingQuestion = {
  rules: ['provider-without-application', 'unserved-provider', 'equal-providers'],
  reads: [
    ...['authentik/proxy-provider', 'authentik/oauth2-provider', 'authentik/application'],
    ...['authentik/provider-link', 'authentik/outpost-entry', 'authentik/outpost-host'],
  ],
  needsEveryApplication: true,
  ask: ({ live, serving }) => {
    const proxies = live.of('authentik/proxy-provider').map((have) => ({ have, kind: 'proxy provider' }));
    const clients = live.of('authentik/oauth2-provider').map((have) => ({ have, kind: 'OAuth2 provider' }));
    const unlinked = [...proxies, ...clients].filter(
      ({ have }) => applicationOfProvider(have, live) === undefined,
    );
    const unserved = proxies.filter(
      ({ have }) => applicationOfProvider(have, live) !== undefined && outpostsOf(have, live).length === 0,
    );
    return [
      ...unlinked.map(
        ({ have, kind }): FoundFault => ({
          rule: 'provider-without-application',
          subject: namedSubject(kind, providerName(have, live.scope)),
          says: `The ${kind} "${providerName(have, live.scope)}" has no application`,
        }),
      ),
      ...unserved.map(
        ({ have, kind }): FoundFault => ({
          rule: 'unserved-provider',
          subject: namedSubject(kind, providerName(have, live.scope)),
          says: `No outpost serves the ${kind} "${providerName(have, live.scope)}" for ${have.spec.hosts.join(', ')}`,
        }),
      ),
      ...equalProviders(serving, live.scope),
    ];
  },
};

function equalProviders(
  serving: FindingGround['serving'],
  scope: FindingGround['live']['scope'],
): readonly FoundFault[] {
  const groups = [...grouped(serving, ({ spec }) => spec.hosts.join(', ')).entries()];
  return groups.flatMap(([host, providers]) =>
    providers.length < 2
      ? []
      : [
          {
            rule: 'equal-providers' as const,
            subject: namedSubject('host', host),
            says: `Outposts serve ${providers.length} providers for ${host}: ${providers.map((each) => providerName(each, scope)).join(', ')}`,
          },
        ],
  );
}

/** The expressions for open paths that match in the middle of other paths. */
export const looseSkipPaths: FindingQuestion = {
  rules: ['loose-skip-path'],
  reads: ['authentik/proxy-provider'],
  ask: ({ live }) =>
    live.of('authentik/proxy-provider').flatMap((have) => {
      const lines = have.spec.skipPathRegex.split('\n').map((line) => line.trim());
      const loose = lines.find((line) => line !== '' && !/^(?:\(\?[a-z]+\))?(?:\^|\\A)/.test(line));
      if (loose === undefined) return [];
      return [
        {
          rule: 'loose-skip-path' as const,
          subject: namedSubject('proxy provider', providerName(have, live.scope)),
          says: `The proxy provider "${providerName(have, live.scope)}" asks nobody at paths that contain \`${loose}\` anywhere`,
        },
      ];
    }),
};
