import type { ReadyChange } from '../../../src/core/change.ts';
import { equal } from '../../../src/core/objects/equal.ts';
import { markName, readName } from '../../../src/core/objects/marker.ts';
import type { Observed } from '../../../src/core/objects/object.ts';
import type { Linked } from '../../../src/core/objects/reference.ts';
import type { Reconciler } from '../../../src/core/reconciler.ts';
import type { World } from '../../../src/core/world.ts';
import { carryOut } from '../../shared/carry-out.ts';
import { sameSet } from '../../shared/set.ts';
import { hasProviderOfType } from '../application/application.ts';
import { providerId } from '../provider/oauth2-row.ts';
import { listSaml, type SamlReply, samlRow, samlTopic } from '../provider/saml-row.ts';
import { authentikOf } from '../reading/api.ts';
import { atHosts } from '../reading/door-effects.ts';
import { confirmEffect } from '../reading/effect.ts';
import { clientStrictness, flowRank, type ProviderFlow } from '../reading/flow-strictness.ts';
import { readLifetime, writeLifetime } from '../reading/lifetime.ts';
import { samlWidenings, unwidenedSaml } from '../reading/widening.ts';

/**
 * A SAML client. Keyed by what follows `gates:<owner>/` in its name. Attributes `id`, `issuer` (the text that the
 * provider states; absent: the address of its metadata) and `issuerPath` (the path of that address, from 2026.5 on).
 */
export interface SamlProviderSpec extends ProviderFlow {
  /** The one address to which Authentik sends assertions. */
  readonly acsUrl: string;
  /** Empty: an assertion is for any application. */
  readonly audience: string;
  /** Undefined: any is fine. */
  readonly issuer?: string;
  readonly binding: 'post' | 'redirect';
  /** Id of the mapping that names the person. Empty: the name follows from the format. */
  readonly nameIdMapping: string;
  /** The format of the name if the application asks for none: a URN. */
  readonly nameIdFormat: string;
  /** Ids of the mappings of its attributes; any other one is drift. */
  readonly propertyMappings: readonly string[];
  /** Id of a key pair. Empty: nothing is signed, so anybody can forge an assertion. */
  readonly signingKey: string;
  readonly signs: 'assertion' | 'response' | 'both' | 'nothing';
  /** Seconds. Undefined: any is fine. */
  readonly assertionLifetime?: number;
  readonly sessionLifetime?: number;
  /** Id of a flow. */
  readonly invalidationFlow: string;
  /** The hosts it guards; never sent. */
  readonly hosts: readonly string[];
}

const kind = 'authentik/saml-provider';
const providers = '/providers/saml/';

type Body = Readonly<Record<string, unknown>>;
type SentField = Exclude<keyof SamlProviderSpec, 'issuer' | 'hosts' | 'usualFlow'>;

/** A server that refuses a key pair unless the same request says what it signs gets both together. */
const signature = ({ signingKey, signs }: SamlProviderSpec): Body => ({
  signing_kp: signingKey === '' ? null : signingKey,
  sign_assertion: signs === 'assertion' || signs === 'both',
  sign_response: signs === 'response' || signs === 'both',
});

const lifetime = (field: string, seconds: number | undefined): Body =>
  seconds === undefined ? {} : { [field]: writeLifetime(seconds) };

/** The form of each sent field of the spec in the API. */
const written: { readonly [Field in SentField]-?: (want: SamlProviderSpec) => Body } = {
  acsUrl: ({ acsUrl }) => ({ acs_url: acsUrl }),
  audience: ({ audience }) => ({ audience }),
  binding: ({ binding }) => ({ sp_binding: binding }),
  nameIdMapping: ({ nameIdMapping }) => ({ name_id_mapping: nameIdMapping === '' ? null : nameIdMapping }),
  nameIdFormat: ({ nameIdFormat }) => ({ default_name_id_policy: nameIdFormat }),
  propertyMappings: ({ propertyMappings }) => ({ property_mappings: propertyMappings }),
  signingKey: signature,
  signs: signature,
  assertionLifetime: ({ assertionLifetime }) =>
    lifetime('assertion_valid_not_on_or_after', assertionLifetime),
  sessionLifetime: ({ sessionLifetime }) => lifetime('session_valid_not_on_or_after', sessionLifetime),
  authorizationFlow: ({ authorizationFlow }) => ({ authorization_flow: authorizationFlow }),
  invalidationFlow: ({ invalidationFlow }) => ({ invalidation_flow: invalidationFlow }),
};
const sentFields = Object.keys(written) as readonly SentField[];
const comparedFields = [...sentFields, 'issuer'] as const;

/** Until 2026.5 the field is called `issuer`, as the replies show. */
function writtenIssuer({ issuer }: SamlProviderSpec, reply: SamlReply | undefined): Body {
  if (issuer === undefined) return {};
  return reply?.issuer === undefined ? { issuer_override: issuer } : { issuer };
}

export const samlProvider: Reconciler<SamlProviderSpec> = {
  kind,
  title: 'Authentik SAML provider',

  async observe(world) {
    if (world.authentik === undefined) return [];
    const known = await world.read(samlRow);
    const isLost = known.length === 0 && (await hasProviderOfType(world, 'ak-provider-saml-form'));
    const rows = isLost ? await listSaml(world) : known;
    return rows.map(({ spec }) => observed(spec, world.scope.owner));
  },

  drift(want, have) {
    return comparedFields.filter((field) => {
      if (want[field] === undefined) return false;
      if (field === 'propertyMappings') return !sameSet(want[field] ?? [], have[field]);
      return !equal(want[field], have[field]);
    });
  },

  doors(want, have) {
    // Before a provider is removed, it loses its application, and so its login.
    if (want === undefined) return [];
    if (have === undefined) return atHosts(want.hosts, 'guard');
    const drift = driftOf(want, have);
    if (drift.length === 0) return [];
    const isLaxer = clientStrictness(want, have.spec, drift) === 'laxer';
    return atHosts(want.hosts, isLaxer ? 'unguard' : 'guard');
  },

  login: {
    strictness: (want, have) =>
      want === undefined ? 0 : flowRank(clientStrictness(want, have.spec, driftOf(want, have))),

    loosens: (want, have) => clientStrictness(want, have.spec, driftOf(want, have)) === 'laxer',
  },

  async write(changes, world) {
    const wire = authentikOf(world);
    world.forget(samlRow);
    return carryOut(changes, async (change) => {
      const { address, want, have } = change;
      if (want !== undefined) {
        return have === undefined ? create(address.key, want, world) : update(change, want, have, world);
      }
      if (have !== undefined) await wire.delete(`${providers}${have.attributes.id}/`);
      await world.notes.clear(samlTopic, address.key);
      return undefined;
    });
  },
};

function driftOf(want: Linked<SamlProviderSpec>, have: Observed<SamlProviderSpec>): readonly string[] {
  return samlProvider.drift?.(want as SamlProviderSpec, have.spec) ?? [];
}

function observed(reply: SamlReply, us: string): Observed<SamlProviderSpec> {
  const { owner, key } = readName(reply.name);
  const { sign_assertion: assertion, sign_response: response } = reply;
  const mappings = [...reply.property_mappings, reply.name_id_mapping].filter((id) => id !== null);
  const keys = [reply.signing_kp, reply.encryption_kp, reply.verification_kp].filter((pk) => pk !== null);
  return {
    // Names contain the owner, so a foreign provider never has the key of ours.
    address: { kind, key: owner === us ? key : `${reply.name} (${reply.pk})` },
    id: providerId(reply.pk),
    owner,
    spec: {
      acsUrl: reply.acs_url,
      audience: reply.audience,
      issuer: statedIssuer(reply),
      binding: reply.sp_binding,
      nameIdMapping: reply.name_id_mapping ?? '',
      nameIdFormat: reply.default_name_id_policy,
      propertyMappings: reply.property_mappings,
      signingKey: reply.signing_kp ?? '',
      signs: assertion ? (response ? 'both' : 'assertion') : response ? 'response' : 'nothing',
      assertionLifetime: lifetimeOf(reply, 'assertion_valid_not_on_or_after'),
      sessionLifetime: lifetimeOf(reply, 'session_valid_not_on_or_after'),
      authorizationFlow: reply.authorization_flow,
      invalidationFlow: reply.invalidation_flow,
      hosts: [],
    },
    attributes: attributesOf(reply),
    uses: [...keys, reply.authorization_flow, reply.invalidation_flow, ...mappings],
    widenings: samlWidenings(reply),
    raw: reply,
  };
}

/** Seconds. A server that does not show a lifetime has the default. */
function lifetimeOf(
  reply: SamlReply,
  field: 'assertion_valid_not_on_or_after' | 'session_valid_not_on_or_after',
): number {
  return readLifetime(reply[field] ?? unwidenedSaml[field]);
}

/** The text of the provider itself; empty: its metadata's address. */
function statedIssuer(reply: SamlReply): string {
  return reply.issuer ?? reply.issuer_override ?? '';
}

function attributesOf(reply: SamlReply): Readonly<Record<string, string>> {
  const issuer = statedIssuer(reply);
  const { url_issuer: address = '' } = reply;
  return {
    id: String(reply.pk),
    ...(issuer !== '' && { issuer }),
    // The host is that of the request, which is not always the one that browsers use.
    ...(URL.canParse(address) && { issuerPath: new URL(address).pathname }),
  };
}

async function create(
  key: string,
  want: SamlProviderSpec,
  world: World,
): Promise<Readonly<Record<string, string>>> {
  await world.notes.put(samlTopic, key);
  const wire = authentikOf(world);
  const reply = (await wire.post(providers, {
    name: markName(world.scope.owner, key),
    ...unwidenedSaml,
    ...Object.assign({}, ...sentFields.map((field) => written[field](want))),
    ...writtenIssuer(want, undefined),
  })) as SamlReply;
  // Only the reply of an older server shows that it ignored the newer name.
  const isOlder = want.issuer !== undefined && reply.issuer !== undefined && reply.issuer !== want.issuer;
  const whole = isOlder
    ? ((await wire.patch(`${providers}${reply.pk}/`, writtenIssuer(want, reply))) as SamlReply)
    : reply;
  confirm(want, comparedFields, whole, world);
  return attributesOf(whole);
}

/** Sends only the fields that differ. */
async function update(
  { drift, address }: ReadyChange<SamlProviderSpec>,
  want: SamlProviderSpec,
  have: Observed<SamlProviderSpec>,
  world: World,
): Promise<Readonly<Record<string, string>>> {
  await world.notes.put(samlTopic, address.key);
  const body = {
    ...(have.owner !== world.scope.owner && { name: markName(world.scope.owner, address.key) }),
    ...Object.assign({}, ...sentFields.filter((field) => drift.includes(field)).map((f) => written[f](want))),
    ...(drift.includes('issuer') && writtenIssuer(want, have.raw as SamlReply)),
  };
  if (Object.keys(body).length === 0) return have.attributes;
  const reply = await authentikOf(world).patch(`${providers}${have.attributes.id}/`, body);
  confirm(want, drift, reply as SamlReply, world);
  return attributesOf(reply as SamlReply);
}

/** @throws IneffectiveError when the reply does not show what was sent. */
function confirm(want: SamlProviderSpec, sent: readonly string[], reply: SamlReply, world: World): void {
  const { spec } = observed(reply, world.scope.owner);
  confirmEffect(sent, samlProvider.drift?.(want, spec) ?? []);
}
