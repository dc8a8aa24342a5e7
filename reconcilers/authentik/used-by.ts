import { UnsafeError } from '../../src/core/errors.ts';
import type { World } from '../../src/core/world.ts';
import { authentikOf } from './api.ts';

interface UsedBy {
  readonly model_name: string;
  readonly name: string;
}

/**
 * Removes an object, unless something still uses it. Authentik protects nothing: with a group its bindings go,
 * and an application without bindings admits everybody; without its signing key a provider signs with its
 * secret. What uses it and is not read otherwise (brands, SAML providers, flows) is seen here, as far as the token
 * may see it; bindings and providers it may, or the plan would not remove anything.
 */
export async function removeUnused(
  world: World,
  path: string,
  harmless: ReadonlySet<string> = new Set(),
): Promise<void> {
  const wire = authentikOf(world);
  const users = ((await wire.get(`${path}used_by/`)) ?? []) as readonly UsedBy[];
  const others = users.filter(({ model_name: model }) => !harmless.has(model));
  if (others.length > 0) {
    const list = others.map(({ model_name: model, name }) => `${model} "${name}"`).join(', ');
    throw new UnsafeError('It is still used by what gates does not manage', {
      hint: `Take it out there first: ${list}`,
    });
  }
  await wire.delete(path);
}
