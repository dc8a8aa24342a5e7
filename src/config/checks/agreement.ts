import type { GatesFile } from '../../../schema/generated/config.ts';
import { gateDisagreements, gateSettings } from '../../gates/index.ts';
import { type Finding, type Path, quoted } from '../mistakes/finding.ts';
import type { Rule } from '../mistakes/mistake-kinds.ts';
import { didYouMean, nearestOf } from '../mistakes/suggestion.ts';
import { fullHost, zoneOf } from '../model/host.ts';
import { compact, gatesOf, type PartOf } from '../model/partial-file.ts';
import { overlaps, type PathForm, readPathForm } from '../model/path-form.ts';
import { writtenExpectations } from '../normal-form/normalize-expectations.ts';
import { circularGroups } from './circular-groups.ts';
import {
  clashingBaseDns,
  endlessLogins,
  flowsOfBinds,
  missingLdapOutpost,
  mixedProtocols,
  openRedirects,
} from './client-agreement.ts';
import { clashingLogins, reservedToken } from './login-names.ts';
import { scheduleFindings } from './schedule-findings.ts';
import { sharedSinks } from './shared-sinks.ts';
import { zoneTokenFindings } from './zone-tokens.ts';

type PartialFile = PartOf<GatesFile>;

/** Finds keys that have the right shape but conflict, and hosts and paths that cannot exist. */
export function disagreements(file: PartialFile): Finding[] {
  return [
    ...strayHosts(file),
    ...zoneTokenFindings(file),
    ...badPaths(file),
    ...gateDisagreements(file),
    ...needsOfAuthentik(file),
    ...keysOfSeveral(file),
    ...watchedLogin(file),
    ...clashingLogins(file),
    ...openRedirects(file),
    ...mixedProtocols(file),
    ...flowsOfBinds(file),
    ...endlessLogins(file),
    ...missingLdapOutpost(file),
    ...clashingBaseDns(file),
    ...reservedToken(file),
    ...circularGroups(file),
    ...badActions(file),
    ...sharedSinks(file),
    ...badTimezone(file),
    ...scheduleFindings(file),
  ];
}

function error(path: Path, message: string, hint: string, rule: Rule = 'conflicting-keys'): Finding {
  return { severity: 'error', rule, path, message, hint };
}

const ZONES: Path = ['cloudflare', 'zones'];

/** G114, the part that the file alone shows. */
function strayHosts(file: PartialFile): Finding[] {
  const zones = compact(file.cloudflare?.zones ?? []).map((zone) => zone.toLowerCase());
  if (zones.length === 0) return [];
  const known = new Set(zones);
  const hosts = [
    ...Object.entries(file.services ?? {}).map(([name, service]) => ({
      host: service?.host,
      path: ['services', name, 'host'],
    })),
    ...(file.waf?.skip?.hosts ?? []).map((host, index) => ({ host, path: ['waf', 'skip', 'hosts', index] })),
    // A path below a service is at the service's host, which counts already.
    ...writtenExpectations(file).flatMap(({ entry, host, path }) =>
      entry.url?.startsWith('/') ? [] : [{ host, path: [...path, 'url'] }],
    ),
  ];
  const isStray = (host: string) => zoneOf(fullHost(host, zones), known) === undefined;
  const outside = new Map<string, number>();
  for (const { host } of hosts) {
    if (host === undefined || !isStray(host)) continue;
    outside.set(domainOf(host), (outside.get(domainOf(host)) ?? 0) + 1);
  }
  const stray = hosts.flatMap(({ host, path }) => {
    if (host === undefined || !isStray(host)) return [];
    const message =
      host === '@'
        ? '`@` says which zone only where there is one'
        : `${quoted(host)} is in none of the zones`;
    const domain = domainOf(host);
    const hint = (outside.get(domain) ?? 0) > 1 ? zoneHint(domain, zones) : strayHint(host, zones);
    return [{ ...error(path, message, hint, 'G114'), restsOn: [ZONES], cause: `G114 ${domain}` }];
  });
  const records = Object.keys(file.dns ?? {}).flatMap((zone) => {
    if (known.has(zone.toLowerCase())) return [];
    const hint =
      zones.length > MAX_LISTED
        ? 'add it to `cloudflare.zones`'
        : (didYouMean(zone, zones) ?? `add it to \`cloudflare.zones\`, or use one of: ${zones.join(', ')}`);
    const cause = `G114 ${domainOf(zone)}`;
    const message = `${quoted(zone)} is none of the zones`;
    return [{ ...error(['dns', zone], message, hint, 'G114'), restsOn: [ZONES], cause }];
  });
  return [...stray, ...records];
}

/** With more zones than this, the message does not list them, and no similar name is searched. */
const MAX_LISTED = 50;

/** The last two labels of a host: most zones have two. */
function domainOf(host: string): string {
  return host.toLowerCase().split('.').slice(-2).join('.');
}

/** If several hosts are in a domain that is no zone, the missing zone is the mistake. */
function zoneHint(domain: string, zones: readonly string[]): string {
  const near = zones.length > MAX_LISTED ? undefined : nearestOf(domain, zones);
  return near === undefined
    ? `add ${quoted(domain)} to \`cloudflare.zones\``
    : `is ${quoted(near)} in \`cloudflare.zones\` meant to be ${quoted(domain)}?`;
}

function strayHint(host: string, zones: readonly string[]): string {
  const label = host.split('.')[0] ?? host;
  if (host === '@') return `write the name of the zone: ${zones.join(', ')}`;
  if (zones.length > MAX_LISTED) return 'write a name in one of `cloudflare.zones`';
  const near = didYouMean(
    host,
    zones.map((zone) => `${label}.${zone}`),
  );
  return near ?? `write a name in one of the zones: ${zones.map((zone) => `${label}.${zone}`).join(', ')}`;
}

/** Everything that logs people in through Authentik depends on the host of its login page. */
function watchedLogin(file: PartialFile): Finding[] {
  return Object.entries(file.services ?? {}).flatMap(([name, service]) => {
    const isLogin = service?.gate !== undefined && Object.hasOwn(service.gate, 'identityProvider');
    if (!isLogin || service?.manage !== 'report') return [];
    const message = 'the login page cannot be only watched: other gates depend on it';
    return [error(['services', name, 'manage'], message, 'take `manage` out')];
  });
}

/** G108: the forms, and one door twice. */
function badPaths(file: PartialFile): Finding[] {
  return Object.entries(file.services ?? {}).flatMap(([name, service]) => {
    const forms = new Map<string, PathForm & { key: string }>();
    return Object.keys(service?.paths ?? {}).flatMap((key): Finding[] => {
      const path = ['services', name, 'paths', key];
      const form = readPathForm(key);
      if ('message' in form) return [{ ...error(path, form.message, form.hint, 'G108'), part: 'key' }];
      const twin = forms.get(form.prefix);
      forms.set(form.prefix, { ...form, key });
      if (twin === undefined || !overlaps(twin, form)) return [];
      const message = `one door twice: ${quoted(`${form.prefix}/**`)} covers ${quoted(form.prefix)} too`;
      return [{ ...error(path, message, 'keep one of the two', 'G108'), part: 'key' }];
    });
  });
}

/** Everything that Authentik decides or makes needs the `authentik` block. */
export function needsOfAuthentik(file: PartialFile): Finding[] {
  if (Object.hasOwn(file, 'authentik')) return [];
  const needs: Path[] = gatesOf(file).flatMap(({ gate, path }) =>
    gateSettings(gate).flatMap(({ row, type }) => (row.needsAuthentik === true ? [[...path, type]] : [])),
  );
  if (file.cloudflare?.access?.identityProvider !== undefined)
    needs.push(['cloudflare', 'access', 'identityProvider']);
  needs.push(...Object.keys(file.clients ?? {}).map((name) => ['clients', name]));
  needs.push(...Object.keys(file.groups ?? {}).map((name) => ['groups', name]));
  const hint = 'add `authentik:` with `url`, the API as the daemon reaches it';
  return needs.map((path) => ({
    ...error(path, 'this needs Authentik, and the file has no `authentik`', hint),
    part: 'key',
    restsOn: [['authentik']],
    spoils: [['authentik']],
    cause: 'authentik',
  }));
}

/** Keys that mean something only in a file with several accounts, from whose parts they are removed. */
function keysOfSeveral({ cloudflare, clients }: PartialFile): Finding[] {
  const keys = (['owner', 'authentik'] as const).filter((key) => cloudflare?.[key] !== undefined);
  const paths: Path[] = [
    ...keys.map((key) => ['cloudflare', key]),
    ...Object.entries(clients ?? {}).flatMap(([name, client]) =>
      client?.account === undefined ? [] : [['clients', name, 'account']],
    ),
  ];
  const message = 'this has a meaning only with several accounts';
  const hint = 'remove it, or make `cloudflare` a map of names';
  return paths.map((path) => ({ ...error(path, message, hint), part: 'key' }));
}

function badActions(file: PartialFile): Finding[] {
  return Object.entries(file.actions ?? {}).flatMap(([name, action]) => {
    const path = ['actions', name];
    if (action === undefined) return [];
    const { directory, environment, http, run } = action;
    if (run === undefined && http === undefined) {
      return [
        {
          ...error(path, 'the action does nothing', 'add `run` with a command, or `http`'),
          part: 'key' as const,
          restsOn: [path],
        },
      ];
    }
    if (run !== undefined && http !== undefined) {
      return [
        error([...path, 'http'], 'an action is a command or a call, not both', 'make two actions of them'),
      ];
    }
    const idle =
      http === undefined ? undefined : directory !== undefined ? 'directory' : environment && 'environment';
    if (idle === undefined) return [];
    return [error([...path, idle], `${quoted(idle)} goes with a command`, 'remove it: the action is a call')];
  });
}

/** The zone that was found to exist last: looking one up takes longer than all other checks of a small file. */
let knownTimezone: string | undefined;

function badTimezone(file: PartialFile): Finding[] {
  const timezone = file.reconcile?.timezone;
  if (timezone === undefined || timezone === knownTimezone) return [];
  try {
    new Intl.DateTimeFormat('en', { timeZone: timezone });
    knownTimezone = timezone;
    return [];
  } catch {
    const hint =
      didYouMean(timezone, Intl.supportedValuesOf('timeZone')) ?? 'write an IANA name such as Europe/Paris';
    return [error(['reconcile', 'timezone'], `there is no time zone ${quoted(timezone)}`, hint)];
  }
}
