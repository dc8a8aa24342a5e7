import { check, ok, warning } from '../../chart/check.ts';

/** Checks whether gates reaches the API of Authentik from inside the network, and not through a host that it guards. */
export const authentikUrl = check<undefined>({
  name: 'address',
  area: 'authentik',
  ask: async () => undefined,
  judge(_, { config, authentikUrl: url }) {
    if (url === undefined || !URL.canParse(url)) return [];
    const { hostname } = new URL(url);
    const isPublic = (config?.cloudflare.zones ?? []).some(
      (zone) => hostname === zone || hostname.endsWith(`.${zone}`),
    );
    if (!isPublic) return [ok(`The API is asked at ${new URL(url).origin}`)];
    return [
      warning('authentik-url', {
        about: hostname,
        text: 'The API of Authentik is asked through Cloudflare: a bot challenge, Access, or a host that gates closes keeps gates itself out',
        hint: 'Set `authentik.url` (or AUTHENTIK_URL) to its address inside the house, http://authentik.lan:9000',
      }),
    ];
  },
});
