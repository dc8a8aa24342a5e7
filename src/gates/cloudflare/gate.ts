import type * as file from '../../../schema/generated/config.ts';
import type { Finding } from '../../config/mistakes/finding.ts';
import type { Config } from '../../config/model/config.ts';
import { secondsOf } from '../../config/model/duration.ts';
import { gatesOf, type PartOf } from '../../config/model/partial-file.ts';
import { loggedIn } from '../shared/admitted-words.ts';
import type { GateRow } from '../shared/gate-row.ts';
import { listHint } from '../shared/settings-hint.ts';
import { plainTerms } from '../shared/terms.ts';
import { builtCloudflare, type CloudflareGate } from './access.ts';

export const cloudflareGate: GateRow<NonNullable<file.Gate['cloudflare']>, CloudflareGate> = {
  example: 'cloudflare: { emails: [me@example.dev] }',
  settingsHint: (value) =>
    listHint(value, (people) => `cloudflare: { ${people.includes('@') ? 'emails' : 'groups'}: ${people} }`),
  references: [{ section: 'groups', keys: ['groups'] }],
  disagreements: endlessSessions,
  normalize: ({ emails = [], groups = [], everyone, session = '24h' }) => ({
    ...plainTerms,
    type: 'cloudflare',
    name: 'cloudflare',
    enforcedBy: 'access',
    visitors: 'people',
    login: 'access',
    emails,
    groups,
    everyone,
    session: secondsOf(session),
  }),
  built: () => builtCloudflare,
  words: ({ emails, groups, everyone }, _service, config) => ({
    gate: { name: 'Cloudflare Access', how: 'login' },
    isOpen: false,
    admits: [
      { sort: 'person', names: emails },
      ...loggedIn(groups, everyone),
      { sort: 'emergency', names: breakGlassEmails(config) },
    ],
    reason: everyone?.reason,
  }),
  guard: ({ emails, groups, everyone }, _host, config) =>
    everyone === undefined
      ? { emails: [...emails, ...breakGlassEmails(config)], groups: [...groups] }
      : { people: true },
  admissionHint: ({ emails, groups, everyone }) =>
    emails.length > 0 || groups.length > 0 || everyone !== undefined
      ? undefined
      : 'add `emails` or `groups`, or say it on purpose with `everyone: { reason: … }`',
};

/** Seconds; "immediate timeout to one month" (Cloudflare's page on session management). */
const longestSession = 730 * 3600;

function endlessSessions(partial: PartOf<file.GatesFile>): readonly Finding[] {
  return gatesOf(partial).flatMap(({ gate, path }): readonly Finding[] => {
    const { session } = gate.cloudflare ?? {};
    if (session === undefined || secondsOf(session) <= longestSession) return [];
    return [
      {
        severity: 'error',
        rule: 'conflicting-keys',
        path: [...path, 'cloudflare', 'session'],
        message: `a session of ${session} is longer than a month`,
        hint: 'write 730h or less: Cloudflare ends a session after a month at the latest',
      },
    ];
  });
}

/** The people who may pass every Access gate with a one-time PIN, in addition to the people with an Authentik login. */
function breakGlassEmails({ cloudflare: { access } }: Config): readonly string[] {
  return access.identityProvider === undefined ? [] : (access.breakGlass?.emails ?? []);
}
