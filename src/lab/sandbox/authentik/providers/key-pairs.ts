import { createPrivateKey, X509Certificate } from 'node:crypto';
import type { AuthentikState, KeyPairRow } from '../../state/authentik-state.ts';
import { newHex, newUuid } from '../../state/ids.ts';
import type { JsonObject } from '../../state/json.ts';
import { now } from '../../state/world.ts';
import { record } from '../api/event.ts';
import { checked, choiceOf, integerField, required, textField, unique } from '../api/field.ts';
import { halvesOf } from '../api/key-halves.ts';
import { equals, isTrue, type Model, made, modelRoutes, usage, visibleRow } from '../api/model.ts';
import { need } from '../api/permission.ts';
import { type AuthentikReply, ok } from '../api/reply.ts';
import type { AuthentikCall, AuthentikRoute } from '../api/router.ts';
import { readBody } from '../api/serializer.ts';
import { type Algorithm, newKey, rsaKey, selfSigned } from './certificate.ts';
import { modelOf, providerTitle } from './provider.ts';

const DAY_MS = 24 * 3600 * 1000;
/** Authentik's own key, which no list contains. */
const HIDDEN = 'goauthentik.io/crypto/jwt-managed';

const uniqueName = unique<KeyPairRow>(
  required(textField()),
  'name',
  (state) => state.keyPairs,
  'Certificate-Key Pair with this name already exists.',
);

const keyPairModel: Model<KeyPairRow> = {
  app: 'authentik_crypto',
  model: 'certificatekeypair',
  className: 'CertificateKeyPair',
  path: '/crypto/certificatekeypairs/',
  lookup: 'pk',
  keyKind: 'uuid',
  parameter: 'kp_uuid',
  table: (state) => state.keyPairs,
  belongs: (row) => row.managed !== HIDDEN,
  title: (row) => row.name,
  pk: (row) => row.pk,
  fields: {
    name: uniqueName,
    certificate_data: checked(required(textField()), (value) =>
      certificateIn(String(value)) === null ? 'Unable to load certificate.' : null,
    ),
    key_data: checked(textField({ blank: true }), (value) =>
      value === '' || isPrivateKey(String(value))
        ? null
        : 'Unable to load private key (possibly encrypted?).',
    ),
  },
  ordering: 'name',
  searched: ['name'],
  filters: {
    name: equals('name'),
    managed: equals('managed'),
    has_key: isTrue((row) => row.key_data !== ''),
    key_type: (value) => (row) => keyType(row) === value,
  },
  view: keyPairView,
  create: (call, attributes) => ({
    pk: newUuid(call.world),
    name: '',
    certificate_data: '',
    key_data: '',
    managed: null,
    ...attributes,
  }),
  update: (_, row, attributes) => {
    Object.assign(row, attributes);
    // A certificate that is sent replaces the view of an unknown one.
    if (attributes.certificate_data !== undefined) delete row.shown;
  },
  // Nothing protects a key in use: its providers then silently sign with their secret (facts §2.4).
  remove: ({ state }, row) => {
    for (const provider of state.providers) {
      if (provider.signing_key === row.pk) provider.signing_key = null;
      if (provider.encryption_key === row.pk) provider.encryption_key = null;
      if (provider.proxy?.certificate === row.pk) provider.proxy.certificate = null;
      const { saml, ldap } = provider;
      if (ldap?.certificate === row.pk) ldap.certificate = null;
      if (saml === undefined) continue;
      for (const use of ['signing_kp', 'verification_kp', 'encryption_kp'] as const) {
        if (saml[use] === row.pk) saml[use] = null;
      }
    }
    for (const brand of state.brands) {
      if (brand.web_certificate === row.pk) brand.web_certificate = null;
    }
  },
  usedBy: ({ state }, row) => users(state, row),
};

export const keyPairRoutes: readonly AuthentikRoute[] = [
  ...modelRoutes(keyPairModel),
  ['POST', '/crypto/certificatekeypairs/generate/', generate],
  ['GET', '/crypto/certificatekeypairs/{kp_uuid}/view_certificate/', viewCertificate],
  ['GET', '/crypto/certificatekeypairs/{kp_uuid}/view_private_key/', viewPrivateKey],
];

/** A pair with a certificate that the sandbox makes. */
export function generatedPair(
  state: AuthentikState,
  given: {
    pk: string;
    name: string;
    serial: string;
    now: number;
    days: number;
    algorithm: Algorithm;
    alternativeNames: readonly string[];
  },
): KeyPairRow {
  const key_data = given.algorithm === 'rsa' ? rsaKey(state.keysMade) : newKey(given.algorithm);
  if (given.algorithm === 'rsa') state.keysMade += 1;
  const certificate_data = selfSigned(
    {
      commonName: given.name,
      alternativeNames: given.alternativeNames,
      algorithm: given.algorithm,
      serial: given.serial,
      from: new Date(given.now),
      until: new Date(given.now + given.days * DAY_MS),
    },
    halvesOf(key_data),
  );
  return { pk: given.pk, name: given.name, certificate_data, key_data, managed: null };
}

function generate(call: AuthentikCall): AuthentikReply {
  need(call, 'authentik_crypto.add_certificatekeypair');
  const { world, state } = call;
  const fields = {
    common_name: unique<KeyPairRow>(
      required(textField()),
      'name',
      () => state.keyPairs,
      'This field must be unique.',
    ),
    subject_alt_name: textField({ blank: true }),
    validity_days: required(integerField(1, 36_500)),
    alg: choiceOf('rsa', 'ecdsa', 'ed25519', 'ed448'),
  };
  const asked = readBody(fields, call.body, 'create', { state, row: null });
  const names = String(asked.subject_alt_name ?? '').split(',');
  const pair = generatedPair(state, {
    pk: newUuid(world),
    name: String(asked.common_name),
    serial: newHex(world, 32),
    now: now(world),
    days: Number(asked.validity_days),
    algorithm: (asked.alg ?? 'rsa') as Algorithm,
    alternativeNames: names.map((name) => name.trim()).filter((name) => name !== ''),
  });
  return ok(keyPairView(call, made(keyPairModel, call, { ...pair })));
}

function viewCertificate(call: AuthentikCall): AuthentikReply {
  const row = visibleRow(keyPairModel, call);
  need(call, 'authentik_crypto.view_certificatekeypair_certificate');
  record(call, 'secret_view', keyPairModel, row.pk, row.name);
  return ok({ data: row.certificate_data });
}

function viewPrivateKey(call: AuthentikCall): AuthentikReply {
  const row = visibleRow(keyPairModel, call);
  need(call, 'authentik_crypto.view_certificatekeypair_key');
  record(call, 'secret_view', keyPairModel, row.pk, row.name);
  return ok({ data: row.key_data });
}

function users(state: AuthentikState, row: KeyPairRow): JsonObject[] {
  const signing = state.providers.filter(({ signing_key, encryption_key, proxy, saml, ldap }) =>
    [...[signing_key, encryption_key, proxy?.certificate], ...[saml?.signing_kp, ldap?.certificate]].includes(
      row.pk,
    ),
  );
  return [
    ...signing.map((row) => usage(modelOf(row), row.pk, providerTitle(row), 'set_null')),
    ...state.brands
      .filter(({ web_certificate }) => web_certificate === row.pk)
      .map(({ brand_uuid, domain }) =>
        usage({ app: 'authentik_brands', model: 'brand' }, brand_uuid, domain, 'set_default'),
      ),
  ];
}

/** The parts of a certificate in a view. */
interface Shown {
  readonly fingerprint_sha256: string;
  readonly fingerprint_sha1: string;
  readonly cert_expiry: string;
  readonly cert_subject: string;
  readonly key_type: string;
}

const read = new Map<string, Shown | null>();

/** The certificate in a PEM text; null if it has none. Cached, since every list of pairs shows the same few. */
function certificateIn(pem: string): Shown | null {
  const known = read.get(pem);
  if (known !== undefined) return known;
  const shown = readCertificate(pem);
  if (read.size > 1000) read.clear();
  read.set(pem, shown);
  return shown;
}

function readCertificate(pem: string): Shown | null {
  try {
    const { fingerprint, fingerprint256, publicKey, subject, validTo } = new X509Certificate(pem);
    return {
      fingerprint_sha256: fingerprint256.toLowerCase(),
      fingerprint_sha1: fingerprint.toLowerCase(),
      cert_expiry: new Date(validTo).toISOString(),
      cert_subject: subject.split('\n').reverse().join(','),
      key_type: publicKey.asymmetricKeyType ?? 'rsa',
    };
  } catch {
    return null;
  }
}

function isPrivateKey(pem: string): boolean {
  try {
    createPrivateKey(pem);
    return true;
  } catch {
    return false;
  }
}

function keyType(row: KeyPairRow): string {
  if (typeof row.shown?.key_type === 'string') return row.shown.key_type;
  return certificateIn(row.certificate_data)?.key_type ?? 'rsa';
}

function keyPairView(_: AuthentikCall, row: KeyPairRow): JsonObject {
  const certificate = certificateIn(row.certificate_data);
  const { pk, name, managed, key_data } = row;
  const download = `/api/v3/crypto/certificatekeypairs/${pk}`;
  return {
    pk,
    name,
    fingerprint_sha256: certificate?.fingerprint_sha256 ?? null,
    fingerprint_sha1: certificate?.fingerprint_sha1 ?? null,
    cert_expiry: certificate?.cert_expiry ?? null,
    cert_subject: certificate?.cert_subject ?? null,
    private_key_available: key_data !== '',
    key_type: keyType(row),
    ...row.shown,
    certificate_download_url: `${download}/view_certificate/?download`,
    private_key_download_url: `${download}/view_private_key/?download`,
    managed,
  };
}
