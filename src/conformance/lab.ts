import {
  type AccessApplicationSpec,
  accessApplication,
} from '../../reconcilers/cloudflare/access/access-application.ts';
import { type AccessPolicySpec, accessPolicy } from '../../reconcilers/cloudflare/access/access-policy.ts';
import { accessTag } from '../../reconcilers/cloudflare/access/access-tag.ts';
import { probeKey } from '../../reconcilers/cloudflare/access/policy/probe-key.ts';
import { dnsRecord, dnsRecordKey } from '../../reconcilers/cloudflare/dns/dns-record.ts';
import type { DnsRecordSpec } from '../../reconcilers/cloudflare/dns/record-spec.ts';
import { awaitPickUp } from '../../reconcilers/cloudflare/ingress/configuration.ts';
import { type IngressOriginRequest, ingressRule } from '../../reconcilers/cloudflare/ingress/ingress-rule.ts';
import { ingressRuleKey } from '../../reconcilers/cloudflare/ingress/rule-id.ts';
import { serviceToken } from '../../reconcilers/cloudflare/service-token/service-token.ts';
import { probeCredentials } from '../../reconcilers/edge/probe.ts';
import { nameServersOf } from '../../reconcilers/edge/prober.ts';
import { verdictOn } from '../../reconcilers/edge/reading/verdict.ts';
import { UnreachableError, UnsafeError } from '../core/errors.ts';
import { markTag } from '../core/objects/marker.ts';
import type { Observed } from '../core/objects/object.ts';
import type { World } from '../core/world.ts';
import type { Ground } from './ground.ts';
import { ScratchObjects } from './scratch-objects.ts';
import { scratchHost } from './scratch-owner.ts';
import type { Seen } from './seen.ts';

/** The result of repeated requests. */
export interface Waited<T> {
  readonly value: T;
  readonly done: boolean;
  /** Milliseconds until the condition held, in whole `grain`s. */
  readonly after: number;
}

/** cloudflared's own page, which asks for no login and shows the headers that reached it. */
export const helloWorld = 'hello_world';

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
export class Lab extends ScratchObjects {
  readonly host: string;
  /** The headers of the last reply of Cloudflare's API; undefined if nobody watches them. */
  readonly replyHeaders: () => Headers | undefined;
  #route: 'none' | 'closed' | 'open' = 'none';

  constructor(world: World, ground: Ground, replyHeaders: () => Headers | undefined = () => undefined) {
    super(world, ground);
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

  /** Closes the host, and removes what the group made. */
  override async tidy(): Promise<void> {
    await this.shut();
    await super.tidy();
  }

  async tag(): Promise<void> {
    const name = markTag(this.owner);
    if ((await this.find(accessTag, name)) !== undefined) return;
    await this.write(accessTag, { verb: 'create', key: name, want: { name }, have: undefined });
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
    if ((await this.find(dnsRecord, key)) !== undefined) return;
    await this.write(dnsRecord, { verb: 'create', key, want: record, have: undefined });
  }

  async unpublish(): Promise<void> {
    await this.removeIfThere(dnsRecord, dnsRecordKey(this.#record()));
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
    const have = await this.find(ingressRule, key);
    this.#route = service.startsWith('http_status:') ? 'closed' : 'open';
    await this.write(ingressRule, { verb: have === undefined ? 'create' : 'update', key, want, have });
    this.forget();
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
}
