import { markName, readName } from '../../core/objects/marker.ts';
import type { Observed } from '../../core/objects/object.ts';
import type { FindingSubject } from '../../report/findings/findings.ts';
import type { LiveRecord } from './live-names.ts';

export function hostSubject(name: string): FindingSubject {
  return { kind: 'host', name };
}

/** `CNAME grafana.example.dev` */
export function recordSubject({ spec: { type, name } }: LiveRecord): FindingSubject {
  return { kind: 'DNS record', name: `${type} ${name}` };
}

/** An object of Cloudflare or Authentik, by the name that its dashboard shows. */
export function namedSubject(kind: string, name: string): FindingSubject {
  return { kind, name };
}

/** True for the policy and the token with which some gates checks hosts: it keeps them, used or not. */
export function isForChecks(name: string): boolean {
  const { owner, key } = readName(name);
  return owner !== undefined && key === 'probe';
}

/** The name of a provider as Authentik shows it. Its key has the id behind a foreign name, and no mark of ours. */
export function providerName(
  { address: { key }, attributes: { id }, owner: of }: Observed,
  { owner }: { readonly owner: string },
): string {
  return of === owner ? markName(owner, key) : key.replace(` (${id})`, '');
}
