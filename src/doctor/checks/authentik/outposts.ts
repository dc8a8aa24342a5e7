import { compareReleases } from '../../../../reconcilers/authentik/reading/version.ts';
import { loginUrl } from '../../../desired/logins/login-host.ts';
import { type ListedOutpost, usesLdap, usesOutpost } from '../../chart/authentik.ts';
import { type CheckJudgment, check, type Need, ok, problem, warning } from '../../chart/check.ts';

const embedded = 'goauthentik.io/outposts/embedded';

interface Seen {
  readonly outpost: ListedOutpost;
  /** One for each process that runs it. */
  readonly health: readonly HealthReply[];
}

/** `version_outdated` is true for any difference, so it does not say which version is older. */
interface HealthReply {
  readonly version?: string;
  /** The version of the server. */
  readonly version_should?: string;
}

/** Checks whether the outpost runs, and knows the address of the login. */
export const outpostsCheck = check<Seen | undefined>({
  name: 'outpost',
  area: 'authentik',
  asks: 'authentik',
  async ask({ authentik, config }) {
    const all = (await authentik.list('/outposts/instances/')) as readonly ListedOutpost[];
    const wanted = config?.authentik?.outpost;
    const outpost = all.find(({ name, managed }) =>
      wanted === undefined ? managed === embedded : name === wanted,
    );
    if (outpost === undefined) return undefined;
    const health = await authentik.get(`/outposts/instances/${outpost.pk}/health/`);
    return { outpost, health: (health ?? []) as Seen['health'] };
  },
  judge(seen, need) {
    if (!usesOutpost(need)) return [];
    const about = seen?.outpost.name ?? need.config?.authentik?.outpost;
    if (seen === undefined) {
      return [
        problem('outpost-missing', {
          about,
          text: 'There is no such outpost: nobody asks for a login at the hosts of mode forwardAuth, domain and proxy',
          hint: 'Name one that is there as `authentik.outpost`; the embedded one is missing where AUTHENTIK_OUTPOSTS__DISABLE_EMBEDDED_OUTPOST is set',
        }),
      ];
    }
    const { outpost, health } = seen;
    const found = [...healthOf(health, outpost.name, ofHosts), ...hostOf(outpost, need)];
    return found.length > 0 ? found : [ok(inOrder(outpost), about)];
  },
});

/** Checks whether the outpost of LDAP clients runs. */
export const ldapOutpostCheck = check<Seen | undefined>({
  name: 'ldap-outpost',
  area: 'authentik',
  asks: 'authentik',
  async ask(chart) {
    const { authentik, config } = chart;
    if (!usesLdap(chart)) return undefined;
    const all = (await authentik.list('/outposts/instances/')) as readonly ListedOutpost[];
    const wanted = config?.authentik?.ldapOutpost;
    const outpost = all.find(({ name, type }) => name === wanted && type === 'ldap');
    if (outpost === undefined) return undefined;
    const health = await authentik.get(`/outposts/instances/${outpost.pk}/health/`);
    return { outpost, health: (health ?? []) as Seen['health'] };
  },
  judge(seen, need) {
    if (!usesLdap(need)) return [];
    const about = need.config?.authentik?.ldapOutpost;
    if (seen === undefined) {
      return [
        problem('outpost-missing', {
          about,
          text: 'There is no such LDAP outpost: nobody can log in at the applications of the clients with `ldap`',
          hint: 'Name one that is there as `authentik.ldapOutpost`, or make one of type LDAP under Applications → Outposts and run it',
        }),
      ];
    }
    const found = healthOf(seen.health, seen.outpost.name, ofClients);
    return found.length > 0 ? found : [ok('The outpost is connected', about)];
  },
});

function inOrder({ config, providers }: ListedOutpost): string {
  const host = String(config.authentik_host ?? '');
  if (providers.length === 0) return 'The outpost is connected, and serves no host yet';
  return host === '' ? 'The outpost is connected' : `The outpost is connected, and sends people to ${host}`;
}

/** The effects of an outpost that nobody runs. */
const ofHosts = 'it learns of no new host, and asks for no login';
const ofClients = 'it learns of no new client, and nobody can log in by LDAP';

function healthOf(health: Seen['health'], about: string, effect: string): readonly CheckJudgment[] {
  if (health.length === 0) {
    return [
      problem('outpost-disconnected', {
        about,
        text: `The outpost is not connected to Authentik: ${effect}`,
        hint: 'Start it, and the worker of Authentik; Applications → Outposts shows when it was last seen',
      }),
    ];
  }
  const found = health.flatMap(({ version, version_should: server }): readonly CheckJudgment[] => {
    const order = version === undefined || server === undefined ? 0 : compareReleases(version, server);
    if (order === 0) return [];
    return [
      warning('outpost-outdated', {
        about,
        text: `The outpost runs ${version}, and the server ${order < 0 ? 'a newer' : 'an older'} release, ${server}`,
        hint: `Upgrade the ${order < 0 ? 'outpost' : 'server'} to the release of the other`,
      }),
    ];
  });
  return found.slice(0, 1);
}

/** The address to which it sends people. Empty means nowhere; `gates apply` sets the login of the file. */
function hostOf({ name: about, config, providers }: ListedOutpost, need: Need): readonly CheckJudgment[] {
  const host = String(config.authentik_host ?? '').replace(/\/+$/, '');
  const wanted = need.config === undefined ? undefined : loginUrl(need.config);
  if (host === wanted) return [];
  const bySelf = host === '' || host === need.authentikUrl?.replace(/\/+$/, '');
  if (bySelf && providers.length === 0) return [];
  const set = wanted ?? 'the address of Authentik as browsers reach it';
  if (bySelf) {
    return [
      problem('outpost-host', {
        about,
        text: `\`authentik_host\` is ${host === '' ? 'empty' : host}: logins lead to an address that no browser reaches`,
        hint: `Set it to ${set}: \`gates apply\` does, or Applications → Outposts → Edit → Configuration`,
      }),
    ];
  }
  if (wanted === undefined) return [];
  return [
    problem('outpost-host', {
      about,
      text: `\`authentik_host\` is ${host}, and the file's login is ${wanted}`,
      hint: `Set it to ${wanted} (Applications → Outposts → Edit → Configuration) where nobody needs the other, or run \`gates adopt\``,
    }),
  ];
}
