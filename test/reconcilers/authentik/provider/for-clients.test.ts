import { describe, expect, it } from 'vitest';
import { scopeMapping } from '../../../../reconcilers/authentik/provider/scope-mapping.ts';
import { certificateKeyPair } from '../../../../reconcilers/authentik/signing-key/certificate-key-pair.ts';
import type { DesiredObject } from '../../../../src/core/objects/object.ts';
import { createWorld } from '../../../../src/observed/world.ts';
import { failures, type TestWorld, testWorld } from '../../../support/world.ts';
import { authentikKinds } from '../grafana.ts';

const pair: DesiredObject = {
  address: { kind: 'authentik/certificate-key-pair', key: 'api' },
  spec: { privateKey: true },
  because: 'clients.api',
};
const mapping: DesiredObject = {
  address: { kind: 'authentik/scope-mapping', key: 'roles' },
  spec: { scopeName: 'roles', expression: 'return {}', description: '' },
  because: 'authentik.scopes.roles',
};

/** Runs with a file that has no clients any more. */
function withoutClients(test: TestWorld) {
  const pass = test.pass();
  const { authentik, ...scope } = pass.scope;
  if (authentik === undefined) throw new Error('the test world has no Authentik');
  return createWorld({ ...pass, scope: { ...scope, authentik: { ...authentik, clients: false } } });
}

async function listsRead(test: TestWorld): Promise<readonly string[]> {
  const before = test.lastCall();
  const world = withoutClients(test);
  await Promise.all([world.read(certificateKeyPair), world.read(scopeMapping)]);
  return test.sandbox
    .calls(before)
    .map(({ path }) => path.replace('/api/v3', ''))
    .filter((path) => path.startsWith('/crypto/') || path.startsWith('/propertymappings/'))
    .sort();
}

const both = ['/crypto/certificatekeypairs/', '/propertymappings/provider/scope/'];

describe('a kind that only clients need, in a home without clients,', () => {
  it('is not read if no such object was ever made', async () => {
    expect(await listsRead(await testWorld({ reconcilers: authentikKinds }))).toEqual([]);
  });

  it('is read as long as something of ours may be left', async () => {
    const test = await testWorld({ reconcilers: authentikKinds });
    expect(failures(await test.apply([pair, mapping]))).toEqual([]);
    expect(await listsRead(test)).toEqual(both);
    expect(failures(await test.apply([]))).toEqual([]);
    expect(await listsRead(test)).toEqual([]);
  });

  it('is read even if the notes are lost, while a client of ours exists', async () => {
    const test = await testWorld({ reconcilers: authentikKinds });
    const flow = async (slug: string) =>
      ((await test.editAuthentik('GET', `/flows/instances/${slug}/`)) as { pk: string }).pk;
    await test.editAuthentik('POST', '/providers/oauth2/', {
      name: 'gates:home/vault',
      redirect_uris: [],
      authorization_flow: await flow('default-provider-authorization-implicit-consent'),
      invalidation_flow: await flow('default-provider-invalidation-flow'),
    });
    expect(await listsRead(test)).toEqual(both);
  });
});
