import { describe, expect, it } from 'vitest';
import { certificateKeyPair } from '../../../../reconcilers/authentik/signing-key/certificate-key-pair.ts';
import type { DesiredObject } from '../../../../src/core/objects/object.ts';
import { ref } from '../../../../src/core/objects/reference.ts';
import { failures, pending, type TestWorld, testWorld } from '../../../support/world.ts';
import { authentikKinds, flowIds, flows } from '../grafana.ts';

const pairs = '/crypto/certificatekeypairs/';
const providers = '/providers/oauth2/';

const wants: readonly DesiredObject[] = [
  ...flows,
  {
    address: { kind: 'authentik/certificate-key-pair', key: 'api' },
    spec: { privateKey: true },
    because: 'clients.api',
  },
  {
    address: { kind: 'authentik/oauth2-provider', key: 'api' },
    spec: {
      clientType: 'confidential',
      redirectUris: [],
      signingKey: ref('authentik/certificate-key-pair:api'),
      encrypted: false,
      propertyMappings: [],
      ...flowIds,
      subject: 'hashed_user_id',
      issuer: 'per_provider',
      claimsInIdToken: true,
      grantTypes: ['client_credentials'],
      trustedProviders: [],
      codeLifetime: 60,
      accessLifetime: 3600,
      refreshLifetime: 86_400,
      secret: 'kept',
      deliver: [],
      hosts: [],
    },
    because: 'clients.api',
  },
];

interface Pair {
  readonly pk: string;
  readonly name: string;
}

async function applied(): Promise<TestWorld> {
  const test = await testWorld({ reconcilers: authentikKinds });
  expect(failures(await test.apply(wants))).toEqual([]);
  return test;
}

const generate = async (test: TestWorld, name: string) =>
  (await test.editAuthentik('POST', `${pairs}generate/`, { common_name: name, validity_days: 9 })) as Pair;

async function switchTo(test: TestWorld, pair: string) {
  const { results } = (await test.editAuthentik('GET', providers)) as {
    readonly results: readonly { readonly pk: number; readonly name: string }[];
  };
  const own = results.find(({ name }) => name === 'gates:home/api');
  await test.editAuthentik('PATCH', `${providers}${own?.pk}/`, { signing_key: pair });
}

async function namesOf(test: TestWorld): Promise<Readonly<Record<string, string>>> {
  const read = (await test.read(certificateKeyPair)).filter(({ owner }) => owner === 'home');
  return Object.fromEntries(
    read.map(({ address, raw }) => [address.key, (raw as { readonly name: string }).name]),
  );
}

const planned = async (test: TestWorld) =>
  pending(await test.plan(wants)).map(({ verb, address }) => `${verb} ${address.kind}:${address.key}`);

describe('the key pairs of one client', () => {
  it('stay unchanged while the new one signs nothing, and the new one goes', async () => {
    const test = await applied();
    await generate(test, 'gates:home/api#2');
    expect(await namesOf(test)).toEqual({
      api: 'gates:home/api',
      'gates:home/api#2': 'gates:home/api#2',
    });
    expect(await planned(test)).toEqual(['prune authentik/certificate-key-pair:gates:home/api#2']);
    expect(failures(await test.apply(wants))).toEqual([]);
    expect(await planned(test)).toEqual([]);
    expect(await namesOf(test)).toEqual({ api: 'gates:home/api' });
  });

  it('are never switched back once the provider signs with the new one, and the old one goes', async () => {
    const test = await applied();
    await switchTo(test, (await generate(test, 'gates:home/api#2')).pk);
    expect(await namesOf(test)).toEqual({
      'gates:home/api': 'gates:home/api',
      api: 'gates:home/api#2',
    });
    expect(await planned(test)).toEqual(['prune authentik/certificate-key-pair:gates:home/api']);
    expect(failures(await test.apply(wants))).toEqual([]);
    expect(await planned(test)).toEqual([]);
    expect(await namesOf(test)).toEqual({ api: 'gates:home/api#2' });
  });

  it('go with the client, even if their notes are lost, and leave no note', async () => {
    const test = await applied();
    await switchTo(test, (await generate(test, 'gates:home/api#2')).pk);
    await test.notes.clear('authentik-certificate-key-pair', 'api');
    expect(failures(await test.apply([]))).toEqual([]);
    expect(await namesOf(test)).toEqual({});
    expect(await test.notes.list('authentik-certificate-key-pair')).toEqual([]);
  });

  it('are created under the first name again if somebody removed all', async () => {
    const test = await applied();
    const second = await generate(test, 'gates:home/api#2');
    await switchTo(test, second.pk);
    expect(failures(await test.apply(wants))).toEqual([]);
    await test.editAuthentik('DELETE', `${pairs}${second.pk}/`);
    expect(failures(await test.apply(wants))).toEqual([]);
    expect(await namesOf(test)).toEqual({ api: 'gates:home/api' });
    expect(await planned(test)).toEqual([]);
  });

  it('are not claimed merely because a foreign one has such a name', async () => {
    const test = await applied();
    await generate(test, 'gates:lab/api#2');
    await generate(test, 'api#2');
    expect(await namesOf(test)).toEqual({ api: 'gates:home/api' });
    expect(await planned(test)).toEqual([]);
  });

  it('are identified through providers that a run reads anyway, and only if there are several', async () => {
    const test = await applied();
    const listsOf = async () => {
      const before = test.lastCall();
      await test.plan(wants);
      return test.sandbox.calls(before).length;
    };
    const one = await listsOf();
    await switchTo(test, (await generate(test, 'gates:home/api#2')).pk);
    expect(await listsOf()).toBe(one);
  });
});
