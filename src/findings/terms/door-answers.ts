import { verdictFor } from '../../doors/admission/visitor.ts';
import { explainBy, type LayerVerdict } from '../../doors/explanation.ts';
import { Inquiry } from '../../doors/inquiry.ts';
import type { PartStore } from '../../doors/state/part-store.ts';
import { type Way, waysBy } from '../../doors/ways.ts';

/** The answers of the model about the doors. Several questions ask the same door, so each layer of it answers once. */
export class DoorAnswers {
  readonly #store: PartStore;
  readonly #inquiries = new Map<string, Inquiry>();
  readonly #ways = new Map<string, readonly Way[]>();

  constructor(store: PartStore) {
    this.#store = store;
  }

  /** Every way of a visitor who requests the path of the host (see `waysTo`). */
  ways(host: string, path: string): readonly Way[] {
    const ways = this.#ways.get(host + path) ?? waysBy(this.#inquiryAt(host, path), { host, path });
    this.#ways.set(host + path, ways);
    return ways;
  }

  /** True if Access sends a visitor of the host to a login. */
  asks(host: string): boolean {
    return this.#accessAt(host) === 'login';
  }

  /** True if Access lets only some visitors past at the host. */
  guards(host: string): boolean {
    const verdict = this.#accessAt(host);
    return verdict === 'login' || verdict === 'refuses';
  }

  /** The verdict of Access on a visitor without a login, at the root of the host. */
  #accessAt(host: string): LayerVerdict {
    const request = { host, path: '/' };
    const { layers } = explainBy(this.#inquiryAt(host, '/'), request, (admits) =>
      verdictFor(admits, { who: 'anonymous' }),
    );
    return layers.find(({ layer }) => layer === 'Access')?.verdict ?? 'not met';
  }

  #inquiryAt(host: string, path: string): Inquiry {
    const inquiry = this.#inquiries.get(host + path) ?? new Inquiry(this.#store);
    this.#inquiries.set(host + path, inquiry);
    return inquiry;
  }
}
