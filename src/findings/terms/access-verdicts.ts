import { verdictFor } from '../../doors/admission/visitor.ts';
import { explain, type LayerVerdict } from '../../doors/explanation.ts';
import type { PartStore } from '../../doors/state/part-store.ts';

/** The verdicts of Access on a visitor without a login, at the root of each host. Each is computed once. */
export class AccessVerdicts {
  readonly #store: PartStore;
  readonly #known = new Map<string, LayerVerdict>();

  constructor(store: PartStore) {
    this.#store = store;
  }

  /** True if Access sends a visitor of the host to a login. */
  asks(host: string): boolean {
    return this.#at(host) === 'login';
  }

  /** True if Access lets only some visitors past at the host. */
  guards(host: string): boolean {
    return this.asks(host) || this.#at(host) === 'refuses';
  }

  #at(host: string): LayerVerdict {
    const verdict = this.#known.get(host) ?? verdictAt(this.#store, host);
    this.#known.set(host, verdict);
    return verdict;
  }
}

function verdictAt(store: PartStore, host: string): LayerVerdict {
  const { layers } = explain(store, { host, path: '/' }, (admits) =>
    verdictFor(admits, { who: 'anonymous' }),
  );
  return layers.find(({ layer }) => layer === 'Access')?.verdict ?? 'not met';
}
