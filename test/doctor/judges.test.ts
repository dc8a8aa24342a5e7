import { describe, expect, it } from 'vitest';
import type { AnyCheck, Asker, Chart } from '../../src/doctor/chart/check.ts';
import { authentikExpiry } from '../../src/doctor/checks/authentik/authentik-expiry.ts';
import { authentikVersion } from '../../src/doctor/checks/authentik/authentik-version.ts';
import { outpostsCheck } from '../../src/doctor/checks/authentik/outposts.ts';
import { clock } from '../../src/doctor/checks/clock.ts';
import { cloudflarePermissions } from '../../src/doctor/checks/cloudflare/cloudflare-permissions.ts';
import { cloudflareToken } from '../../src/doctor/checks/cloudflare/cloudflare-token.ts';
import { tunnels } from '../../src/doctor/checks/cloudflare/tunnels.ts';
import { zones } from '../../src/doctor/checks/cloudflare/zones.ts';

/** A case that the sandbox cannot play, or not precisely enough: answers by path, and the one verdict on them. */
interface Row {
  readonly because: string;
  readonly check: AnyCheck;
  readonly answers: Readonly<Record<string, unknown>>;
  readonly ahead?: number;
  readonly judged: readonly (readonly [state: string, code: string | undefined])[];
  readonly says: string;
}

const now = Date.parse('2026-11-25T12:00:00Z');
const at = (seconds: number) => new Date(now + seconds * 1000).toISOString();
const day = 86_400;
const account = { '/accounts': [{ id: 'a', name: 'home' }] };
const lab = '/accounts/a/cfd_tunnel/t';
const tunnel = (reply: object, running: number[], written: object) => ({
  ...account,
  '/accounts/a/cfd_tunnel': [{ id: 't', name: 'lab', config_src: 'cloudflare', status: 'healthy', ...reply }],
  [`${lab}/connections`]: running.map((config_version) => ({ config_version })),
  [`${lab}/configurations`]: written,
});
const zone = (reply: object) => ({ ...account, '/zones': [{ id: 'z', name: 'example.dev', ...reply }] });
const token = (identifier: string, expires?: string) => ({
  identifier,
  expiring: expires !== undefined,
  expires: expires ?? null,
});
const self = { '/core/users/me/': { user: { pk: 1, username: 'gates', is_superuser: false } } };
const embedded = { pk: 'o', name: 'embedded', managed: 'goauthentik.io/outposts/embedded' };
const served = { ...embedded, providers: [1], config: { authentik_host: 'https://sso.dev' } };
const health = (version: string, server: string) => ({
  version,
  version_should: server,
  version_outdated: version !== server,
});

const rows: readonly Row[] = [
  {
    because: 'the token ends in ten days',
    check: cloudflareToken,
    answers: { '/user/tokens/verify': { id: 'x', status: 'active', expires_on: at(10 * day) } },
    judged: [['warning', 'cloudflare-token-expires']],
    says: 'ends at 2026-12-05',
  },
  {
    because: 'the token ends in a year',
    check: cloudflareToken,
    answers: { '/user/tokens/verify': { id: 'x', status: 'active', expires_on: at(365 * day) } },
    judged: [['ok', undefined]],
    says: 'active until 2027-11-25',
  },
  {
    because: 'the token begins tomorrow',
    check: cloudflareToken,
    answers: { '/user/tokens/verify': { id: 'x', status: 'active', not_before: at(day) } },
    judged: [['problem', 'cloudflare-token']],
    says: 'valid from',
  },
  {
    because: 'a zone that says nothing of permissions promises none',
    check: cloudflarePermissions,
    answers: { ...zone({ status: 'active' }), '/accounts/a/cfd_tunnel': [] },
    judged: [['ok', undefined]],
    says: 'all that gates needs of Access; what else it may change',
  },
  {
    because: 'the zone has moved away',
    check: zones,
    answers: zone({ status: 'moved' }),
    judged: [['problem', 'zone-pending']],
    says: 'The zone is moved',
  },
  {
    because: 'what was written is half a minute old',
    check: tunnels,
    answers: tunnel({}, [1], { version: 2, created_at: at(-30) }),
    judged: [['ok', undefined]],
    says: 'one cloudflared connected',
  },
  {
    because: 'one of two runs what was before, of a tunnel that no file asks for',
    check: tunnels,
    answers: tunnel({}, [2, 1], { version: 2, created_at: at(-90) }),
    judged: [['warning', 'tunnel-behind']],
    says: 'runs configuration 1, and 2 was written',
  },
  {
    because: 'not all connections stand',
    check: tunnels,
    answers: tunnel({ status: 'degraded' }, [2], { version: 2, created_at: at(-90) }),
    judged: [['warning', 'tunnel-degraded']],
    says: 'not by all of its connections',
  },
  {
    because: 'one of two tokens ends tomorrow, and nobody knows which one asks',
    check: authentikExpiry,
    answers: { ...self, '/core/tokens/': [token('a'), token('b', at(day))] },
    judged: [['warning', 'authentik-token-expires']],
    says: 'One of the API tokens of this account, "b" ends',
  },
  {
    because: 'a token that has ended cannot be the one that asks',
    check: authentikExpiry,
    answers: { ...self, '/core/tokens/': [token('a'), token('b', at(-day))] },
    judged: [['ok', undefined]],
    says: 'does not expire',
  },
  {
    because: 'an outpost of a release before, with a host of its own',
    check: outpostsCheck,
    answers: {
      '/outposts/instances/': [
        { ...embedded, providers: [1], config: { authentik_host: 'https://sso.dev' } },
      ],
      '/outposts/instances/o/health/': [health('2026.5.0', '2026.8.3')],
    },
    judged: [['warning', 'outpost-outdated']],
    says: 'runs 2026.5.0, and the server a newer release, 2026.8.3',
  },
  {
    because: 'an outpost that is newer than the server, which Authentik calls outdated too',
    check: outpostsCheck,
    answers: {
      '/outposts/instances/': [served],
      '/outposts/instances/o/health/': [health('2026.5.0-rc1', '2026.4.0-rc1')],
    },
    judged: [['warning', 'outpost-outdated']],
    says: 'runs 2026.5.0-rc1, and the server an older release, 2026.4.0-rc1',
  },
  {
    because: 'an outpost of a release candidate is older than one of the release',
    check: outpostsCheck,
    answers: {
      '/outposts/instances/': [served],
      '/outposts/instances/o/health/': [health('2026.5.0-rc2', '2026.5.0')],
    },
    judged: [['warning', 'outpost-outdated']],
    says: 'a newer release, 2026.5.0',
  },
  {
    because: 'an outpost of the same release, built anew',
    check: outpostsCheck,
    answers: {
      '/outposts/instances/': [served],
      '/outposts/instances/o/health/': [health('2026.8.3', '2026.8.3')],
    },
    judged: [['ok', undefined]],
    says: 'connected',
  },
  {
    because: 'a patch of the newest release is known',
    check: authentikVersion,
    answers: { '/admin/version/': { version_current: '2026.8.9' }, '/providers/oauth2/': [] },
    judged: [['ok', undefined]],
    says: 'TRUSTED_PROXY_CIDRS',
  },
  {
    because: 'a provider that no application uses may lack grant types',
    check: authentikVersion,
    answers: {
      '/admin/version/': { version_current: '2026.5.0' },
      '/providers/oauth2/': [{ name: 'idle', grant_types: [], assigned_application_name: '' }],
    },
    judged: [['ok', undefined]],
    says: 'Authentik 2026.5.0',
  },
  {
    because: 'clocks are twenty seconds apart',
    check: clock,
    answers: {},
    ahead: -20_000,
    judged: [
      ['warning', 'clock-skew'],
      ['warning', 'clock-skew'],
    ],
    says: '20 s behind',
  },
  {
    because: 'clocks are as near as can be seen',
    check: clock,
    answers: {},
    ahead: 900,
    judged: [['ok', undefined]],
    says: 'agrees with Cloudflare and Authentik',
  },
];

describe('the doctor without a file', () => {
  it.each(rows)('$because', async ({ check, answers, ahead, judged, says }) => {
    const asker: Asker = {
      get: async (path) => answers[path],
      list: async (path) => (answers[path] ?? []) as readonly unknown[],
    };
    const chart: Chart = {
      config: undefined,
      desired: undefined,
      now,
      authentikUrl: undefined,
      cloudflare: asker,
      zoneTokens: new Map(),
      variables: { cloudflare: 'CF', workers: 'WORKERS', authentik: 'AK' },
      authentik: asker,
      edge: { get: () => Promise.reject(new Error('nobody is visited')) },
      signal: new AbortController().signal,
      ahead: () => ahead,
      recordedIds: undefined,
    };
    const found = await check.examine(chart);
    expect(found.map(({ state, code }) => [state, code])).toEqual(judged);
    expect(found[0]?.text).toContain(says);
  });
});
