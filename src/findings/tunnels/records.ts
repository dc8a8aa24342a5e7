import { matchesHost } from '../../desired/live/host-pattern.ts';
import { tunnelOf } from '../../import/records.ts';
import type { FindingGround, FindingQuestion, FoundFault } from '../terms/finding-ground.ts';
import type { LiveRecord } from '../terms/live-names.ts';
import { recordSubject } from '../terms/subjects.ts';

/** The records that point nowhere. */
export const recordsToNowhere: FindingQuestion = {
  rules: ['missing-tunnel', 'unproxied-name', 'name-without-rule', 'name-to-nowhere'],
  reads: ['cloudflare/dns-record', 'cloudflare/tunnel', 'cloudflare/ingress-rule'],
  ask: (ground) =>
    ground.live.of('cloudflare/dns-record').flatMap((record) => {
      if (record.spec.type !== 'CNAME') return [];
      const id = tunnelOf(record);
      return id === undefined ? aliasFaults(record, ground) : tunnelFaults(record, id, ground);
    }),
};

function tunnelFaults(record: LiveRecord, id: string, { live }: FindingGround): readonly FoundFault[] {
  const { name, proxied } = record.spec;
  const subject = recordSubject(record);
  const tunnel = live.of('cloudflare/tunnel').find((each) => each.id === id);
  if (tunnel === undefined)
    return [
      {
        rule: 'missing-tunnel',
        subject,
        says: `${name} leads to the tunnel ${id}, which the account does not have`,
      },
    ];
  const { key } = tunnel.address;
  if (!proxied)
    return [
      {
        rule: 'unproxied-name',
        subject,
        says: `${name} leads to the tunnel ${key} without the proxy, so nothing answers`,
      },
    ];
  if (tunnel.spec.configSource === 'local') return [];
  const rules = live.of('cloudflare/ingress-rule').filter(({ spec }) => spec.tunnelId === id);
  if (rules.some(({ spec }) => isFor(name, spec))) return [];
  return [
    {
      rule: 'name-without-rule',
      subject,
      says: `The tunnel ${key} has no rule for ${name}: visitors get an error`,
    },
  ];
}

/** True if the rule answers at the name, or at a host that a wildcard covers. A catch-all that only refuses is no answer. */
function isFor(
  name: string,
  { hostname, service }: { readonly hostname: string; readonly service: string },
): boolean {
  if (hostname === '*') return !service.startsWith('http_status:');
  return matchesHost(hostname, name) || matchesHost(name, hostname);
}

function aliasFaults(record: LiveRecord, { names }: FindingGround): readonly FoundFault[] {
  const { name, content = '' } = record.spec;
  const target = content.toLowerCase();
  // A name with `_` is one for a program, such as a proof of ownership: its target may exist only at times.
  if (name.includes('_') || !names.isRead(target) || names.exists(target)) return [];
  return [
    {
      rule: 'name-to-nowhere',
      subject: recordSubject(record),
      says: `${name} leads to ${content}, which has no record`,
    },
  ];
}
