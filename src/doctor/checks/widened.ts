import {
  clientWidenings,
  proxyWidenings,
  samlWidenings,
  type WidenedReply,
} from '../../../reconcilers/authentik/reading/widening.ts';
import type { AccessApplicationReply } from '../../../reconcilers/cloudflare/access/application/application-form.ts';
import { byDevice, waysAround } from '../../../reconcilers/cloudflare/access/application/ways-around.ts';
import {
  applicationWidenings,
  longSession,
  secondFactor,
} from '../../../reconcilers/cloudflare/access/application/widening.ts';
import type { Kind } from '../../core/objects/address.ts';
import { readName, readTag } from '../../core/objects/marker.ts';
import { standingWidenings, type Widening } from '../../core/objects/widening.ts';
import { usesLogins } from '../chart/authentik.ts';
import { type Chart, type CheckJudgment, check, type Need, ok, warning } from '../chart/check.ts';
import { chartedAccountPath, ifPermitted, readAll } from '../chart/cloudflare.ts';
import { usesAccess } from './cloudflare/cloudflare-permissions.ts';

/** An object of ours, or the organization, with fields that admit more people, or for longer, than gates would. */
interface Seen {
  readonly kind: Kind;
  readonly key: string;
  /** The name for people: `Access application app.example.dev`. */
  readonly what: string;
  /** Fields that the next run restores. */
  readonly overwritten: readonly string[];
  readonly widenings: readonly Widening[];
}

/** The organization's setting admits devices if an application has none, and a reply shows no `false`. */
function inheriting(
  applications: readonly AccessApplicationReply[],
  organization: Partial<AccessApplicationReply>,
): readonly Seen[] {
  const silent = applications.filter(({ allow_authenticate_via_warp: said }) => said == null);
  if (organization.allow_authenticate_via_warp !== true || silent.length === 0) return [];
  const names = silent.map(({ name, id }) => name ?? id).join(', ');
  const effect = `people come in by their device alone at applications that were not told otherwise, perhaps at ${names}: \`gates apply\` tells them`;
  const widenings = [{ field: byDevice, effect }];
  return [
    { kind: 'cloudflare/organization', key: 'account', what: 'Zero Trust', overwritten: [], widenings },
  ];
}

type PolicyReply = Pick<AccessApplicationReply, 'id' | 'session_duration' | 'mfa_config'> & {
  readonly name: string;
};

type ProviderReply = WidenedReply & {
  readonly pk: number;
  readonly name: string;
  readonly jwt_federation_providers?: readonly number[];
};

/** Checks whether somebody widened gates' objects at Access by hand. */
export const widenedAccess = check<readonly Seen[]>({
  name: 'widened-access',
  area: 'cloudflare',
  asks: 'cloudflare',
  async ask(chart) {
    const owner = chart.config?.owner;
    if (owner === undefined || !usesAccess(chart)) return [];
    // Another check reports a missing permission.
    const seen = await ifPermitted(accessOf(chart, owner));
    return seen.may ? seen.answer : [];
  },
  judge: (found, need) => judgmentsOf('Access', found, need),
});

/** Checks whether somebody widened gates' objects at Authentik by hand. */
export const widenedAuthentik = check<readonly Seen[]>({
  name: 'widened-authentik',
  area: 'authentik',
  asks: 'authentik',
  async ask(chart) {
    const owner = chart.config?.owner;
    if (owner === undefined || !usesLogins(chart)) return [];
    const hasSaml = chart.desired?.scope.authentik?.saml === true;
    const seen = await ifPermitted(providersOf(chart, owner, hasSaml));
    return seen.may ? seen.answer : [];
  },
  judge: (found, need) => judgmentsOf('Authentik', found, need),
});

async function accessOf(chart: Chart, owner: string): Promise<readonly Seen[]> {
  const account = await chartedAccountPath(chart);
  const [applications, policies, organization] = await Promise.all([
    readAll<AccessApplicationReply>(chart.cloudflare, `${account}/access/apps`, 1000),
    readAll<PolicyReply>(chart.cloudflare, `${account}/access/policies`, 1000),
    chart.cloudflare.get(`${account}/access/organizations`),
  ]);
  const ours = applications.filter(({ tags }) => tags?.some((tag) => readTag(tag) === owner));
  return [
    ...inheriting(ours, (organization ?? {}) as Partial<AccessApplicationReply>),
    ...ours.map((reply): Seen => {
      const { name = reply.id } = reply;
      return {
        kind: 'cloudflare/access-application',
        key: name,
        what: `Access application ${name}`,
        overwritten: waysAround(reply, new Set()),
        widenings: applicationWidenings(reply),
      };
    }),
    ...policies
      .filter(({ name }) => readName(name).owner === owner)
      .map(
        (reply): Seen => ({
          kind: 'cloudflare/access-policy',
          key: readName(reply.name).key,
          what: `Access policy ${reply.name}`,
          overwritten: [],
          widenings: [...secondFactor(reply), ...longSession(reply)],
        }),
      ),
  ];
}

async function providersOf({ authentik }: Chart, owner: string, hasSaml: boolean): Promise<readonly Seen[]> {
  const [proxies, rows, saml] = (await Promise.all([
    authentik.list('/providers/proxy/'),
    authentik.list('/providers/oauth2/'),
    hasSaml ? authentik.list('/providers/saml/') : [],
  ])) as [readonly ProviderReply[], readonly ProviderReply[], readonly ProviderReply[]];
  const proxyIds = new Set(proxies.map(({ pk }) => pk));
  const clients = rows.filter(({ pk }) => !proxyIds.has(pk));
  const seen = (kind: Kind, what: string, widenings: (reply: WidenedReply) => readonly Widening[]) => {
    return (reply: ProviderReply): Seen => ({
      kind,
      key: readName(reply.name).key,
      what: `${what} ${reply.name}`,
      overwritten: (reply.jwt_federation_providers ?? []).length > 0 ? ['jwt_federation_providers'] : [],
      widenings: widenings(reply),
    });
  };
  return [
    ...proxies.filter(isOf(owner)).map(seen('authentik/proxy-provider', 'proxy provider', proxyWidenings)),
    ...clients.filter(isOf(owner)).map(seen('authentik/oauth2-provider', 'OAuth2 provider', clientWidenings)),
    ...saml.filter(isOf(owner)).map(seen('authentik/saml-provider', 'SAML provider', samlWidenings)),
  ];
}

function isOf(owner: string) {
  return ({ name }: ProviderReply) => readName(name).owner === owner;
}

function judgmentsOf(system: string, found: readonly Seen[], { desired }: Need): readonly CheckJudgment[] {
  if (found.length === 0) return [];
  const wrong = found.flatMap(
    ({ kind, key, what: about, overwritten, widenings }): readonly CheckJudgment[] => {
      const want = desired?.objects.find(({ address }) => address.kind === kind && address.key === key);
      return [
        ...overwritten.map((field) =>
          warning('widened', {
            about,
            text: `${field} was set by hand: some get in without the login of the gate`,
            hint: '`gates plan` shows it, `gates apply` sets it back',
          }),
        ),
        ...standingWidenings({ widenings }, want ?? { spec: {} }).map(({ field, effect }) =>
          warning('widened', {
            about,
            text: `${field} was set by hand: ${effect}`,
            hint: 'gates leaves it as it is: set it back unless you need it',
          }),
        ),
      ];
    },
  );
  return wrong.length > 0 ? wrong : [ok(`Nobody widened what gates made in ${system}`)];
}
