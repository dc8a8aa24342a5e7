import { askVerifier, playedHeaders, type Verifier } from '../edge/verifier.ts';
import type { World } from '../state/world.ts';
import { type Doubt, judge } from './oracle.ts';

/**
 * As `judge`, and asks about its doubts where a test gave the way to ask. Without one they stay doubts: nobody would
 * want a request to a real address for every write.
 */
export async function judgeAll(world: World, n: number, verifier: Verifier | undefined): Promise<void> {
  const doubts: Doubt[] = [];
  judge(world, n, doubts);
  if (verifier === undefined) return;
  for (const { exposure, visit, delivery } of doubts) {
    if (delivery.verify === undefined) continue;
    const told = await askVerifier(verifier, delivery.verify, playedHeaders(visit, delivery));
    if (told?.ok === true) world.exposures.push(exposure);
  }
}
