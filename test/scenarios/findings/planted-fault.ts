import type { Sandbox } from '../../../src/lab/sandbox/index.ts';
import { Saboteur } from './saboteur.ts';

export interface PlantedFault {
  readonly fault: string;
  readonly plant: (sandbox: Sandbox) => Promise<unknown>;
  /** Days that pass before the findings are asked for. */
  readonly days?: number;
  /** `rule: kind name` of every finding, in their order. */
  readonly found: readonly string[];
}

export function row(
  fault: string,
  plant: (home: Saboteur) => Promise<unknown>,
  ...found: readonly string[]
): PlantedFault {
  return { fault, plant: (sandbox) => plant(new Saboteur(sandbox)), found };
}
