import type { Client, GatesFile } from '../../../schema/generated/config.ts';
import { type Finding, quoted } from '../mistakes/finding.ts';
import { secondsOf } from '../model/duration.ts';
import type { PartOf } from '../model/partial-file.ts';
import { longestSamlLifetimes } from '../model/saml-attributes.ts';

/** Grants that send the answer to an address from the request. */
const redirecting: readonly string[] = ['authorization_code', 'implicit', 'hybrid'];

/** A provider without addresses accepts the first that anybody asks for (providers/oauth2/views/authorize.py). */
export function openRedirects(file: PartOf<GatesFile>): Finding[] {
  return Object.entries(file.clients ?? {}).flatMap(([name, client]): Finding[] => {
    const { grantTypes = ['authorization_code'], redirectUris = [] } = client ?? {};
    if (client?.saml !== undefined || client?.ldap !== undefined) return [];
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

/** Keys of another protocol beside `saml` or `ldap`. Such a client has no secret, and its own keys below that key. */
export function mixedProtocols(file: PartOf<GatesFile>): Finding[] {
  return Object.entries(file.clients ?? {}).flatMap(([name, client]): Finding[] => {
    const own = client?.saml !== undefined ? 'saml' : client?.ldap !== undefined ? 'ldap' : undefined;
    if (client === undefined || own === undefined) return [];
    const others = [...ofOidc, ...(own === 'saml' ? (['ldap'] as const) : [])];
    return others
      .filter((key) => client[key] !== undefined)
      .map((key) => ({
        severity: 'error',
        rule: 'conflicting-keys',
        path: ['clients', name, key],
        part: 'key',
        message:
          key === 'ldap'
            ? 'a client logs people in by one protocol, and this one has `saml` and `ldap`'
            : `a client with \`${own}\` has no \`${key}\`, which is for OpenID Connect`,
        hint:
          key === 'ldap'
            ? 'remove one of the two, or make two clients of them'
            : `remove \`${key}\`, or \`${own}\` if the application speaks OpenID Connect`,
        restsOn: [['clients', name, own]],
      }));
  });
}

/** A bind runs the flow that all LDAP clients have in common; nobody is asked to authorize anything. */
export function flowsOfBinds(file: PartOf<GatesFile>): Finding[] {
  return Object.entries(file.clients ?? {}).flatMap(([name, client]): Finding[] => {
    if (client?.ldap === undefined || client.flow === undefined) return [];
    return [
      {
        severity: 'error',
        rule: 'conflicting-keys',
        path: ['clients', name, 'flow'],
        part: 'key',
        message: 'a client with `ldap` has no `flow`: nobody authorizes a bind',
        hint: 'remove it; `authentik.flows.bind` names the flow of all LDAP clients',
        restsOn: [['clients', name, 'ldap']],
      },
    ];
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

/** Somebody has to run an outpost that speaks LDAP, so the file names it. */
export function missingLdapOutpost({ authentik, clients }: PartOf<GatesFile>): Finding[] {
  const [first] = Object.entries(clients ?? {}).filter(([, client]) => client?.ldap !== undefined);
  if (authentik === undefined || authentik.ldapOutpost !== undefined || first === undefined) return [];
  return [
    {
      severity: 'error',
      rule: 'missing-key',
      path: ['authentik'],
      part: 'key',
      message: `no outpost answers by LDAP, which the client ${first[0]} needs`,
      hint: 'add `ldapOutpost:` with the name of an outpost of type LDAP',
      restsOn: [['clients', first[0], 'ldap']],
    },
  ];
}

/** An outpost takes the first provider whose base DN is the end of the name (internal/outpost/ldap/bind.go). */
export function clashingBaseDns(file: PartOf<GatesFile>): Finding[] {
  const bases = Object.entries(file.clients ?? {}).flatMap(([name, client]) => {
    const baseDn = client?.ldap?.baseDn;
    return baseDn === undefined ? [] : [{ name, baseDn, lower: baseDn.toLowerCase() }];
  });
  return bases.flatMap(({ name, baseDn, lower }, place): Finding[] => {
    const rival = bases
      .slice(0, place)
      .find((each) => each.lower.endsWith(lower) || lower.endsWith(each.lower));
    if (rival === undefined) return [];
    return [
      {
        severity: 'error',
        rule: 'conflicting-keys',
        path: ['clients', name, 'ldap', 'baseDn'],
        message: `${quoted(baseDn)} and ${quoted(rival.baseDn)} of the client ${rival.name} end alike, so that the outpost would take the people of one for those of the other`,
        hint: `begin each with a part of its own, as in ${quoted(`dc=${name},${baseDn}`)} and ${quoted(`dc=${rival.name},${rival.baseDn}`)}`,
        restsOn: [['clients', rival.name, 'ldap', 'baseDn']],
      },
    ];
  });
}
