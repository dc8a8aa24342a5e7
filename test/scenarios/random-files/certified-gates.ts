import { createHash, X509Certificate } from 'node:crypto';
import type { GuardRule } from '../../../src/gates/shared/guard-terms.ts';
import { MACHINES, STRANGERS } from '../../lab/sandbox/cloudflare/access/authorities.ts';

/** The authorities of client certificates that a file may have. */
const authorities = { laptops: MACHINES, phones: STRANGERS } as const;

type AuthorityName = keyof typeof authorities;

const fingerprintOf = (name: AuthorityName) =>
  createHash('md5').update(new X509Certificate(authorities[name]).raw).digest('hex');

const byLaptop = { authorities: [fingerprintOf('laptops')] };
const byPhone = { authorities: [fingerprintOf('phones')] };
const byEither = { authorities: [fingerprintOf('laptops'), fingerprintOf('phones')] };
const me = { emails: ['me@example.dev'] };
const you = { emails: ['you@example.dev'] };

/** A gate of Access that asks for a certificate: its settings in the file, and the visitors whom it admits. */
interface CertifiedGate {
  readonly settings: string;
  readonly rules: readonly GuardRule[];
}

export const certifiedGates = {
  laptops: {
    settings: '{ emails: [me@example.dev], require: { certificateAuthorities: [laptops] } }',
    rules: [{ include: [me], require: [byLaptop] }],
  },
  phones: {
    settings: '{ emails: [you@example.dev], require: { certificateAuthorities: [phones] } }',
    rules: [{ include: [you], require: [byPhone] }],
  },
  either: {
    settings:
      '{ emails: [me@example.dev, you@example.dev], require: { certificateAuthorities: [laptops, phones] } }',
    rules: [{ include: [me, you], require: [byEither] }],
  },
  machines: {
    settings: '{ tokens: [ci], require: { certificateAuthorities: [laptops] } }',
    rules: [{ login: false, include: [{ tokens: ['ci'] }], require: [byLaptop] }],
  },
  some: {
    settings:
      '{ anyOf: [{ emails: [me@example.dev], require: { certificateAuthorities: [phones] } }, { emails: [you@example.dev] }] }',
    rules: [{ include: [me], require: [byPhone] }, { include: [you] }],
  },
} as const satisfies Readonly<Record<string, CertifiedGate>>;

export type CertifiedName = keyof typeof certifiedGates;

/** The section of the authorities that these settings name; empty if they name none. */
export function authoritySection(settings: readonly string[]): string {
  const lists = settings.flatMap((text) => text.match(/certificateAuthorities: \[[^\]]*\]/g) ?? []);
  const used = Object.entries(authorities).filter(([name]) => lists.some((list) => list.includes(name)));
  if (used.length === 0) return '';
  const entries = used.map(
    ([name, pem]) => `  ${name}:\n    pem: |\n      ${pem.trimEnd().replaceAll('\n', '\n      ')}\n`,
  );
  return `certificateAuthorities:\n${entries.join('')}`;
}
