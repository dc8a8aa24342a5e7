import type { GateCheck } from '../../../src/core/objects/object.ts';
import { host } from './plan-text.ts';

/** The check of a host. */
export function proofOf(more: Partial<GateCheck>): GateCheck {
  return {
    ...{ address: { kind: 'edge/sight', key: host }, host, spec: {}, step: 'prove', needs: [] },
    ...{ because: 'services.a', ...more },
  };
}
