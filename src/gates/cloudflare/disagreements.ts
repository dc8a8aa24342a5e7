import type * as file from '../../../schema/generated/config.ts';
import type { Finding, Path } from '../../config/mistakes/finding.ts';
import { secondsOf } from '../../config/model/duration.ts';
import { gatesOf, type PartOf } from '../../config/model/partial-file.ts';
import { authorityMistakes, mixedAuthorities } from './certificates.ts';
import { identityHeaderMistakes } from './identity-header.ts';
import { countryMistakes, rangeMistakes } from './places.ts';
import type { CloudflareSettings } from './rule.ts';
import { sessionSeconds } from './session.ts';

/** The mistakes of gates of Access whose keys have the right shape but conflict. */
export function cloudflareDisagreements(partial: PartOf<file.GatesFile>): readonly Finding[] {
  const asksAuthentik = partial.cloudflare?.access?.identityProvider !== undefined;
  const gates = gatesOf(partial).flatMap(({ gate, path, service }) =>
    gate.cloudflare === undefined
      ? []
      : [{ service, settings: gate.cloudflare, path: [...path, 'cloudflare'] }],
  );
  const lists = Object.entries(partial.networks ?? {}).flatMap(([name, ranges]) =>
    rangeMistakes(ranges ?? [], ['networks', name]),
  );
  return [
    ...lists,
    ...identityHeaderMistakes(partial),
    ...authorityMistakes(partial),
    ...mixedAuthorities(
      gates.flatMap(({ service, settings, path }) =>
        rulesIn(settings, path).map((placed) => ({ service, ...placed })),
      ),
    ),
    ...gates.flatMap(({ settings, path }) => [
      ...endlessSession(settings, path),
      ...longPreflight(settings, path),
      ...rulesBeside(settings, path),
      ...rulesIn(settings, path).flatMap(({ rule, at }) => ruleMistakes(rule, at, asksAuthentik)),
    ]),
  ];
}

interface PlacedRule {
  readonly rule: PartOf<file.AccessRule>;
  readonly at: Path;
}

function rulesIn(settings: PartOf<CloudflareSettings>, path: Path): readonly PlacedRule[] {
  if (settings.anyOf === undefined) return [{ rule: settings, at: path }];
  return settings.anyOf.flatMap((rule, place) =>
    rule === undefined ? [] : [{ rule, at: [...path, 'anyOf', place] }],
  );
}

function conflict(path: Path, message: string, hint: string): Finding {
  return { severity: 'error', rule: 'conflicting-keys', path, message, hint };
}

/** Seconds; "immediate timeout to one month" (Cloudflare's page on session management). */
const longestSession = 730 * 3600;

function endlessSession({ session }: PartOf<CloudflareSettings>, path: Path): readonly Finding[] {
  if (session === undefined || sessionSeconds(session) <= longestSession) return [];
  const hint = 'write 730h or less: Cloudflare ends a session after a month at the latest';
  return [conflict([...path, 'session'], `a session of ${session} is longer than a month`, hint)];
}

/** Seconds, as Cloudflare's API says. */
const longestPreflight = 86_400;

function longPreflight({ cors }: PartOf<CloudflareSettings>, path: Path): readonly Finding[] {
  if (cors?.maxAge === undefined || secondsOf(cors.maxAge) <= longestPreflight) return [];
  const message = `browsers keep an answer for at most a day, and not for ${cors.maxAge}`;
  return [conflict([...path, 'cors', 'maxAge'], message, 'write 24h or less')];
}

/** Keys of the gate itself; the others are those of a rule. */
const ofGate: Readonly<Record<Exclude<keyof CloudflareSettings, keyof file.AccessRule>, true>> = {
  anyOf: true,
  session: true,
  appearance: true,
  cookie: true,
  cors: true,
};

function rulesBeside(settings: PartOf<CloudflareSettings>, path: Path): readonly Finding[] {
  const key = Object.keys(settings).find((each) => !Object.hasOwn(ofGate, each));
  if (settings.anyOf === undefined || key === undefined) return [];
  return [
    conflict([...path, key], `\`${key}\` stands beside \`anyOf\``, 'move it into the rules of `anyOf`'),
  ];
}

function ruleMistakes(
  { require, exclude, ...rule }: PartOf<file.AccessRule>,
  path: Path,
  asksAuthentik: boolean,
) {
  const { tokens, emails, domains, groups, people, everyone } = rule;
  const hasPeople = [emails, domains, groups, people, everyone].some((key) => key !== undefined);
  const both = [
    { key: 'require', conditions: require ?? {} },
    { key: 'exclude', conditions: exclude ?? {} },
  ];
  return [
    ...(hasPeople || tokens !== undefined || (require ?? exclude) === undefined
      ? []
      : [
          conflict(
            path,
            'this rule has conditions and admits nobody',
            'add `emails`, `domains`, `groups`, `people` or `tokens`, or admit everybody who meets them with `everyone: { reason: … }`',
          ),
        ]),
    ...demandsMistakes(rule, path, hasPeople),
    ...(tokens === undefined || require === undefined ? [] : tokensWithLogin(require, [...path, 'require'])),
    ...both.flatMap(({ key, conditions }) => [
      ...(conditions.identityProviders === undefined || !asksAuthentik
        ? []
        : [
            conflict(
              [...path, key, 'identityProviders'],
              'Access logs everybody in through Authentik here, so no other login method counts',
              'remove it, or remove `cloudflare.access.identityProvider`',
            ),
          ]),
      ...rangeMistakes(conditions.networks ?? [], [...path, key, 'networks']),
      ...countryMistakes(conditions.countries ?? [], [...path, key, 'countries']),
    ]),
  ];
}

const demandKeys = ['approval', 'justification', 'isolate'] as const;

function demandsMistakes(rule: PartOf<file.AccessRule>, path: Path, hasPeople: boolean): readonly Finding[] {
  const { approvers = [], needed = 1 } = rule.approval ?? {};
  const key = demandKeys.find((each) => rule[each] !== undefined);
  return [
    ...(key === undefined || hasPeople
      ? []
      : [
          conflict(
            [...path, key],
            `\`${key}\` asks people, and this rule admits none`,
            'move it to a rule with `emails`, `domains`, `groups`, `people` or `everyone`',
          ),
        ]),
    ...(approvers.length === 0 || needed <= approvers.length
      ? []
      : [
          conflict(
            [...path, 'approval', 'needed'],
            `${needed} people must approve, and only ${approvers.length} may`,
            'name more approvers, or write a smaller number',
          ),
        ]),
  ];
}

/** Conditions about a request, whoever makes it. */
const ofRequest: ReadonlySet<string> = new Set([
  ...['networks', 'countries', 'certificate', 'certificateAuthorities', 'commonNames'],
]);

/** A machine meets no condition about a login or a device, so it could never pass. */
function tokensWithLogin(require: PartOf<file.AccessConditions>, path: Path): readonly Finding[] {
  const key = Object.keys(require).find((each) => !ofRequest.has(each));
  if (key === undefined) return [];
  const hint = 'use `anyOf`, with a rule of their own for the tokens';
  return [
    conflict([...path, key], `a machine with a token has no login, so it cannot meet \`${key}\``, hint),
  ];
}
