import { describe, expect, it } from 'vitest';
import { reconcilers } from '../../reconcilers/index.ts';
import { stepsOf } from '../../src/apply/turns.ts';
import type { Change } from '../../src/core/change.ts';
import { anyOf } from '../../src/doors/admission/admission.ts';
import { verdictFor } from '../../src/doors/admission/visitor.ts';
import { waysTo } from '../../src/doors/ways.ts';
import { checkedHosts } from '../../src/interlock/file-origins.ts';
import type { LiveParts } from '../../src/interlock/live-parts.ts';
import { missingGroups, type NamedVisitor, visitorNamed } from '../../src/interlock/named-visitor.ts';
import { RunStates } from '../../src/interlock/run-states.ts';
import { makePlan } from '../../src/plan/plan.ts';
import { appliedHouse, configOf, file, type House, house } from '../cli/house.ts';

/** The states of a run with the file, and a function for what a visitor gets in one. */
async function statesIn(made: House, text = file) {
  const { desired, observed } = await made.survey(text);
  const { prune, limits } = configOf(text).reconcile;
  const plan = makePlan(desired, observed, reconcilers, { adopt: false, allow: [], prune, limits });
  const checked = checkedHosts(desired, plan.changes);
  const now = new Date(made.sandbox.now());
  const ground = { desired, observed, reconcilers, prune, checked, uncheckedOrigins: true, now };
  const states = new RunStates(ground);
  const verdict = (state: LiveParts, host: string, named: NamedVisitor, path = '/') => {
    const ways = waysTo(state.store, { host: `${host}.example.dev`, path });
    const found = verdictFor(anyOf(...ways.map(({ admits }) => admits)), visitorNamed(named, ground));
    if (typeof found === 'string') return found;
    return [...new Set(found.unknown.map(({ reason }) => reason))].join();
  };
  return { states, plan, verdict, desired, observed };
}

/** The expected answer for each visitor at each host of the file. */
const wanted: readonly (readonly [host: string, NamedVisitor, string])[] = [
  ['auth', 'anonymous', 'admitted'],
  ['docs', 'anonymous', 'admitted'],
  ['grafana', 'anonymous', 'login'],
  ['grafana', { groups: ['admins'] }, 'admitted'],
  ['grafana', { groups: [] }, 'refused'],
  ['grafana', { email: 'me@example.dev' }, 'visitor'],
  ['proxmox', 'anonymous', 'login'],
  ['proxmox', { email: 'me@example.dev' }, 'admitted'],
  ['proxmox', { email: 'you@example.dev' }, 'refused'],
  ['machine', 'anonymous', 'refused'],
  ['machine', { token: 'ci' }, 'admitted'],
  ['machine', { token: 'probe' }, 'refused'],
];

/** The state after each step. */
function statesAfter(states: RunStates, steps: readonly Change[]): readonly LiveParts[] {
  let state = states.start;
  return steps.map((change) => {
    state = states.after(state, change);
    return state;
  });
}

describe('the states of a run', () => {
  it('are the goal before and after an apply, by the file', async () => {
    for (const home of [await house(), await appliedHouse()]) {
      const { states, verdict } = await statesIn(home);
      const found = wanted.map(([host, visitor]) => verdict(states.goal, host, visitor));
      expect(found).toEqual(wanted.map(([, , expected]) => expected));
    }
  });

  it('begin with nobody admitted, and end as the file says, for every visitor', async () => {
    const { states, plan, verdict } = await statesIn(await house());
    const after = statesAfter(states, stepsOf(plan));
    const last = after.at(-1) ?? states.start;
    expect(after.length).toBeGreaterThan(20);
    for (const [host, visitor, expected] of wanted) {
      expect(verdict(states.start, host, visitor)).toBe('refused');
      expect(verdict(last, host, visitor)).toBe(expected);
    }
  });

  it('admit nobody new on the way: each step admits at most the visitors of the file', async () => {
    const { states, plan, verdict } = await statesIn(await house());
    const steps = stepsOf(plan);
    const covered = new Set<string>();
    for (const [index, state] of statesAfter(states, steps).entries()) {
      for (const [host, visitor, expected] of wanted) {
        const found = verdict(state, host, visitor);
        if (found !== expected) covered.add(host);
        if (found === 'admitted') expect([steps[index]?.id, host, expected]).toContain('admitted');
      }
    }
    expect([...covered].sort()).toEqual(['auth', 'docs', 'grafana', 'machine', 'proxmox']);
  });

  it('equal the file before a run that has nothing to do', async () => {
    const { states, verdict } = await statesIn(await appliedHouse());
    const found = wanted.map(([host, visitor]) => verdict(states.start, host, visitor));
    expect(found).toEqual(wanted.map(([, , expected]) => expected));
  });

  it('treat the origin of a host as unknown if its gate changes before it is checked', async () => {
    const home = await appliedHouse();
    const text = file.replace('proxmox.example.dev, origin: app', 'proxmox.example.dev, origin: traefik');
    const { states, verdict } = await statesIn(home, text);
    const mine = { email: 'me@example.dev' };
    expect(verdict(states.start, 'proxmox', mine)).toBe('origin');
    expect(verdict(states.goal, 'proxmox', mine)).toBe('admitted');
  });

  it('trace each part to its object and its line of the file', async () => {
    const { states } = await statesIn(await appliedHouse());
    const parts = states.start.store.allParts();
    const sources = parts.map((part) => states.sourceOf(states.start, part));
    const application = sources.find(
      (source) => source?.address === 'cloudflare/access-application:proxmox.example.dev',
    );
    expect(application?.because).toBe('services.proxmox');
    expect(sources.filter((source) => source === undefined).length).toBe(
      parts.filter(({ part }) => part === 'origin').length,
    );
  });
});

describe('a group', () => {
  it('includes its ancestors', async () => {
    const home = await appliedHouse();
    const groups = '/core/groups/';
    const edit = (body: object) =>
      home.admin('POST', '/edit', {
        actor: 'a person',
        system: 'authentik',
        method: 'POST',
        path: `/api/v3${groups}`,
        body,
      });
    const { observed } = await home.survey();
    const admins = observed
      .flatMap((each) => (each.state === 'known' ? each.objects : []))
      .find(({ address }) => address.kind === 'authentik/group' && address.key === 'admins');
    await edit({ name: 'owners', parents: [admins?.id] });
    const { states, verdict } = await statesIn(home);
    expect(verdict(states.start, 'grafana', { groups: ['owners'] })).toBe('admitted');
    expect(verdict(states.start, 'grafana', { groups: ['guests'] })).toBe('refused');
  });

  it('is missing if neither Authentik nor the file has it', async () => {
    const before = await (await house()).survey();
    expect(missingGroups(['admins', 'admin'], before)).toEqual(['admin']);
  });
});
