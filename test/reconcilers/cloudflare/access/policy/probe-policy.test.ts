import { describe, expect, it } from 'vitest';
import { accessApplication } from '../../../../../reconcilers/cloudflare/access/access-application.ts';
import {
  type AccessPolicySpec,
  accessPolicy,
} from '../../../../../reconcilers/cloudflare/access/access-policy.ts';
import { account } from '../../../../../reconcilers/cloudflare/account/account.ts';
import type { DesiredObject } from '../../../../../src/core/objects/object.ts';
import { failures, type TestWorld, testWorld } from '../../../../support/world.ts';

const reconcilers = [account, accessPolicy, accessApplication];
const me = { email: { email: 'me@example.dev' } };
const you = { email: { email: 'you@example.dev' } };
const home = { ip: { ip: '203.0.113.7/32' } };
const spec: AccessPolicySpec = { decision: 'allow', include: [me, you], require: [], exclude: [] };

describe('the policy of covers', () => {
  const probe = (changes: Partial<AccessPolicySpec> = {}): DesiredObject => ({
    address: { kind: 'cloudflare/access-policy', key: 'probe' },
    spec: { ...spec, ...changes },
    because: 'services',
  });
  const policies = (test: TestWorld) => `/accounts/${test.sandbox.accountId}/access/policies`;
  const verbs = async (test: TestWorld, want: DesiredObject) =>
    (await test.plan([want])).changes.flatMap(({ verb }) => (verb === 'keep' ? [] : [verb]));

  it('is made anew if it admitted others, since the edge may admit them for a while', async () => {
    const test = await testWorld({ reconcilers });
    expect(failures(await test.apply([probe()]))).toEqual([]);
    const [first] = await test.read(accessPolicy);
    await test.edit('PUT', `${policies(test)}/${first?.id}`, {
      ...(first?.raw as object),
      include: [{ everyone: {} }],
    });
    expect(await verbs(test, probe())).toEqual(['replace']);
    expect(failures(await test.apply([probe()]))).toEqual([]);
    const [second, ...others] = await test.read(accessPolicy);
    expect(others).toEqual([]);
    expect(second?.spec).toMatchObject(spec);
    expect(second?.id).not.toBe(first?.id);
    expect(await verbs(test, probe())).toEqual([]);
  });

  it('is changed in place if it admitted fewer, or if an application uses it', async () => {
    const test = await testWorld({ reconcilers });
    expect(failures(await test.apply([probe()]))).toEqual([]);
    expect(await verbs(test, probe({ include: [me, you, home] }))).toEqual(['update']);
    expect(await verbs(test, probe({ include: [me] }))).toEqual(['replace']);
    const [have] = await test.read(accessPolicy);
    await test.edit('POST', `/accounts/${test.sandbox.accountId}/access/apps`, {
      ...{ type: 'self_hosted', name: 'theirs', domain: 'theirs.example.dev' },
      policies: [{ id: have?.id, precedence: 1 }],
    });
    expect(await verbs(test, probe({ include: [me] }))).toEqual(['update']);
  });
});
