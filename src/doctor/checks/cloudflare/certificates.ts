import { check, ok, problem, warning } from '../../chart/check.ts';
import { ifPermitted, zonesOf } from '../../chart/cloudflare.ts';

interface Deep {
  readonly zone: string;
  /** Hosts more than one label below the zone. */
  readonly hosts: readonly string[];
  /** Names of the zone's certificates; undefined: the token may not ask. */
  readonly names: readonly string[] | undefined;
}

/** Checks whether a certificate covers every host: the universal one covers the zone and one label below it. */
export const certificates = check<readonly Deep[]>({
  name: 'certificates',
  area: 'edge',
  asks: 'cloudflare',
  async ask(chart) {
    const services = [...(chart.config?.services.values() ?? [])];
    const deep = services.filter(({ host, zone }) => host.slice(0, -zone.length - 1).includes('.'));
    if (deep.length === 0) return [];
    const zones = (await zonesOf(chart)).filter(({ name }) => deep.some(({ zone }) => zone === name));
    return Promise.all(
      zones.map(async ({ id, name }) => {
        const answered = await ifPermitted(chart.cloudflare.get(`/zones/${id}/ssl/certificate_packs`));
        const packs = answered.may ? ((answered.answer ?? []) as readonly Pack[]) : undefined;
        return {
          zone: name,
          hosts: deep.filter(({ zone }) => zone === name).map(({ host }) => host),
          names: packs?.filter(({ status }) => status === 'active').flatMap(({ hosts }) => hosts),
        };
      }),
    );
  },
  judge: (zones) =>
    zones.flatMap(({ hosts, names }) =>
      hosts.map((about) => {
        if (names?.some((name) => covers(name, about))) return ok('The host is on a certificate', about);
        const certain = names !== undefined;
        return (certain ? problem : warning)('certificate-depth', {
          about,
          text: certain
            ? 'No certificate has this host: browsers get no connection at all'
            : 'The host is more than one label below its zone, where the universal certificate ends; the token may not ask for others',
          hint: 'Take a host one label below the zone, or buy an advanced certificate for it (SSL/TLS → Edge Certificates; read by "Zone / SSL and Certificates / Read")',
        });
      }),
    ),
});

interface Pack {
  readonly status: string;
  readonly hosts: readonly string[];
}

/** A wildcard stands for one label. */
function covers(name: string, host: string): boolean {
  return name === host || (name.startsWith('*.') && host.slice(host.indexOf('.')) === name.slice(1));
}
