import { createHash, X509Certificate } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { account } from '../../../../reconcilers/cloudflare/account/account.ts';
import { certificateAuthority } from '../../../../reconcilers/cloudflare/certificate/certificate-authority.ts';
import {
  certificateHost,
  certificateHostKey,
} from '../../../../reconcilers/cloudflare/certificate/certificate-host.ts';
import { authorityNames } from '../../../../reconcilers/cloudflare/certificate/certificate-row.ts';
import type { DesiredObject } from '../../../../src/core/objects/object.ts';
import { ref } from '../../../../src/core/objects/reference.ts';
import { MACHINES, OTHERS, STRANGERS } from '../../../lab/sandbox/cloudflare/access/authorities.ts';
import { failures, pending, type TestWorld, testWorld } from '../../../support/world.ts';
import { contract } from '../../contract.ts';

const reconcilers = [account, certificateAuthority, certificateHost];
const world = { scope: { certificates: true as const } };
const host = 'app.example.dev';

function fingerprintOf(pem: string): string {
  return createHash('md5').update(new X509Certificate(pem).raw).digest('hex');
}

function authority(pem: string, name = 'laptops'): DesiredObject {
  return {
    address: { kind: 'cloudflare/certificate-authority', key: fingerprintOf(pem) },
    spec: { name, pem },
    because: `certificateAuthorities.${name}`,
  };
}

function at(pem: string, name = host): DesiredObject {
  const key = fingerprintOf(pem);
  return {
    address: { kind: 'cloudflare/certificate-host', key: certificateHostKey(key, name) },
    spec: { authority: ref(`cloudflare/certificate-authority:${key}`), host: name },
    because: 'services.app',
  };
}

const path = (test: TestWorld, id = '') =>
  `/accounts/${test.sandbox.accountId}/access/certificates${id === '' ? '' : `/${id}`}`;

contract({
  reconciler: certificateAuthority,
  reconcilers,
  world,
  collection: '/accounts/*/access/certificates',
  desired: () => [authority(MACHINES)],
  drifts: [
    {
      field: 'name',
      edit: ({ id }, test) =>
        test.edit('PUT', path(test, id), { name: 'gates:home/other', associated_hostnames: [] }),
    },
  ],
  async crowd(test, count) {
    for (const [n, certificate] of OTHERS.slice(0, count).entries())
      await test.edit('POST', path(test), { name: `theirs ${n}`, certificate });
    return path(test);
  },
  remove: ({ id }, test) => test.edit('DELETE', path(test, id)),
});

contract({
  reconciler: certificateHost,
  reconcilers,
  world,
  collection: '/accounts/*/access/certificates',
  unmarked: true,
  desired: () => [authority(MACHINES), at(MACHINES)],
  drifts: [],
  async crowd(test, count) {
    const hosts = Array.from({ length: count }, (_, n) => `theirs-${n}.example.dev`);
    const body = { name: 'theirs', certificate: STRANGERS, associated_hostnames: hosts };
    await test.edit('POST', path(test), body);
    return path(test);
  },
  items: (reply) =>
    (reply as readonly { readonly id: string; readonly associated_hostnames: readonly string[] }[]).flatMap(
      ({ id, associated_hostnames: hosts }) => hosts.map((name) => ({ id: `${id} ${name}` })),
    ),
  async remove({ spec }, test) {
    await test.edit('PUT', path(test, spec.authority), { associated_hostnames: [] });
  },
});

describe('a certificate authority', () => {
  it('is found by its fingerprint, in whichever form Cloudflare shows it', () => {
    const digits = fingerprintOf(MACHINES);
    const pairs = digits.toUpperCase().match(/../g)?.join(':');
    for (const fingerprint of [digits, pairs, `MD5 Fingerprint=${pairs}`])
      expect(authorityNames({ id: '1', name: 'gates:home/laptops', fingerprint: fingerprint ?? '' })).toEqual(
        {
          key: digits,
          owner: 'home',
          name: 'laptops',
        },
      );
  });

  it('without a fingerprint that gates can read belongs to nobody, whatever its name', () => {
    expect(authorityNames({ id: '1', name: 'gates:home/laptops' })).toEqual({
      key: 'gates:home/laptops (1)',
      owner: undefined,
      name: undefined,
    });
  });

  it('with the certificate of the file and no mark is refused, and adopted on request with its hosts', async () => {
    const test = await testWorld({ reconcilers, ...world });
    const hosts = [host, 'other.example.dev'];
    await test.edit('POST', path(test), {
      name: 'theirs',
      certificate: MACHINES,
      associated_hostnames: hosts,
    });
    const all = [authority(MACHINES), at(MACHINES)];
    expect(pending(await test.plan(all)).map(({ verb }) => verb)).toEqual(['refuse']);
    expect(failures(await test.apply(all, { adopt: true }))).toEqual([]);
    const [found] = await test.read(certificateAuthority);
    expect(found).toMatchObject({ owner: 'home', spec: { name: 'laptops' } });
    expect((await test.read(certificateHost)).map(({ spec }) => spec.host)).toContain(host);
  });
});

describe('the hosts of a certificate authority', () => {
  it('are written together, and a host of another case is the same', async () => {
    const test = await testWorld({ reconcilers, ...world });
    const hosts = ['a', 'b', 'c'].map((name) => at(MACHINES, `${name}.example.dev`));
    await test.apply([authority(MACHINES)]);
    const last = test.lastCall();
    expect(failures(await test.apply([authority(MACHINES), ...hosts]))).toEqual([]);
    expect(test.writes(last)).toHaveLength(1);
    const last2 = test.lastCall();
    expect(failures(await test.apply([authority(MACHINES), ...hosts.slice(1)]))).toEqual([]);
    expect(test.writes(last2)).toHaveLength(1);
    expect((await test.read(certificateHost)).map(({ spec }) => spec.host).sort()).toEqual([
      'b.example.dev',
      'c.example.dev',
    ]);
  });
});
