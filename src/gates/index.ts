import type { AuthentikGate, Gate, GateType } from '../config/model/config.ts';
import { domainGate } from './authentik/domain.ts';
import { oidcGate } from './authentik/oidc.ts';
import { forwardAuthGate, proxyGate } from './authentik/single-host.ts';
import { cloudflareGate } from './cloudflare.ts';
import { jwtGate } from './jwt.ts';
import { jwtOriginGate } from './jwt-origin.ts';
import { serviceTokenGate } from './service-token.ts';
import type { BuiltGate } from './shared/gate.ts';
import { identityProviderGate, publicGate } from './shared/open.ts';
import { webhookGate } from './webhook.ts';

const built: {
  readonly [Type in Exclude<GateType, 'authentik'>]?: BuiltGate<Extract<Gate, { type: Type }>>;
} = {
  cloudflare: cloudflareGate,
  serviceToken: serviceTokenGate,
  public: publicGate,
  identityProvider: identityProviderGate,
  webhook: webhookGate,
  jwt: jwtGate,
};

const authentikModes: Readonly<Record<AuthentikGate['mode'], BuiltGate<AuthentikGate>>> = {
  forwardAuth: forwardAuthGate,
  domain: domainGate,
  proxy: proxyGate,
  oidc: oidcGate,
};

/** How a gate is written; undefined for one that this version does not build. */
export function builtGate(gate: Gate): BuiltGate | undefined {
  if (gate.type === 'jwt' && gate.at === 'origin') return jwtOriginGate as BuiltGate;
  const found = gate.type === 'authentik' ? authentikModes[gate.mode] : built[gate.type];
  // Looked up by the gate that it will be handed, which the types cannot follow.
  return found as BuiltGate | undefined;
}

/** The name of a gate for people: `authentik (oidc)`. */
export function gateName(gate: Gate): string {
  return gate.type === 'authentik' ? `authentik (${gate.mode})` : gate.type;
}
