import { expect } from 'vitest';
import type { AccessRule } from '../../reconcilers/cloudflare/access/access-policy.ts';
import type { PolicyDemands } from '../../reconcilers/cloudflare/access/policy/policy-demands.ts';
import { isReference } from '../../src/core/objects/reference.ts';
import { compileFile } from '../desired/sample.ts';

/** The lists that the rules of the tests name. */
export const top = `people: { friends: { emails: [Ada@example.net], domains: [example.org] } }
networks: { home: ["203.0.113.7", "2001:db8:1::/48"] }`;

/** A service with this gate of Cloudflare. */
export const serviceWith = (gate: string) =>
  `app: { host: app.example.dev, origin: app, gate: { cloudflare: ${gate} } }`;

/** A policy, as far as the tests read it. */
export interface RulePolicy extends PolicyDemands {
  readonly decision: string;
  readonly include: readonly AccessRule[];
  readonly require: readonly AccessRule[];
  readonly exclude: readonly AccessRule[];
}

/** The policies of the only application, by precedence, with each reference as the address to which it leads. */
export function policiesFor(gate: string): readonly (readonly [key: string, policy: RulePolicy])[] {
  const { objects, refusals } = compileFile(serviceWith(gate), top);
  expect(refusals).toEqual([]);
  const plain = JSON.parse(
    JSON.stringify(objects, (_key, value) => (isReference(value) ? value.$ref : value)),
  );
  const application = plain.find(({ address }: (typeof objects)[number]) =>
    address.kind.endsWith('application'),
  );
  return application.spec.policies.map((id: string) => {
    const found = plain.find(
      ({ address }: (typeof objects)[number]) => `${address.kind}:${address.key}` === id,
    );
    return [found.address.key, found.spec];
  });
}
