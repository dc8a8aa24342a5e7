import { reconcilers } from '../../../../reconcilers/index.ts';
import { partsOf } from '../../../../reconcilers/parts/parts.ts';
import { createAuthentikWire } from '../../../../src/clients/authentik/authentik.ts';
import { createBudget } from '../../../../src/clients/cloudflare/budget.ts';
import { createCloudflareWire } from '../../../../src/clients/cloudflare/cloudflare.ts';
import { createRedactor } from '../../../../src/clients/redaction.ts';
import { parseConfig } from '../../../../src/config/parse-config.ts';
import type { Part } from '../../../../src/core/objects/part.ts';
import { compile } from '../../../../src/desired/compile.ts';
import type { Choice, Snapshot } from '../../../../src/doors/state/snapshot.ts';
import { documentOf } from '../../../../src/interlock/part-documents.ts';
import { seenAt } from '../../../../src/lab/sandbox/edge/view/seen-world.ts';
import { createSandbox, type Sandbox } from '../../../../src/lab/sandbox/index.ts';
import type { World } from '../../../../src/lab/sandbox/state/world.ts';
import { observe } from '../../../../src/observed/observe.ts';
import { createWorld } from '../../../../src/observed/world.ts';
import { memoryNotes, memorySinks, memoryVault } from '../../../support/memory.ts';
import { eagerClock } from '../../../support/world.ts';
import { originParts } from './origins.ts';
import { notesOfWorkers } from './workers.ts';

/** The kinds that contribute a part, without those that ask the edge. */
const read = reconcilers.filter(({ kind, observe: own }) => own !== undefined && !kind.startsWith('edge/'));

/**
 * The state that gates would know of a world with its applied file: the answers of both APIs, and both forms of objects
 * that are still on their way to the edge. `tellsOrigins`: the origins have been checked from outside.
 */
export async function snapshotOf(
  world: World,
  file: string,
  { tellsOrigins }: { readonly tellsOrigins: boolean },
): Promise<Snapshot> {
  const written = await partsIn(world, file);
  const seen = seenAt('edge', world);
  const known = seen === world ? written : await partsIn(withoutUnknownPolicies(seen), file);
  const origins = tellsOrigins ? originParts(world) : [];
  const { settled, choices } = choicesBetween(known, written);
  return { parts: [...settled, ...origins], choices };
}

/**
 * The world without policies that the edge does not know yet; a sandbox would need such a policy for each reference.
 */
function withoutUnknownPolicies(world: World): World {
  const known = new Set(world.policies.map(({ id }) => id));
  return {
    ...world,
    apps: world.apps.map((app) => ({ ...app, policies: app.policies.filter(({ id }) => known.has(id)) })),
  };
}

async function partsIn(world: World, text: string): Promise<readonly Part[]> {
  const { pending: _, ...settled } = world;
  const sandbox = await createSandbox({ zones: [], state: JSON.stringify({ ...settled, faults: [] }) });
  const parsed = parseConfig(text);
  if (!parsed.ok) throw new Error(`no such file: ${JSON.stringify(parsed)}`);
  const { scope: asked } = compile(parsed.parsed.config);
  // A run reads only the rules of zones in which the file has some; a question about a door reads them all.
  const scope = { ...asked, wafZones: asked.zones, cacheZones: asked.zones, workerZones: asked.zones };
  const observed = await observe(read, worldOf(sandbox, scope, notesOfWorkers(world)));
  const unknown = observed.flatMap((each) =>
    each.state === 'unknown' ? [`${each.kind}: ${each.error}`] : [],
  );
  if (unknown.length > 0) throw new Error(unknown.join('\n'));
  return partsOf(observed, scope, new Date(sandbox.now())).parts;
}

function worldOf(sandbox: Sandbox, scope: ReturnType<typeof compile>['scope'], notes: Map<string, string>) {
  const clock = eagerClock();
  const { signal } = new AbortController();
  const shared = { clock, redactor: createRedactor(), signal, random: () => 0, fetch: sandbox.fetch };
  const budget = createBudget(clock);
  const { token, urls } = sandbox;
  const cloudflare = createCloudflareWire({ ...shared, token, baseUrl: urls.cloudflare, budget });
  return createWorld({
    ...{ scope, clock, signal, cloudflare, workers: cloudflare },
    authentik: createAuthentikWire({ ...shared, token: sandbox.authentikToken, url: sandbox.urls.authentik }),
    vault: memoryVault(),
    notes: memoryNotes(notes),
    sinks: memorySinks(),
  });
}

/** Choices between two readings: where they differ, either is possible. */
function choicesBetween(
  seen: readonly Part[],
  written: readonly Part[],
): { readonly settled: readonly Part[]; readonly choices: readonly Choice[] } {
  const [before, after] = [grouped(seen), grouped(written)];
  const places = new Set([...before.keys(), ...after.keys()]);
  const differing = new Set(
    [...places].filter((place) => JSON.stringify(before.get(place)) !== JSON.stringify(after.get(place))),
  );
  return {
    settled: written.filter((part) => !differing.has(documentOf(part))),
    choices: [...differing].map((name) => ({
      name,
      reason: 'not yet at the edge',
      values: [before.get(name) ?? [], after.get(name) ?? []],
    })),
  };
}

function grouped(parts: readonly Part[]): ReadonlyMap<string, readonly Part[]> {
  const groups = new Map<string, Part[]>();
  for (const part of parts) groups.set(documentOf(part), [...(groups.get(documentOf(part)) ?? []), part]);
  return groups;
}
