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
