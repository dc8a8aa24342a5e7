import { addressId } from '../../../src/core/objects/address.ts';
import type { Observation } from '../../../src/core/objects/object.ts';
import { compile } from '../../../src/desired/compile.ts';
import { implies } from '../../../src/doors/admission/decision.ts';
import { admissionAt } from '../../../src/doors/interlock.ts';
import { pathClasses } from '../../../src/doors/paths.ts';
import type { PartStore } from '../../../src/doors/state/part-store.ts';
import { checkedConfig } from '../../../src/expect/checked-config.ts';
import { RunStates } from '../../../src/interlock/run-states.ts';

/** The doors of a file, from the file alone, by the model. */
function doorsBy(text: string): { readonly store: PartStore; readonly hosts: readonly string[] } {
  const read = checkedConfig(text);
  if (!read.ok) throw new Error(read.mistakes.map(({ path, message }) => `${path}: ${message}`).join('\n'));
  const { config } = read.parsed;
  const desired = compile(config);
  const observed = desired.objects.flatMap(({ address, spec, mustExist }): readonly Observation[] => {
    if (mustExist === undefined) return [];
    const id = addressId(address);
    const object = { address, id, owner: undefined, spec, attributes: { id }, uses: [] };
    return [{ kind: address.kind, state: 'known', objects: [object] }];
  });
  const parts = { reconcilers: [], prune: true, uncheckedOrigins: true, now: new Date(0) };
  const { goal } = new RunStates({ desired, observed, ...parts });
  return { store: goal.store, hosts: [...config.services.values()].map(({ host }) => host) };
}

/** The doors at which two files admit different people or machines. */
export function unlikeDoors(one: string, other: string): readonly string[] {
  const [left, right] = [doorsBy(one), doorsBy(other)];
  return [...new Set([...left.hosts, ...right.hosts])].flatMap((host) =>
    [...new Set([left, right].flatMap(({ store }) => pathClasses(store, host)))].flatMap((path) => {
      const [before, after] = [left, right].map(({ store }) => admissionAt(store, { host, path }).admits);
      const isSame =
        before !== undefined && after !== undefined && implies(before, after) && implies(after, before);
      return isSame ? [] : [`${host}${path}: ${JSON.stringify(before)} ${JSON.stringify(after)}`];
    }),
  );
}
