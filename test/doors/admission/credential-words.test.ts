import { expect, it } from 'vitest';
import type { Credential } from '../../../src/doors/admission/admission.ts';
import { credentialWords, unsaid } from '../../../src/doors/admission/credential-words.ts';

/** The words for a credential, after *the visitor*. */
const words: readonly (readonly [string, Credential])[] = [
  ['has the address me@example.dev', { has: 'email', address: 'me@example.dev' }],
  ['has an address at example.dev', { has: 'email-domain', domain: 'example.dev' }],
  ['is logged in at Access', { has: 'identity' }],
  ['is logged in by idp', { has: 'login', provider: 'idp' }],
  ['has the claim groups admins', { has: 'claim', provider: 'idp', name: 'groups', value: 'admins' }],
  ['comes from 192.0.2.0/24', { has: 'network', range: '192.0.2.0/24' }],
  ['comes from country DE', { has: 'country', code: 'DE' }],
  ['is logged in with mfa', { has: 'authentication-method', method: 'mfa' }],
  ['has the approval of boss@example.dev', { has: 'approval', by: 'boss@example.dev' }],
  ['has a device that passes disk', { has: 'posture', check: 'disk' }],
  ['shows a client certificate', { has: 'certificate', commonName: undefined, authority: undefined }],
  [
    'shows a client certificate for laptop of authority ca',
    { has: 'certificate', commonName: 'laptop', authority: 'ca' },
  ],
  ['has ci', { has: 'service-token', id: 'ci' }],
  ['has a service token', { has: 'any-service-token' }],
  ['has a session of aud', { has: 'session', audience: 'aud' }],
  ['has an account at Authentik', { has: 'account' }],
  ['is authentik/user:ada', { has: 'user', id: 'authentik/user:ada' }],
  ['is in authentik/group:family', { has: 'group', id: 'authentik/group:family' }],
  ['passes authentik/flow:mfa', { has: 'authentik-rule', id: 'authentik/flow:mfa' }],
  ['has a token that api accepts', { has: 'bearer', configuration: 'api' }],
  ['has a token for client', { has: 'audience', configuration: 'api', audience: 'client' }],
];

it.each(words)('the visitor %s', (expected, credential) => {
  expect(credentialWords(credential)).toBe(expected);
  expect(unsaid(credential)).toEqual({ reason: 'visitor', about: expected });
});
