import type { ProxyProviderSpec } from '../../../reconcilers/authentik/provider/proxy-provider.ts';
import type { Observed } from '../../core/objects/object.ts';
import { servingProviders } from '../../import/authentik/authentik-gate.ts';
import {
  applicationOfProvider,
  nameInAuthentik,
  outpostsOf,
} from '../../import/authentik/authentik-login.ts';
import { grouped } from '../../import/terms/grouped.ts';
import type { FindingQuestion, FoundFault } from '../terms/finding-ground.ts';
import { namedSubject } from '../terms/subjects.ts';

/** The providers with which nobody can log in. */
export const idleProviders: FindingQuestion = {
  rules: ['provider-without-application', 'unserved-provider', 'equal-providers'],
  reads: [
    ...['authentik/proxy-provider', 'authentik/oauth2-provider', 'authentik/application'],
    ...['authentik/provider-link', 'authentik/outpost-entry', 'authentik/outpost-host'],
  ],
  needsEveryApplication: true,
  ask: ({ live }) => {
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
          subject: subjectOf(have, kind),
          says: `The ${kind} ${nameInAuthentik(have)} has no application`,
        }),
      ),
      ...unserved.map(
        ({ have, kind }): FoundFault => ({
          rule: 'unserved-provider',
          subject: subjectOf(have, kind),
          says: `No outpost serves the ${kind} ${nameInAuthentik(have)} for ${have.spec.hosts.join(', ')}`,
        }),
      ),
      ...equalProviders(servingProviders(live)),
    ];
  },
};

function equalProviders(serving: readonly Observed<ProxyProviderSpec>[]): readonly FoundFault[] {
  const groups = [...grouped(serving, ({ spec }) => spec.hosts.join(', ')).entries()];
  return groups.flatMap(([host, providers]) =>
    providers.length < 2
      ? []
      : [
          {
            rule: 'equal-providers' as const,
            subject: namedSubject('host', host),
            says: `Outposts serve ${providers.length} providers for ${host}: ${providers.map(nameInAuthentik).join(', ')}`,
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
          subject: subjectOf(have, 'proxy provider'),
          says: `The proxy provider ${nameInAuthentik(have)} asks nobody at paths that contain \`${loose}\` anywhere`,
        },
      ];
    }),
};

/** The clients whose redirect addresses are not those of one program. */
export const looseRedirects: FindingQuestion = {
  rules: ['loose-redirect'],
  reads: ['authentik/oauth2-provider'],
  ask: (ground) =>
    ground.live.of('authentik/oauth2-provider').flatMap((have) => {
      const loose = have.spec.redirectUris.find(({ match, uri }) => match === 'regex' && !namesHost(uri));
      const insecure = have.spec.redirectUris.find(({ match, uri }) => match === 'strict' && isInsecure(uri));
      const found = loose ?? insecure;
      if (found === undefined) return [];
      const name = nameInAuthentik(have);
      return [
        {
          rule: 'loose-redirect' as const,
          subject: subjectOf(have, 'OAuth2 provider'),
          says:
            found === loose
              ? `The OAuth2 provider ${name} redirects to every address that matches \`${found.uri}\``
              : `The OAuth2 provider ${name} redirects to ${found.uri}, which is not encrypted`,
        },
      ];
    }),
};

/** True if each address that an expression matches has one known host: no operator stands before the path. */
function namesHost(expression: string): boolean {
  return /^\^?https?:\/\/(?:[a-z0-9-]|\\\.)+(?::\d+)?(?:\/|$|\\\/)/.test(expression);
}

function isInsecure(uri: string): boolean {
  if (!uri.startsWith('http://') || !URL.canParse(uri)) return false;
  const { hostname } = new URL(uri);
  return !/^(?:localhost|127\.|\[::1\])/.test(hostname);
}

function subjectOf(have: Observed, kind: string) {
  return namedSubject(kind, JSON.parse(nameInAuthentik(have)) as string);
}
