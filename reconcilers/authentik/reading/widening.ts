import type { Widening } from '../../../src/core/objects/widening.ts';
import { readLifetime } from './lifetime.ts';

/** The fields of a provider that gates does not decide, and that can admit more people, or for longer. */
export interface WidenedReply {
  readonly authentication_flow?: string | null;
  readonly access_token_validity?: string;
  readonly refresh_token_validity?: string;
  readonly intercept_header_auth?: boolean;
  readonly basic_auth_enabled?: boolean;
  readonly jwt_federation_sources?: readonly string[];
  readonly assertion_valid_not_on_or_after?: string;
  readonly session_valid_not_on_or_after?: string;
  readonly signature_algorithm?: string;
  readonly digest_algorithm?: string;
  readonly default_relay_state?: string;
  readonly authn_context_class_ref_mapping?: string | null;
}

/** Authentik's default lifetimes of a provider. */
const usual = {
  access: 'hours=1',
  refresh: 'days=30',
  assertion: 'minutes=5',
  session: 'minutes=86400',
} as const;

/** Sent with a new proxy provider, so that it does not depend on a release's defaults. */
export const unwidenedProxy = {
  authentication_flow: null,
  access_token_validity: usual.access,
  refresh_token_validity: usual.refresh,
  intercept_header_auth: true,
  basic_auth_enabled: false,
  jwt_federation_sources: [],
} as const;

/** The same for a client, whose lifetimes the file states. */
export const unwidenedClient = { authentication_flow: null, jwt_federation_sources: [] } as const;

/** The same for a SAML provider, but for lifetimes that the file states. */
export const unwidenedSaml = {
  authentication_flow: null,
  assertion_valid_not_on_or_after: usual.assertion,
  session_valid_not_on_or_after: usual.session,
  signature_algorithm: 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256',
  digest_algorithm: 'http://www.w3.org/2001/04/xmlenc#sha256',
  default_relay_state: '',
  authn_context_class_ref_mapping: null,
} as const;

export function samlWidenings(reply: WidenedReply): readonly Widening[] {
  const { assertion_valid_not_on_or_after: assertion, session_valid_not_on_or_after: session } = reply;
  const weak = (['signature_algorithm', 'digest_algorithm'] as const).flatMap((field) =>
    when(/sha1$/.test(reply[field] ?? ''), {
      field,
      effect: 'assertions are signed with SHA-1, of which two texts with one signature are known',
    }),
  );
  return [
    ...clientWidenings(reply),
    ...lasting(
      { field: 'assertion_valid_not_on_or_after', unless: 'assertionLifetime' },
      'an assertion',
      assertion,
      usual.assertion,
    ),
    ...lasting(
      { field: 'session_valid_not_on_or_after', unless: 'sessionLifetime' },
      'a session at the application',
      session,
      usual.session,
    ),
    ...weak,
    ...when((reply.default_relay_state ?? '') !== '', {
      field: 'default_relay_state',
      effect: 'the application sends people who begin their login at Authentik on to another place',
    }),
    ...when((reply.authn_context_class_ref_mapping ?? null) !== null, {
      field: 'authn_context_class_ref_mapping',
      effect:
        'an expression says how people proved who they are, and so perhaps that they had a second factor',
    }),
  ];
}

export function clientWidenings(reply: WidenedReply): readonly Widening[] {
  const { authentication_flow: flow, jwt_federation_sources: sources = [] } = reply;
  return [
    ...when(flow != null, {
      field: 'authentication_flow',
      effect:
        'people log in by a flow of its own instead of that of the brand, and so perhaps without a second factor',
    }),
    ...when(sources.length > 0, {
      field: 'jwt_federation_sources',
      effect: 'tokens of other identity providers are traded for its own',
    }),
  ];
}

export function proxyWidenings(reply: WidenedReply): readonly Widening[] {
  return [
    ...clientWidenings(reply),
    ...lasting(
      { field: 'access_token_validity', unless: 'sessionLifetime' },
      'a session at the outpost',
      reply.access_token_validity,
      usual.access,
    ),
    ...lasting(
      { field: 'refresh_token_validity' },
      'a refresh token',
      reply.refresh_token_validity,
      usual.refresh,
    ),
    ...when(reply.intercept_header_auth === false, {
      field: 'intercept_header_auth',
      unless: 'interceptAuthorization',
      effect: 'a wrong `Authorization` header is no longer refused, and may reach the application',
    }),
    ...when(reply.basic_auth_enabled === true, {
      field: 'basic_auth_enabled',
      unless: 'basicAuth',
      effect: 'the application is given a name and a password from attributes of the person',
    }),
  ];
}

function lasting(
  named: Pick<Widening, 'field' | 'unless'>,
  what: string,
  has: string | undefined,
  usually: string,
): readonly Widening[] {
  const longer = has !== undefined && readLifetime(has) > readLifetime(usually);
  return when(longer, {
    ...named,
    effect: `${what} lasts \`${has}\`, and \`${usually}\` where nobody says otherwise`,
  });
}

function when(is: boolean, widening: Widening): readonly Widening[] {
  return is ? [widening] : [];
}
