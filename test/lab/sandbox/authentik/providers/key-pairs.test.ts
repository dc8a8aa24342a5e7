import { createPrivateKey, createPublicKey, X509Certificate } from 'node:crypto';
import { expect, it } from 'vitest';
import type { World } from '../../../../../src/lab/sandbox/state/world.ts';
import { createApi } from '../api.ts';

const PATH = '/crypto/certificatekeypairs/';

it.each([
  { alg: undefined, keyType: 'rsa' },
  { alg: 'ecdsa', keyType: 'ec' },
  { alg: 'ed25519', keyType: 'ed25519' },
  { alg: 'ed448', keyType: 'ed448' },
])('a generated pair ($alg) has a real certificate', async ({ alg, keyType }) => {
  const api = createApi();
  const asked = { common_name: 'gates', validity_days: 30, subject_alt_name: 'a.example.dev, b.example.dev' };
  const pair = await api.done('POST', `${PATH}generate/`, { ...asked, ...(alg ? { alg } : {}) });
  const { data } = await api.done('GET', `${PATH}${pair.pk}/view_certificate/`);
  const { data: key } = await api.done('GET', `${PATH}${pair.pk}/view_private_key/`);
  const certificate = new X509Certificate(data);
  expect(certificate.verify(createPublicKey(createPrivateKey(key)))).toBe(true);
  expect(certificate.subjectAltName).toBe('DNS:a.example.dev, DNS:b.example.dev');
  expect(pair).toMatchObject({
    name: 'gates',
    key_type: keyType,
    private_key_available: true,
    managed: null,
    cert_subject: 'OU=Self-signed,O=authentik,CN=gates',
    fingerprint_sha256: certificate.fingerprint256.toLowerCase(),
  });
  const days = (Date.parse(pair.cert_expiry) - Date.now()) / (24 * 3600 * 1000);
  expect(Math.round(days)).toBe(30);
});

it('a restored world makes the same RSA keys again, and never the same one twice', async () => {
  const api = createApi();
  const before = JSON.stringify(api.world);
  const make = async (name: string) => {
    const pair = await api.done('POST', `${PATH}generate/`, { common_name: name, validity_days: 1 });
    return (await api.done('GET', `${PATH}${pair.pk}/view_private_key/`)).data;
  };
  const [first, second] = [await make('a'), await make('b')];
  expect(first).not.toBe(second);
  Object.assign(api.world, JSON.parse(before) as World);
  expect(await make('a')).toBe(first);
});

it('the stock pair exists; reading a key is logged', async () => {
  const api = createApi();
  const { results } = await api.done('GET', PATH);
  expect(results).toMatchObject([{ name: 'authentik Self-signed Certificate', key_type: 'rsa' }]);
  await api.done('GET', `${PATH}${results[0].pk}/view_private_key/`);
  const events = await api.done('GET', '/events/events/?action=secret_view');
  expect(events.pagination.count).toBe(1);
});

it('a certificate without its key is accepted, and shows comparable values', async () => {
  const api = createApi();
  const [row] = api.world.authentik.keyPairs;
  const made = await api.done('POST', PATH, { name: 'copy', certificate_data: row?.certificate_data });
  expect(made).toMatchObject({ private_key_available: false, managed: null });
  expect(made).not.toHaveProperty('certificate_data');
  const names = async (query: string) =>
    (await api.done('GET', `${PATH}?${query}`)).results.map(({ name }: { name: string }) => name);
  expect(await names('has_key=false')).toEqual(['copy']);
  expect(await names('key_type=ec')).toEqual([]);
});

it('a pair is deleted under its signing provider, without a word', async () => {
  const api = createApi();
  const pair = await api.done('POST', `${PATH}generate/`, { common_name: 'x', validity_days: 1 });
  const client = await api.oauth2('vault', { signing_key: pair.pk });
  const proxy = await api.proxy('grafana', { certificate: pair.pk });
  const [brand] = (await api.done('GET', '/core/brands/')).results;
  await api.done('PATCH', `/core/brands/${brand.brand_uuid}/`, { web_certificate: pair.pk });
  const users = await api.done('GET', `${PATH}${pair.pk}/used_by/`);
  expect(users.map((each: { [name: string]: string }) => [each.model_name, each.name, each.action])).toEqual([
    ['oauth2provider', 'OAuth2 Provider vault', 'set_null'],
    ['proxyprovider', 'Proxy Provider grafana', 'set_null'],
    ['brand', 'authentik-default', 'set_default'],
  ]);
  await api.done('DELETE', `${PATH}${pair.pk}/`);
  expect(await api.done('GET', `/providers/oauth2/${client.pk}/`)).toMatchObject({ signing_key: null });
  expect(await api.done('GET', `/providers/proxy/${proxy.pk}/`)).toMatchObject({ certificate: null });
  expect((await api.done('GET', '/core/brands/')).results).toMatchObject([{ web_certificate: null }]);
});
