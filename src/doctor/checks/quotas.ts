import type { AccessApplicationSpec } from '../../../reconcilers/cloudflare/access/access-application.ts';
import type { DnsRecordSpec } from '../../../reconcilers/cloudflare/dns/record-spec.ts';
import { markComment, markName } from '../../core/objects/marker.ts';
import type { DesiredObject } from '../../core/objects/object.ts';
import { accountQuotas } from '../../desired/live/quotas.ts';
import { type Chart, type CheckJudgment, check, type Need, ok, problem, warning } from '../chart/check.ts';
import { type ZoneReply, zonesOf } from '../chart/cloudflare.ts';
import { applicationsOf, policiesOf, recordsOf, serviceTokensOf } from '../chart/live-objects.ts';
import { usesAccess } from './cloudflare/cloudflare-permissions.ts';

/** A sort of object whose number is limited. */
interface Quota {
  readonly what: string;
  readonly about?: string;
  /** Existing objects, whoever made them. */
  readonly used: number;
  /** Objects that the file asks for in addition. */
  readonly more: number;
  /** Undefined: unknown. */
  readonly limit: number | undefined;
  /** False: Cloudflare may have raised it for this account. */
  readonly isFirm: boolean;
}

interface Seen {
  readonly quotas: readonly Quota[];
  /** Comments that are longer than the plan of their zone allows. */
  readonly tooLong: readonly { readonly name: string; readonly length: number; readonly most: number }[];
}

/** The most characters of a comment. */
const commentLength = { free: 100, paid: 500 };
/** The share of a quota from which it is reported. */
const nearly = 0.9;

/** Compares the objects that the file asks for with the quotas; foreign objects count too. */
export const quotas = check<Seen>({
  name: 'quotas',
  area: 'cloudflare',
  asks: 'cloudflare',
  async ask(chart) {
    const zones = await zonesOf(chart);
    const ofZones = await Promise.all(zones.map((zone) => recordQuota(chart, zone)));
    const ofAccess = usesAccess(chart)
      ? await Promise.all([applicationQuota(chart), policyQuota(chart), tokenQuota(chart)])
      : [];
    return { quotas: [...ofZones, ...ofAccess], tooLong: zones.flatMap((zone) => longComments(chart, zone)) };
  },
  judge({ quotas: found, tooLong }) {
    const troubles = [
      ...found.flatMap(judgmentsOf),
      ...tooLong.map(({ name: about, length, most }) =>
        problem('comment-length', {
          about,
          text: `The comment has ${length} characters with the marker of gates, and the plan takes ${most}`,
          hint: 'Make the comment shorter',
        }),
      ),
    ];
    if (troubles.length > 0) return troubles;
    return [ok(`There is room: ${found.map(quotaText).join('; ')}`)];
  },
});

function quotaText({ what, about, used, more, limit }: Quota): string {
  const of = about === undefined ? what : `${what} of ${about}`;
  return `${used + more} of ${limit ?? 'any number of'} ${of}`;
}

function judgmentsOf(quota: Quota): readonly CheckJudgment[] {
  const { about, what, used, more, limit, isFirm } = quota;
  if (limit === undefined || used + more <= limit * nearly) return [];
  const text = `${used} ${what} are there, the file asks for ${more} more, and ${limit} may be there`;
  const hint = isFirm
    ? 'Remove what nobody needs, or move the zone to a larger plan'
    : 'Remove what nobody needs, or ask Cloudflare to raise the limit';
  const isOver = used + more > limit && isFirm;
  return [(isOver ? problem : warning)('quota', { about, text, hint })];
}

async function recordQuota(chart: Chart, { id, name }: ZoneReply): Promise<Quota> {
  const [usage, records] = await Promise.all([
    chart.cloudflare.get(`/zones/${id}/dns_records/usage`),
    recordsOf(chart, id),
  ]);
  const { record_quota: limit, record_usage: used } = (usage ?? {}) as Partial<UsageReply>;
  // Only their content tells records of one type and name apart: as many as exist count as existing.
  const uncounted = countedBy(records, (record) => `${record.type} ${record.name}`);
  const more = wantedRecords(chart, name).filter(({ type, name: of }) => {
    const key = `${type} ${of}`;
    const there = uncounted.get(key) ?? 0;
    uncounted.set(key, there - 1);
    return there <= 0;
  }).length;
  return {
    what: 'DNS records',
    about: name,
    used: used ?? records.length,
    more,
    limit: limit ?? undefined,
    isFirm: true,
  };
}

interface UsageReply {
  readonly record_quota: number | null;
  readonly record_usage: number;
}

type WantedRecord = Omit<DnsRecordSpec, 'protect'> & { readonly protect: DesiredObject['protect'] };

function wantedRecords({ desired }: Pick<Chart, 'desired'>, zone: string): readonly WantedRecord[] {
  return (desired?.objects ?? [])
    .filter(({ address }) => address.kind === 'cloudflare/dns-record')
    .map(({ spec, protect }) => ({ ...(spec as unknown as DnsRecordSpec), protect }))
    .filter((spec) => spec.zone === zone);
}

async function applicationQuota(chart: Chart): Promise<Quota> {
  const found = await applicationsOf(chart);
  const there = new Set(
    found.flatMap(({ domain, destinations }) => [domain, ...(destinations ?? []).map(({ uri }) => uri)]),
  );
  const wanted = (chart.desired?.objects ?? []).filter(
    ({ address }) => address.kind === 'cloudflare/access-application',
  );
  const isThere = (spec: unknown) =>
    (spec as AccessApplicationSpec).destinations.some((destination) => there.has(destination));
  return {
    what: accountQuotas.applications.what,
    used: found.length,
    more: wanted.filter(({ spec }) => !isThere(spec)).length,
    limit: accountQuotas.applications.most,
    isFirm: false,
  };
}

async function policyQuota(chart: Chart): Promise<Quota> {
  return markedQuota(chart, accountQuotas.policies, await policiesOf(chart));
}

async function tokenQuota(chart: Chart): Promise<Quota> {
  return markedQuota(chart, accountQuotas.tokens, await serviceTokensOf(chart));
}

/** The quota of objects whose name is the owner's mark with the key. */
function markedQuota(
  { desired, config }: Need,
  { kind, what, most: limit }: (typeof accountQuotas)['policies' | 'tokens'],
  found: readonly { readonly name: string }[],
): Quota {
  const names = new Set(found.map(({ name }) => name));
  const wanted = (desired?.objects ?? []).filter(({ address }) => address.kind === kind);
  const more = wanted.filter(({ address }) => !names.has(markName(config?.owner ?? '', address.key))).length;
  return { what, used: found.length, more, limit, isFirm: false };
}

function longComments(chart: Chart, { name: zone, plan }: ZoneReply): Seen['tooLong'] {
  const most = (plan?.legacy_id ?? 'free') === 'free' ? commentLength.free : commentLength.paid;
  return wantedRecords(chart, zone).flatMap(({ type, name, comment = '', protect }) => {
    const { length } = markComment(chart.config?.owner ?? '', comment, protect);
    return length > most ? [{ name: `${type} ${name}`, length, most }] : [];
  });
}

function countedBy<Row>(rows: readonly Row[], keyOf: (row: Row) => string): Map<string, number> {
  const counts = new Map<string, number>();
  for (const row of rows) counts.set(keyOf(row), (counts.get(keyOf(row)) ?? 0) + 1);
  return counts;
}
