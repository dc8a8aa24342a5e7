import type { ServiceTokenSpec } from '../../../reconcilers/cloudflare/service-token/service-token.ts';
import type * as file from '../../../schema/generated/config.ts';
import { probeToken } from '../../config/checks/login-names.ts';
import type { Config } from '../../config/model/config.ts';
import { markName, readName } from '../../core/objects/marker.ts';
import type { Observed } from '../../core/objects/object.ts';
import { Inexpressible } from '../terms/inexpressible.ts';
import type { LiveObjects } from '../terms/live-objects.ts';
import { EntryNames } from '../terms/names.ts';
import { type LabelSource, noLabels, sourceWithLabels } from '../terms/resource-label.ts';
import type { TokenNames } from './access-terms.ts';

/** The default of the file. */
const usualDuration = '8760h';

/** The service tokens of the account that gates name, with a name of the file for each. */
export class ImportedTokens implements TokenNames {
  readonly #live: LiveObjects;
  readonly #names: ReadonlyMap<string, string>;
  readonly #labels: LabelSource;

  /** `known`: the tokens of a file, of which ours keep their names. */
  constructor(live: LiveObjects, known: Config['serviceTokens'] = new Map(), labels: LabelSource = noLabels) {
    this.#live = live;
    this.#labels = labels;
    const names = new EntryNames([...known.keys(), probeToken]);
    // The name of a token that has a mark is its name in the file.
    const labelNames = (token: Observed<ServiceTokenSpec>) =>
      token.owner === undefined ? (labels.of(token)?.names ?? []) : [];
    // Ours have a name already, and no other token may get it. Two of ours may have the same: a plan keeps the one that is used.
    const isOurs = ({ owner }: Observed<ServiceTokenSpec>) => owner === live.scope.owner;
    const ownNames = new Map([...known.keys()].map((name) => [name, name]));
    const nameOf = (token: Observed<ServiceTokenSpec>) => {
      const { key } = readName(liveName(token));
      const name = (isOurs(token) ? ownNames.get(key) : undefined) ?? names.give(...labelNames(token), key);
      if (isOurs(token)) ownNames.set(key, name);
      return name;
    };
    const oursFirst = [...live.of('cloudflare/service-token')].sort(
      (left, right) => Number(isOurs(right)) - Number(isOurs(left)),
    );
    this.#names = new Map(oursFirst.map((token) => [token.id, nameOf(token)]));
  }

  /** The names of our own tokens, which the file has whether a gate names them or not: a plan would remove them. */
  get own(): readonly string[] {
    const { owner } = this.#live.scope;
    const enabled = this.#live.of('cloudflare/service-token').filter(({ spec }) => spec.enabled);
    return enabled.flatMap(({ id, owner: whose, address, attributes }) => {
      const isLeaving = attributes.beside !== undefined || address.key === probeToken;
      return whose === owner && !isLeaving ? [this.#names.get(id) ?? id] : [];
    });
  }

  of(id: string): string {
    const token = this.#live.of('cloudflare/service-token').find((each) => each.id === id);
    if (token === undefined)
      throw new Inexpressible(`a policy names a service token that was not found (${id})`);
    if (token.owner !== undefined && readName(liveName(token)).key === probeToken)
      throw new Inexpressible('a policy admits the token of gates itself: the host is not open yet');
    const other = this.#live.otherOwnerOf(token);
    if (other !== undefined)
      throw new Inexpressible(`a policy names the service token ${token.address.key} of the owner ${other}`);
    // The file has only tokens that are on: to apply it would let the machines of this one in again.
    if (!token.spec.enabled)
      throw new Inexpressible(`a policy names the service token ${token.address.key}, which is disabled`);
    return this.#names.get(id) ?? id;
  }

  /** The entry of a token, and its source. */
  entry(name: string): { readonly token: file.ServiceToken; readonly source: string } {
    const token = this.#live.of('cloudflare/service-token').find(({ id }) => this.#names.get(id) === name);
    const duration = token?.spec.duration ?? usualDuration;
    const isKept = token?.spec.secret === 'kept';
    const secret = isKept ? '' : `; gates does not know its secret: \`gates rotate ${name}\` makes a new one`;
    const label = token && this.#labels.of(token);
    const title = `service token ${JSON.stringify(token === undefined ? name : liveName(token))}${secret}`;
    return {
      token: duration === usualDuration ? {} : { duration },
      source: sourceWithLabels(title, label === undefined ? [] : [label]),
    };
  }
}

/** The name at Cloudflare; the key of a token that is not ours has its id behind the name. */
function liveName({ id, owner, address: { key } }: Observed<ServiceTokenSpec>): string {
  const name = key.replace(` (${id})`, '');
  return owner === undefined || readName(name).owner !== undefined ? name : markName(owner, name);
}
