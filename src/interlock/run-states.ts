import type { PartSurroundings } from '../../reconcilers/parts/part-surroundings.ts';
import { partSurroundings, partsOfObject, unreadKinds } from '../../reconcilers/parts/parts.ts';
import { placeInTunnel } from '../../reconcilers/parts/tunnel-place.ts';
import type { Change, ReadyChange } from '../core/change.ts';
import { type Address, type AddressId, addressId, type Kind } from '../core/objects/address.ts';
import { frozenHosts } from '../core/objects/frozen-hosts.ts';
import type { Desired, DesiredObject, Observation, Observed } from '../core/objects/object.ts';
import type { Part } from '../core/objects/part.ts';
import type { AnyReconciler } from '../core/reconciler.ts';
import { CanonicalIds, withAddresses } from './canonical-ids.ts';
import { type FileOrigin, originsOf } from './file-origins.ts';
import { withoutUsed } from './in-use.ts';
import { originsOfAuthentik, partsInUse } from './live-origins.ts';
import { absent, keyOf, type LiveEntry, LiveParts } from './live-parts.ts';

export interface RunGround {
  readonly desired: Desired;
  readonly observed: readonly Observation[];
  readonly reconcilers: readonly AnyReconciler[];
  readonly prune: boolean;
  /** Hosts whose gates count as checked when the run begins: what the file says of their origins is known. */
  readonly checked?: readonly string[];
  /**
   * The origins that the start has. True: an origin that no check confirms (`isChecked`) is as the file says, and one that a check
   * still has to confirm is unknown. False: the former is unknown, and the latter is as the file says or unknown.
   */
  readonly uncheckedOrigins?: boolean;
  readonly now: Date;
}

/** A change as far as the states depend on it. */
export type PlannedChange = Pick<Change, 'id' | 'verb' | 'address' | 'want' | 'have' | 'drift'>;

/** Objects of a state as a change leaves them, and the parts that they had or get. */
export interface StateChange {
  readonly entries: readonly LiveEntry[];
  readonly changed: readonly Part[];
}

const unchanged: StateChange = { entries: [], changed: [] };

/** An object that a part comes from. */
export interface PartSource {
  readonly address: AddressId;
  /** The entry of the file that asks for it, `services.grafana`; undefined: none does. */
  readonly because: string | undefined;
}

/** Kinds that decide which outpost answers for a host. */
const ofOutposts: ReadonlySet<Kind> = new Set(['authentik/proxy-provider', 'authentik/outpost-entry']);

/**
 * The states that the doors have in one run, for the model: when the run begins, as the file wants them, and after each
 * change. They come from what was read and from the file, never from the plan. Every id is the address of its object
 * (`cloudflare/access-application:app.example.dev`), so that a live object, the same object in the file, and one that is
 * still to be made have one name; an object that gates knows no address of keeps its id.
 */
export class RunStates {
  /** The live objects when the run begins. */
  readonly start: LiveParts;
  /** The live objects, once everything is as the file says. */
  readonly goal: LiveParts;
  /** The same without what the file does not ask for any more, also where pruning is off. */
  readonly pruned: LiveParts;
  readonly #ids = new CanonicalIds();
  readonly #among: PartSurroundings;
  readonly #owner: string;
  readonly #origins: readonly FileOrigin[];
  readonly #because: ReadonlyMap<AddressId, string>;

  constructor(ground: RunGround) {
    const { desired, observed, reconcilers, prune, checked = [], uncheckedOrigins = false, now } = ground;
    const objects = observed.flatMap((each) => (each.state === 'known' ? each.objects : []));
    for (const have of objects) this.#ids.learn(have, have.attributes, have.id);
    const among = partSurroundings(observed, desired.scope, now);
    // The rules of a tunnel that a run makes are those that it writes.
    const made = desired.scope.tunnels.map((name) => addressId({ kind: 'cloudflare/tunnel', key: name }));
    this.#among = { ...among, ruledTunnels: new Set([...among.ruledTunnels, ...made]) };
    this.#owner = desired.scope.owner;
    const unread = new Set(unreadKinds(observed, desired.scope).flatMap((kind) => partsOfKind[kind] ?? []));
    this.#because = new Map(desired.objects.map(({ address, because }) => [addressId(address), because]));
    this.#origins = originsOf(desired);
    const live = LiveParts.of(
      objects.map((have) => this.#entryOf(have)),
      { place: placeInTunnel, unread },
    );
    const ofAuthentik = new Set(
      this.#origins.flatMap(({ part }) => (part.asks.who === 'authentik' ? [part.service] : [])),
    );
    const isSure = ({ host, part, isChecked }: FileOrigin) =>
      isChecked ? checked.includes(host) || ofAuthentik.has(part.service) : uncheckedOrigins;
    const sure = originEntries(this.#origins.filter(isSure));
    const unsure = originEntries(this.#origins.filter((origin) => origin.isChecked && !isSure(origin)));
    // The file may say nothing of an origin any more, or of what asks there.
    const ofFile = new Set([...sure, ...unsure].map(({ key }) => key));
    const wanted = desired.objects.flatMap(({ address, spec }) =>
      ofOutposts.has(address.kind)
        ? this.#partsOf(this.#asWanted(address, withAddresses(spec), undefined))
        : [],
    );
    const parts = partsInUse(live.store);
    const shown = originsOfAuthentik({ parts, objects, file: this.#origins, wanted });
    const left = originEntries(shown.map((part) => ({ part }))).filter(({ key }) => !ofFile.has(key));
    const unchecked = [...unsure, ...left].map((entry) => ({ ...entry, isUnchecked: true as const }));
    this.start = live.withAll([...sure, ...(uncheckedOrigins ? [] : unchecked)]);
    this.goal = this.#goal(desired, objects, { reconcilers, prune });
    this.pruned = prune ? this.goal : this.#goal(desired, objects, { reconcilers, prune: true });
  }

  /** The attributes that a write has shown: ids of what it made. */
  learn(change: Pick<Change, 'address'>, attributes: Readonly<Record<string, string>>): void {
    this.#ids.learn(change, attributes);
  }

  /** The state with the origins of a host, which a check of its gate has confirmed. */
  withOrigin(state: LiveParts, host: string): Pick<StateChange, 'changed'> & { readonly state: LiveParts } {
    const { entries, changed } = this.originsAt(host);
    return { state: state.withAll(entries), changed };
  }

  /** The objects as a write leaves them; none where that concerns no door. */
  writeTo(state: LiveParts, change: ReadyChange<unknown>): StateChange {
    const { verb, address, want, have } = change;
    if (verb === 'verify') return unchanged;
    const id = addressId(address);
    const there = state.find(id, have);
    const key = there?.key ?? keyOf(id, have);
    if (address.kind === 'cloudflare/cached-copies')
      return verb === 'prune' ? purged(address.key) : unchanged;
    const isGone = verb === 'prune' || want === undefined;
    const parts = isGone ? absent(there?.parts ?? []) : this.#partsOf(this.#asWanted(address, want, have));
    const changed = [...(there?.parts ?? []), ...parts];
    if (changed.length === 0) return unchanged;
    const unlinked = unlinkedBy(parts, state);
    return {
      entries: [...unlinked.map((entry) => ({ ...entry, parts: [] })), { key, address: id, parts }],
      changed: [...unlinked.flatMap((entry) => entry.parts), ...changed],
    };
  }

  /** The object that a part of a state comes from; undefined for an origin. */
  sourceOf(state: LiveParts, part: Part): PartSource | undefined {
    const entry = state.entryOf(part);
    if (entry === undefined || part.part === 'origin') return undefined;
    return { address: entry.address, because: this.#because.get(entry.address) };
  }

  /** The state after one step of a plan: as if it were done, had reached the edge at once, and a check had confirmed its gate. */
  after(state: LiveParts, change: PlannedChange): LiveParts {
    return state.with(this.changeTo(state, change).entries, 'arrived');
  }

  /** The changes that a step makes to a state. */
  changeTo(state: LiveParts, change: PlannedChange): StateChange {
    const { verb, address } = change;
    if (verb === 'keep' || verb === 'refuse') return unchanged;
    if (verb === 'verify') return address.kind === 'edge/proof' ? this.originsAt(address.key) : unchanged;
    return this.writeTo(state, foreseenChange({ ...change, verb }));
  }

  /** The origins of a host, as the file says them. */
  originsAt(host: string): StateChange {
    const confirmed = this.#origins.filter((origin) => origin.host === host);
    return { entries: originEntries(confirmed), changed: confirmed.map(({ part }) => part) };
  }

  #goal(
    desired: Desired,
    objects: readonly Observed[],
    { reconcilers, prune }: Pick<RunGround, 'reconcilers' | 'prune'>,
  ): LiveParts {
    const wanted = new Map(desired.objects.map((object) => [addressId(object.address), object]));
    const writable = new Set(reconcilers.flatMap(({ kind, write }) => (write === undefined ? [] : [kind])));
    const frozen = frozenHosts(desired);
    const places = new Set(desired.proofs.flatMap(({ cover }) => (cover ? [addressId(cover.address)] : [])));
    const standing = new Map<AddressId, Observed>();
    const leaving = objects.filter((have) => {
      const id = addressId(have.address);
      const isOurs = have.owner === this.#owner && writable.has(have.address.kind);
      const known = standing.get(id);
      if (known === undefined || (known.owner !== this.#owner && have.owner === this.#owner))
        standing.set(id, have);
      // One of several of ours at one address stays.
      const leaves = isOurs && (wanted.has(id) || prune || places.has(id) || this.#isCover(have));
      return leaves && ![...frozen].some((host) => have.address.key.includes(host));
    });
    const gone = withoutUsed(leaving, objects).map((have): LiveEntry => {
      const id = addressId(have.address);
      return { key: keyOf(id, have), address: id, parts: [] };
    });
    const coming = [...wanted].map(([id, want]) => this.#wantedEntry(id, want, standing.get(id)));
    return this.start.withAll([...gone, ...coming, ...originEntries(this.#origins)]);
  }

  /** A cover goes also where pruning is off, and so does an object that becomes one. */
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

const probePolicy = 'cloudflare/access-policy:probe';

function purged(host: string): StateChange {
  const address: AddressId = `cloudflare/cached-copies:${host}`;
  const part = { part: 'purge', host } as const;
  return { entries: [{ key: keyOf(address), address, parts: [part] }], changed: [part] };
}

/** The links of other applications that lose their provider to these parts: a provider has one application. */
function unlinkedBy(parts: readonly Part[], state: LiveParts): readonly LiveEntry[] {
  return parts.flatMap((link) => {
    if (link.part !== 'provider-link') return [];
    const others = state.store.possibleParts('provider-link', [link.provider]);
    return others.flatMap((other) =>
      other.application === link.application ? [] : (state.entryOf(other) ?? []),
    );
  });
}

/** Origins as objects of a state. */
export function originEntries(origins: readonly Pick<FileOrigin, 'part'>[]): readonly LiveEntry[] {
  return origins.map(({ part }): LiveEntry => {
    const address: AddressId = `edge/origin:${part.service} ${part.hosts?.join()}`;
    return { key: keyOf(address), address, parts: [part] };
  });
}

/** The sorts of parts that objects of a kind contribute. */
export const partsOfKind: Readonly<Partial<Record<Kind, readonly Part['part'][]>>> = {
  'cloudflare/zone': ['zone'],
  'cloudflare/dns-record': ['record'],
  'cloudflare/waf-rule': ['edge-rule'],
  'cloudflare/api-operation': ['operation'],
  'cloudflare/token-rule': ['token-rule'],
  'cloudflare/organization': ['organization'],
  'cloudflare/access-application': ['access-application'],
  'cloudflare/access-policy': ['access-policy'],
  'cloudflare/service-token': ['service-token'],
  'cloudflare/certificate-host': ['certificate-host'],
  'cloudflare/worker': ['worker'],
  'cloudflare/worker-route': ['worker-route'],
  'cloudflare/cache-rule': ['cache-rule'],
  'cloudflare/tunnel': ['tunnel'],
  'cloudflare/ingress-rule': ['tunnel-rule'],
  'authentik/proxy-provider': ['proxy-provider'],
  'authentik/oauth2-provider': ['client'],
  'authentik/saml-provider': ['other-client'],
  'authentik/ldap-provider': ['other-client'],
  'authentik/application': ['application'],
  'authentik/provider-link': ['provider-link'],
  'authentik/binding': ['binding'],
  'authentik/group-parent': ['group-parent'],
  'authentik/outpost-entry': ['outpost-entry'],
};

/** A planned change as if it were made now, with addresses in place of ids that nobody knows yet. */
export function foreseenChange({
  want,
  drift,
  ...change
}: PlannedChange & Pick<ReadyChange<unknown>, 'verb'>): ReadyChange<unknown> {
  const { id, verb, address, have } = change;
  return {
    ...{ id, verb, address, have },
    want: want === undefined ? undefined : withAddresses(want),
    drift: drift.map(({ field }) => field),
  };
}
