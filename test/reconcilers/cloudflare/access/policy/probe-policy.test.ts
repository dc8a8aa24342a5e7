import { describe, expect, it } from 'vitest';
import {
  type AccessApplicationSpec,
  accessApplication,
} from '../../../../../reconcilers/cloudflare/access/access-application.ts';
import {
  type AccessPolicySpec,
  accessPolicy,
} from '../../../../../reconcilers/cloudflare/access/access-policy.ts';
import { accessTag } from '../../../../../reconcilers/cloudflare/access/access-tag.ts';
import { account } from '../../../../../reconcilers/cloudflare/account/account.ts';
import type { DesiredObject } from '../../../../../src/core/objects/object.ts';
import { type Linked, ref } from '../../../../../src/core/objects/reference.ts';
import { failures, type TestWorld, testWorld } from '../../../../support/world.ts';

const reconcilers = [account, accessTag, accessPolicy, accessApplication];
const me = { email: { email: 'me@example.dev' } };
const you = { email: { email: 'you@example.dev' } };
const home = { ip: { ip: '203.0.113.7/32' } };

const tag: DesiredObject = {
  address: { kind: 'cloudflare/access-tag', key: 'gates-home' },
  spec: { name: 'gates-home' },
  because: 'owner',
};

function policy(key: string, include: readonly object[] = [me, you]): DesiredObject {
  const spec = { decision: 'allow', include, require: [], exclude: [] };
  return { address: { kind: 'cloudflare/access-policy', key }, spec, because: 'services' };
}

function application(key: string, by: string): DesiredObject {
  const spec: Linked<AccessApplicationSpec> = {
    ...{ name: key, destinations: [key], policies: [ref(`cloudflare/access-policy:${by}`)] },
    ...{ sessionDuration: '24h', bypass: false, waysAround: [] },
  };
  const address = { kind: 'cloudflare/access-application', key } as const;
  return { address, spec, needs: ['cloudflare/access-tag:gates-home'], because: 'services.app' };
}

/** The objects that every file of these tests asks for. */
const standing = [tag, policy('probe'), policy('app.example.dev')];
const cover = application('app.example.dev', 'probe');

describe('the policy of covers, if somebody has changed it', () => {
  /** The policy stands, and somebody lets these in by it. */
  async function changed(include: readonly object[]): Promise<TestWorld> {
    const test = await testWorld({ reconcilers });
    expect(failures(await test.apply(standing))).toEqual([]);
    await test.clock.sleep(30_000);
    const policies = await test.read(accessPolicy);
    const { id, raw } = policies.find(({ address: { key } }) => key === 'probe') ?? { raw: {} };
    const path = `/accounts/${test.sandbox.accountId}/access/policies/${id}`;
    await test.edit('PUT', path, { ...(raw as object), include });
    return test;
  }

  /** The milliseconds that a run waits until the file holds. */
  async function waited(test: TestWorld, objects: readonly DesiredObject[]): Promise<number> {
    const begun = test.clock.now().getTime();
    expect(failures(await test.apply(objects))).toEqual([]);
    const [probe] = (await test.read(accessPolicy)).filter(({ address: { key } }) => key === 'probe');
    expect(probe?.spec satisfies AccessPolicySpec | undefined).toMatchObject({ include: [me, you] });
    return test.clock.now().getTime() - begun;
  }

  it('has its rules everywhere before a cover uses it, since it may have admitted others', async () => {
    expect(await waited(await changed([{ everyone: {} }]), [...standing, cover])).toBe(30_000);
  });

  it('has them also before the cover of the next run', async () => {
    const test = await changed([me, you, home]);
    expect(await waited(test, standing)).toBe(0);
    await test.clock.sleep(10_000);
    expect(await waited(test, [...standing, cover])).toBe(20_000);
  });

  it('keeps back nothing else, and nothing later', async () => {
    const test = await changed([{ everyone: {} }]);
    expect(await waited(test, [...standing, application('other.example.dev', 'app.example.dev')])).toBe(0);
    await test.clock.sleep(30_000);
    expect(await waited(test, [...standing, cover])).toBe(0);
    expect(await test.notes.list('cover-policy')).toEqual([]);
  });

  it('keeps back nothing if it admitted fewer', async () => {
    expect(await waited(await changed([me]), [...standing, cover])).toBe(0);
  });
});
