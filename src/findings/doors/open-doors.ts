import { anyOf } from '../../doors/admission/admission.ts';
import { verdictFor } from '../../doors/admission/visitor.ts';
import { expressionOf } from '../../doors/layers/expression.ts';
import { pathClasses } from '../../doors/paths.ts';
import type { UnansweredQuestion } from '../../report/findings/findings.ts';
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
  unanswered: (ground) => [
    ...[...ground.visits].flatMap(([about, visit]): readonly UnansweredQuestion[] => {
      if (visit.answer !== 'unclear' || isProxied(ground, about)) return [];
      const reason = `${visit.seen}, so nobody knows whether its origin asks Authentik`;
      return [{ rules: ['open-door', 'unasked-login'], about, reason }];
    }),
    ...ground.live.of('cloudflare/waf-rule').flatMap(({ spec }): readonly UnansweredQuestion[] => {
      if (spec.purpose !== 'fallthrough') return [];
      const reason = 'API Shield decides there, and its operations were not read: see `gates why`';
      return [{ rules: ['open-door'], about: spec.host, reason }];
    }),
    ...ground.names.tunneled().flatMap(({ host, shown }) => undecidedAt(ground, host, shown)),
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
    const visit = ground.visits.get(shown);
    if (visit?.answer === 'open' && hasLogin(ground, host, path))
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

/** Facts about objects that were read incompletely. Other unknown facts are those of the visitor or of the origin. */
const unreadFacts: ReadonlySet<string> = new Set([
  ...['not read', 'too many choices', 'delegated name', 'path pattern', 'overlapping destinations'],
  ...['unknown policy', 'rules of a tunnel', 'way around', 'equal providers'],
]);

function undecidedAt({ doors }: FindingGround, host: string, about: string): readonly UnansweredQuestion[] {
  const ways = doors.ways(host, '/');
  const verdict = verdictFor(anyOf(...ways.map(({ admits }) => admits)), { who: 'anonymous' });
  const facts = typeof verdict === 'string' ? [] : verdict.unknown;
  const fact = facts.find(({ reason }) => unreadFacts.has(reason));
  if (fact === undefined) return [];
  return [{ rules: ['open-door'], about, reason: `unknown: ${fact.reason} (${fact.about})` }];
}

/** True if the tunnel leads the host to an outpost, which asks by itself. */
function isProxied({ serving }: FindingGround, host: string): boolean {
  return serving.some(({ spec }) => spec.mode === 'proxy' && spec.hosts.includes(host));
}

/** True if a provider is for this host, and does not itself leave the path open. */
function hasLogin({ serving }: FindingGround, host: string, path: string): boolean {
  return serving.some(
    ({ spec }) =>
      spec.hosts.includes(host) &&
      !spec.skipPathRegex
        .split('\n')
        .some((line) => line !== '' && expressionOf(line)?.matches(path) === true),
  );
}

/** Copies in the cache are left out: they are a question of their own. */
function isOpen({ doors }: FindingGround, host: string, path: string): boolean {
  const ways = doors.ways(host, path).filter(({ to }) => !to.startsWith('copies of '));
  return verdictFor(anyOf(...ways.map(({ admits }) => admits)), { who: 'anonymous' }) === 'admitted';
}
