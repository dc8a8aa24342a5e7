import type { Expectation } from '../../reconcilers/edge/finding.ts';
import type { Change } from '../core/change.ts';
import type { AddressId } from '../core/objects/address.ts';
import { isAtHost } from '../core/objects/door.ts';
import type { Desired, DesiredObject } from '../core/objects/object.ts';
import type { OriginPart } from '../core/objects/parts/tunnel-parts.ts';
import { withAddresses } from './canonical-ids.ts';

/** The origin of a host of the file, as it is once the host's gate has been checked. */
export interface FileOrigin {
  readonly host: string;
  readonly part: OriginPart;
  /** Authentik decides there, so that nothing is known of the origin before the gate has been checked. */
  readonly isChecked: boolean;
}

/**
 * The origins of the file's hosts. One behind a gate of Cloudflare counts as asking nobody: whoever reaches it
 * has passed the gate. One that decides by itself (a client of Authentik, `/verify` or the hooks of gates) does so in a way
 * that the model cannot see.
 */
export function originsOf({ objects, proofs, scope }: Desired): readonly FileOrigin[] {
  const outpost: AddressId = `authentik/outpost-host:${scope.authentik?.outpost ?? ''}`;
  const checks = new Map<string, readonly CheckType[]>();
  for (const { host, address, spec } of proofs) {
    const { expect } = withAddresses(spec) as { readonly expect?: { readonly type?: Expectation['type'] } };
    const type = address.kind === 'edge/proof' ? expect?.type : 'authentik/admission';
    if (type !== undefined) checks.set(host, [...(checks.get(host) ?? []), type]);
  }
  const proxied = proxiedUrls(objects);
  const found = rulesOf(objects).map(({ host, service, asked }): FileOrigin => {
    const asks = askedBy(checks.get(host) ?? [], proxied.has(`https://${host}`), outpost);
    const part: OriginPart = { part: 'origin', service, hosts: [asked], asks, trustsForwarded: false };
    return { host, part, isChecked: 'outpost' in asks };
  });
  // With `hostHeader`, one address may serve a host for the name of another one, and asks what that one's gate demands.
  const answers = new Map<string, Set<string>>();
  for (const { part } of found)
    answers.set(placeOf(part), (answers.get(placeOf(part)) ?? new Set()).add(part.asks.who));
  return found.filter(({ part, isChecked }) => isChecked || answers.get(placeOf(part))?.size === 1);
}

function askedBy(checks: readonly CheckType[], proxied: boolean, outpost: string): OriginPart['asks'] {
  if (checks.includes('authentik')) return { who: proxied ? 'authentik' : 'outpost', outpost };
  return checks.some((type) => decidesItself[type]) ? { who: 'itself' } : { who: 'nobody' };
}

/**
 * The hosts of the file whose gates an earlier run has checked, so that their origins are known when this one begins: no
 * change of the plan concerns them.
 */
export function checkedHosts({ proofs }: Desired, changes: readonly Change[]): readonly string[] {
  const pending = changes.filter(({ verb }) => verb !== 'keep');
  return proofs
    .map(({ host }) => host)
    .filter((host) =>
      pending.every(
        ({ address, doors }) =>
          address.key !== host && doors.every(({ host: touched }) => !isAtHost(touched, host)),
      ),
    );
}

/** The expectation of a check at the edge, or the check of a client at Authentik. */
type CheckType = Expectation['type'] | 'authentik/admission';

/** True for a check of a gate whose verdict only the origin knows. */
const decidesItself: Readonly<Record<CheckType, boolean>> = {
  access: false,
  anybody: false,
  authentik: false,
  'authentik/admission': true,
  hooks: true,
  jwt: false,
  verify: true,
  worker: false,
};

function rulesOf(
  objects: readonly DesiredObject[],
): readonly { readonly host: string; readonly service: string; readonly asked: string }[] {
  const rules = objects.flatMap(({ address, spec }) => {
    if (address.kind !== 'cloudflare/ingress-rule') return [];
    const { hostname, service, originRequest } = withAddresses(spec) as {
      readonly hostname: string;
      readonly service: string;
      readonly originRequest?: { readonly httpHostHeader?: string };
    };
    const asked = originRequest?.httpHostHeader?.toLowerCase() ?? hostname;
    return [{ host: hostname, service, asked }];
  });
  return [...new Map(rules.map((rule) => [JSON.stringify(rule), rule])).values()];
}

function placeOf({ service, hosts }: OriginPart): string {
  return `${service} ${hosts?.[0]}`;
}

/** The URLs of providers in mode `proxy`. */
function proxiedUrls(objects: readonly DesiredObject[]): ReadonlySet<unknown> {
  const providers = objects.filter(({ address }) => address.kind === 'authentik/proxy-provider');
  const specs = providers.map(
    ({ spec }) => spec as { readonly mode?: unknown; readonly externalHost?: unknown },
  );
  return new Set(specs.flatMap(({ mode, externalHost }) => (mode === 'proxy' ? [externalHost] : [])));
}
