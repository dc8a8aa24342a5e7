import { expect, it } from 'vitest';
import { reconcilers } from '../../reconcilers/index.ts';
import { parseConfig } from '../../src/config/parse-config.ts';
import type { Plan } from '../../src/core/change.ts';
import { type AddressId, addressId } from '../../src/core/objects/address.ts';
import type { Desired, Observed } from '../../src/core/objects/object.ts';
import { resolve } from '../../src/core/objects/reference.ts';
import { compile } from '../../src/desired/compile.ts';
import { createSandbox, type Sandbox } from '../../src/lab/sandbox/index.ts';
import { withCounterparts } from '../../src/observed/counterparts.ts';
import { makePlan } from '../../src/plan/plan.ts';
import { newDisk } from '../scenarios/stage/disk.ts';
import { askAdmin } from '../scenarios/stage/hand.ts';
import { runProcess, unfinished } from '../scenarios/stage/stage.ts';
import { asItStands } from './as-it-stands.ts';
import { manyForwardAuth } from './many-services.ts';

/** More services than one page of Authentik's lists holds, and few enough for covers (500 Access applications). */
const services = 250;
const page = 100;

async function callsOf(count: number): Promise<{ readonly calls: number; readonly pages: number }> {
  const sandbox = await createSandbox({ zones: ['example.dev'], plan: 'pro', callBudget: 1_000_000 });
  const origin = { url: 'http://traefik.lan:80', kind: 'traefik' };
  await askAdmin(sandbox, 'PUT', '/origins', { ...origin, forwardAuth: 'all' });
  const disk = newDisk();
  const text = manyForwardAuth(count);
  expect(unfinished((await runProcess(sandbox, disk, text)).report)).toEqual([]);
  const since = sandbox.calls().at(-1)?.n ?? 0;
  const again = await runProcess(sandbox, disk, text);
  const calls = sandbox.calls(since);
  expect([again.writes, calls.filter(({ write }) => write)]).toEqual([0, []]);
  return { calls: calls.length, pages: furtherPages(sandbox) };
}

/**
 * The number of further pages, after the first, of all lists that a run reads. Proxy providers also appear in the list
 * of OAuth2 providers; each list of Cloudflare fits on one page.
 */
function furtherPages(sandbox: Sandbox): number {
  const { authentik } = JSON.parse(sandbox.snapshot()) as {
    readonly authentik: Readonly<Record<'providers' | 'applications' | 'bindings', readonly unknown[]>>;
  };
  const { providers, applications, bindings } = authentik;
  const further = ({ length }: readonly unknown[]) => Math.max(0, Math.ceil(length / page) - 1);
  return [providers, providers, applications, bindings].reduce((sum, list) => sum + further(list), 0);
}

it('a run reads one list for each kind, one more call for each further page, and writes nothing', async () => {
  const few = await callsOf(2);
  const many = await callsOf(services);
  expect(few.calls).toBeLessThanOrEqual(17);
  // Past one page of applications, a run also asks whose token it has, and reads the superuser's list from its start.
  expect(many.calls - few.calls).toBe(many.pages + 2);
  const summary = `${few.calls} calls with 2 services, ${many.calls} with ${services}`;
  process.stdout.write(`forward auth, nothing to do: ${summary}: ${many.pages} further pages, 0 writes\n`);
});

const verbs = (plan: Plan) => new Set(plan.changes.map(({ verb }) => verb));

it.each([
  { all: 'are there already', from: 1000, to: 1000, made: ['keep'] },
  { all: 'are new', from: 1, to: 1000, made: ['keep', 'create'] },
  { all: 'leave', from: 1000, to: 1, made: ['keep', 'prune'] },
])('1,000 services behind forward auth that $all are planned', ({ all, from, to, made }) => {
  const [standing, desired] = [from, to].map((count) => {
    const read = parseConfig(new TextEncoder().encode(manyForwardAuth(count)));
    if (!read.ok) throw new Error(read.mistakes[0]?.message);
    return compile(read.parsed.config);
  }) as [Desired, Desired];
  const observed = asItStands(standing);
  const limits = { prune: 1, change: 1, floor: 5 };
  const begun = process.cpuUsage();
  const plan = makePlan(desired, observed, reconcilers, { adopt: false, prune: true, limits, allow: [] });
  const { user, system } = process.cpuUsage(begun);
  for (const verb of made) expect(verbs(plan)).toContain(verb);
  if (from === to) expect([...verbs(plan)]).toEqual(made);
  process.stdout.write(
    `1,000 forward-auth services that ${all}: CPU of the plan ${Math.round((user + system) / 1000)} ms\n`,
  );
});

it('recognizing 1,000 services that somebody made by hand finds every object', () => {
  const read = parseConfig(new TextEncoder().encode(manyForwardAuth(1000)));
  if (!read.ok) throw new Error(read.mistakes[0]?.message);
  const desired = compile(read.parsed.config);
  const values = (id: AddressId) => ({ id, aud: id, clientId: id });
  const standing = asItStands(desired).map(({ kind }) => ({
    kind,
    state: 'known' as const,
    objects: desired.objects
      .filter(({ address }) => address.kind === kind)
      .map(({ address, spec }): Observed => {
        const id = addressId(address);
        const key = renamedByHand.has(kind) ? `mine ${address.key}` : address.key;
        const live = { spec: resolve(spec, values), attributes: values(id), uses: [] };
        return { address: { kind, key }, id, owner: undefined, ...live };
      }),
  }));
  const begun = process.cpuUsage();
  const found = withCounterparts(desired.objects, standing, reconcilers);
  const { user, system } = process.cpuUsage(begun);
  const keys = found.flatMap((each) => (each.state === 'known' ? each.objects : []));
  expect(keys.filter(({ address }) => address.key.startsWith('mine '))).toEqual([]);
  process.stdout.write(
    `1,000 services made by hand: CPU to recognize them ${Math.round((user + system) / 1000)} ms\n`,
  );
});

/** Kinds whose names a person chooses. */
const renamedByHand: ReadonlySet<string> = new Set([
  'authentik/proxy-provider',
  'authentik/application',
  'authentik/binding',
  'authentik/provider-link',
  'authentik/outpost-entry',
]);
