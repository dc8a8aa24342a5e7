import { type Credential, type Unknown, unknown } from './admission.ts';

/** The fact that a visitor's credential is not known. */
export function unsaid(credential: Credential): Unknown {
  return unknown('visitor', credentialWords(credential)).unknown;
}

/** `a client certificate for laptop of authority cloudflare/certificate-authority:1e80…` */
export function certificateWords({
  commonName,
  authority,
}: Extract<Credential, { readonly has: 'certificate' }>): string {
  const name = commonName === undefined ? '' : ` for ${commonName}`;
  return `a client certificate${name}${authority === undefined ? '' : ` of authority ${authority}`}`;
}

/** A credential in words that follow *the visitor*: `is in authentik/group:family`. */
export function credentialWords(credential: Credential): string {
  switch (credential.has) {
    case 'email':
      return `has the address ${credential.address}`;
    case 'email-domain':
      return `has an address at ${credential.domain}`;
    case 'identity':
      return 'is logged in at Access';
    case 'login':
      return `is logged in by ${credential.provider}`;
    case 'claim':
      return `has the claim ${credential.name} ${credential.value}`;
    case 'network':
      return `comes from ${credential.range}`;
    case 'country':
      return `comes from country ${credential.code}`;
    case 'authentication-method':
      return `is logged in with ${credential.method}`;
    case 'approval':
      return `has the approval of ${credential.by}`;
    case 'posture':
      return `has a device that passes ${credential.check}`;
    case 'certificate':
      return `shows ${certificateWords(credential)}`;
    case 'service-token':
      return `has ${credential.id}`;
    case 'any-service-token':
      return 'has a service token';
    case 'session':
      return `has a session of ${credential.audience}`;
    case 'account':
      return 'has an account at Authentik';
    case 'user':
      return `is ${credential.id}`;
    case 'group':
      return `is in ${credential.id}`;
    case 'authentik-rule':
      return `passes ${credential.id}`;
    case 'bearer':
      return `has a token that ${credential.configuration} accepts`;
    case 'audience':
      return `has a token for ${credential.audience}`;
  }
}
