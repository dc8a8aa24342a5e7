import type { Plan } from '../../state/world.ts';

export interface DnsQuota {
  records: number;
  commentLength: number;
  tags: number;
  batchOperations: number;
  /** The shortest TTL in seconds, apart from 1 (automatic). */
  minimumTtl: number;
}

const PAID: DnsQuota = {
  records: 3500,
  commentLength: 500,
  tags: 20,
  batchOperations: 3500,
  minimumTtl: 60,
};

/** The limits of each plan (facts §2); `records` for a zone made after 2024-09-01. */
export const DNS_QUOTAS: { readonly [plan in Plan]: DnsQuota } = {
  free: { records: 200, commentLength: 100, tags: 0, batchOperations: 200, minimumTtl: 60 },
  pro: PAID,
  business: PAID,
  enterprise: { ...PAID, minimumTtl: 30 },
};
