import { askVerifier, playedHeaders, type Verifier } from '../edge/verifier.ts';
import type { World } from '../state/world.ts';
import { type ForgedVisit, isPassedOn } from './forged-identity.ts';
import { type Doubt, judge } from './oracle.ts';

/**
 * The same as `judge`, runs the Workers that a forged identity meets, and asks about its doubts if a test provided a
 * way. Otherwise they stay doubts: a write must not cause requests to real addresses.
 */
export async function judgeAll(world: World, n: number, verifier: Verifier | undefined): Promise<void> {
  const doubts: Doubt[] = [];
  const forged: ForgedVisit[] = [];
  judge(world, n, doubts, forged);
  for (const visit of forged) {
    if (await isPassedOn(world, visit)) world.exposures.push(visit.exposure);
  }
  if (verifier === undefined) return;
  for (const { exposure, visit, delivery } of doubts) {
    if (delivery.verify === undefined) continue;
    const reply = await askVerifier(verifier, delivery.verify, playedHeaders(visit, delivery));
    if (reply?.ok === true) world.exposures.push(exposure);
  }
}
