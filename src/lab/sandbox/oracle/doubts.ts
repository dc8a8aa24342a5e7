import { askVerifier, playedHeaders, type Verifier } from '../edge/verifier.ts';
import type { World } from '../state/world.ts';
import { type Doubt, judge } from './oracle.ts';

/**
 * The same as `judge`, and asks about its doubts if a test provided a way. Otherwise they stay doubts: a write must not
 * cause requests to real addresses.
 */
export async function judgeAll(world: World, n: number, verifier: Verifier | undefined): Promise<void> {
  const doubts: Doubt[] = [];
  judge(world, n, doubts);
  if (verifier === undefined) return;
  for (const { exposure, visit, delivery } of doubts) {
    if (delivery.verify === undefined) continue;
    const reply = await askVerifier(verifier, delivery.verify, playedHeaders(visit, delivery));
    if (reply?.ok === true) world.exposures.push(exposure);
  }
}
