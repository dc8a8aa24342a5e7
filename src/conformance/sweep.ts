import { accessApplication } from '../../reconcilers/cloudflare/access/access-application.ts';
import { accessIdentityProvider } from '../../reconcilers/cloudflare/access/access-identity-provider.ts';
import { accessPolicy } from '../../reconcilers/cloudflare/access/access-policy.ts';
import { accessTag } from '../../reconcilers/cloudflare/access/access-tag.ts';
import { apiOperation } from '../../reconcilers/cloudflare/api-shield/api-operation.ts';
import { tokenConfiguration } from '../../reconcilers/cloudflare/api-shield/token-configuration.ts';
import { tokenRule } from '../../reconcilers/cloudflare/api-shield/token-rule.ts';
import { cacheRules } from '../../reconcilers/cloudflare/cache/rule-spec.ts';
import { dnsRecord } from '../../reconcilers/cloudflare/dns/dns-record.ts';
import { editIngress, readConfiguration } from '../../reconcilers/cloudflare/ingress/configuration.ts';
import { matchOf } from '../../reconcilers/cloudflare/ingress/entry.ts';
import {
  customRules,
  type RulePhase,
  readRuleset,
  removeRule,
} from '../../reconcilers/cloudflare/rules/ruleset.ts';
import { serviceToken } from '../../reconcilers/cloudflare/service-token/service-token.ts';
import { ownerInStamp } from '../../reconcilers/turns/stamp.ts';
import { turnObject } from '../../reconcilers/turns/turn-object.ts';
import { RejectedError } from '../core/errors.ts';
import type { Observed } from '../core/objects/object.ts';
import type { AnyReconciler, Reconciler } from '../core/reconciler.ts';
import type { World } from '../core/world.ts';
import type { Ground } from './ground.ts';
import { isScratchOwner, ownerOfHost } from './scratch-owner.ts';

/** One object that a run made and did not remove. */
export interface Leftover {
  readonly owner: string;
  /** `Access application gates-conformance-7x2k.example.dev`. */
  readonly what: string;
  remove(): Promise<void>;
}

/** The objects that were found, and the kinds that the token may not read. */
export interface Leftovers {
  readonly found: readonly Leftover[];
  readonly unread: readonly string[];
}

/** In the order of removal: the host is closed first, and used objects come after their users. */
const marked = [
  dnsRecord,
  tokenRule,
  apiOperation,
  tokenConfiguration,
  accessApplication,
  accessPolicy,
  accessIdentityProvider,
  serviceToken,
  accessTag,
] as readonly Reconciler<unknown>[] as readonly AnyReconciler[];

export const sweptPhases = [customRules, cacheRules];

/**
 * All objects with the mark of a run: of `owner` if one is named, else of all runs. `enter` returns a world of that
 * owner. Objects without such a mark are never among them.
 */
export async function leftovers(
  enter: (owner: string) => World,
  ground: Ground,
  only?: string,
): Promise<Leftovers> {
  const isSought = (owner: string | undefined): owner is string =>
    isScratchOwner(owner) && (only === undefined || owner === only);
  const world = enter(only ?? 'conformance');
  const unread: string[] = [];
  const read = async (what: string, reading: () => Promise<readonly Leftover[]>) => {
    try {
      return await reading();
    } catch (error) {
      if (!(error instanceof RejectedError) || error.facts.status !== 403) throw error;
      unread.push(what);
      return [];
    }
  };
  const found = [
    ...(await read('rules of the tunnel', async () =>
      (
        await ownersOfRules(world, ground)
      )
        .filter(isSought)
        .map((owner) => ruleOfTunnel(enter(owner), ground, owner)),
    )),
  ];
  for (const phase of sweptPhases) {
    found.push(...(await read(phase.title, async () => rulesOf(world, ground, phase, isSought))));
  }
  for (const reconciler of marked) {
    found.push(
      ...(await read(`each ${reconciler.title}`, async () => {
        const owners = (await world.read(reconciler)).map(({ owner }) => owner).filter(isSought);
        const own = [...new Set(owners)].map((owner) => ofOwner(enter(owner), reconciler, owner));
        return (await Promise.all(own)).flat();
      })),
    );
  }
  found.push(...(await read('the turn of the tunnel', () => turnOf(world, ground, isSought))));
  return { found, unread };
}

/** The turn of the tunnel, if the run has it. It comes last, because nobody else writes there until then. */
async function turnOf(
  world: World,
  { tunnel }: Ground,
  isSought: (owner: string | undefined) => owner is string,
): Promise<readonly Leftover[]> {
  const turn = turnObject(`tunnel ${tunnel.id}`, world);
  const found = await turn.find();
  const owner = ownerInStamp(found?.stamp ?? '');
  if (found === undefined || !isSought(owner)) return [];
  return [{ owner, what: `turn of the tunnel ${tunnel.name}`, remove: () => turn.remove(found.id) }];
}

/** Rules of a zone that have the mark of a run, or lost it and are only for its host. */
export async function rulesOf(
  world: World,
  { zone }: Ground,
  phase: RulePhase,
  isSought: (owner: string | undefined) => owner is string,
): Promise<readonly Leftover[]> {
  const ruleset = await readRuleset(world, zone.id, phase);
  return (ruleset?.rules ?? []).flatMap((rule) => {
    const owner = /^gates_([a-z0-9-]+)_/.exec(rule.ref ?? '')?.[1] ?? ownerIn(rule.expression, zone.name);
    if (ruleset === undefined || !isSought(owner)) return [];
    const what = `rule ${rule.ref} of the ${phase.title}`;
    return [{ owner, what, remove: () => removeRule(world, zone.id, ruleset, rule.id) }];
  });
}

/** The owner whose scratch host is the only one that an expression names. */
function ownerIn(expression: string, zone: string): string | undefined {
  const named = [...expression.matchAll(/"([^":]+):?"/g)].map(([, host = '']) => ownerOfHost(host, zone));
  const [owner] = named;
  return named.every((one) => one === owner) ? owner : undefined;
}

/** In a world of that owner, in which its objects have the keys by which they are removed. */
async function ofOwner(world: World, reconciler: AnyReconciler, owner: string): Promise<readonly Leftover[]> {
  const own = (await world.read(reconciler)).filter((object) => object.owner === owner);
  return own.map((have) => ({
    owner,
    what: `${reconciler.title} ${have.address.key}`,
    remove: () => prune(world, reconciler, have),
  }));
}

async function prune(world: World, { kind, write }: AnyReconciler, have: Observed<unknown>): Promise<void> {
  const { address } = have;
  const id = `prune ${kind}:${address.key}`;
  const outcomes = await write?.([{ id, verb: 'prune', address, want: undefined, have, drift: [] }], world);
  const failure = outcomes?.find(({ error }) => error !== undefined)?.error;
  if (failure !== undefined) throw failure;
}

async function ownersOfRules(world: World, { tunnel, zone }: Ground): Promise<readonly string[]> {
  const { ingress } = await readConfiguration(world, tunnel);
  const owners = ingress.map((entry) => ownerOfHost(matchOf(entry).hostname, zone.name));
  return [...new Set(owners.filter((owner) => owner !== undefined))];
}

/** Rules of a tunnel have no mark: those of a run are for its own host, which its name shows. */
function ruleOfTunnel(world: World, { tunnel, zone }: Ground, owner: string): Leftover {
  return {
    owner,
    what: `ingress rules of gates-${owner}.${zone.name}`,
    remove: () =>
      editIngress(world, tunnel, (entries) =>
        entries.filter((entry) => ownerOfHost(matchOf(entry).hostname, zone.name) !== owner),
      ),
  };
}
