import { describe, expect, it } from 'vitest';
import { certificate } from '../../../../reconcilers/authentik/signing-key/certificate.ts';
import { certificateKeyPair } from '../../../../reconcilers/authentik/signing-key/certificate-key-pair.ts';
import type { DesiredObject } from '../../../../src/core/objects/object.ts';
import { failures, pending, testWorld } from '../../../support/world.ts';
import { contract } from '../../contract.ts';

const pairs = '/crypto/certificatekeypairs/';
const own: DesiredObject = {
  address: { kind: 'authentik/certificate-key-pair', key: 'api' },
  spec: { privateKey: true },
  because: 'clients.api',
};

contract({
  reconciler: certificateKeyPair,
  reconcilers: [certificateKeyPair],
  collection: pairs,
  desired: () => [own],
  // A pair never changes, since another key would end every token that the first key signed.
  drifts: [],
  async crowd(test, count) {
    for (let n = 1; n <= count; n += 1) {
      await test.editAuthentik('POST', `${pairs}generate/`, { common_name: `theirs ${n}`, validity_days: 1 });
    }
    return `${pairs}?page_size=100`;
  },
  remove: ({ id }, test) => test.editAuthentik('DELETE', `${pairs}${id}/`),
  beside: true,
});

describe('an Authentik key pair', () => {
  const stock = (key: string): DesiredObject => ({
    address: { kind: 'authentik/certificate', key },
    spec: { privateKey: true },
    mustExist: 'there is no such key pair',
    because: 'clients.vault',
  });

  it('that Authentik ships is looked up by its name', async () => {
    const test = await testWorld({ reconcilers: [certificate, certificateKeyPair] });
    expect(pending(await test.plan([stock('authentik Self-signed Certificate')]))).toEqual([]);
    const [missing] = pending(await test.plan([stock('nothing')]));
    expect(missing).toMatchObject({ verb: 'refuse', reason: 'there is no such key pair' });
  });

  it('of ours is not among those that are looked up', async () => {
    const test = await testWorld({ reconcilers: [certificate, certificateKeyPair] });
    await test.apply([own]);
    const found = (await test.read(certificate)).map(({ address }) => address.key);
    expect(found).toEqual(['authentik Self-signed Certificate']);
  });

  it('without its private key signs nothing, and is not silently replaced', async () => {
    const test = await testWorld({ reconcilers: [certificate, certificateKeyPair] });
    await test.apply([own]);
    const [have] = (await test.read(certificateKeyPair)).filter(({ owner }) => owner === 'home');
    if (have === undefined) throw new Error('the pair was not made');
    expect(certificateKeyPair.remedy?.(['privateKey'], { privateKey: true }, have, true)).toMatchObject({
      verb: 'refuse',
    });
    expect(certificate.remedy?.(['privateKey'], { privateKey: true }, have, true)).toMatchObject({
      verb: 'refuse',
      reason: expect.stringContaining('no private key'),
    });
  });

  it('with a name too long for a certificate is refused before any call', async () => {
    const test = await testWorld({ reconcilers: [certificateKeyPair] });
    const key = 'a'.repeat(60);
    const long = { ...own, address: { ...own.address, key } };
    expect(failures(await test.apply([long]))).toEqual([expect.stringContaining('too long')]);
    expect(test.writes()).toEqual([]);
  });
});
