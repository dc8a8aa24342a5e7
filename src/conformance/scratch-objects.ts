import { accessApplication } from '../../reconcilers/cloudflare/access/access-application.ts';
import { accessIdentityProvider } from '../../reconcilers/cloudflare/access/access-identity-provider.ts';
import { accessPolicy } from '../../reconcilers/cloudflare/access/access-policy.ts';
import { accessTag } from '../../reconcilers/cloudflare/access/access-tag.ts';
import { apiOperation } from '../../reconcilers/cloudflare/api-shield/api-operation.ts';
import { apiShield } from '../../reconcilers/cloudflare/api-shield/api-shield.ts';
import { tokenConfiguration } from '../../reconcilers/cloudflare/api-shield/token-configuration.ts';
import { tokenRule } from '../../reconcilers/cloudflare/api-shield/token-rule.ts';
import { cacheRule } from '../../reconcilers/cloudflare/cache/cache-rule.ts';
import { dnsRecord } from '../../reconcilers/cloudflare/dns/dns-record.ts';
import { ingressRule } from '../../reconcilers/cloudflare/ingress/ingress-rule.ts';
import { serviceToken } from '../../reconcilers/cloudflare/service-token/service-token.ts';
import { wafRule } from '../../reconcilers/cloudflare/waf/waf-rule.ts';
import { IneffectiveError, RejectedError } from '../core/errors.ts';
import type { Observed } from '../core/objects/object.ts';
import type { AnyReconciler, Reconciler } from '../core/reconciler.ts';
import type { World } from '../core/world.ts';
import type { Ground } from './ground.ts';
import { rulesOf, sweptPhases } from './sweep.ts';

/** Kinds that a run writes: the observations of all others stay valid, which saves calls. */
const changing: readonly AnyReconciler[] = [
  ...[accessTag, accessPolicy, accessApplication, serviceToken, dnsRecord, ingressRule],
  ...[wafRule, cacheRule, apiShield, tokenConfiguration, tokenRule, apiOperation, accessIdentityProvider],
] as readonly Reconciler<unknown>[];

/** Makes, changes and removes objects through the reconcilers of gates, with the mark of the run's owner. */
export class ScratchObjects {
  readonly world: World;
  readonly ground: Ground;
  readonly owner: string;
  readonly #made: (() => Promise<void>)[] = [];

  constructor(world: World, ground: Ground) {
    this.world = world;
    this.ground = ground;
    this.owner = world.scope.owner;
  }

  /** Makes an object as gates does, which `tidy` removes, and reads it back. */
  async make<Spec>(reconciler: Reconciler<Spec>, key: string, want: Spec): Promise<Observed<Spec>> {
    this.#made.push(() => this.removeIfThere(reconciler, key));
    const id = await this.write(reconciler, { verb: 'create', key, want, have: undefined });
    if ((await this.find(reconciler, key)) === undefined) await this.#removeUnmarked(reconciler, id);
    return this.read(reconciler, key);
  }

  /**
   * Removes an object that lost its mark on the way, found by the reply to its creation or by the host in its
   * expression.
   */
  async #removeUnmarked<Spec>(reconciler: Reconciler<Spec>, id: string | undefined): Promise<void> {
    const unmarked = (await this.world.read(reconciler)).find((object) => object.id === id);
    if (unmarked !== undefined) await this.remove(reconciler, unmarked);
    // The token may lack the right to read rules if the run makes none.
    if (reconciler.kind !== wafRule.kind && reconciler.kind !== cacheRule.kind) return;
    const isOurs = (owner: string | undefined): owner is string => owner === this.owner;
    for (const phase of sweptPhases) {
      for (const { remove } of await rulesOf(this.world, this.ground, phase, isOurs)) await remove();
    }
  }

  async change<Spec>(
    reconciler: Reconciler<Spec>,
    have: Observed<Spec>,
    want: Spec,
  ): Promise<Observed<Spec>> {
    await this.write(reconciler, { verb: 'update', key: have.address.key, want, have });
    return this.read(reconciler, have.address.key);
  }

  async remove<Spec>(reconciler: Reconciler<Spec>, have: Observed<Spec>): Promise<void> {
    await this.write(reconciler, { verb: 'prune', key: have.address.key, want: undefined, have });
  }

  /** @throws RejectedError if it does not exist. */
  async read<Spec>(reconciler: Reconciler<Spec>, key: string): Promise<Observed<Spec>> {
    const found = await this.find(reconciler, key);
    if (found !== undefined) return found;
    throw new RejectedError(`What was made as ${reconciler.title} ${key} is not in the list`);
  }

  /** Makes `tidy` remove an object that a group made by calls of its own. */
  onTidy(remove: () => Promise<void>): void {
    this.#made.push(remove);
  }

  /** Removes what the group made, the last first. */
  async tidy(): Promise<void> {
    while (this.#made.length > 0) {
      await this.#made.at(-1)?.();
      this.#made.pop();
    }
  }

  protected async find<Spec>(reconciler: Reconciler<Spec>, key: string): Promise<Observed<Spec> | undefined> {
    this.forget();
    const all = await this.world.read(reconciler);
    return all.find(
      ({ address, owner }) => address.key === key && (reconciler.traits?.unmarked || owner === this.owner),
    );
  }

  protected async removeIfThere<Spec>(reconciler: Reconciler<Spec>, key: string): Promise<void> {
    const have = await this.find(reconciler, key);
    if (have !== undefined) await this.remove(reconciler, have);
  }

  protected async write<Spec>(
    { kind, write }: Reconciler<Spec>,
    { verb, key, want, have }: Writing<Spec>,
  ): Promise<string | undefined> {
    const address = { kind, key };
    const change = { id: `${verb} ${kind}:${key}`, verb, address, want, have, drift: [] };
    const outcomes = await write?.([change], this.world);
    this.forget();
    const failure = outcomes?.find(({ error }) => error !== undefined)?.error;
    if (failure instanceof IneffectiveError) throw new RejectedError(failure.message, { cause: failure });
    if (failure !== undefined) throw failure;
    return outcomes?.[0]?.attributes?.id;
  }

  /** Makes the next question about these objects read them again. */
  protected forget(): void {
    this.world.forget(...changing);
  }
}

interface Writing<Spec> {
  readonly verb: 'create' | 'update' | 'prune';
  readonly key: string;
  readonly want: Spec | undefined;
  readonly have: Observed<Spec> | undefined;
}
