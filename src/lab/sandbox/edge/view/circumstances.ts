import type { Passed } from '../../authentik/api/passing.ts';
import type { World } from '../../state/world.ts';

/** The address of an ordinary visitor of the sandbox (TEST-NET-3). */
export const VISITOR_IP = '203.0.113.7';
export const VISITOR_COUNTRY = 'FR';

/** The place and the device of a visitor, as a test states them. Absent members: those of an ordinary visitor. */
export interface Circumstances {
  ip?: string;
  country?: string;
  /** Ids or names of the posture checks that the device passes; `warp` and `gateway` are the checks of these types. */
  device?: readonly string[];
  /** The client certificate, with the name or the id of the authority that issued it. */
  certificate?: { commonName: string; authority: string };
  /** The flows and policies of Authentik that the visitor passes. */
  passes?: Passed;
}

/** The same as Access knows it at one host. */
export interface VisitContext {
  ip: string;
  country: string;
  /** Ids of the posture rules that the device passes. */
  passed: ReadonlySet<string>;
  /** The certificate if it is valid at the host; `authority` is an id. */
  certificate: { commonName: string; authority: string } | null;
}

export const ORDINARY: VisitContext = {
  ip: VISITOR_IP,
  country: VISITOR_COUNTRY,
  passed: new Set(),
  certificate: null,
};

/** The context of a visit to `host`. A certificate is valid there only if its authority is associated with it. */
export function contextAt(world: World, host: string, given: Circumstances | undefined): VisitContext {
  if (given === undefined) return ORDINARY;
  const { ip = VISITOR_IP, country = VISITOR_COUNTRY, device = [], certificate } = given;
  const rules = device.length === 0 ? [] : (world.postureRules ?? []);
  const passed = rules.filter(
    ({ id, name, type }) =>
      device.includes(id) ||
      device.includes(name) ||
      (['warp', 'gateway'].includes(type) && device.includes(type)),
  );
  const authority = (world.accessCertificates ?? []).find(
    ({ id, name, hostnames }) =>
      hostnames.includes(host) && (id === certificate?.authority || name === certificate?.authority),
  );
  return {
    ip,
    country,
    passed: new Set(passed.map(({ id }) => id)),
    certificate:
      certificate === undefined || authority === undefined
        ? null
        : { commonName: certificate.commonName, authority: authority.id },
  };
}
