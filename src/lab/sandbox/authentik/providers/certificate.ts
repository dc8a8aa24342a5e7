import { createPrivateKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { fixedKey, fixedKeyCount } from '../../state/fixed-keys.ts';
import type { KeyHalves } from '../api/key-halves.ts';

const CONTEXT = 0xa0;
const BIT_STRING = 0x03;
const INTEGER = 0x02;
const NULL = 0x05;
const OBJECT_ID = 0x06;
const OCTET_STRING = 0x04;
const SEQUENCE = 0x30;
const SET = 0x31;
const UTC_TIME = 0x17;
const GENERALIZED_TIME = 0x18;
const UTF8_STRING = 0x0c;
const DNS_NAME = 0x82;

const COMMON_NAME = '2.5.4.3';
const ORGANIZATION = '2.5.4.10';
const ORGANIZATIONAL_UNIT = '2.5.4.11';
const ALTERNATIVE_NAME = '2.5.29.17';

export type Algorithm = 'rsa' | 'ecdsa' | 'ed25519' | 'ed448';

const SIGNATURE: Readonly<Record<Algorithm, { id: string; digest: string | null }>> = {
  rsa: { id: '1.2.840.113549.1.1.11', digest: 'sha256' },
  ecdsa: { id: '1.2.840.10045.4.3.2', digest: 'sha256' },
  ed25519: { id: '1.3.101.112', digest: null },
  ed448: { id: '1.3.101.113', digest: null },
};

const rsaKeys: string[] = [];

/**
 * The private key of the n-th RSA pair of a world, as PEM. Worlds share keys, so a restored world makes the same pairs again. 2048 bits;
 * Authentik has 4096.
 */
export function rsaKey(n: number): string {
  while (rsaKeys.length <= n) {
    rsaKeys.push(pemOf(authentikKey(rsaKeys.length + 3)));
  }
  return rsaKeys[n] ?? '';
}

/** The fixed key of this number, or a new one if there are not so many. */
function authentikKey(number: number): KeyObject {
  if (number < fixedKeyCount) return createPrivateKey({ key: fixedKey(number), format: 'jwk' });
  return generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
}

/** A new private key that is not RSA, as PEM. */
export function newKey(algorithm: Exclude<Algorithm, 'rsa'>): string {
  if (algorithm === 'ecdsa') return pemOf(generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey);
  if (algorithm === 'ed25519') return pemOf(generateKeyPairSync('ed25519').privateKey);
  return pemOf(generateKeyPairSync('ed448').privateKey);
}

function pemOf(key: KeyObject): string {
  return key.export({ type: 'pkcs8', format: 'pem' }).toString();
}

export interface CertificateRequest {
  commonName: string;
  /** DNS names. */
  alternativeNames: readonly string[];
  algorithm: Algorithm;
  /** 32 hex digits or fewer. */
  serial: string;
  from: Date;
  until: Date;
}

/** A self-signed certificate (X.509 v3, DER by hand), as PEM. */
export function selfSigned(request: CertificateRequest, { privateKey, publicKey }: KeyHalves): string {
  const { id, digest } = SIGNATURE[request.algorithm];
  const algorithm =
    request.algorithm === 'rsa' ? der(SEQUENCE, objectId(id), der(NULL)) : der(SEQUENCE, objectId(id));
  const name = der(
    SEQUENCE,
    nameOf(COMMON_NAME, request.commonName),
    nameOf(ORGANIZATION, 'authentik'),
    nameOf(ORGANIZATIONAL_UNIT, 'Self-signed'),
  );
  const body = der(
    SEQUENCE,
    der(CONTEXT, der(INTEGER, Buffer.from([2]))),
    // The leading 1 makes the number positive, without padding in DER.
    der(INTEGER, Buffer.from(`01${request.serial}`, 'hex')),
    algorithm,
    name,
    der(SEQUENCE, timeOf(request.from), timeOf(request.until)),
    name,
    publicKey.export({ type: 'spki', format: 'der' }),
    ...alternativeNames(request.alternativeNames),
  );
  const signature = der(BIT_STRING, Buffer.from([0]), signatureOf(digest, body, privateKey));
  const lines =
    der(SEQUENCE, body, algorithm, signature)
      .toString('base64')
      .match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`;
}

/** The most signatures that are kept. */
const MOST_SIGNATURES = 100;
const signatures = new Map<string, Buffer>();

/**
 * The signature of a certificate, whose body names its key. Kept: worlds that begin in the same second have the same
 * first certificate.
 */
function signatureOf(digest: string | null, body: Buffer, privateKey: KeyObject): Buffer {
  const key = body.toString('base64');
  const made = signatures.get(key) ?? sign(digest, body, privateKey);
  if (signatures.size >= MOST_SIGNATURES) signatures.clear();
  signatures.set(key, made);
  return made;
}

function alternativeNames(names: readonly string[]): Buffer[] {
  if (names.length === 0) return [];
  const list = der(SEQUENCE, ...names.map((name) => der(DNS_NAME, Buffer.from(name))));
  const extension = der(SEQUENCE, objectId(ALTERNATIVE_NAME), der(OCTET_STRING, list));
  return [der(CONTEXT + 3, der(SEQUENCE, extension))];
}

function nameOf(kind: string, value: string): Buffer {
  return der(SET, der(SEQUENCE, objectId(kind), der(UTF8_STRING, Buffer.from(value))));
}

/** A time in DER; years from 2050 on need the longer form. */
function timeOf(at: Date): Buffer {
  const digits = at.toISOString().replace(/\.\d+|[-:T]/g, '');
  return at.getUTCFullYear() < 2050
    ? der(UTC_TIME, Buffer.from(digits.slice(2)))
    : der(GENERALIZED_TIME, Buffer.from(digits));
}

function objectId(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number);
  return der(OBJECT_ID, Buffer.from([first * 40 + second, ...rest.flatMap(base128)]));
}

function base128(value: number): number[] {
  const digits = [value % 128];
  for (let rest = Math.floor(value / 128); rest > 0; rest = Math.floor(rest / 128)) {
    digits.unshift((rest % 128) + 128);
  }
  return digits;
}

function der(tag: number, ...parts: readonly Buffer[]): Buffer {
  const content = Buffer.concat(parts);
  return Buffer.concat([Buffer.from([tag, ...lengthOf(content.length)]), content]);
}

function lengthOf(length: number): number[] {
  if (length < 128) return [length];
  const bytes: number[] = [];
  for (let rest = length; rest > 0; rest = Math.floor(rest / 256)) bytes.unshift(rest % 256);
  return [128 + bytes.length, ...bytes];
}
