import {
  type AccessApplicationSpec,
  accessApplication,
} from '../../reconcilers/cloudflare/access/access-application.ts';
import { accessIdentityProvider } from '../../reconcilers/cloudflare/access/access-identity-provider.ts';
import { type AccessPolicySpec, accessPolicy } from '../../reconcilers/cloudflare/access/access-policy.ts';
import { accessTag } from '../../reconcilers/cloudflare/access/access-tag.ts';
import { apiOperation } from '../../reconcilers/cloudflare/api-shield/api-operation.ts';
import { apiShield } from '../../reconcilers/cloudflare/api-shield/api-shield.ts';
import { tokenConfiguration } from '../../reconcilers/cloudflare/api-shield/token-configuration.ts';
import { tokenRule } from '../../reconcilers/cloudflare/api-shield/token-rule.ts';
import { cacheRule } from '../../reconcilers/cloudflare/cache/cache-rule.ts';
import { dnsRecord, dnsRecordKey } from '../../reconcilers/cloudflare/dns/dns-record.ts';
import type { DnsRecordSpec } from '../../reconcilers/cloudflare/dns/record-spec.ts';
import { awaitPickUp } from '../../reconcilers/cloudflare/ingress/configuration.ts';
import {
  type IngressOriginRequest,
  ingressRule,
  ingressRuleKey,
} from '../../reconcilers/cloudflare/ingress/ingress-rule.ts';
import { serviceToken } from '../../reconcilers/cloudflare/service-token/service-token.ts';
import { wafRule } from '../../reconcilers/cloudflare/waf/waf-rule.ts';
import { probeCredentials, probeKey } from '../../reconcilers/edge/edge-check.ts';
import { nameServersOf } from '../../reconcilers/edge/prober.ts';
import { verdictOn } from '../../reconcilers/edge/reading/verdict.ts';
import { IneffectiveError, RejectedError, UnreachableError, UnsafeError } from '../core/errors.ts';
import { markTag } from '../core/objects/marker.ts';
import type { Observed } from '../core/objects/object.ts';
import type { AnyReconciler, Reconciler } from '../core/reconciler.ts';
import type { World } from '../core/world.ts';
import type { Ground } from './ground.ts';
import { scratchHost } from './scratch-owner.ts';
import type { Seen } from './seen.ts';
import { rulesOf, sweptPhases } from './sweep.ts';

/** The result of repeated requests. */
export interface Waited<T> {
  readonly value: T;
  readonly done: boolean;
  /** Milliseconds until the condition held, in whole `grain`s. */
  readonly after: number;
}

/** cloudflared's own page, which asks for no login and shows the headers that reached it. */
export const helloWorld = 'hello_world';

/** Kinds that a run writes: the observations of all others stay valid, which saves calls. */
const changing: readonly AnyReconciler[] = [
  ...[accessTag, accessPolicy, accessApplication, serviceToken, dnsRecord, ingressRule],
  ...[wafRule, cacheRule, apiShield, tokenConfiguration, tokenRule, apiOperation, accessIdentityProvider],
] as readonly Reconciler<unknown>[];

/** Milliseconds between two questions, at first and later. */
const firstPoll = 250;
const laterPoll = 1_000;
const manyPolls = 60;

/** Milliseconds: a measured time is no more exact than the polls. */
const grain = 500;

/** Milliseconds after which a write has reached the edge, or never will. */
const patience = 90_000;

/**
 * Makes scratch objects as gates makes its own, and asks the edge about them. All of them have the mark of the run's
 * owner, and belong to one host.
 */
export class Lab {
  readonly world: World;
  readonly ground: Ground;
  readonly owner: string;
  readonly host: string;
  /** The headers of the last reply of Cloudflare's API; undefined if nobody watches them. */
  readonly replyHeaders: () => Headers | undefined;
  readonly #made: (() => Promise<void>)[] = [];
  #route: 'none' | 'closed' | 'open' = 'none';

  constructor(world: World, ground: Ground, replyHeaders: () => Headers | undefined = () => undefined) {
    this.world = world;
    this.ground = ground;
    this.owner = world.scope.owner;
    this.host = scratchHost(this.owner, ground.zone.name);
    this.replyHeaders = replyHeaders;
  }

  /** `/accounts/<id>/access/apps` of `access/apps`. */
  account(path: string): string {
    return `/accounts/${this.ground.accountId}/${path}`;
  }

  zone(path: string): string {
    return `/zones/${this.ground.zone.id}/${path}`;
  }

  now(): number {
    return this.world.clock.now().getTime();
  }

  /** Makes an object as gates does, which `tidy` removes, and reads it back. */
  async make<Spec>(reconciler: Reconciler<Spec>, key: string, want: Spec): Promise<Observed<Spec>> {
    this.#made.push(() => this.#removeIfThere(reconciler, key));
    const id = await this.#write(reconciler, { verb: 'create', key, want, have: undefined });
    if ((await this.#find(reconciler, key)) === undefined) await this.#removeUnmarked(reconciler, id);
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
    await this.#write(reconciler, { verb: 'update', key: have.address.key, want, have });
    return this.read(reconciler, have.address.key);
  }

  async remove<Spec>(reconciler: Reconciler<Spec>, have: Observed<Spec>): Promise<void> {
    await this.#write(reconciler, { verb: 'prune', key: have.address.key, want: undefined, have });
  }

  /** @throws RejectedError if it does not exist. */
  async read<Spec>(reconciler: Reconciler<Spec>, key: string): Promise<Observed<Spec>> {
    const found = await this.#find(reconciler, key);
    if (found !== undefined) return found;
    throw new RejectedError(`What was made as ${reconciler.title} ${key} is not in the list`);
  }

  /** Makes `tidy` remove an object that a group made by calls of its own. */
  onTidy(remove: () => Promise<void>): void {
    this.#made.push(remove);
  }

  /** Removes what the group made, the last first, and closes the host. */
  async tidy(): Promise<void> {
    await this.shut();
    while (this.#made.length > 0) {
      await this.#made.at(-1)?.();
      this.#made.pop();
    }
  }

  async tag(): Promise<void> {
    const name = markTag(this.owner);
    if ((await this.#find(accessTag, name)) !== undefined) return;
    await this.#write(accessTag, { verb: 'create', key: name, want: { name }, have: undefined });
  }

  /** A policy that admits only gates' probe, like that of a cover, and the headers that it admits. */
  async probePolicy(): Promise<{
    policy: Observed<AccessPolicySpec>;
    headers: Readonly<Record<string, string>>;
  }> {
    const token = await this.make(serviceToken, probeKey, {
      duration: '8760h',
      enabled: true,
      secret: 'kept',
      expendable: true,
      deliver: [],
    });
    const policy = await this.make(accessPolicy, this.host, {
      decision: 'non_identity',
      include: [{ service_token: { token_id: token.id } }],
      require: [],
      exclude: [],
    });
    return { policy, headers: await probeCredentials(this.world) };
  }

  /** An application at the host, or at a path of it. */
  async application(
    path: string,
    policies: readonly string[],
    more: Partial<AccessApplicationSpec> = {},
  ): Promise<Observed<AccessApplicationSpec>> {
    await this.tag();
    return this.make(accessApplication, `${this.host}${path}`, {
      name: `${this.host}${path}`,
      destinations: [`${this.host}${path}`],
      policies,
      bypass: false,
      waysAround: [],
      ...more,
    });
  }

  /** Leads the host's name into the tunnel until the run ends. */
  async publish(): Promise<void> {
    const record = this.#record();
    const key = dnsRecordKey(record);
    if ((await this.#find(dnsRecord, key)) !== undefined) return;
    await this.#write(dnsRecord, { verb: 'create', key, want: record, have: undefined });
  }

  async unpublish(): Promise<void> {
    await this.#removeIfThere(dnsRecord, dnsRecordKey(this.#record()));
  }

  #record(): DnsRecordSpec {
    const { zone, tunnel } = this.ground;
    return {
      ...{ zone: zone.name, zoneId: zone.id, type: 'CNAME', name: this.host },
      content: `${tunnel.id}.cfargotunnel.com`,
      ...{ ttl: 1, proxied: true, comment: '' },
    };
  }

  /** Opens the host to cloudflared's own page; with `originRequest`, on its terms. */
  async open(originRequest: IngressOriginRequest = {}, service: string = helloWorld): Promise<void> {
    await this.publish();
    await this.route(service, originRequest);
    await awaitPickUp(this.world, this.ground.tunnel);
  }

  async shut(): Promise<void> {
    if (this.#route === 'open') await this.route('http_status:503', { httpHostHeader: markTag(this.owner) });
  }

  async route(service: string, originRequest: IngressOriginRequest): Promise<void> {
    const { id: tunnelId, name: tunnel } = this.ground.tunnel;
    const want = { tunnel, tunnelId, hostname: this.host, service, originRequest };
    const key = ingressRuleKey(want);
    const have = await this.#find(ingressRule, key);
    this.#route = service.startsWith('http_status:') ? 'closed' : 'open';
    await this.#write(ingressRule, { verb: have === undefined ? 'create' : 'update', key, want, have });
    this.world.forget(...changing);
  }

  /** Requests the host once: `elsewhere` if its name does not resolve, or if the edge does not answer. */
  async visit(path: string, headers: Readonly<Record<string, string>> = {}): Promise<Seen> {
    const { edge, signal } = this.world;
    if (edge === undefined) throw new UnsafeError('There is no way to the edge from here');
    const nameServers = await nameServersOf(this.host, this.world);
    try {
      const answer = await edge.get({ host: this.host, path, headers, nameServers }, signal);
      return { answer, by: verdictOn(answer, this.host, path) };
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof UnreachableError)) throw error;
      return { answer: { status: 0, headers: {}, body: error.message }, by: { by: 'elsewhere' } };
    }
  }

  /**
   * Asks repeatedly until the condition holds, or until no write can still be on its way to the edge. `since` is the
   * beginning of the wait, in epoch milliseconds; default: now.
   */
  async until<T>(
    ask: () => Promise<T>,
    isDone: (value: T) => boolean,
    { most = patience, since = this.now() }: { readonly most?: number; readonly since?: number } = {},
  ): Promise<Waited<T>> {
    const begun = this.now();
    for (let polls = 1; ; polls += 1) {
      const value = await ask();
      const done = isDone(value);
      if (done || this.now() - begun > most) return { value, done, after: this.since(since) };
      await this.world.clock.sleep(polls < manyPolls ? firstPoll : laterPoll, this.world.signal);
    }
  }

  /** Milliseconds since then, in whole grains. */
  since(begun: number): number {
    return Math.floor((this.now() - begun) / grain) * grain;
  }

  /** Visits until the answer is the expected one. */
  async visitUntil(
    path: string,
    headers: Readonly<Record<string, string>>,
    isDone: (seen: Seen) => boolean,
    within: { readonly most?: number; readonly since?: number } = {},
  ): Promise<Waited<Seen>> {
    return this.until(() => this.visit(path, headers), isDone, within);
  }

  async #find<Spec>(reconciler: Reconciler<Spec>, key: string): Promise<Observed<Spec> | undefined> {
    this.world.forget(...changing);
    const all = await this.world.read(reconciler);
    return all.find(
      ({ address, owner }) => address.key === key && (reconciler.unmarked || owner === this.owner),
    );
  }

  async #removeIfThere<Spec>(reconciler: Reconciler<Spec>, key: string): Promise<void> {
    const have = await this.#find(reconciler, key);
    if (have !== undefined) await this.remove(reconciler, have);
  }

  async #write<Spec>(
    { kind, write }: Reconciler<Spec>,
    { verb, key, want, have }: Writing<Spec>,
  ): Promise<string | undefined> {
    const address = { kind, key };
    const change = { id: `${verb} ${kind}:${key}`, verb, address, want, have, drift: [] };
    const outcomes = await write?.([change], this.world);
    this.world.forget(...changing);
    const failure = outcomes?.find(({ error }) => error !== undefined)?.error;
    if (failure instanceof IneffectiveError) throw new RejectedError(failure.message, { cause: failure });
    if (failure !== undefined) throw failure;
    return outcomes?.[0]?.attributes?.id;
  }
}

interface Writing<Spec> {
  readonly verb: 'create' | 'update' | 'prune';
  readonly key: string;
  readonly want: Spec | undefined;
  readonly have: Observed<Spec> | undefined;
}
