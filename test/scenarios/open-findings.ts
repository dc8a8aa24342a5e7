import type { Exposure } from '../../src/sandbox/index.ts';
import { lag } from './lag.ts';

/** Exposures of findings that are open (docs/reliability.md, *Open findings*). */
export const openFindings = { tokensBesideOperations: 0 };

/**
 * The exposures without those of an open finding: with lags of their own, the saved operations of a host may reach the edge
 * after it opens. Until the first is there, a valid token reaches paths that are no operation.
 */
export function withoutOpenFindings(exposures: readonly Exposure[]): readonly Exposure[] {
  if (!lagsAtRandom) return exposures;
  const left = exposures.filter(
    ({ principal }) => !principal.startsWith('valid token beside the operations'),
  );
  openFindings.tokensBesideOperations += exposures.length - left.length;
  return left;
}

const lagsAtRandom = typeof lag === 'object' && Object.values(lag).some(Array.isArray);
