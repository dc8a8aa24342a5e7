import type { PartSurroundings } from '../../reconcilers/parts/part-surroundings.ts';
import { partsOfObject, surroundingsOf } from '../../reconcilers/parts/parts.ts';
import { placeInTunnel } from '../../reconcilers/parts/tunnel-place.ts';
import { type Address, type AddressId, addressId, type Kind } from '../core/address.ts';
import type { ReadyChange } from '../core/change.ts';
import { UnsafeError } from '../core/errors.ts';
import type { WriteInterlock } from '../core/interlock.ts';
import type { Desired, DesiredObject, Observation, Observed } from '../core/object.ts';
import type { Outcome } from '../core/outcome.ts';
import type { OriginPart, Part } from '../core/part.ts';
import type { AnyReconciler } from '../core/reconciler.ts';
import { Interlock } from '../doors/interlock.ts';
import type { DoorRequest } from '../doors/ways.ts';
import { CanonicalIds, withAddresses } from './canonical-ids.ts';
import { keyOf, type LiveEntry, LiveParts } from './live-parts.ts';

export interface InterlockGround {
  readonly desired: Desired;
  readonly observed: readonly Observation[];
  readonly reconcilers: readonly AnyReconciler[];
  readonly prune: boolean;
  /** Hosts that a person vouches for: their origins count as checked. */
  readonly unverified?: readonly string[];
  readonly now: Date;
}

/** Gates' own probe, which may be anywhere. */
const probe = { has: 'service-token', id: 'cloudflare/service-token:probe' } as const;

const probePolicy = 'cloudflare/access-policy:probe';

/** The interlock of one run: it follows what the run writes, and holds back what would let somebody new in. */
export class RunInterlock implements WriteInterlock {
  readonly #ids = new CanonicalIds();
  readonly #among: PartSurroundings;
  readonly #owner: string;
  readonly #origins: readonly OriginPart[];
  readonly #unread: ReadonlySet<Part['part']>;
  readonly #interlock: Interlock;
  #live: LiveParts;

  constructor({ desired, observed, reconcilers, prune, unverified = [], now }: InterlockGround) {
    const objects = observed.flatMap((each) => (each.state === 'known' ? each.objects : []));
    for (const have of objects) this.#ids.learn(have, have.attributes, have.id);
    this.#among = surroundingsOf(observed, desired.scope, now);
    this.#owner = desired.scope.owner;
    this.#unread = new Set(
      observed.flatMap(({ kind, state }) => (state === 'unknown' ? (partsOfKind[kind] ?? []) : [])),
    );
    this.#origins = originsOf(desired);
    this.#live = new LiveParts(
      objects.map((have) => this.#entryOf(have)),
      placeInTunnel,
    );
    for (const host of unverified) this.#learnOrigin(host);
    for (const { asks, service } of this.#origins)
      if (asks.who === 'authentik') this.#addOrigin(this.#origins.filter((each) => each.service === service));
    const start = this.#live.snapshot(this.#unread);
    const goal = this.#goal(desired, objects, { reconcilers, prune });
    this.#interlock = new Interlock(start, goal.snapshot(this.#unread), probe);
  }

  withheld(changes: readonly ReadyChange<unknown>[]): ReadonlyMap<string, Error> {
    const errors = new Map<string, Error>();
    const passed: Part[] = [];
    let reached = this.#live;
    for (const change of changes) {
      const step = this.#step(change);
      if (step === undefined) continue;
      const next = reached.with(step.after, { unsure: false });
      const [door] = this.#interlock.newcomersAt(
        reached.snapshot(this.#unread),
        next.snapshot(this.#unread),
        step.changed,
      );
      if (door !== undefined) {
        errors.set(change.id, new UnsafeError(wouldOpen(door)));
        continue;
      }
      reached = next;
      passed.push(...step.changed);
      this.#interlock.moved(step.changed);
    }
    // Nothing of that is written yet.
    this.#interlock.moved(passed);
    return errors;
  }

  wrote(change: ReadyChange<unknown>, { status, attributes }: Outcome): void {
    if (attributes !== undefined) this.#ids.learn(change, attributes);
    const { kind, key } = change.address;
    if (kind === 'edge/proof' && change.verb === 'verify' && status === 'done') this.#learnOrigin(key);
    const step = this.#step(change);
    if (step === undefined || status === 'skipped') return;
    this.#live = this.#live.with(step.after, { unsure: true });
    this.#interlock.moved(step.changed);
  }

  settled(): void {
    this.#live = this.#live.settled();
    this.#interlock.forget();
  }

  #learnOrigin(host: string): void {
    this.#addOrigin(this.#origins.filter(({ hosts }) => hosts?.includes(host)));
  }

  #addOrigin(parts: readonly OriginPart[]): void {
    for (const part of parts) this.#live = this.#live.with(entryOfOrigin(part), { unsure: false });
    this.#interlock?.moved(parts);
  }

  /** The entry that a change makes of an object, and the parts by which it differs; undefined where nothing does. */
  #step(
    change: ReadyChange<unknown>,
  ): { readonly after: LiveEntry; readonly changed: readonly Part[] } | undefined {
    const { verb, address, want, have } = change;
    if (verb === 'verify') return undefined;
    const id = addressId(address);
    const there = this.#live.find(id, have);
    const key = there?.key ?? keyOf(id, have);
    const isGone = verb === 'prune' || want === undefined;
    const parts = isGone ? gone(there) : this.#partsOf(this.#asWanted(address, want, have));
    const changed = [...(there?.parts ?? []), ...parts];
    return changed.length === 0 ? undefined : { after: { key, address: id, parts }, changed };
  }

  #goal(
    desired: Desired,
    objects: readonly Observed[],
    { reconcilers, prune }: Pick<InterlockGround, 'reconcilers' | 'prune'>,
  ): LiveParts {
    const wanted = new Map(desired.objects.map((object) => [addressId(object.address), object]));
    const writable = new Set(reconcilers.flatMap(({ kind, write }) => (write === undefined ? [] : [kind])));
    const frozen = new Set(desired.refusals.map(({ host }) => host));
    let goal = this.#live;
    for (const have of objects) {
      const id = addressId(have.address);
      const isOurs = have.owner === this.#owner && writable.has(have.address.kind);
      // Of several of ours at one address, one stays.
      const leaves = isOurs && (wanted.has(id) || prune || this.#isCover(have));
      if (leaves && ![...frozen].some((host) => have.address.key.includes(host)))
        goal = goal.with({ key: keyOf(id, have), address: id, parts: [] }, { unsure: false });
    }
    for (const [id, want] of wanted) {
      const own = objects.filter((have) => addressId(have.address) === id);
      const have = own.find(({ owner }) => owner === this.#owner) ?? own[0];
      goal = goal.with(this.#wantedEntry(id, want, have), { unsure: false });
    }
    return this.#origins.reduce(
      (reached, part) => reached.with(entryOfOrigin(part), { unsure: false }),
      goal,
    );
  }

  /** A cover goes also where pruning is off. */
  #isCover(have: Observed): boolean {
    return this.#partsOf(have).some(
      (part) => part.part === 'access-application' && part.policies.every((id) => id === probePolicy),
    );
  }

  #wantedEntry(id: AddressId, { address, spec }: DesiredObject, have: Observed | undefined): LiveEntry {
    const parts = this.#partsOf(this.#asWanted(address, withAddresses(spec), have));
    return { key: keyOf(id, have), address: id, parts };
  }

  /** The object as it will be read once it is as somebody wants it: what they do not say stays. */
  #asWanted(address: Address, want: unknown, have: Observed | undefined): Observed {
    const id = addressId(address);
    const spec = { ...(have?.spec as object | undefined), ...(want as object) };
    const { configuration } = spec as { readonly configuration?: string };
    return {
      address,
      id: have?.id ?? id,
      owner: this.#owner,
      spec,
      attributes: { id, aud: id, ...have?.attributes },
      uses: configuration === undefined ? [] : [configuration],
      ...(have?.raw !== undefined && { raw: have.raw }),
    };
  }

  #entryOf(have: Observed): LiveEntry {
    const address = addressId(have.address);
    return { key: keyOf(address, have), address, parts: this.#partsOf(have) };
  }

  #partsOf(have: Observed): readonly Part[] {
    return partsOfObject(have, this.#among).map((part) => this.#ids.renamed(part));
  }
}

function entryOfOrigin(part: OriginPart): LiveEntry {
  const address: AddressId = `edge/origin:${part.service} ${part.hosts?.join()}`;
  return { key: keyOf(address), address, parts: [part] };
}

/**
 * What is left of an object that is removed. Cloudflare removes no policy that an application names (12139), so that an
 * application which the edge still has goes by its other policies.
 */
function gone(there: LiveEntry | undefined): readonly Part[] {
  return (there?.parts ?? []).flatMap((part) =>
    part.part === 'access-policy' ? [{ ...part, include: [], require: [], exclude: [] }] : [],
  );
}

function wouldOpen({ host, path }: DoorRequest): string {
  return `Bug in gates: this write would let somebody in at ${host}${path} whom neither the file nor the state before it admits. gates has not sent it. Please report it`;
}

/** What the file says of origins: those that ask Authentik's outpost, and those that are Authentik. */
function originsOf({ objects, proofs, scope }: Desired): readonly OriginPart[] {
  const outpost = `authentik/outpost-host:${scope.authentik?.outpost}`;
  return proofs.flatMap(({ host, spec }): readonly OriginPart[] => {
    const { expect } = withAddresses(spec) as { readonly expect?: { readonly type?: string } };
    if (expect?.type !== 'authentik') return [];
    const rules = objects.filter(
      ({ address, spec: rule }) =>
        address.kind === 'cloudflare/ingress-rule' && (rule as { hostname?: unknown }).hostname === host,
    );
    const services = new Set(rules.map(({ spec: rule }) => String((rule as { service?: unknown }).service)));
    return [...services].map((service) => ({
      part: 'origin',
      service,
      hosts: [host],
      asks: { who: isProxied(objects, host) ? 'authentik' : 'outpost', outpost },
      trustsForwarded: false,
    }));
  });
}

function isProxied(objects: readonly DesiredObject[], host: string): boolean {
  return objects.some(({ address, spec }) => {
    const { mode, externalHost } = spec as { readonly mode?: unknown; readonly externalHost?: unknown };
    return (
      address.kind === 'authentik/proxy-provider' && mode === 'proxy' && externalHost === `https://${host}`
    );
  });
}

/** The sorts of parts that objects of a kind contribute. */
const partsOfKind: Readonly<Partial<Record<Kind, readonly Part['part'][]>>> = {
  'cloudflare/zone': ['zone'],
  'cloudflare/dns-record': ['record'],
  'cloudflare/waf-rule': ['edge-rule'],
  'cloudflare/api-operation': ['operation'],
  'cloudflare/token-rule': ['token-rule'],
  'cloudflare/organization': ['organization'],
  'cloudflare/access-application': ['access-application'],
  'cloudflare/access-policy': ['access-policy'],
  'cloudflare/service-token': ['service-token'],
  'cloudflare/cache-rule': ['cache-rule'],
  'cloudflare/tunnel': ['tunnel'],
  'cloudflare/ingress-rule': ['tunnel-rule'],
  'authentik/proxy-provider': ['proxy-provider'],
  'authentik/oauth2-provider': ['client'],
  'authentik/application': ['application'],
  'authentik/provider-link': ['provider-link'],
  'authentik/binding': ['binding'],
  'authentik/outpost-entry': ['outpost-entry'],
};
