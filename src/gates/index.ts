import type * as file from '../../schema/generated/config.ts';
import type { Finding, Path } from '../config/mistakes/finding.ts';
import type { Config, Service } from '../config/model/config.ts';
import type { Gate, GateType } from '../config/model/gate.ts';
import type { PartOf } from '../config/model/partial-file.ts';
import type { DesiredObject } from '../core/objects/object.ts';
import { authentikGate } from './authentik/gate.ts';
import { cloudflareGate } from './cloudflare/gate.ts';
import { identityProviderGate } from './identity-provider/gate.ts';
import { jwtGate } from './jwt/gate.ts';
import { publicGate } from './public/gate.ts';
import { serviceTokenGate } from './service-token/gate.ts';
import type { BuiltGate } from './shared/built-gate.ts';
import type { GateRow, NamedLists } from './shared/gate-row.ts';
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

/** The keys that lead to a gate's own key, after those of the map that names the gate. */
export function gateKeyPath(map: Path, { type }: Gate): Path {
  return [...map, type];
}

/** The row of the table for a key of the file, if that is the key of a gate. */
export function gateRowNamed(name: string): GateRow<never> | undefined {
  return Object.hasOwn(rows, name) ? rows[name as GateType] : undefined;
}

interface GateSettings {
  readonly row: GateRow<never>;
  readonly type: string;
  /** The settings below the key: only the row reads them. */
  readonly settings: never;
}

/** The rows for the keys of a gate that may be incomplete, with the settings below each. */
export function gateSettings(partial: PartOf<file.Gate>): readonly GateSettings[] {
  return Object.entries(partial).flatMap(([type, settings]) => {
    const row = gateRowNamed(type);
    return row === undefined || settings === undefined ? [] : [{ row, type, settings: settings as never }];
  });
}

/** The mistakes of gates whose keys have the right shape but conflict. */
export function gateDisagreements(partial: PartOf<file.GatesFile>): readonly Finding[] {
  return Object.values(rows).flatMap((row) => row.disagreements?.(partial) ?? []);
}

/** The form of a gate in the systems. */
export function builtGate(gate: Gate): BuiltGate {
  return gateRow(gate).built(gate);
}

/** The one gate of a map whose only key is its type, as the schema has checked; `lists` are those of the file. */
export function normalizeGate(entry: file.Gate, lists: NamedLists = {}): Gate {
  const [only] = gateSettings(entry);
  if (only !== undefined) return only.row.normalize(only.settings, lists);
  // The gate that is left over must never be one that lets somebody through.
  return serviceTokenGate.normalize({ tokens: [] }, lists);
}

/** Objects that several services share, in addition to their own ones. `built` are the services that are built. */
export function sharedObjects(config: Config, built: readonly Service[]): readonly DesiredObject[] {
  return Object.values(rows).flatMap((row) => row.sharedObjects?.(config, built) ?? []);
}
