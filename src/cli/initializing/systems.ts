import { createAuthentikWire } from '../../clients/authentik/authentik.ts';
import { createBudget } from '../../clients/cloudflare/budget.ts';
import { createCloudflareWire } from '../../clients/cloudflare/cloudflare.ts';
import { createEdge } from '../../clients/edge.ts';
import { nobodyWrites } from '../../clients/http/write-guard.ts';
import { systemClock } from '../../clients/state/clock.ts';
import { RejectedError } from '../../core/errors.ts';
import type { Asker } from '../../doctor/chart/check.ts';
import { examine } from '../../doctor/examine.ts';
import type { AnswerReading } from '../../init/question.ts';
import type { Settings } from '../surroundings/settings.ts';
import { redactor } from '../surroundings/terminal.ts';

interface Named {
  readonly id: string;
  readonly name: string;
}

interface ZoneReply extends Named {
  readonly account?: { readonly id?: string };
}

interface RecordReply {
  readonly name: string;
  readonly type: string;
  readonly content?: string;
}

interface OutpostReply {
  readonly config?: { readonly authentik_host?: string };
}

/** Cloudflare, for reading alone. */
export function cloudflareAsker(settings: Settings, token: string, signal: AbortSignal): Asker {
  redactor.register(token);
  const { cloudflareBaseUrl: baseUrl } = settings;
  return createCloudflareWire({
    ...{ clock: systemClock, redactor, signal, guard: nobodyWrites, token },
    ...(baseUrl !== undefined && { baseUrl }),
    budget: createBudget(systemClock),
  });
}

/** Authentik, for reading alone. */
export function authentikAsker(url: string, token: string, signal: AbortSignal): Asker {
  return createAuthentikWire({ clock: systemClock, redactor, signal, guard: nobodyWrites, token, url });
}

export async function accountsOf(cloudflare: Asker): Promise<readonly Named[]> {
  return (await cloudflare.list('/accounts', { per_page: 50 })) as readonly Named[];
}

export async function zonesOfAccount(cloudflare: Asker, account: string): Promise<readonly Named[]> {
  const query = { 'account.id': account, per_page: 50 };
  const zones = (await cloudflare.list('/zones', query)) as readonly ZoneReply[];
  return zones.filter((zone) => (zone.account?.id ?? account) === account);
}

export async function tunnelNames(cloudflare: Asker, account: string): Promise<readonly string[]> {
  const query = { is_deleted: false, per_page: 1000 };
  const tunnels = (await cloudflare.list(`/accounts/${account}/cfd_tunnel`, query)) as readonly Named[];
  return tunnels.map(({ name }) => name).sort();
}

/** The addresses that the zones have, by host. */
export async function addressesIn(
  cloudflare: Asker,
  zones: readonly Named[],
): Promise<ReadonlyMap<string, RecordReply>> {
  const lists = await Promise.all(
    zones.map(({ id }) => cloudflare.list(`/zones/${id}/dns_records`, { per_page: 1000 })),
  );
  const records = lists.flat() as readonly RecordReply[];
  return new Map(
    records.filter(({ type }) => ['A', 'AAAA', 'CNAME'].includes(type)).map((each) => [each.name, each]),
  );
}

/** True if the record leads into a tunnel. */
export function leadsIntoTunnel({ content = '' }: RecordReply): boolean {
  return content.endsWith('.cfargotunnel.com');
}

/** The hosts at which Authentik's outposts say that people log in. */
export async function loginHostsOf(authentik: Asker): Promise<readonly string[]> {
  const outposts = (await authentik.list('/outposts/instances/')) as readonly OutpostReply[];
  const addresses = outposts
    .map(({ config }) => config?.authentik_host ?? '')
    .filter((address) => URL.canParse(address));
  return [...new Set(addresses.map((address) => new URL(address).hostname))];
}

/** Those of the groups that Authentik does not have. */
export async function absentGroups(authentik: Asker, names: readonly string[]): Promise<readonly string[]> {
  const lists = await Promise.all(
    names.map((name) => authentik.list('/core/groups/', { name, include_users: false })),
  );
  const known = (lists.flat() as readonly Pick<Named, 'name'>[]).map(({ name }) => name);
  return names.filter((name) => !known.includes(name));
}

/** True if an Authentik answers at the address, whatever the token. */
export async function answersAsAuthentik(url: string, signal: AbortSignal): Promise<boolean> {
  try {
    return (await authentikAsker(url, 'none', signal).get('/core/users/me/')) !== undefined;
  } catch (error) {
    if (error instanceof RejectedError && [401, 403].includes(error.facts.status ?? 0)) return true;
    throw error;
  }
}

/** The checks of the doctor that judge a token. */
const tokenChecks = ['token', 'permissions', 'zero-trust'];

/** A system whose token the doctor judges. */
export interface JudgedToken {
  readonly cloudflare?: Asker;
  readonly authentik?: Asker;
  /** The id of the account; undefined: the only one that the token sees. */
  readonly account?: string;
  readonly signal: AbortSignal;
}

/** The judgment of the doctor about a token: the problems, or else what the token may do. */
export async function judgedToken(judged: JudgedToken): Promise<AnswerReading<true>> {
  const area = judged.cloudflare === undefined ? 'authentik' : 'cloudflare';
  const { findings } = await examine({
    ...{ config: undefined, file: 'none', secretVariables: [], authentikUrl: undefined },
    cloudflare: judged.cloudflare ?? { missing: 'not asked', hint: '' },
    authentik: judged.authentik,
    ...{ account: judged.account, only: tokenChecks, signal: judged.signal },
    ...{ edge: createEdge(), now: new Date(), ahead: () => undefined },
  });
  const own = findings.filter((finding) => finding.area === area);
  const worded = ({ text, hint }: (typeof own)[number]) => `${text}${hint === undefined ? '' : `. ${hint}`}`;
  const wrong = own.filter(
    ({ state, check }) => state === 'problem' || (state === 'unknown' && check === 'token'),
  );
  if (wrong.length > 0) return { wrong: wrong.map(worded).join('\n') };
  return { value: true, remark: own.map(worded).join('\n') };
}
