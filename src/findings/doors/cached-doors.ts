import { pathClasses } from '../../doors/paths.ts';
import type { FindingGround, FindingQuestion } from '../terms/finding-ground.ts';
import { hostSubject } from '../terms/subjects.ts';

/** The hosts whose gate stands behind Cloudflare's cache. A gate of Access stands before it. */
export const cachedDoors: FindingQuestion = {
  rules: ['cached-door'],
  reads: [
    ...['cloudflare/dns-record', 'cloudflare/tunnel', 'cloudflare/ingress-rule', 'cloudflare/cache-rule'],
    ...['cloudflare/access-application', 'cloudflare/access-policy'],
    ...['authentik/proxy-provider', 'authentik/outpost-entry'],
  ],
  needsEveryApplication: true,
  ask: (ground) =>
    ground.names.tunneled().flatMap(({ host, shown }) => {
      if (!isDecidedBehind(ground, host, shown) || isStoredByFile(ground, host)) return [];
      const path = pathClasses(ground.store, host).find((each) =>
        ground.doors.ways(host, each).some(({ to }) => to.startsWith('copies of ')),
      );
      if (path === undefined) return [];
      return [
        {
          rule: 'cached-door' as const,
          subject: hostSubject(shown),
          says: `Cloudflare may store answers of ${shown}, such as ${path}, and give them to visitors without a login`,
        },
      ];
    }),
};

/** True if Authentik's outpost decides at the host, and Access asks nobody. */
function isDecidedBehind({ doors, visits, serving }: FindingGround, host: string, shown: string): boolean {
  const { answer } = visits.get(shown) ?? {};
  if (answer === 'asks') return true;
  if (answer === 'open' || answer === 'login page') return false;
  const hasProvider = serving.some(({ spec }) => spec.hosts.includes(host));
  return hasProvider && !doors.asks(host);
}

/** True if the file leaves the storing of the answers to the origin. */
function isStoredByFile({ file }: FindingGround, host: string): boolean {
  if (file === undefined || !file.hosts.has(host)) return false;
  const unstored = file.desired.unstored?.find((each) => each.host === host);
  return unstored?.rule === undefined;
}
