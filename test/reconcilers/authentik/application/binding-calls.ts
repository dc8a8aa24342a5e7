import type { BindingSpec } from '../../../../reconcilers/authentik/application/binding-form.ts';
import type { Observed } from '../../../../src/core/objects/object.ts';
import type { Wire, World } from '../../../../src/core/world.ts';
import { createWorld } from '../../../../src/observed/world.ts';
import type { TestWorld } from '../../../support/world.ts';

export const bindings = '/policies/bindings/';

/** Changes a binding completely, as a person must: a PATCH gets 500, and a PUT needs a unique order. */
export async function changed(
  have: Observed<BindingSpec>,
  test: TestWorld,
  changes: object,
): Promise<unknown> {
  const { application: target, group: groupId } = have.spec;
  const { order } = have.raw as { readonly order: number };
  const body = { target, group: groupId, policy: null, user: null, order, ...changes };
  return test.editAuthentik('PUT', `${bindings}${have.id}/`, body);
}

/** A world that calls `look` after each write to Authentik. */
export function watching(pass: World, look: () => Promise<void>): World {
  const wire = pass.authentik;
  if (wire === undefined) throw new Error('the test world has no Authentik');
  const after = async <T>(write: Promise<T>): Promise<T> => {
    const reply = await write;
    await look();
    return reply;
  };
  const authentik: Wire = {
    ...wire,
    post: (path, body) => after(wire.post(path, body)),
    put: (path, body) => after(wire.put(path, body)),
    patch: (path, body) => after(wire.patch(path, body)),
    delete: (path) => after(wire.delete(path)),
  };
  return createWorld({ ...pass, authentik });
}
