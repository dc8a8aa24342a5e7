import type { Config } from '../../config/model/config.ts';
import type { AnyReconciler } from '../../core/reconciler.ts';
import { compile } from '../../desired/compile.ts';
import { heed } from '../../desired/live/heed.ts';
import { withRetiring } from '../../desired/live/retiring.ts';
import { verdictFor } from '../../doors/admission/visitor.ts';
import { admissionAt } from '../../doors/interlock.ts';
import type { LiveObjects } from '../../import/terms/live-objects.ts';
import { RunStates } from '../../interlock/run-states.ts';
import { withCounterparts } from '../../observed/counterparts.ts';
import type { ExplainingFile, FindingGround } from './finding-ground.ts';

/** The file as the explanation of live objects. */
export function explainingFile(
  config: Config,
  {
    live,
    reconcilers,
    now,
  }: { readonly live: LiveObjects; readonly reconcilers: readonly AnyReconciler[]; readonly now: Date },
): ExplainingFile {
  const wanted = compile(config);
  const observed = withCounterparts(wanted.objects, live.observed, reconcilers);
  const desired = withRetiring(heed(config, wanted, observed, now), observed);
  const states = new RunStates({ desired, observed, reconcilers, now, prune: true, uncheckedOrigins: true });
  const hosts = new Set([...config.services.values()].map(({ host }) => host));
  return { desired, goal: states.goal.store, hosts };
}

/** True if the file says that everybody gets in at a door. */
export function isOpenByFile({ file }: FindingGround, host: string, path: string): boolean {
  if (file === undefined || !file.hosts.has(host)) return false;
  const { admits } = admissionAt(file.goal, { host, path });
  return verdictFor(admits, { who: 'anonymous' }) === 'admitted';
}

/** The spec that the file asks for at the address of a live object; undefined if it does not ask for the object. */
export function specByFile(
  { file, live }: FindingGround,
  {
    address,
    owner,
  }: {
    readonly address: { readonly kind: string; readonly key: string };
    readonly owner: string | undefined;
  },
): object | undefined {
  if (owner !== live.scope.owner) return undefined;
  const found = file?.desired.objects.find(
    (object) => object.address.kind === address.kind && object.address.key === address.key,
  );
  return found?.spec as object | undefined;
}
