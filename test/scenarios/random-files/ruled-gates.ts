import type { GuardRule } from '../../../src/gates/shared/guard-terms.ts';

/** A gate of Access with conditions: its settings in the file, and the visitors whom it admits. */
interface RuledGate {
  readonly settings: string;
  readonly rules: readonly GuardRule[];
}

const me = { emails: ['me@example.dev'] };
const both = { emails: ['me@example.dev', 'you@example.dev'] };
const inFrance = { countries: ['FR'] };
const near = { networks: ['203.0.113.0/24', '2001:db8:1::/48'] };

export const ruledGates = {
  domain: { settings: '{ domains: [example.dev] }', rules: [{ include: [{ domains: ['example.dev'] }] }] },
  machines: {
    settings: '{ emails: [me@example.dev], tokens: [ci] }',
    rules: [{ include: [me] }, { login: false, include: [{ tokens: ['ci'] }] }],
  },
  inFrance: {
    settings: '{ emails: [me@example.dev, you@example.dev], require: { countries: [FR] } }',
    rules: [{ include: [both], require: [inFrance] }],
  },
  elsewhere: {
    settings: '{ emails: [me@example.dev, you@example.dev], exclude: { countries: [FR] } }',
    rules: [{ include: [both], exclude: [inFrance] }],
  },
  near: {
    settings:
      '{ everyone: { reason: near }, require: { networks: [203.0.113.0/24, "2001:db8:1::/48"], countries: [FR, BE] } }',
    rules: [{ include: [{ everyone: true }], require: [near, { countries: ['FR', 'BE'] }] }],
  },
  several: {
    settings:
      '{ anyOf: [{ emails: [me@example.dev] }, { domains: [example.dev], require: { countries: [FR] } }, { tokens: [backup], exclude: { networks: [203.0.113.0/24] } }] }',
    rules: [
      { include: [me] },
      { include: [{ domains: ['example.dev'] }], require: [inFrance] },
      { login: false, include: [{ tokens: ['backup'] }], exclude: [{ networks: ['203.0.113.0/24'] }] },
    ],
  },
} as const satisfies Readonly<Record<string, RuledGate>>;

export type RuledName = keyof typeof ruledGates;
