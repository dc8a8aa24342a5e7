import type * as file from '../../schema/generated/config.ts';
import type { Config, Service } from '../config/model/config.ts';
import type { Gate, GateType } from '../config/model/gate.ts';
import type { DesiredObject } from '../core/objects/object.ts';
import { authentikGate } from './authentik/gate.ts';
import { cloudflareGate } from './cloudflare/gate.ts';
import { identityProviderGate } from './identity-provider/gate.ts';
import { jwtGate } from './jwt/gate.ts';
import { publicGate } from './public/gate.ts';
import { serviceTokenGate } from './service-token/gate.ts';
import type { BuiltGate } from './shared/built-gate.ts';
import type { GateRow } from './shared/gate-row.ts';
import { webhookGate } from './webhook/gate.ts';

/** Every gate that a file may name. A gate of the schema without a row does not compile. */
const rows: { readonly [Type in GateType]: GateRow<NonNullable<file.Gate[Type]>> } = {
  authentik: authentikGate,
  cloudflare: cloudflareGate,
  serviceToken: serviceTokenGate,
  webhook: webhookGate,
  jwt: jwtGate,
  public: publicGate,
  identityProvider: identityProviderGate,
};

/** The row of the table for a gate of a normal form. */
export function gateRow({ type }: Gate): GateRow<never> {
  return rows[type];
}

/** How a gate is written in the systems. */
export function builtGate(gate: Gate): BuiltGate {
  return gateRow(gate).built(gate);
}

/** The one gate of a map whose only key is its type, as the schema has checked. */
export function normaliseGate(given: file.Gate): Gate {
  for (const [type, row] of Object.entries(rows)) {
    const settings = given[type as GateType];
    if (settings !== undefined) return (row as GateRow<never>).normalise(settings as never);
  }
  // The gate that is left over must never be one that lets somebody through.
  return serviceTokenGate.normalise({ tokens: [] });
}

/** Objects that several services share, beside those of each service. `built` are the services that are built. */
export function sharedObjects(config: Config, built: readonly Service[]): readonly DesiredObject[] {
  return Object.values(rows).flatMap((row) => row.sharedObjects?.(config, built) ?? []);
}
