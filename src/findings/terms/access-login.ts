import { verdictFor } from '../../doors/admission/visitor.ts';
import { explain } from '../../doors/explanation.ts';
import type { PartStore } from '../../doors/state/part-store.ts';

/** True if Access sends a visitor of the host to a login. */
export function asksAtAccess(store: PartStore, host: string): boolean {
  const { layers } = explain(store, { host, path: '/' }, (admits) =>
    verdictFor(admits, { who: 'anonymous' }),
  );
  return layers.some(({ layer, verdict }) => layer === 'Access' && verdict === 'login');
}

/** True if Access lets some visitors past at the host, and not everybody. */
export function isGuardedByAccess(store: PartStore, host: string): boolean {
  const { layers } = explain(store, { host, path: '/' }, (admits) =>
    verdictFor(admits, { who: 'anonymous' }),
  );
  return layers.some(
    ({ layer, verdict }) => layer === 'Access' && (verdict === 'login' || verdict === 'refuses'),
  );
}
