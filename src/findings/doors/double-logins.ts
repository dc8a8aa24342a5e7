import type { FindingQuestion, FoundFault } from '../terms/finding-ground.ts';
import { hostSubject, providerName } from '../terms/subjects.ts';

/** The hosts at which one login stands behind another. */
export const doubleLogins: FindingQuestion = {
  rules: ['double-login', 'login-loop'],
  reads: [
    ...['cloudflare/dns-record', 'cloudflare/tunnel', 'cloudflare/ingress-rule'],
    ...['cloudflare/access-application', 'cloudflare/access-policy'],
    ...['authentik/proxy-provider', 'authentik/outpost-entry', 'authentik/outpost-host'],
  ],
  needsEveryApplication: true,
  ask: ({ names, doors, loginHosts, live, serving }) =>
    names.tunneled().flatMap(({ host, shown }): readonly FoundFault[] => {
      if (!doors.asks(host)) return [];
      if (loginHosts.has(host))
        return [
          {
            rule: 'login-loop',
            subject: hostSubject(shown),
            says: `Access asks for a login at ${shown}, where Authentik itself asks people to log in`,
          },
        ];
      const [provider] = serving.filter(({ spec }) => spec.hosts.includes(host));
      if (provider === undefined) return [];
      return [
        {
          rule: 'double-login',
          subject: hostSubject(shown),
          says: `Access asks for a login at ${shown}, and then the provider "${providerName(provider, live.scope)}" of Authentik asks again`,
        },
      ];
    }),
};
