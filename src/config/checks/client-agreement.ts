import type { Client, GatesFile } from '../../../schema/generated/config.ts';
import type { Finding } from '../mistakes/finding.ts';
import { secondsOf } from '../model/duration.ts';
import type { PartOf } from '../model/partial-file.ts';
import { longestSamlLifetimes } from '../model/saml-attributes.ts';

/** Grants that send the answer to an address from the request. */
const redirecting: readonly string[] = ['authorization_code', 'implicit', 'hybrid'];

/** A provider without addresses accepts the first that anybody asks for (providers/oauth2/views/authorize.py). */
export function openRedirects(file: PartOf<GatesFile>): Finding[] {
  return Object.entries(file.clients ?? {}).flatMap(([name, client]): Finding[] => {
    const { grantTypes = ['authorization_code'], redirectUris = [] } = client ?? {};
    if (client?.saml !== undefined) return [];
    const redirects = grantTypes.some((grant) => grant !== undefined && redirecting.includes(grant));
    if (!redirects || redirectUris.length > 0) return [];
    const message = 'logins of this client could be sent to any address';
    const hint = 'add `redirectUris`, or `grantTypes` that redirect nobody, such as client_credentials';
    return [
      {
        severity: 'error',
        rule: 'missing-key',
        path: ['clients', name],
        part: 'key',
        message,
        hint,
        restsOn: [['clients', name]],
      },
    ];
  });
}

/** Keys that mean something only for OpenID Connect. */
const ofOidc = [
  ...['type', 'redirectUris', 'logoutUris', 'grantTypes', 'signingKey'],
  ...['scopes', 'subject', 'lifetimes', 'deliver'],
] as const satisfies readonly (keyof Client)[];

/** Keys of OpenID Connect beside `saml`. A SAML client has no secret, and its own keys below `saml`. */
export function mixedProtocols(file: PartOf<GatesFile>): Finding[] {
  return Object.entries(file.clients ?? {}).flatMap(([name, client]): Finding[] => {
    if (client?.saml === undefined) return [];
    return ofOidc
      .filter((key) => client[key] !== undefined)
      .map((key) => ({
        severity: 'error',
        rule: 'conflicting-keys',
        path: ['clients', name, key],
        part: 'key',
        message: `a client with \`saml\` has no \`${key}\`, which is for OpenID Connect`,
        hint: `remove \`${key}\`, or \`saml\` if the application speaks OpenID Connect`,
        restsOn: [['clients', name, 'saml']],
      }));
  });
}

const endless = {
  assertion: 'whoever gets hold of an assertion can log in with it until then',
  session: 'the application asks nobody about the person until then',
} as const;

/** Lifetimes of assertions and sessions that practically never end. */
export function endlessLogins(file: PartOf<GatesFile>): Finding[] {
  return Object.entries(file.clients ?? {}).flatMap(([name, client]) =>
    (['assertion', 'session'] as const).flatMap((key): Finding[] => {
      const limit = longestSamlLifetimes[key];
      const text = client?.saml?.lifetimes?.[key];
      if (text === undefined || secondsOf(text) <= secondsOf(limit)) return [];
      const path = ['clients', name, 'saml', 'lifetimes', key];
      const message = `a lifetime of ${text} is longer than ${limit}`;
      const hint = `write ${limit} or less: ${endless[key]}`;
      return [{ severity: 'error', rule: 'conflicting-keys', path, message, hint }];
    }),
  );
}
