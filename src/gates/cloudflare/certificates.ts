import type { CertificateAuthoritySpec } from '../../../reconcilers/cloudflare/certificate/certificate-authority.ts';
import {
  type CertificateHostSpec,
  certificateHostKey,
} from '../../../reconcilers/cloudflare/certificate/certificate-host.ts';
import type * as file from '../../../schema/generated/config.ts';
import type { Finding, Path } from '../../config/mistakes/finding.ts';
import { readAuthority } from '../../config/model/client-authority.ts';
import type { Config, Service } from '../../config/model/config.ts';
import type { PartOf } from '../../config/model/partial-file.ts';
import type { DesiredObject } from '../../core/objects/object.ts';
import type { Linked } from '../../core/objects/reference.ts';
import { certificateAuthorityId } from '../../desired/terms/addresses.ts';

/** The authorities with these names, and the host at which their certificates are valid. */
export function certificateObjects(
  names: readonly string[],
  { name, host }: Service,
  { certificateAuthorities }: Config,
): readonly DesiredObject[] {
  return names.flatMap((each) => {
    const authority = certificateAuthorities.get(each);
    if (authority === undefined) return [];
    const { fingerprint, pem } = authority;
    const own: Linked<CertificateAuthoritySpec> = { name: each, pem };
    const place: Linked<CertificateHostSpec> = { authority: certificateAuthorityId(fingerprint), host };
    return [
      {
        address: { kind: 'cloudflare/certificate-authority', key: fingerprint },
        spec: own,
        because: `certificateAuthorities.${each}`,
      },
      {
        address: { kind: 'cloudflare/certificate-host', key: certificateHostKey(fingerprint, host) },
        spec: place,
        because: `services.${name}`,
      },
    ];
  });
}

const pemMistakes = {
  'private key': {
    message: 'this PEM has a private key, which does not belong into the file',
    hint: 'remove it from here and from the history of the repository, and make a new authority: whoever has read the file can issue certificates; write only its certificate',
  },
  several: {
    message: 'this PEM has several certificates',
    hint: 'write one certificate for each authority, each under a name of its own',
  },
  'not PEM': {
    message: 'this is no certificate as PEM',
    hint: 'write `pem: |`, and below it the lines from -----BEGIN CERTIFICATE----- to -----END CERTIFICATE-----',
  },
  unreadable: {
    message: 'this certificate cannot be read',
    hint: 'copy it again, with all its lines',
  },
  'no authority': {
    message: 'this certificate may not issue others, so no visitor could have one of it',
    hint: 'write the certificate of the authority (CA:TRUE) that issues those of the visitors',
  },
} as const;

/** The mistakes of authorities, whose lines are never shown: one may be of a private key. */
export function authorityMistakes({ certificateAuthorities = {} }: PartOf<file.GatesFile>) {
  const known = new Map<string, string>();
  return Object.entries(certificateAuthorities).flatMap(([name, entry]): readonly Finding[] => {
    if (entry?.pem === undefined) return [];
    const at = { severity: 'error', path: ['certificateAuthorities', name, 'pem'], secret: true } as const;
    const read = readAuthority(entry.pem);
    if ('problem' in read) return [{ ...at, rule: 'wrong-value', ...pemMistakes[read.problem] }];
    const other = known.get(read.fingerprint);
    known.set(read.fingerprint, name);
    if (other === undefined) return [];
    const message = `this is the certificate of \`certificateAuthorities.${other}\``;
    return [{ ...at, rule: 'conflicting-keys', message, hint: 'remove one of the two' }];
  });
}

/** A rule of a service, and the keys that lead to it. */
export interface ServiceRule {
  readonly service: string;
  readonly rule: PartOf<file.AccessRule>;
  readonly at: Path;
}

/**
 * The mistakes of rules that name authorities. Access asks for a certificate that any authority of the host issued, so the rules
 * of a host cannot tell its authorities apart.
 */
export function mixedAuthorities(rules: readonly ServiceRule[]): readonly Finding[] {
  const first = new Map<string, string>();
  for (const { service, rule } of rules) {
    const names = rule.require?.certificateAuthorities;
    if (names !== undefined && !first.has(service)) first.set(service, listed(names));
  }
  const conflict = (path: Path, message: string, hint: string): Finding => {
    return { severity: 'error', rule: 'conflicting-keys', path, message, hint };
  };
  return rules.flatMap(({ service, rule: { require, exclude }, at }) => {
    const names = require?.certificateAuthorities;
    const path = [...at, 'require', 'certificateAuthorities'];
    const known = first.get(service);
    const out = known === undefined ? [] : (['certificate', 'commonNames'] as const);
    return [
      ...(exclude?.certificateAuthorities === undefined
        ? []
        : [
            conflict(
              [...at, 'exclude', 'certificateAuthorities'],
              'Access cannot tell which authority issued a certificate, so nobody can be excluded by it',
              'write `certificate: true`, which excludes everybody with a certificate that is valid at the host',
            ),
          ]),
      ...(names === undefined || listed(names) === known
        ? []
        : [
            conflict(
              path,
              `another rule of services.${service} has other authorities, and Access accepts a certificate of any of them in both`,
              `write the same list in both, or use a host for each`,
            ),
          ]),
      ...out
        .filter((key) => exclude?.[key] !== undefined)
        .map((key) =>
          conflict(
            [...at, 'exclude', key],
            `a certificate admits people at services.${service}, and this excludes the same people`,
            'use a host for each of the two rules',
          ),
        ),
    ];
  });
}

function listed(names: readonly (string | undefined)[]): string {
  return [...names].sort().join(', ');
}
