import { createPrivateKey, createPublicKey, sign, verify } from 'node:crypto';
import { expect, it } from 'vitest';
import { fixedKey, fixedKeyCount } from '../../../../src/lab/sandbox/state/fixed-keys.ts';

it('the fixed keys differ, have 2,048 bits, and sign', () => {
  const moduli = new Set<unknown>();
  for (let number = 0; number < fixedKeyCount; number += 1) {
    const jwk = fixedKey(number);
    moduli.add(jwk.n);
    const key = createPrivateKey({ key: jwk, format: 'jwk' });
    expect(key.asymmetricKeyDetails?.modulusLength).toBe(2048);
    const text = Buffer.from(`text ${number}`);
    expect(verify('sha256', text, createPublicKey(key), sign('sha256', text, key))).toBe(true);
  }
  expect(moduli.size).toBe(276);
  expect(() => fixedKey(fixedKeyCount)).toThrow('There is no fixed key 276');
});
