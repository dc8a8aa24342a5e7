import type { Deliver } from '../../src/core/delivery.ts';

/** Keyed by name, which is unique among tunnels that are not deleted; attribute `id`. */
export interface TunnelSpec {
  readonly name: string;
  /** `local`: the tunnel reads a config.yml of its own and ignores what the API says. */
  readonly configSource: 'cloudflare' | 'local';
  /** Desired only for a tunnel that may be created: its token is in the vault. */
  readonly token?: 'kept' | 'lost';
  /** Desired: files that must hold the token (field `token`); observed: those that do. */
  readonly deliver?: readonly Deliver[];
}
