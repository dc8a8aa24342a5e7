import { identityCheckPath } from '../../../reconcilers/cloudflare/worker/identity-script.ts';
import { type WorkerSpec, workerCode } from '../../../reconcilers/cloudflare/worker/worker.ts';
import type { WorkerRouteSpec } from '../../../reconcilers/cloudflare/worker/worker-route.ts';
import { workerName } from '../../../reconcilers/cloudflare/worker/workers-wire.ts';
import type { CheckRequest } from '../../../reconcilers/edge/finding.ts';
import type { ExpectedWorker } from '../../../reconcilers/edge/reading/worker-reading.ts';
import type * as file from '../../../schema/generated/config.ts';
import type { Finding, Path } from '../../config/mistakes/finding.ts';
import type { Config, IdentityHeader, Service } from '../../config/model/config.ts';
import type { PartOf } from '../../config/model/partial-file.ts';
import { parseAddressId } from '../../core/objects/address.ts';
import type { DesiredObject } from '../../core/objects/object.ts';
import type { Linked } from '../../core/objects/reference.ts';
import {
  audience,
  organizationId,
  teamDomain,
  workerAddress,
  workerRouteAddress,
  zoneId,
} from '../../desired/terms/addresses.ts';
import type { Door } from '../../desired/terms/doors.ts';
import { accessCheck } from '../shared/access-check.ts';
import type { GateCheckTerms } from '../shared/built-gate.ts';

/** The Worker of a host and its route; none without `identityHeader`. */
export function identityObjects(
  { name, host, zone, identityHeader }: Service,
  { owner }: Config,
): readonly DesiredObject[] {
  if (identityHeader === undefined) return [];
  const place = { host, zone, zoneId: zoneId(zone) };
  const script: Linked<WorkerSpec> = {
    ...place,
    ...workerCode,
    team: teamDomain(),
    audience: audience(host),
    userHeader: identityHeader.user,
    groupsHeader: identityHeader.groups ?? '',
  };
  const route: Linked<WorkerRouteSpec> = { ...place, script: workerName(owner, host), failsOpen: false };
  const because = `services.${name}`;
  const [worker, workersRoute] = [workerAddress(owner, host), workerRouteAddress(host)];
  return [
    { address: parseAddressId(worker), spec: script, because },
    { address: parseAddressId(workersRoute), spec: route, needs: [worker], because },
  ];
}

/**
 * The check of a gate of Access before a Worker: Access has to ask, and behind the cover the Worker has to answer. The
 * tunnel cannot tell whether a request came through the Worker, so nobody else may pass until then.
 */
export function identityCheck(door: Door, { owner }: Config): GateCheckTerms {
  const check = accessCheck(door);
  const { host, identityHeader } = door.service;
  if (identityHeader === undefined || door.path !== undefined) return check;
  const inner = [workerAddress(owner, host), workerRouteAddress(host)];
  const worker: Linked<ExpectedWorker> = {
    version: workerCode.code,
    team: teamDomain(),
    audience: audience(host),
    removes: namesOf(identityHeader).map((header) => header.toLowerCase()),
  };
  return {
    ...check,
    kind: 'edge/proof',
    expect: { type: 'access', audience: audience(host), worker },
    needs: [...check.needs, ...inner, organizationId],
    inner,
    covered: true,
  };
}

/** The request to the Worker itself, with identity headers that a visitor might forge. */
export function identityRequest(names: readonly string[]): CheckRequest {
  const spellings = names.flatMap((name) => [name.toLowerCase(), name.toLowerCase().replaceAll('-', '_')]);
  const headers = Object.fromEntries(spellings.map((name) => [name, 'forged']));
  return { path: identityCheckPath, headers };
}

export function namesOf({ user, groups }: IdentityHeader): readonly string[] {
  return groups === undefined ? [user] : [user, groups];
}

/** Headers that the edge, cloudflared or HTTP itself needs. */
const taken =
  /^(cf-.*|cdn-loop|x-forwarded-(for|proto|host)|x-real-ip|true-client-ip|host|cookie|authorization|origin|referer|accept.*|content-.*|connection|upgrade|transfer-encoding|te|trailer|expect|range|if-.*|via|user-agent|sec-.*|proxy-.*|keep-alive)$/i;

/** The mistakes of `identityHeader` that its own shape does not show. */
export function identityHeaderMistakes(partial: PartOf<file.GatesFile>): readonly Finding[] {
  const asksAuthentik = partial.cloudflare?.access?.identityProvider !== undefined;
  return Object.entries(partial.services ?? {}).flatMap(([name, service]) => {
    const written = service?.identityHeader;
    if (service === undefined || written === undefined) return [];
    const at: Path = ['services', name, 'identityHeader'];
    const found: Finding[] = [];
    const add = (path: Path, message: string, hint: string) =>
      found.push({ severity: 'error', rule: 'conflicting-keys', path, message, hint });
    if (service.gate !== undefined && !logsPeopleIn(service.gate))
      add(
        at,
        'nobody logs in at Access here, so there is no identity to pass on',
        'use a gate `cloudflare` that admits people, or remove it',
      );
    if (Object.keys(service.paths ?? {}).length > 0)
      add(
        at,
        'the Worker of `identityHeader` stands before the whole host, and paths have gates of their own',
        'move the paths to a host of their own',
      );
    if (written.groups !== undefined && !asksAuthentik)
      add(
        [...at, 'groups'],
        'Access knows groups only if it logs people in through Authentik',
        'set `cloudflare.access.identityProvider`, or remove `groups`',
      );
    if (written.groups !== undefined && written.groups.toLowerCase() === written.user?.toLowerCase())
      add([...at, 'groups'], 'one header cannot carry both', 'write another name');
    for (const key of ['user', 'groups'] as const)
      if (taken.test(written[key] ?? ''))
        add([...at, key], `the header ${written[key]} has another meaning`, 'write a name such as X-User');
    return found;
  });
}

function logsPeopleIn({ cloudflare }: PartOf<file.Gate>): boolean {
  if (cloudflare === undefined) return false;
  const rules = cloudflare.anyOf ?? [cloudflare];
  return rules.some((rule) =>
    [rule?.emails, rule?.domains, rule?.groups, rule?.people, rule?.everyone].some(
      (key) => key !== undefined,
    ),
  );
}
