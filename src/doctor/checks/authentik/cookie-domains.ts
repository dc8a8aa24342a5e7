import { readName } from '../../../core/objects/marker.ts';
import { usesOutpost } from '../../chart/authentik.ts';
import { check, ok, problem, warning } from '../../chart/check.ts';

interface ProviderReply {
  readonly name: string;
  readonly mode: string;
  readonly external_host: string;
  readonly cookie_domain?: string;
}

/** Checks whether providers of a complete domain have a cookie that their hosts receive. */
export const cookieDomains = check<readonly ProviderReply[]>({
  name: 'cookie-domains',
  area: 'authentik',
  asks: 'authentik',
  ask: async ({ authentik }) => (await authentik.list('/providers/proxy/')) as readonly ProviderReply[],
  judge(providers, need) {
    if (!usesOutpost(need)) return [];
    const ofDomains = providers.filter(({ mode }) => mode === 'forward_domain');
    const wrong = ofDomains.filter((provider) => !reaches(provider));
    if (wrong.length === 0) {
      return ofDomains.length === 0 ? [] : [ok('Every provider of a domain has a cookie that its hosts get')];
    }
    return wrong.map(({ name, external_host: host, cookie_domain: domain = '' }) => {
      const isOurs = need.config !== undefined && readName(name).owner === need.config.owner;
      return (isOurs ? problem : warning)('cookie-domain', {
        about: name,
        text:
          domain === ''
            ? 'The provider of a whole domain has no cookie domain: it answers for no host'
            : `Its cookie domain ${domain} is not above ${host}: the login goes round and round`,
        hint: isOurs
          ? '`gates apply` puts it right'
          : 'Set the cookie domain to the domain of its hosts (Applications → Providers → Edit)',
      });
    });
  },
});

function reaches({ external_host: external, cookie_domain: domain = '' }: ProviderReply): boolean {
  const wanted = domain.replace(/^\./, '');
  if (wanted === '' || !URL.canParse(external)) return false;
  const { hostname } = new URL(external);
  return hostname === wanted || hostname.endsWith(`.${wanted}`);
}
