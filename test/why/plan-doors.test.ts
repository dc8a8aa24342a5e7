import { describe, expect, it } from 'vitest';
import { reconcilers } from '../../reconcilers/index.ts';
import { answerTo, liveGround } from '../../src/cli/commands/why.ts';
import { planDoors } from '../../src/cli/planning/plan-doors.ts';
import { askedPlace, askedVisitor } from '../../src/cli/surroundings/why-question.ts';
import { makePlan } from '../../src/plan/plan.ts';
import type { HostStory } from '../../src/report/plan/host-stories.ts';
import { appliedHouse, configOf, file, type House, house } from '../cli/house.ts';

interface Asked {
  readonly unverified?: readonly string[];
}

/** The doors over the plan of a file. */
async function doorsOf(made: House, text: string, { unverified = [] }: Asked = {}) {
  const { desired, observed, world } = await made.survey(text);
  const { prune, limits } = configOf(text).reconcile;
  const options = { adopt: false, allow: ['change', 'prune'], prune, limits, unverified } as const;
  const plan = makePlan(desired, observed, reconcilers, options);
  return planDoors(plan, { desired, observed, prune, unverified, now: world.clock.now() });
}

/** The stories as `grafana: nobody → group admins`, without step numbers, which only have to grow. */
function storyLines(stories: readonly HostStory[]): readonly string[] {
  return stories.flatMap(({ host, doors }) =>
    doors.map(({ paths, moments }) => {
      const steps = moments.map(({ step }) => step);
      expect(steps[0]).toBe(0);
      expect(steps).toEqual([...new Set(steps)].sort((left, right) => left - right));
      const origins = new Set(moments.flatMap(({ to }) => to));
      const states = moments.map(({ admits, to }) =>
        [admits.join(', '), ...(origins.size > 1 ? to : [])].join(' at '),
      );
      const path = paths.join(' ') === '/**' ? '' : paths.join(' ');
      return `${host.replace('.example.dev', '')}${path}: ${states.join(' → ')}`;
    }),
  );
}

function replaced(...pairs: readonly (readonly [string, string])[]): string {
  return pairs.reduce((text, [from, to]) => {
    expect(text).toContain(from);
    return text.replace(from, to);
  }, file);
}

const proxmox = 'gate: { cloudflare: { emails: [me@example.dev] } }';
const atApp = `proxmox.example.dev, origin: app, ${proxmox}`;
const grafana = / {2}grafana:\n(?: {4}.*\n)*/;
const app2 = '  app2: { tunnel: second, url: "http://app2.lan:80" }\nserviceTokens:';

const toAccess = replaced(['gate: { authentik: { groups: [admins] } }', proxmox]);

const rows: readonly (readonly [because: string, text: string, expected: readonly string[]])[] = [
  ['nothing changes', file, []],
  [
    'other people',
    replaced([proxmox, 'gate: { cloudflare: { emails: [you@example.dev] } }']),
    ['proxmox: me@example.dev → you@example.dev'],
  ],
  [
    'one more group',
    replaced(
      ['{ admins: {} }', '{ admins: {}, family: {} }'],
      ['groups: [admins]', 'groups: [admins, family]'],
    ),
    ['grafana: group admins → group admins, group family'],
  ],
  [
    'a public host becomes one for people',
    replaced(['gate: { public: { reason: documentation } }', proxmox]),
    ['docs: everybody → me@example.dev'],
  ],
  [
    'a host for people becomes public',
    replaced([proxmox, 'gate: { public: { reason: now } }']),
    ['proxmox: me@example.dev → everybody'],
  ],
  [
    'hosts leave',
    file.replace(/ {2}docs: .*\n/, '').replace(grafana, ''),
    ['docs: everybody → nobody', 'grafana: group admins → nobody', 'grafana/api/health: everybody → nobody'],
  ],
  [
    'a gate moves from Authentik to Access',
    toAccess,
    [
      'grafana: group admins → me@example.dev and group admins → me@example.dev',
      'grafana/api/health: everybody → me@example.dev → everybody',
    ],
  ],
  [
    'a gate moves from Access to Authentik, at another origin',
    replaced([atApp, 'proxmox.example.dev, origin: traefik, gate: { authentik: { groups: [admins] } }']),
    [
      "proxmox: me@example.dev at http://app.lan:80 → gates' probe at http://app.lan:80 → gates' probe at http://traefik.lan:80 → group admins at http://traefik.lan:80",
    ],
  ],
  [
    'a host moves to another tunnel',
    replaced(
      ['{ homelab: {} }', '{ homelab: {}, second: { create: true } }'],
      ['serviceTokens:', app2],
      ['proxmox.example.dev, origin: app', 'proxmox.example.dev, origin: app2'],
    ),
    ['proxmox: me@example.dev at http://app.lan:80 → me@example.dev at http://app2.lan:80'],
  ],
  [
    'a path gets a gate of its own',
    replaced([
      'gate: { public: { reason: documentation } }',
      `gate: { public: { reason: documentation } }, paths: { "/private/**": { cloudflare: { emails: [me@example.dev] } } }`,
    ]),
    ['docs/private/**: everybody → me@example.dev'],
  ],
];

describe('the doors of a plan', () => {
  it('are those of every host for a first apply: the probe alone gets in before the gate is checked', async () => {
    const home = await house();
    await home.traefik({ forwardAuth: 'all' });
    expect(storyLines(await doorsOf(home, file))).toEqual([
      'auth: nobody → everybody',
      'docs: nobody → everybody',
      "grafana: nobody → gates' probe → group admins",
      "grafana/api/health: nobody → gates' probe → everybody",
      'machine: nobody → service token ci',
      'proxmox: nobody → me@example.dev',
    ]);
  });

  it.each(rows)('%s', async (_, text, expected) => {
    expect(storyLines(await doorsOf(await appliedHouse(), text))).toEqual(expected);
  });

  it('are open without a check at a host whose check a person skips', async () => {
    const found = storyLines(await doorsOf(await house(), file, { unverified: ['grafana.example.dev'] }));
    expect(found).toContain('grafana: nobody → group admins');
  });

  it('depend on the application that logs people in itself', async () => {
    const text = replaced([
      'serviceTokens:',
      '  wiki: { tunnel: homelab, url: "http://wiki.lan:80" }\nclients: { wiki: { redirectUris: ["https://wiki.example.dev/callback"], groups: [admins], deliver: [{ file: /tmp/wiki }] } }\nserviceTokens:',
    ]).concat(
      '  wiki: { host: wiki.example.dev, origin: wiki, gate: { authentik: { mode: oidc, client: wiki } } }\n',
    );
    const home = await house();
    expect(storyLines(await doorsOf(home, text))).toContain(
      "wiki: nobody → gates' probe → whoever the origin admits",
    );
  });

  it('are described after each step in the words of gates why HOST', async () => {
    const home = await appliedHouse();
    const config = configOf(toAccess);
    const ground = await liveGround(config, home.reach, { step: 1 });
    const { plan, desired, observed, now } = ground;
    const stories = planDoors(plan, {
      desired,
      observed,
      prune: config.reconcile.prune,
      unverified: [],
      now,
    });
    const [grafana] = stories.find(({ host }) => host === 'grafana.example.dev')?.doors ?? [];
    expect(grafana?.moments.length).toBeGreaterThan(2);
    for (const { step, admits } of grafana?.moments ?? []) {
      const question = { isOffline: false, method: 'GET', visitor: askedVisitor({}, config) };
      const place = askedPlace('grafana.example.dev');
      const answer = answerTo({ ...question, place, state: { step } }, config, ground);
      const all = 'doors' in answer ? answer.doors.find(({ paths }) => paths.includes('/**')) : undefined;
      expect([step, all?.admits]).toEqual([step, admits]);
    }
  });

  it('are unchanged after the apply, so that there is nothing to report', async () => {
    const home = await appliedHouse();
    for (const [, text] of rows.slice(1, 4)) {
      await home.apply(text);
      expect(await doorsOf(home, text)).toEqual([]);
    }
  });
});
