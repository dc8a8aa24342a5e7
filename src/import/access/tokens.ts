import type { ServiceTokenSpec } from '../../../reconcilers/cloudflare/service-token/service-token.ts';
import type * as file from '../../../schema/generated/config.ts';
import type { Config } from '../../config/model/config.ts';
import { markName, readName } from '../../core/objects/marker.ts';
import type { Observed } from '../../core/objects/object.ts';
import { Inexpressible } from '../terms/inexpressible.ts';
import type { LiveObjects } from '../terms/live-objects.ts';
import { EntryNames } from '../terms/names.ts';
import type { TokenNames } from './access-terms.ts';

/** The default of the file. */
const usualDuration = '8760h';

/** The service tokens of the account that gates name, with a name of the file for each. */
export class ImportedTokens implements TokenNames {
  readonly #live: LiveObjects;
  readonly #names: ReadonlyMap<string, string>;

  /** `known`: the tokens of a file, of which ours keep their names. */
  constructor(live: LiveObjects, known: Config['serviceTokens'] = new Map()) {
    this.#live = live;
    const names = new EntryNames(known.keys());
    const nameOf = (token: Observed<ServiceTokenSpec>) => {
      const { key } = readName(liveName(token));
      return token.owner === live.scope.owner && known.has(key) ? key : names.give(key);
    };
    // Ours have a name already, and no other token may get it.
    const oursFirst = [...live.of('cloudflare/service-token')].sort(
      (left, right) => Number(right.owner !== undefined) - Number(left.owner !== undefined),
    );
    this.#names = new Map(oursFirst.map((token) => [token.id, nameOf(token)]));
  }

  of(id: string): string {
    const token = this.#live.of('cloudflare/service-token').find((each) => each.id === id);
    if (token === undefined)
      throw new Inexpressible(`a policy names a service token that was not found (${id})`);
    const other = this.#live.otherOwnerOf(token);
    if (other !== undefined)
      throw new Inexpressible(`a policy names the service token ${token.address.key} of the owner ${other}`);
    return this.#names.get(id) ?? id;
  }

  /** The entry of a token, and its source. */
  entry(name: string): { readonly token: file.ServiceToken; readonly source: string } {
    const token = this.#live.of('cloudflare/service-token').find(({ id }) => this.#names.get(id) === name);
    const duration = token?.spec.duration ?? usualDuration;
    const isKept = token?.spec.secret === 'kept';
    const secret = isKept ? '' : `; gates does not know its secret: \`gates rotate ${name}\` makes a new one`;
    return {
      token: duration === usualDuration ? {} : { duration },
      source: `service token ${JSON.stringify(token === undefined ? name : liveName(token))}${secret}`,
    };
  }
}

/** The name at Cloudflare; the key of a token that is not ours has its id behind the name. */
function liveName({ id, owner, address: { key } }: Observed<ServiceTokenSpec>): string {
  const name = key.replace(` (${id})`, '');
  return owner === undefined || readName(name).owner !== undefined ? name : markName(owner, name);
}
