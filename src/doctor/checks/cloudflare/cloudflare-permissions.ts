import { RejectedError } from '../../../core/errors.ts';
import { namedVariable } from '../../../core/named-variable.ts';
import { type Chart, check, type Need, ok, problem, warning } from '../../chart/check.ts';
import {
  chartedAccountPath,
  ifPermitted,
  isLackOfPermission,
  tunnelsOf,
  type ZoneReply,
  zonesOf,
} from '../../chart/cloudflare.ts';

/** A right of the token, in the words of the dashboard, and a question that shows whether the token has it. */
interface Right {
  readonly name: string;
  /** The level that gates needs. */
  readonly level: 'Read' | 'Edit';
  readonly about?: string;
}

interface Rights {
  readonly lacking: readonly Right[];
  /** Zones whose DNS the token can read and, according to Cloudflare, not write. */
  readonly readOnly: readonly string[];
  /** Every zone reports that its DNS may be written. */
  readonly editsDns: boolean;
  /** The token can read the secret of a tunnel, and so edit tunnels; undefined without a tunnel to ask for. */
  readonly editsTunnels: boolean | undefined;
}

const access = {
  applications: 'Account / Access: Apps and Policies',
  tokens: 'Account / Access: Service Tokens',
  organization: 'Account / Access: Organizations, Identity Providers, and Groups',
  certificates: 'Account / Access: Mutual TLS Certificates',
};
const tunnels = 'Account / Cloudflare Tunnel';

/** Checks the permissions of the token, as far as reads show them: only a write shows most rights to write. */
export const cloudflarePermissions = check<Rights>({
  name: 'permissions',
  area: 'cloudflare',
  asks: 'cloudflare',
  async ask(chart) {
    const account = await ifPermitted(chartedAccountPath(chart));
    const zones = await ifPermitted(zonesOf(chart));
    if (!account.may) return { lacking: [right('Account / Account Settings', 'Read')], ...nothingSeen };
    if (!zones.may) return { lacking: [right('Zone / Zone', 'Read')], ...nothingSeen };
    const questions: readonly (readonly [Right, string])[] = [
      ...zones.answer.map(
        ({ id, name }) => [right('Zone / DNS', 'Edit', name), `/zones/${id}/dns_records`] as const,
      ),
      ...zones.answer.flatMap((zone) => shieldRights(zone, chart)),
      [right(tunnels, 'Edit'), `${account.answer}/cfd_tunnel`],
      ...(usesAccess(chart)
        ? ([
            [right(access.applications, 'Edit'), `${account.answer}/access/apps`],
            [right(access.tokens, 'Edit'), `${account.answer}/access/service_tokens`],
            [right(access.organization, levelOfLogin(chart)), `${account.answer}/access/organizations`],
          ] as const)
        : []),
      ...(usesPosture(chart)
        ? [[right('Account / Zero Trust', 'Read'), `${account.answer}/devices/posture`] as const]
        : []),
      ...(chart.desired?.scope.certificates === true
        ? [[right(access.certificates, 'Edit'), `${account.answer}/access/certificates`] as const]
        : []),
    ];
    const answers = await Promise.all(
      questions.map(async ([one, path]) => ((await mayRead(chart, path)) ? [] : [one])),
    );
    const lacking = answers.flat();
    const canListTunnels = !lacking.some(({ name }) => name === tunnels);
    return {
      lacking,
      readOnly: zones.answer.filter(isReadOnly).map(({ name }) => name),
      editsDns: zones.answer.length > 0 && zones.answer.every(isWritable),
      editsTunnels: canListTunnels ? await mayEditTunnels(chart, account.answer) : undefined,
    };
  },
  judge(rights, need) {
    const { lacking, readOnly, editsTunnels } = rights;
    const hint = (name: string, level: string, zone?: string) =>
      `Give ${tokenWords(need, zone)} "${name} / ${level}": My Profile → API Tokens → Edit; the whole list is in docs/first-hour.md`;
    const found = [
      ...lacking.map(({ name, level, about }) =>
        problem('cloudflare-permission', {
          about,
          text: `The token may not read what "${name}" is about`,
          hint: hint(name, level, about),
        }),
      ),
      ...(editsTunnels === false
        ? [
            problem('cloudflare-permission', {
              text: `The token may read tunnels, and not change them`,
              hint: hint(tunnels, 'Edit'),
            }),
          ]
        : []),
      ...readOnly
        .filter((zone) => !lacking.some(({ about, name }) => about === zone && name === 'Zone / DNS'))
        .map((zone) =>
          warning('cloudflare-read-only', {
            about: zone,
            text: 'By what the zone says, the token may read DNS and not change it',
            hint: hint('Zone / DNS', 'Edit', zone),
          }),
        ),
    ];
    return found.length > 0 ? found : [ok(rightsText(rights, need))];
  },
});

/** The token to which a zone leads, if it has one of its own. */
function tokenWords({ config }: Need, zone: string | undefined): string {
  const name = zone === undefined ? undefined : config?.cloudflare.zoneTokens.get(zone);
  return name === undefined ? 'it' : `the token of ${namedVariable('CLOUDFLARE_ZONE_TOKEN', name)}`;
}

const nothingSeen = { readOnly: [], editsDns: false, editsTunnels: undefined };

function right(name: string, level: Right['level'], about?: string): Right {
  return { name, level, ...(about !== undefined && { about }) };
}

/**
 * The level that the login needs: gates makes the objects that log people in through Authentik; otherwise it reads
 * only the team's name.
 */
function levelOfLogin({ desired }: Need): Right['level'] {
  return desired?.scope.accessLogin === true ? 'Edit' : 'Read';
}

/** The permissions for WAF rules, cache rules and API Shield, in the zones in which the file uses them. */
function shieldRights({ id, name }: ZoneReply, { desired }: Need): readonly (readonly [Right, string])[] {
  const { wafZones = [], cacheZones = [], apiHosts = [] } = desired?.scope ?? {};
  const path = `/zones/${id}`;
  const hasApi = apiHosts.some((host) => host === name || host.endsWith(`.${name}`));
  return [
    ...(wafZones.includes(name)
      ? [
          [
            right('Zone / WAF', 'Edit', name),
            `${path}/rulesets/phases/http_request_firewall_custom/entrypoint`,
          ] as const,
        ]
      : []),
    ...(cacheZones.includes(name)
      ? [
          [
            right('Zone / Cache Rules', 'Edit', name),
            `${path}/rulesets/phases/http_request_cache_settings/entrypoint`,
          ] as const,
        ]
      : []),
    ...(hasApi
      ? [[right('Zone / API Gateway', 'Edit', name), `${path}/token_validation/config`] as const]
      : []),
  ];
}

/** True if a gate names a posture check: few files do, so without a file gates does not ask for the permission. */
function usesPosture({ desired }: Need): boolean {
  return desired?.scope.looksUp?.includes('cloudflare/posture-check') === true;
}

/** Without a file, everything may be needed. */
export function usesAccess({ desired }: Need): boolean {
  if (desired === undefined) return true;
  return (
    desired.proofs.some(({ cover }) => cover !== undefined) ||
    desired.objects.some(({ address: { kind } }) =>
      ['cloudflare/access-application', 'cloudflare/service-token'].includes(kind),
    )
  );
}

/** The text claims no more than the check has seen. */
function rightsText({ editsDns, editsTunnels }: Rights, need: Need): string {
  const read = ['zones', 'DNS', 'tunnels', ...(usesAccess(need) ? ['all that gates needs of Access'] : [])];
  const change = [...(editsDns ? ['DNS'] : []), ...(editsTunnels === true ? ['tunnels'] : [])];
  const seen = change.length === 0 ? '' : `, and change ${change.join(' and ')}`;
  return `The token may read ${read.join(', ')}${seen}; what else it may change, only a write shows`;
}

async function mayRead({ cloudflare }: Chart, path: string): Promise<boolean> {
  try {
    await cloudflare.get(path, /\/(organizations|entrypoint)$/.test(path) ? undefined : { per_page: 5 });
    return true;
  } catch (error) {
    if (error instanceof RejectedError && error.facts.detail?.includes('not_enabled') === true) return true;
    // Another check reports a zone without API Shield.
    if (error instanceof RejectedError && error.facts.code === '10403') return true;
    if (isLackOfPermission(error)) return false;
    throw error;
  }
}

/** True if the token can only read the zone. The documents call the field legacy, so only a clear word counts. */
function isReadOnly({ permissions = [] }: ZoneReply): boolean {
  return permissions.includes('#dns_records:read') && !permissions.includes('#dns_records:edit');
}

function isWritable({ permissions = [] }: ZoneReply): boolean {
  return permissions.includes('#dns_records:edit');
}

/** The one question that requires a right to write: it asks for the tunnel's own token, and ignores the answer. */
async function mayEditTunnels(chart: Chart, account: string): Promise<boolean | undefined> {
  const [tunnel] = await tunnelsOf(chart);
  if (tunnel === undefined) return undefined;
  return (await ifPermitted(chart.cloudflare.get(`${account}/cfd_tunnel/${tunnel.id}/token`))).may;
}
