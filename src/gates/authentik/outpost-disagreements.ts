import type * as file from '../../../schema/generated/config.ts';
import type { Finding, Path } from '../../config/mistakes/finding.ts';
import { secondsOf } from '../../config/model/duration.ts';
import { longestOutpostSession, outpostKeys } from '../../config/model/outpost-terms.ts';
import { gatesOf, type PartOf } from '../../config/model/partial-file.ts';

const conflict = { severity: 'error', rule: 'conflicting-keys' } as const;

/** The keys of an outpost's login where no outpost asks or another place decides, and sessions that never end. */
export function outpostDisagreements(partial: PartOf<file.GatesFile>): readonly Finding[] {
  const domains = Object.entries(partial.authentik?.domains ?? {}).flatMap(([name, domain]) =>
    badValues(domain ?? {}, ['authentik', 'domains', name]),
  );
  const gates = gatesOf(partial).flatMap(({ gate, path }) => {
    if (gate.authentik === undefined) return [];
    const at = [...path, 'authentik'];
    const { mode = 'forwardAuth' } = gate.authentik;
    const keys = outpostKeys.filter((key) => gate.authentik?.[key] !== undefined);
    return [...badValues(gate.authentik, at), ...keys.flatMap((key) => misplaced(key, mode, at))];
  });
  return [...domains, ...gates];
}

type OutpostSettings = Pick<NonNullable<file.Gate['authentik']>, (typeof outpostKeys)[number]>;
type Mode = NonNullable<NonNullable<file.Gate['authentik']>['mode']>;

function misplaced(key: (typeof outpostKeys)[number], mode: Mode, at: Path): readonly Finding[] {
  const path = [...at, key];
  if (mode === 'domain') {
    const hint = 'move it to `authentik.domains`: it holds for all hosts of the domain';
    return [{ ...conflict, path, message: `mode domain has no \`${key}\` of its own`, hint }];
  }
  if (mode !== 'oidc' && mode !== 'saml') return [];
  const lifetimes = mode === 'oidc' ? '`lifetimes`' : '`saml.lifetimes`';
  const hint =
    key === 'session'
      ? `remove it, and give the client ${lifetimes}`
      : 'remove it: it is a setting of the outpost';
  return [{ ...conflict, path, message: `in mode ${mode} no outpost asks for the login`, hint }];
}

function badValues({ session, basicAuth }: PartOf<OutpostSettings>, at: Path): readonly Finding[] {
  const findings: Finding[] = [];
  if (session !== undefined && secondsOf(session) > longestOutpostSession) {
    const message = `a session of ${session} is longer than a month`;
    const hint = 'write 730h or less: nobody asks Authentik about the person again until the session ends';
    findings.push({ ...conflict, path: [...at, 'session'], message, hint });
  }
  if (basicAuth === true) {
    const message = '`basicAuth` names no attributes';
    const hint =
      'write `{ userAttribute: …, passwordAttribute: … }`, or `false` if the application gets none';
    findings.push({ ...conflict, rule: 'wrong-value', path: [...at, 'basicAuth'], message, hint });
  }
  return findings;
}
