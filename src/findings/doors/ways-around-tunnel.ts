import { hostIn } from '../../../reconcilers/cloudflare/access/application/destination.ts';
import { tunnelOf } from '../../import/records.ts';
import type { FindingGround, FindingQuestion, FoundFault } from '../terms/finding-ground.ts';
import type { LiveRecord } from '../terms/live-names.ts';
import { recordSubject } from '../terms/subjects.ts';

/** The records of guarded hosts that lead past the tunnel. */
export const waysAroundTunnel: FindingQuestion = {
  rules: ['guard-bypassed', 'around-tunnel'],
  reads: [
    'cloudflare/dns-record',
    'cloudflare/access-application',
    'authentik/proxy-provider',
    'authentik/outpost-host',
  ],
  ask: (ground) => {
    const atAccess = guardedByAccess(ground);
    const atAuthentik = new Set([...ground.loginHosts, ...ground.serving.flatMap(({ spec }) => spec.hosts)]);
    return ground.live.of('cloudflare/dns-record').flatMap((record) => {
      const { name, type } = record.spec;
      if (!/^(A|AAAA|CNAME)$/.test(type) || ground.names.tunnelsOf(name).length > 0) return [];
      if (tunnelOf(record) !== undefined) return [];
      const application = atAccess.get(name);
      if (application !== undefined) return [aroundAccess(record, application)];
      return atAuthentik.has(name) ? [aroundAuthentik(record)] : [];
    });
  },
};

/** The Access application of each host that it guards completely. */
function guardedByAccess({ live }: FindingGround): ReadonlyMap<string, string> {
  return new Map(
    live.of('cloudflare/access-application').flatMap(({ spec }) =>
      spec.bypass
        ? []
        : spec.destinations.flatMap((uri) => {
            const host = hostIn(uri);
            return host === uri.toLowerCase() ? [[host, spec.name] as const] : [];
          }),
    ),
  );
}

function aroundAccess(record: LiveRecord, application: string): FoundFault {
  const { name, content = '', proxied } = record.spec;
  if (proxied)
    return {
      rule: 'around-tunnel',
      subject: recordSubject(record),
      says: `${name} leads to ${content}: whoever knows this address gets past the Access application "${application}"`,
    };
  return {
    rule: 'guard-bypassed',
    subject: recordSubject(record),
    says: `${name} leads visitors straight to ${content}, so the Access application "${application}" never sees them`,
  };
}

function aroundAuthentik(record: LiveRecord): FoundFault {
  const { name, content = '' } = record.spec;
  return {
    rule: 'around-tunnel',
    subject: recordSubject(record),
    says: `${name}, where Authentik decides, leads to ${content}: anybody can reach this server without the tunnel`,
  };
}
