import { beforeAll, describe, expect, it } from 'vitest';
import { reconcilers } from '../../reconcilers/index.ts';
import { applyPlan } from '../../src/apply/apply.ts';
import { waiting } from '../../src/apply/turns.ts';
import { type Change, isCover, isUncovering, type Plan } from '../../src/core/change.ts';
import { checkedConfig } from '../../src/expect/checked-config.ts';
import { withAssertions } from '../../src/expect/plan-assertions.ts';
import { makePlan } from '../../src/plan/plan.ts';
import { appliedHouse, configOf, file, type House, house } from '../cli/house.ts';
import { sandboxEdge } from '../support/sandbox-edge.ts';

/** True assertions about the file, each at its own place. */
const assertions = [
  'grafana anonymous / login',
  'grafana {groups:[admins]} / allow',
  'grafana {groups:[family]} / deny',
  'grafana {token:ci} / deny',
  'grafana anonymous /api/health allow',
  'grafana anonymous /admin login',
  'proxmox anonymous / login',
  'proxmox {email:me@example.dev} / allow',
  'proxmox {email:you@example.dev} / deny',
  'proxmox {token:ci} / deny',
  'machine anonymous / deny',
  'machine {token:ci} / allow',
  'docs anonymous / allow',
  'auth anonymous / allow',
];

const entries = assertions.map((text) => {
  const [host, as, path, verdict] = text.split(' ');
  return `  - { url: "https://${host}.example.dev${path}", as: ${as?.replace(/:(?=\S)/, ': ')}, verdict: ${verdict} }`;
});
const groups = file.replace('groups: { admins: {} }', 'groups: { admins: {}, family: {} }');
const asserted = `${groups}expect:\n${entries.join('\n')}\n`;

/** The assertion at a line of the file. */
function assertionAt(line: number): string {
  const first = asserted.split('\n').indexOf('expect:') + 2;
  return assertions[line - first] ?? `line ${line}`;
}

/** A plan of another file, to be checked against the assertions of the file above. */
async function planFor(made: House, text: string, change: (plan: Plan) => Plan = (plan) => plan) {
  const { desired: wrong, observed, world } = await made.survey(text);
  const { desired } = await made.survey(asserted);
  const config = configOf(asserted);
  const { prune, limits } = config.reconcile;
  const options = { adopt: false, allow: ['change', 'prune'], prune, limits } as const;
  const plan = change(makePlan(wrong, observed, reconcilers, options));
  const run = {
    ...{ expectations: config.expectations, file: 'gates.yaml', unverified: [] },
    ...{ desired, observed, reconcilers, prune, now: world.clock.now() },
  };
  const checked = withAssertions(plan, run);
  const refused = checked.changes.filter(({ id, verb }) => {
    return verb === 'refuse' && plan.changes.some((each) => each.id === id && each.verb !== 'refuse');
  });
  const lines = refused.map(({ reason = '' }) => Number(/^gates\.yaml:(\d+) /.exec(reason)?.[1]));
  return { plan, checked, world, refused, lines, broken: [...new Set(lines.map(assertionAt))] };
}

let home: House;
beforeAll(async () => {
  home = await appliedHouse();
});

it('the sample file fulfills its assertions', () => {
  const read = checkedConfig(asserted);
  expect(read.ok ? read.parsed.warnings.filter(({ code }) => code === 'G122') : read.mistakes).toEqual([]);
});

function isRefused({ verb }: Change): boolean {
  return verb === 'refuse';
}

/** The status that an anonymous visitor gets. */
async function statusAt(made: House, host: string, path: string): Promise<number> {
  const request = { host: `${host}.example.dev`, path, nameServers: [] };
  return (await sandboxEdge(made.sandbox).get(request, new AbortController().signal)).status;
}

/** Makes somebody open proxmox in the dashboard to everybody who can log in. */
async function openByHand(made: House): Promise<void> {
  const { observed } = await made.survey(asserted);
  const policy = observed
    .flatMap((each) => (each.state === 'known' ? each.objects : []))
    .find(
      ({ address }) => address.kind === 'cloudflare/access-policy' && address.key === 'proxmox.example.dev',
    );
  const path = `/client/v4/accounts/${made.sandbox.accountId}/access/policies/${policy?.id}`;
  const body = { ...(policy?.raw as object), include: [{ everyone: {} }] };
  await made.admin('POST', '/edit', { actor: 'eve', system: 'cloudflare', method: 'PUT', path, body });
}

describe('a wrong change of a host', () => {
  const proxmox = '{ cloudflare: { emails: [me@example.dev] } }';
  const grafana = 'gate: { authentik: { groups: [admins] } }';
  it.each([
    ['proxmox to everybody', proxmox, '{ public: { reason: open } }', 'proxmox'],
    [
      'proxmox to everybody who can log in',
      proxmox,
      '{ cloudflare: { everyone: { reason: open } } }',
      'proxmox',
    ],
    [
      'proxmox to one more person',
      proxmox,
      '{ cloudflare: { emails: [me@example.dev, you@example.dev] } }',
      'proxmox',
    ],
    ['proxmox to another person', proxmox, '{ cloudflare: { emails: [you@example.dev] } }', 'proxmox'],
    ['proxmox to a token', proxmox, '{ serviceToken: { tokens: [ci] } }', 'proxmox'],
    ['grafana to everybody', grafana, 'gate: { public: { reason: open } }', 'grafana'],
    ['grafana to one more group', grafana, 'gate: { authentik: { groups: [admins, family] } }', 'grafana'],
    [
      'grafana to everybody with an account',
      grafana,
      'gate: { authentik: { everyone: { reason: open } } }',
      'grafana',
    ],
    ['grafana to a token', grafana, 'gate: { serviceToken: { tokens: [ci] } }', 'grafana'],
    [
      'a path of grafana',
      '/api/health: {',
      '/admin: { public: { reason: open } }, /api/health: {',
      'grafana',
    ],
    ['a path of grafana no longer', '/api/health: {', '/api/healthy: {', 'grafana'],
    ['machine to everybody', '{ serviceToken: { tokens: [ci] } }', '{ public: { reason: open } }', 'machine'],
    ['docs to people', '{ public: { reason: documentation } }', proxmox, 'docs'],
  ])('is refused by the assertions of the host: %s', async (_, from, to, host) => {
    const text = groups.replace(from, to);
    expect(text).not.toBe(groups);
    const { refused, broken, checked } = await planFor(home, text);
    expect(refused.length).toBeGreaterThan(0);
    expect(broken.every((assertion) => assertion.startsWith(`${host} `))).toBe(true);
    for (const { reason } of refused)
      expect(reason).toMatch(/ after step \d+ of the plan, \w+ \S+ .+ \(layer: .+\)/);
    // Only changes of the host wait.
    const waits = waiting(checked);
    const others = checked.changes.filter(
      ({ id }) => waits.has(id) && !/proxmox|grafana|machine|docs/.test(id),
    );
    expect(others.map(({ id }) => id)).toEqual([]);
  });

  it('names the file, the line, the layer and the step', async () => {
    const { refused } = await planFor(
      home,
      groups.replace(proxmox, '{ cloudflare: { everyone: { reason: open } } }'),
    );
    expect(refused.map(({ reason }) => reason)).toMatchInlineSnapshot(`
      [
        "gates.yaml:33 (expect[8]) asserts deny for you@example.dev at https://proxmox.example.dev/, but after step 2 of the plan, update cloudflare/access-policy proxmox.example.dev, the visitor gets in (layer: Access). Correct the assertion, or what the step meets there",
      ]
    `);
  });

  it.each([
    ['proxmox', '/', proxmox, '{ public: { reason: open } }'],
    ['grafana', '/admin', '/api/health: {', '/admin: { public: { reason: open } }, /api/health: {'],
    ['machine', '/', '{ serviceToken: { tokens: [ci] } }', '{ public: { reason: open } }'],
  ])('opens %s%s without the assertions, and leaves it closed with them', async (host, path, from, to) => {
    const text = groups.replace(from, to);
    for (const asks of [false, true]) {
      const made = await appliedHouse();
      const { plan, checked, world } = await planFor(made, text);
      await applyPlan(asks ? checked : plan, reconcilers, world);
      const status = await statusAt(made, host, path);
      if (asks) expect(status).not.toBe(200);
      else expect(status).toBe(200);
    }
  });

  it('is refused when a first apply removes the cover before the gate was checked', async () => {
    const made = await house();
    const { broken, checked } = await planFor(made, asserted, (plan) => {
      const changes = plan.changes.filter(({ verb }) => verb !== 'verify');
      const ids = new Set(changes.map(({ id }) => id));
      return {
        ...plan,
        changes: changes.map((each) => ({ ...each, needs: each.needs.filter((id) => ids.has(id)) })),
      };
    });
    expect(broken.length).toBeGreaterThan(0);
    expect(broken.every((assertion) => assertion.startsWith('grafana '))).toBe(true);
    const stuck = new Set([
      ...waiting(checked).keys(),
      ...checked.changes.filter(isRefused).map(({ id }) => id),
    ]);
    const covers = checked.changes.filter(
      (change) => change.address.kind === 'cloudflare/access-application' && isUncovering(change),
    );
    const left = covers.filter(({ id }) => !stuck.has(id)).map(({ address }) => address.key);
    expect(left.filter((key) => key.includes('grafana'))).toEqual([]);
  });
});

describe('assertions', () => {
  it('allow a first apply, a repair, a cover and a closing', async () => {
    const made = await house();
    await made.traefik({ forwardAuth: 'all' });
    const first = await planFor(made, asserted);
    expect(first.plan.changes.some(isCover)).toBe(true);
    expect(first.refused).toEqual([]);
    await made.apply(asserted);
    expect((await made.probe({ text: asserted })).services.map(({ verdict }) => verdict)).toEqual([
      ...['login', 'guarded', 'guarded', 'guarded', 'public'],
    ]);
    await openByHand(made);
    const repair = await planFor(made, asserted);
    expect(repair.plan.changes.filter(({ verb }) => verb === 'update').length).toBeGreaterThan(0);
    expect(repair.refused).toEqual([]);
    expect(repair.checked).toEqual(repair.plan);
  });

  it('warn about a foreign object that breaks one and stays', async () => {
    const made = await appliedHouse();
    await made.admin('POST', '/edit', {
      ...{ actor: 'eve', system: 'cloudflare', method: 'POST' },
      path: `/client/v4/accounts/${made.sandbox.accountId}/access/apps`,
      body: {
        ...{ name: 'theirs', type: 'self_hosted', domain: 'docs.example.dev/open' },
        destinations: [{ type: 'public', uri: 'docs.example.dev/open/*' }],
        policies: [{ name: 'all', decision: 'allow', include: [{ everyone: {} }] }],
      },
    });
    const entry = `{ url: "https://docs.example.dev/open/a", as: anonymous, verdict: allow }`;
    const text = `${asserted}  - ${entry}\n`;
    const { expectations, reconcile } = configOf(text);
    const { desired, observed, world } = await made.survey(text);
    const { prune, limits } = reconcile;
    const plan = makePlan(desired, observed, reconcilers, { adopt: false, allow: [], prune, limits });
    const run = { expectations, file: 'gates.yaml', desired, observed, reconcilers, prune, unverified: [] };
    const { warnings } = withAssertions(plan, { ...run, now: world.clock.now() });
    const own = warnings.filter((warning) => warning.includes('asserts'));
    expect(own).toEqual([
      expect.stringContaining('https://docs.example.dev/open/a, but the visitor does not get in, also after'),
    ]);
  });
});
