import { createHash, X509Certificate } from 'node:crypto';

/** An authority of client certificates, which visitors show at Access. */
export interface ClientAuthority {
  /** Its name below `certificateAuthorities`. */
  readonly name: string;
  /** Its PEM, without anything around it. */
  readonly pem: string;
  /** MD5 of the certificate, in lower-case hexadecimal digits: Cloudflare shows no other fingerprint. */
  readonly fingerprint: string;
  /** RFC 3339. */
  readonly expiresAt: string;
}

/** The reason why a text is no certificate of an authority. */
type AuthorityProblem = 'private key' | 'several' | 'not PEM' | 'unreadable' | 'no authority';

/** The certificate in a text. A text with a private key is never looked into. */
export function readAuthority(text: string): Omit<ClientAuthority, 'name'> | { problem: AuthorityProblem } {
  if (/PRIVATE KEY/i.test(text)) return { problem: 'private key' };
  const pem = text.trim();
  if (pem.split('-----BEGIN ').length > 2) return { problem: 'several' };
  if (!/^-----BEGIN CERTIFICATE-----\s[A-Za-z0-9+/=\s]+\s-----END CERTIFICATE-----$/.test(pem))
    return { problem: 'not PEM' };
  const certificate = parsed(pem);
  if (certificate === undefined) return { problem: 'unreadable' };
  if (!certificate.ca) return { problem: 'no authority' };
  return {
    pem,
    fingerprint: createHash('md5').update(certificate.raw).digest('hex'),
    expiresAt: new Date(certificate.validTo).toISOString(),
  };
}

function parsed(pem: string): X509Certificate | undefined {
  try {
    return new X509Certificate(pem);
  } catch {
    return undefined;
  }
}
