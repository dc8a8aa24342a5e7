import type { SamlReply } from '../../../reconcilers/authentik/provider/saml-row.ts';
import type { SamlProviderSpec } from '../../../reconcilers/authentik/saml/saml-provider.ts';
import type * as file from '../../../schema/generated/config.ts';
import { secondsOf } from '../../config/model/duration.ts';
import { longestSamlLifetimes, stockSamlAttributes } from '../../config/model/saml-attributes.ts';
import type { Observed } from '../../core/objects/object.ts';
import { nameIdFormats } from '../../desired/logins/saml-client.ts';
import { stockPair, stockSamlMappings } from '../../desired/terms/addresses.ts';
import { durationText } from '../terms/durations.ts';
import { Inexpressible } from '../terms/inexpressible.ts';
import type { LiveObjects } from '../terms/live-objects.ts';

type Saml = NonNullable<file.Client['saml']>;

/** The issuer of every provider before 2026.5, unless somebody chose another. */
const usualIssuer = 'authentik';

/**
 * A live SAML provider as the file says it.
 * @throws Inexpressible
 */
export function samlOf({ spec, raw }: Observed<SamlProviderSpec>, live: LiveObjects): Saml {
  refuseUnsaid(raw as SamlReply);
  const { acsUrl, audience, issuer = '', binding, signs } = spec;
  const pair = live.of('authentik/certificate').find(({ id }) => id === spec.signingKey);
  if (spec.signingKey === '' || signs === 'nothing') throw new Inexpressible('it signs nothing');
  if (pair?.address.key !== stockPair)
    throw new Inexpressible(`it signs with the key pair ${pair?.address.key ?? spec.signingKey}`);
  const isUsualIssuer = (raw as SamlReply).issuer === usualIssuer;
  const attributes = spec.propertyMappings.map((id) => attributeOf(id, live));
  const nameId = nameIdOf(spec, live);
  const lifetimes = lifetimesOf(spec);
  const settings = {
    acsUrl,
    ...(audience !== '' && { audience }),
    ...(issuer !== '' && !isUsualIssuer && { issuer }),
    ...(binding !== 'post' && { binding }),
    ...(nameId !== 'requested' && { nameId }),
    ...(!isEverything(attributes) && { attributes: [...attributes].sort() }),
    ...(signs !== 'assertion' && { sign: signs }),
    ...(Object.keys(lifetimes).length > 0 && { lifetimes }),
  };
  // The API answers with values of the same lists as the schema; the file is checked before it is printed.
  return settings as Saml;
}

/** Settings that a file cannot say and that gates leaves as they are. */
function refuseUnsaid(reply: SamlReply): void {
  if (reply.encryption_kp !== null) throw new Inexpressible('its assertions are encrypted');
  if (reply.verification_kp !== null) throw new Inexpressible('it accepts only signed requests');
  if ((reply.sls_url ?? '') !== '') throw new Inexpressible('it has an address for logouts');
  if (reply.default_relay_state !== '') throw new Inexpressible('it has a relay state of its own');
  if ((reply.authn_context_class_ref_mapping ?? null) !== null)
    throw new Inexpressible('it describes the login by a mapping of its own');
}

/** The lifetimes of a new provider, in seconds. */
const usualLifetimes = { assertion: 300, session: 60 * 86_400 } as const;

/** The lifetimes that are not those of a new provider. One that a file cannot say is left out: gates leaves it. */
function lifetimesOf({
  assertionLifetime,
  sessionLifetime,
}: SamlProviderSpec): NonNullable<Saml['lifetimes']> {
  const has = { assertion: assertionLifetime, session: sessionLifetime };
  const said = (['assertion', 'session'] as const).flatMap((key) => {
    const seconds = has[key];
    if (seconds === undefined || seconds === usualLifetimes[key]) return [];
    const isSayable =
      Number.isInteger(seconds) && seconds > 0 && seconds <= secondsOf(longestSamlLifetimes[key]);
    return isSayable ? [[key, durationText(seconds)] as const] : [];
  });
  return Object.fromEntries(said);
}

function attributeOf(id: string, live: LiveObjects): string {
  const key = live.withId('authentik/saml-mapping', id)?.address.key ?? id;
  if (key.startsWith(stockSamlMappings)) return key.slice(stockSamlMappings.length);
  throw new Inexpressible(`it has the mapping ${key}, which Authentik does not ship`);
}

function nameIdOf({ nameIdMapping, nameIdFormat }: SamlProviderSpec, live: LiveObjects): Saml['nameId'] {
  const isPlain = nameIdFormat === nameIdFormats.unspecified;
  if (nameIdMapping !== '') {
    const attribute = attributeOf(nameIdMapping, live);
    if (isPlain && (attribute === 'email' || attribute === 'username')) return attribute;
    throw new Inexpressible(`it names a person by ${attribute}, in the format ${nameIdFormat}`);
  }
  if (isPlain) return 'requested';
  if (nameIdFormat === nameIdFormats.persistent) return 'persistent';
  throw new Inexpressible(`it names a person in the format ${nameIdFormat}`);
}

function isEverything(attributes: readonly string[]): boolean {
  return stockSamlAttributes.every((attribute) => attributes.includes(attribute));
}
