import { anyOf } from '../../doors/admission/admission.ts';
import { verdictFor } from '../../doors/admission/visitor.ts';
import { pathClasses } from '../../doors/paths.ts';
import { waysTo } from '../../doors/ways.ts';
import { isOpenByFile } from '../terms/explaining-file.ts';
import type { FindingGround, FindingQuestion, FoundFault } from '../terms/finding-ground.ts';
import { hostSubject } from '../terms/subjects.ts';

/** The paths of an outpost itself, which answers everybody there. */
const outpostPath = '/outpost.goauthentik.io/';

/** The doors at which everybody reaches an origin. */
export const unguardedDoors: FindingQuestion = {
  rules: ['open-door', 'unasked-login'],
  reads: [
    ...['cloudflare/zone', 'cloudflare/dns-record', 'cloudflare/tunnel', 'cloudflare/ingress-rule'],
    ...['cloudflare/access-application', 'cloudflare/access-policy', 'cloudflare/organization'],
    ...['authentik/proxy-provider', 'authentik/oauth2-provider', 'authentik/outpost-entry'],
  ],
  ask: (ground) =>
    ground.names
      .tunneled()
      .filter(({ host }) => !ground.loginHosts.has(host))
      .flatMap(({ host, shown }) => openAt(ground, host, shown)),
  unanswered: ({ live, visits }) => [
    ...[...visits].flatMap(([about, visit]) =>
      visit.answer === 'unclear'
        ? [
            {
              rules: ['open-door' as const, 'unasked-login' as const],
              about,
              reason: `${visit.seen}, so nobody knows whether its origin asks Authentik`,
            },
          ]
        : [],
    ),
    ...live.of('cloudflare/waf-rule').flatMap(({ spec: { purpose, host } }) =>
      purpose === 'fallthrough'
        ? [
            {
              rules: ['open-door' as const],
              about: host,
              reason:
                'API Shield decides there, and its saved operations were not read: `gates why` explains them',
            },
          ]
        : [],
    ),
  ],
};

function openAt(ground: FindingGround, host: string, shown: string): readonly FoundFault[] {
  const open = pathClasses(ground.store, host)
    .filter((path) => !path.startsWith(outpostPath) && isOpen(ground, host, path))
    .filter((path) => !isOpenByFile(ground, host, path));
  const paths = open.sort((left, right) => left.length - right.length);
  const outermost = paths.filter(
    (path, place) => !paths.slice(0, place).some((outer) => path.startsWith(outer.replace(/\/$/, ''))),
  );
  return outermost.map((path): FoundFault => {
    const subject = hostSubject(path === '/' ? shown : `${shown}${path}`);
    const visit = ground.visits.get(host);
    if (visit?.answer === 'open' && path === '/')
      return {
        rule: 'unasked-login',
        subject,
        says: `Authentik has a login for ${shown}, but a visitor without a login got in: ${visit.seen}`,
      };
    return {
      rule: 'open-door',
      subject,
      says: `Everybody gets in at ${subject.name}: no gate stands before the origin`,
    };
  });
}

/** Copies in the cache are left out: they are a question of their own. */
function isOpen({ store }: FindingGround, host: string, path: string): boolean {
  const ways = waysTo(store, { host, path }).filter(({ to }) => !to.startsWith('copies of '));
  return verdictFor(anyOf(...ways.map(({ admits }) => admits)), { who: 'anonymous' }) === 'admitted';
}
