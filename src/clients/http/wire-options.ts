import type { Redactor } from '../redaction.ts';
import type { Patience } from './patience.ts';
import type { WriteGuard } from './write-guard.ts';

/** The parts of a client that both APIs need. */
export interface WireOptions extends Patience {
  readonly redactor: Redactor;
  /** Asked right before each write; it rejects if this process may no longer write. */
  readonly guard?: Pick<WriteGuard, 'mayWrite'>;
}
