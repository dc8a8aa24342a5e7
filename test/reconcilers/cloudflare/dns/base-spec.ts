import type { DnsRecordSpec } from '../../../../reconcilers/cloudflare/dns/record-spec.ts';

/** A CNAME of `app`. */
export function baseSpec(zoneId: string): DnsRecordSpec {
  return {
    zone: 'example.dev',
    zoneId,
    type: 'CNAME',
    name: 'app.example.dev',
    content: 'target.example.net',
    ttl: 1,
    proxied: false,
    comment: '',
  };
}
