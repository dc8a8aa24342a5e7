import { createHash, X509Certificate } from 'node:crypto';
import { type FieldTable, fieldMistake, ignored, isStringArray, text, texts } from '../../state/field.ts';
import { newUuid } from '../../state/ids.ts';
import { isObject } from '../../state/json.ts';
import { type AccessCertificate, type JsonObject, timestamp, type World } from '../../state/world.ts';
import { requireEntitlement } from '../api/access-entitlement.ts';
import { paged } from '../api/paging.ts';
import {
  accepted,
  CloudflareApiError,
  type CloudflareReply,
  createdEnvelope,
  invalidAccessRequest,
  okEnvelope,
} from '../api/reply.ts';
import { type CloudflareCall, type CloudflareRoute, param } from '../api/router.ts';
import { scopeOf, underBoth } from './access-scope.ts';

export const accessCertificateRoutes: readonly CloudflareRoute[] = underBoth([
  ['GET', '/access/certificates', listCertificates],
  ['POST', '/access/certificates', createCertificate],
  ['GET', '/access/certificates/{certificate_id}', (call) => okEnvelope(view(find(call)))],
  ['PUT', '/access/certificates/{certificate_id}', changeCertificate],
  ['DELETE', '/access/certificates/{certificate_id}', deleteCertificate],
]);

const COMPUTED: FieldTable = {
  id: ignored,
  fingerprint: ignored,
  expires_on: ignored,
  created_at: ignored,
  updated_at: ignored,
};

const NEW_FIELDS: FieldTable = { name: text, certificate: text, associated_hostnames: texts, ...COMPUTED };

/** A PUT changes the name and the hostnames; a new certificate is another object. */
const CHANGED_FIELDS: FieldTable = { name: text, associated_hostnames: texts, ...COMPUTED };

function certificatesIn(call: CloudflareCall): AccessCertificate[] {
  scopeOf(call);
  return call.world.accessCertificates ?? [];
}

function find(call: CloudflareCall): AccessCertificate {
  const id = param(call, 'certificate_id');
  const certificate = certificatesIn(call).find((each) => each.id === id);
  if (certificate !== undefined) return certificate;
  throw new CloudflareApiError(404, { code: 12135, message: 'access.api.error.certificate_not_found' });
}

function view(certificate: AccessCertificate): JsonObject {
  return {
    id: certificate.id,
    name: certificate.name,
    fingerprint: certificate.fingerprint,
    associated_hostnames: certificate.hostnames,
    expires_on: certificate.expiresOn,
    created_at: certificate.createdAt,
    updated_at: certificate.updatedAt,
  };
}

function listCertificates(call: CloudflareCall): CloudflareReply {
  const certificates = certificatesIn(call);
  const { page, info } = paged(certificates, call.query, { perPage: 50, max: 1000, totalPages: true });
  return okEnvelope(page.map(view), info);
}

function createCertificate(call: CloudflareCall): CloudflareReply {
  const certificates = certificatesIn(call);
  const { world, body } = call;
  requireEntitlement(world, 'certificates');
  const given = checked(body, NEW_FIELDS);
  const name = nameIn(given);
  const parsed = parsedAuthority(given.certificate);
  if (certificates.some(({ fingerprint }) => fingerprint === parsed.fingerprint)) {
    throw new CloudflareApiError(409, {
      code: 12133,
      message: 'access.api.error.certificate_already_exists',
    });
  }
  const at = timestamp(world);
  const certificate: AccessCertificate = {
    id: newUuid(world),
    name,
    ...parsed,
    hostnames: hostnamesIn(world, given),
    createdAt: at,
    updatedAt: at,
  };
  world.accessCertificates = [...certificates, certificate];
  return createdEnvelope(view(certificate));
}

function changeCertificate(call: CloudflareCall): CloudflareReply {
  const before = find(call);
  const { world, body } = call;
  const given = checked(body, CHANGED_FIELDS);
  if (given.associated_hostnames === undefined) {
    throw invalidAccessRequest("'associated_hostnames' is missing");
  }
  const certificate: AccessCertificate = {
    ...before,
    name: given.name === undefined ? before.name : nameIn(given),
    hostnames: hostnamesIn(world, given),
    updatedAt: timestamp(world),
  };
  world.accessCertificates = certificatesIn(call).map((each) =>
    each.id === certificate.id ? certificate : each,
  );
  return okEnvelope(view(certificate));
}

/** Refused while a hostname is associated: a client removes the hostnames first, by a PUT. */
function deleteCertificate(call: CloudflareCall): CloudflareReply {
  const { id, hostnames } = find(call);
  if (hostnames.length > 0) {
    throw new CloudflareApiError(409, {
      code: 12134,
      message: 'access.api.error.certificate_has_active_associations',
    });
  }
  call.world.accessCertificates = certificatesIn(call).filter((each) => each.id !== id);
  return accepted({ id });
}

function checked(body: unknown, fields: FieldTable): JsonObject {
  if (!isObject(body)) throw invalidAccessRequest('certificate is missing or invalid');
  const mistake = fieldMistake(body, fields);
  if (mistake !== null) throw invalidAccessRequest(mistake);
  return body;
}

function nameIn({ name }: JsonObject): string {
  if (typeof name === 'string' && name !== '' && name.length <= 350) return name;
  throw invalidAccessRequest('certificate name must have 1 to 350 characters');
}

function parsedAuthority(pem: unknown): Pick<AccessCertificate, 'certificate' | 'fingerprint' | 'expiresOn'> {
  const certificate = typeof pem === 'string' ? pem.trim() : '';
  const parsed = x509(certificate);
  if (parsed === null || !parsed.ca)
    throw invalidAccessRequest('certificate must be the PEM of an authority');
  return {
    certificate,
    fingerprint: createHash('md5').update(parsed.raw).digest('hex'),
    expiresOn: new Date(parsed.validTo).toISOString(),
  };
}

function x509(pem: string): X509Certificate | null {
  if (!pem.startsWith('-----BEGIN CERTIFICATE-----')) return null;
  try {
    return new X509Certificate(pem);
  } catch {
    return null;
  }
}

/** Each hostname is in a zone of the account, without wildcard, port or path, and once. */
function hostnamesIn(world: World, { associated_hostnames: given }: JsonObject): string[] {
  const hostnames = (isStringArray(given) ? given : []).map((host) => host.toLowerCase());
  const isOurs = (host: string) =>
    /^[a-z0-9.-]+$/.test(host) && world.zones.some(({ name }) => host === name || host.endsWith(`.${name}`));
  if (!hostnames.every(isOurs)) {
    throw invalidAccessRequest('associated_hostnames must be hostnames in the zones of this account');
  }
  if (new Set(hostnames).size < hostnames.length) {
    throw invalidAccessRequest('associated_hostnames contains a hostname twice');
  }
  return hostnames;
}
