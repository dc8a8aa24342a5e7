import type { Config } from '../../config/model/config.ts';
import type { KeySource } from '../../config/model/gate.ts';

/** The address of keys and the issuer of tokens, by Authentik's own addresses; no issuer: anybody who has the keys. */
export interface KeyPlace {
  readonly keysUrl: string;
  readonly issuer: string | undefined;
}

/** The place of these keys; undefined for keys of a client if the file does not name the public face of Authentik. */
export function keyPlaceOf(keys: KeySource, { authentik, services }: Config): KeyPlace | undefined {
  if (!('client' in keys)) return { keysUrl: keys.url, issuer: undefined };
  const face = authentik?.service === undefined ? undefined : services.get(authentik.service);
  if (face === undefined) return undefined;
  const issuer = `https://${face.host}/application/o/${keys.client}/`;
  return { issuer, keysUrl: `${issuer}jwks/` };
}
