import type { HistoryChange, HistoryRun } from '../../src/core/record/history.ts';
import type { PageInput } from '../../src/page/page-model.ts';
import type { GateSeen, LastRun, Status } from '../../src/report/status/status.ts';
import { doorsIn } from '../gates/doors-in.ts';

/** Inputs of the page without a daemon: a home on a good day, the same on a bad day, and one with many services. */

export const NOW = new Date('2026-03-01T12:00:00.000Z');

/** The instant so many seconds before `NOW`; negative for later. */
export function secondsAgo(seconds: number): string {
  return new Date(NOW.getTime() - seconds * 1000).toISOString();
}

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const HOME = `version: 1
owner: home
cloudflare:
  account: 0123456789abcdef0123456789abcdef
  zones: [example.dev, example.net]
  tunnels: { homelab: {} }
authentik:
  url: http://authentik.lan:9000
  service: auth
origins:
  traefik: { tunnel: homelab, url: http://traefik.lan:80, forwardAuth: true }
  apps: { tunnel: homelab, url: http://apps.lan:80, router: true }
  proxmox: { tunnel: homelab, url: https://192.168.1.51:8006, noTLSVerify: true }
groups: { admins: {}, family: {} }
services:
  auth: { host: auth.example.dev, origin: apps, gate: { identityProvider: {} } }
  grafana:
    host: grafana.example.dev
    origin: traefik
    gate: { authentik: { mode: forwardAuth, groups: [admins] } }
    paths: { /api/health: { public: { reason: uptime probe } } }
  photos: { host: photos.example.dev, origin: traefik, gate: { authentik: { mode: forwardAuth, groups: [admins, family] } } }
  wiki: { host: wiki.example.dev, origin: traefik, gate: { authentik: { mode: forwardAuth, groups: [family] } } }
  vault: { host: vault.example.dev, origin: apps, gate: { authentik: { mode: oidc, client: vault } } }
  proxmox:
    host: proxmox.example.dev
    origin: proxmox
    gate: { cloudflare: { emails: [ada@example.dev, lin@example.dev, sam@example.dev], session: 24h } }
  registry: { host: registry.example.dev, origin: apps, gate: { serviceToken: { tokens: [ci] } } }
  docs: { host: docs.example.dev, origin: apps, gate: { public: { reason: documentation } } }
  blog: { host: example.net, origin: apps, gate: { public: { reason: the blog } } }
  drafts: { host: drafts.example.net, origin: apps, gate: { cloudflare: { emails: [ada@example.dev], session: 24h } } }
clients:
  vault: { redirectUris: ["https://vault.example.dev/identity/connect/oidc-signin"], groups: [family] }
serviceTokens:
  ci: { deliver: [{ file: /var/lib/gates/secrets/ci.env }] }
`;

const REVISION = `2d62c6cc${'0'.repeat(32)}`;

export const DONE: LastRun = {
  id: '64a763f2',
  triggers: ['schedule'],
  revision: REVISION,
  startedAt: secondsAgo(2 * MINUTE + 5),
  finishedAt: secondsAgo(2 * MINUTE + 4),
  result: 'done',
  counts: { keep: 61, verify: 7 },
  problems: [],
  warnings: [],
};

function guarded(host: string, milliseconds: number): GateSeen {
  return {
    host,
    verdict: 'guarded',
    since: secondsAgo(12 * DAY),
    at: secondsAgo(2 * MINUTE + 4),
    milliseconds,
  };
}

export const WELL: Status = {
  version: '0.2.0',
  pid: 812,
  host: 'nas',
  since: secondsAgo(9 * DAY + 4 * HOUR),
  updatedAt: secondsAgo(2 * MINUTE + 4),
  phase: 'idle',
  repository: { url: 'https://git.example.dev/ada/home.git', branch: 'main', file: 'gates.yaml' },
  inForce: {
    revision: REVISION,
    subject: 'Let the family see the photos',
    author: 'Ada',
    since: secondsAgo(3 * HOUR + 12 * MINUTE),
    applied: true,
  },
  lastRun: DONE,
  gates: [
    guarded('drafts.example.net', 44),
    guarded('grafana.example.dev', 61),
    guarded('photos.example.dev', 58),
    guarded('proxmox.example.dev', 39),
    guarded('registry.example.dev', 41),
    guarded('vault.example.dev', 73),
    guarded('wiki.example.dev', 57),
  ],
  expiring: [{ name: 'ci', at: secondsAgo(-212 * DAY) }],
  rotations: [{ name: 'backup', at: secondsAgo(-26 * DAY) }],
  schedule: { cron: '*/5 * * * *', timezone: 'Europe/Paris', next: secondsAgo(-(2 * MINUTE + 56)) },
};

export function ran(id: string, seconds: number, more: Partial<HistoryRun> = {}): HistoryRun {
  const changes = more.changes ?? [];
  return {
    id,
    command: 'gates run',
    triggers: ['schedule'],
    revision: REVISION,
    startedAt: secondsAgo(seconds),
    finishedAt: secondsAgo(seconds - 1),
    milliseconds: 900,
    result: 'done',
    counts: { keep: 61 },
    changes,
    unread: [],
    warnings: [],
    calls: { cloudflare: { reads: 14, writes: changes.length }, authentik: { reads: 6, writes: 0 } },
    ...more,
  };
}

export function done(
  verb: HistoryChange['verb'],
  what: string,
  service: string,
  ...fields: string[]
): HistoryChange {
  return {
    ...{ verb, what, because: `services.${service}`, outcome: 'done' },
    ...(fields.length > 0 && { fields }),
  };
}

const RUNS: readonly HistoryRun[] = [
  ...Array.from({ length: 38 }, (_, index) => ran(`quiet${index}`, 125 + index * 300)),
  ran('4c1de9a7', 3 * HOUR + 12 * MINUTE, {
    triggers: ['push 2d62c6cc'],
    milliseconds: 4_310,
    changes: [
      done('create', 'authentik/policy-binding:photos/family', 'photos'),
      done('update', 'cloudflare/dns-record:photos.example.dev', 'photos', 'comment'),
    ],
  }),
  ran('b7f3', 9 * HOUR, {
    changes: [done('update', 'cloudflare/access-policy:proxmox.example.dev', 'proxmox', 'include')],
  }),
  ran('77aa', 26 * HOUR, {
    result: 'incomplete',
    changes: [
      {
        verb: 'update',
        what: 'authentik/application:vault',
        because: 'services.vault',
        outcome: 'failed',
        reason: 'Authentik does not answer',
      },
    ],
  }),
];

export const GOOD_DAY: PageInput = {
  status: WELL,
  doors: doorsIn(HOME),
  runs: RUNS,
  now: NOW,
  addresses: false,
};

const CAUSE =
  'GET / got through to the application (200): the origin does not send the host through the outpost: add the forward-auth middleware to its router (`gates outputs --format traefik` prints it)';
const HIDDEN = ['grafana', 'photos', 'wiki'];

/** A bad day: three failed logins, a push with a mistake, an expiring token, and a failed action. */
export const BAD_DAY: PageInput = {
  ...GOOD_DAY,
  status: {
    ...WELL,
    lastRun: {
      ...DONE,
      result: 'incomplete',
      problems: [
        ...HIDDEN.map((name) => ({
          status: 'failed' as const,
          what: `edge/proof:${name}.example.dev`,
          because: `services.${name}`,
          reason: `Could not confirm that the gate works, so the host stays closed (${name}.example.dev). ${CAUSE}`,
        })),
        ...HIDDEN.map((name) => ({
          status: 'skipped' as const,
          what: `cloudflare/ingress-rule:homelab/${name}.example.dev`,
          because: `services.${name}`,
          reason: `waits for edge/proof:${name}.example.dev`,
        })),
      ],
      warnings: ['gates.yaml:14:3 G117: proxmox shares its origin with nobody'],
    },
    gates: (WELL.gates ?? []).map((gate) =>
      HIDDEN.some((name) => gate.host.startsWith(name))
        ? { ...gate, verdict: 'covered', since: secondsAgo(18 * MINUTE), reason: CAUSE }
        : gate,
    ),
    rejected: {
      revision: `9f00aa12${'0'.repeat(32)}`,
      subject: 'Add the printer',
      author: 'Lin',
      at: secondsAgo(6 * MINUTE),
      mistakes: [
        {
          place: 'gates.yaml:40:27',
          severity: 'error',
          message: 'unknown key "emials"',
          hint: 'did you mean "emails"?',
        },
      ],
    },
    expiring: [{ name: 'ci', at: secondsAgo(-5 * DAY) }],
    actions: [
      { name: 'restart-blog', id: '1', state: 'failed', at: secondsAgo(2 * HOUR), reason: 'exit status 1' },
    ],
  },
  runs: [
    ran('bad1', 125, {
      result: 'incomplete',
      changes: HIDDEN.map((name) => ({
        verb: 'verify' as const,
        what: `edge/proof:${name}.example.dev`,
        because: `services.${name}`,
        outcome: 'failed' as const,
        reason: 'Could not confirm that the gate works, so the host stays closed',
      })),
    }),
    ...RUNS.slice(1),
  ],
};

/** A page of so many services, with a problem at every fiftieth. */
export function manyServices(count: number): PageInput {
  const gates = [
    'cloudflare: { emails: [ada@example.dev, lin@example.dev], session: 24h }',
    'authentik: { mode: forwardAuth, groups: [admins, family] }',
    'public: { reason: documentation }',
    'serviceToken: { tokens: [ci] }',
  ];
  const names = Array.from({ length: count }, (_, index) => `service-${String(index).padStart(4, '0')}`);
  const services = names.map((name, index) => {
    const origin = index % 4 === 1 ? 'traefik' : 'apps';
    const zone = index % 10 === 0 ? 'example.net' : 'example.dev';
    return `  ${name}: { host: ${name}.${zone}, origin: ${origin}, gate: { ${gates[index % 4]} } }`;
  });
  const file = `${HOME.slice(0, HOME.indexOf('services:\n'))}services:
  auth: { host: auth.example.dev, origin: apps, gate: { identityProvider: {} } }
${services.join('\n')}
${HOME.slice(HOME.indexOf('serviceTokens:'))}`;
  const doors = doorsIn(file);
  const seen = doors.filter(({ isOpen }) => !isOpen).map(({ host }) => host);
  return {
    ...GOOD_DAY,
    doors,
    status: {
      ...WELL,
      gates: seen.map((host, index) => ({
        ...guarded(host, 40 + (index % 30)),
        ...(index % 50 === 0 && { verdict: 'covered', reason: CAUSE, since: secondsAgo(HOUR) }),
      })),
    },
  };
}
