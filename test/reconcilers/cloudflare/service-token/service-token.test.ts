import { describe, expect, it } from 'vitest';
import { accessApplication } from '../../../../reconcilers/cloudflare/access/access-application.ts';
import { accessPolicy } from '../../../../reconcilers/cloudflare/access/access-policy.ts';
import { account } from '../../../../reconcilers/cloudflare/account/account.ts';
import { rotateServiceToken } from '../../../../reconcilers/cloudflare/service-token/rotation.ts';
import {
  type ServiceTokenSpec,
  serviceToken,
} from '../../../../reconcilers/cloudflare/service-token/service-token.ts';
import { describeError } from '../../../../src/core/errors.ts';
import type { DesiredObject, Observed } from '../../../../src/core/objects/object.ts';
import { ref } from '../../../../src/core/objects/reference.ts';
import { failures, pending, type TestWorld, testWorld } from '../../../support/world.ts';
import { contract } from '../../contract.ts';

const reconcilers = [account, serviceToken, accessPolicy, accessApplication];
const sink = {
  file: '/run/ci.env',
  names: { clientId: 'CF_ACCESS_CLIENT_ID', clientSecret: 'CF_ACCESS_CLIENT_SECRET' },
};
const spec: ServiceTokenSpec = { duration: '8760h', enabled: true, secret: 'kept', deliver: [sink] };
const ci: DesiredObject = {
  address: { kind: 'cloudflare/service-token', key: 'ci' },
  spec,
  because: 'serviceTokens.ci',
};
const policy: DesiredObject = {
  address: { kind: 'cloudflare/access-policy', key: 'api.example.dev' },
  spec: {
    decision: 'non_identity',
    include: [{ service_token: { token_id: ref('cloudflare/service-token:ci') } }],
    require: [],
    exclude: [],
  },
  because: 'services.api',
};
const overlap = 7 * 24 * 3_600_000;

const tokens = (test: TestWorld) => `/accounts/${test.sandbox.accountId}/access/service_tokens`;

function put(have: Observed<ServiceTokenSpec>, test: TestWorld, changes: object): Promise<unknown> {
  const { name } = have.raw as { readonly name: string };
  return test.edit('PUT', `${tokens(test)}/${have.id}`, { name, ...changes });
}

contract({
  reconciler: serviceToken,
  reconcilers,
  collection: '/accounts/*/access/service_tokens',
  beside: true,
  desired: () => [ci],
  drifts: [
    { field: 'duration', edit: (have, test) => put(have, test, { duration: '24h' }) },
    { field: 'enabled', edit: (have, test) => put(have, test, { enabled: false }) },
    {
      field: 'deliver',
      edit: async (_, test) => test.sinks.write(sink.file, { CF_ACCESS_CLIENT_ID: 'another' }),
    },
  ],
  async crowd(test, count) {
    for (let n = 1; n <= count; n += 1) {
      await test.edit('POST', tokens(test), { name: n === 1 ? 'ci' : `gates:lab/token-${n}` });
    }
    return tokens(test);
  },
  remove: ({ id }, test) => test.edit('DELETE', `${tokens(test)}/${id}`),
});

/** Applies the token and a policy that admits it. */
async function admitted(): Promise<{ test: TestWorld; token: Observed<ServiceTokenSpec> }> {
  const test = await testWorld({ reconcilers });
  expect(failures(await test.apply([ci, policy]))).toEqual([]);
  return { test, token: await only(test) };
}

async function only(test: TestWorld): Promise<Observed<ServiceTokenSpec>> {
  const [found, ...more] = (await test.read(serviceToken)).filter(({ owner }) => owner === 'home');
  expect(more).toEqual([]);
  if (found === undefined) throw new Error('there is no token of ours');
  return found;
}

/** The ids of the tokens that the policy of our host admits. */
async function admittedIds(test: TestWorld): Promise<readonly string[]> {
  const policies = await test.read(accessPolicy);
  return policies.flatMap(({ uses }) => uses).sort();
}

const delivered = (test: TestWorld) => test.sinks.files.get(sink.file)?.CF_ACCESS_CLIENT_SECRET;
const kept = async (test: TestWorld) => (await test.vault.get('service-token-home/ci'))?.clientSecret;

/** True if the API still accepts a secret; the edge would too. */
function accepted(test: TestWorld, secret: string | undefined): boolean {
  return secret !== undefined && test.sandbox.snapshot().includes(secret);
}

describe('the secret of a service token', () => {
  it('is in the vault and in its file, and both match the API’s', async () => {
    const { test } = await admitted();
    expect(await kept(test)).toMatch(/^cfast_/);
    expect(delivered(test)).toBe(await kept(test));
    expect(accepted(test, await kept(test))).toBe(true);
  });

  it('that was lost before anything used the token costs a new token and nothing else', async () => {
    const test = await testWorld({ reconcilers });
    await test.apply([ci]);
    const { id } = await only(test);
    await test.vault.remove('service-token-home/ci');
    expect(pending(await test.plan([ci])).map(({ verb }) => verb)).toEqual(['replace']);
    expect(failures(await test.apply([ci]))).toEqual([]);
    expect((await only(test)).id).not.toBe(id);
    expect(delivered(test)).toBe(await kept(test));
    expect(pending(await test.plan([ci]))).toEqual([]);
  });

  it('that was lost while the token is in use is refused, and says what to do', async () => {
    const { test, token } = await admitted();
    await test.vault.remove('service-token-home/ci');
    const [change] = pending(await test.plan([ci, policy]));
    expect(change?.verb).toBe('refuse');
    expect(change?.reason).toContain('`gates rotate ci`');
    await rotateServiceToken(test.pass(), 'ci', { overlap });
    expect(failures(await test.apply([ci, policy]))).toEqual([]);
    expect((await only(test)).id).toBe(token.id);
    expect(delivered(test)).toBe(await kept(test));
  });

  it('of a token that a list lacks is not replaced: gates requests the token by its id', async () => {
    const test = await testWorld({ reconcilers });
    await test.apply([ci, policy]);
    const [token] = await test.read(serviceToken);
    const world = test.pass();
    const list = async () => [];
    const seen = await serviceToken.observe({ ...world, cloudflare: { ...world.cloudflare, list } });
    expect(seen.map(({ id, spec: { secret } }) => [id, secret])).toEqual([[token?.id, 'kept']]);
  });

  it('of a token that another state folder keeps replacing is taken back once a day, which is reported', async () => {
    const test = await testWorld({ reconcilers });
    const probe = { ...ci, spec: { ...spec, deliver: [], expendable: true as const } };
    await test.apply([probe, policy]);
    /** Another state folder makes the token anew. */
    const anew = async () => {
      const [mine] = await test.read(serviceToken);
      const made = (await test.edit('POST', tokens(test), { name: 'gates:home/ci' })) as {
        readonly id: string;
      };
      const [admitting] = await test.read(accessPolicy);
      const include = [{ service_token: { token_id: made.id } }];
      const body = { name: 'gates:home/ci', decision: 'non_identity', include };
      await test.edit('PUT', `/accounts/${test.sandbox.accountId}/access/policies/${admitting?.id}`, body);
      await test.edit('DELETE', `${tokens(test)}/${mine?.id}`);
    };
    const run = async () => {
      const plan = await test.plan([probe, policy]);
      const change = plan.changes.find(({ address }) => address.kind === 'cloudflare/service-token');
      const world = test.pass();
      const ready = { ...change, verb: 'replace' as const, want: probe.spec, drift: ['secret'] };
      return { verb: change?.verb, world, outcomes: await serviceToken.write?.([ready as never], world) };
    };
    await anew();
    const first = await run();
    expect([first.verb, first.outcomes?.[0]?.status]).toEqual(['replace', 'done']);
    expect(first.world.shared.interferences.map(({ text }) => text).join()).toContain('another state folder');
    await test.apply([probe, policy]);
    await anew();
    const { changes } = await test.plan([probe, policy]);
    expect(changes.find(({ verb }) => verb === 'refuse')?.reason).toContain('another gates of this owner');
  });

  it('of a deleted token is replaced, and the policy follows', async () => {
    const { test, token } = await admitted();
    await test.edit(
      'PUT',
      `/accounts/${test.sandbox.accountId}/access/policies/${(await policyOf(test)).id}`,
      {
        name: 'gates:home/api.example.dev',
        decision: 'non_identity',
        include: [{ any_valid_service_token: {} }],
      },
    );
    await test.edit('DELETE', `${tokens(test)}/${token.id}`);
    expect(failures(await test.apply([ci, policy]))).toEqual([]);
    const { id } = await only(test);
    expect(id).not.toBe(token.id);
    expect(await admittedIds(test)).toEqual([id]);
    expect(delivered(test)).toBe(await kept(test));
  });
});

async function policyOf(test: TestWorld): Promise<Observed<unknown>> {
  const [found] = await test.read(accessPolicy);
  if (found === undefined) throw new Error('there is no policy');
  return found;
}

describe('several tokens with one name', () => {
  it('are identified by the vault; the others go when nothing uses them', async () => {
    const { test, token } = await admitted();
    await test.edit('POST', tokens(test), { name: 'gates:home/ci' });
    await test.edit('POST', tokens(test), { name: 'gates:home/ci#2' });
    expect(pending(await test.plan([ci, policy])).map(({ verb }) => verb)).toEqual(['prune', 'prune']);
    expect(failures(await test.apply([ci, policy]))).toEqual([]);
    expect((await only(test)).id).toBe(token.id);
  });
});

describe('drift', () => {
  it.each([
    ['8760h', '8760h0m0s', 'Go writes the same duration in several ways'],
    ['forever', 'forever', 'a token may have no end'],
  ])('%s equals %s: %s', (want, have) => {
    expect(serviceToken.drift?.({ duration: want }, { ...spec, duration: have })).toEqual([]);
  });

  it('does not include a file that received the secret and is no longer desired', () => {
    expect(serviceToken.drift?.({ ...spec, deliver: [] }, spec)).toEqual([]);
  });
});

describe('a rotation', () => {
  it('makes, stores and delivers a new secret, and leaves the old one valid for the overlap', async () => {
    const { test, token } = await admitted();
    const old = await kept(test);
    const rotation = await rotateServiceToken(test.pass(), 'ci', { overlap });
    expect(rotation.way).toBe('rotated');
    expect(rotation.oldUntil?.getTime()).toBe(test.clock.now().getTime() + overlap);
    expect(await kept(test)).not.toBe(old);
    expect(delivered(test)).toBe(await kept(test));
    expect(accepted(test, old)).toBe(true);
    expect((await only(test)).id).toBe(token.id);
    expect(pending(await test.plan([ci, policy]))).toEqual([]);
  });

  it('keeps only one previous secret, so a lost reply may not lead to another rotation', async () => {
    const { test } = await admitted();
    const old = await kept(test);
    await rotateServiceToken(test.pass(), 'ci', { overlap });
    await rotateServiceToken(test.pass(), 'ci', { overlap });
    expect(accepted(test, old)).toBe(false);
  });

  it('after a lost reply makes a second token, so that the secret in use is never revoked', async () => {
    const { test, token } = await admitted();
    const inUse = delivered(test);
    await test.fault({
      fault: 'lose-reply',
      match: { method: 'POST', path: '/accounts/**/rotate' },
      times: 1,
    });
    const error = await rotateServiceToken(test.pass(), 'ci', { overlap }).catch((thrown: unknown) => thrown);
    expect(describeError(error)).toContain('run `gates rotate ci` again');
    expect(pending(await test.plan([ci, policy])).map(({ verb }) => verb)).toEqual(['refuse']);
    expect(accepted(test, inUse)).toBe(true);

    const rotation = await rotateServiceToken(test.pass(), 'ci', { overlap });
    expect(rotation.way).toBe('second');
    expect(accepted(test, inUse)).toBe(true);
    const second = (await test.vault.get('service-token-home/ci'))?.id ?? '';
    expect(await admittedIds(test)).toEqual([second, token.id].sort());
    expect(delivered(test)).toBe(await kept(test));

    const tellsFirst = async () =>
      (await test.read(serviceToken)).find(({ id }) => id === token.id)?.attributes.beside;
    expect(await tellsFirst()).toBe('ci');
    await test.clock.sleep(overlap);
    expect(await tellsFirst()).toBeUndefined();
    expect(failures(await test.apply([ci, policy]))).toEqual([]);
    expect(await admittedIds(test)).toEqual([second]);
    expect((await only(test)).id).toBe(second);
    expect(pending(await test.plan([ci, policy]))).toEqual([]);
  });

  it('that the API rejects changes nothing', async () => {
    const { test } = await admitted();
    const before = await test.vault.get('service-token-home/ci');
    await test.fault({
      fault: 'status',
      status: 403,
      match: { method: 'POST', path: '/accounts/**/rotate' },
      times: 1,
    });
    await expect(rotateServiceToken(test.pass(), 'ci', { overlap })).rejects.toThrow(
      'does not let this token',
    );
    expect(await test.vault.get('service-token-home/ci')).toEqual(before);
    expect(pending(await test.plan([ci, policy]))).toEqual([]);
  });

  it('of an unknown token is reported', async () => {
    const test = await testWorld({ reconcilers });
    await expect(rotateServiceToken(test.pass(), 'ci', { overlap })).rejects.toThrow(
      'no service token of this name',
    );
  });
});
