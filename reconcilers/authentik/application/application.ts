import { RejectedError, UnsafeError } from '../../../src/core/errors.ts';
import { addressId } from '../../../src/core/objects/address.ts';
import { markComment, readComment, readName } from '../../../src/core/objects/marker.ts';
import type { Observed } from '../../../src/core/objects/object.ts';
import type { ProtectedEntry } from '../../../src/core/objects/protection.ts';
import type { Reconciler } from '../../../src/core/reconciler.ts';
import type { World } from '../../../src/core/world.ts';
import { carryOutBy } from '../../shared/carry-out.ts';
import { type LdapReply, ldapRow } from '../provider/ldap-row.ts';
import { type Oauth2Reply, oauth2Row, providerId } from '../provider/oauth2-row.ts';
import { proxyProvider } from '../provider/proxy-provider.ts';
import { type SamlReply, samlRow } from '../provider/saml-row.ts';
import { authentikOf, listAuthentik } from '../reading/api.ts';
import { atHosts, hostsOfUrl } from '../reading/door-effects.ts';
import { confirmEffect } from '../reading/effect.ts';
import { strictnessRank } from '../reading/flow-strictness.ts';
import { identity } from '../reading/identity.ts';
import { wholeList } from './application-list.ts';

/**
 * An application without its provider and bindings, which are kinds of their own. Without bindings it admits everybody.
 * Keyed by its slug, which is part of issuer and key addresses. Attributes `id` and `slug`.
 */
export interface ApplicationSpec {
  readonly name: string;
  /**
   * Target of its tile, `https://grafana.example.dev/`, by which later runs find its host. Empty: the API's own choice.
   */
  readonly launchUrl: string;
  /** `any`: one binding that agrees is enough. `all`: each policy has to agree, and a person has to be in every group. */
  readonly engine: 'any' | 'all';
  /** The hosts it guards; never sent. */
  readonly hosts: readonly string[];
  /** The entry that the mark protects. Desired: `none` removes the protection; absent: it is kept. */
  readonly protect?: ProtectedEntry | 'none';
}

/** The fields of a reply that the other kinds need. */
export interface AuthentikApplicationReply {
  readonly pk: string;
  readonly slug: string;
  readonly name: string;
  readonly provider: number | null;
  /** Names the type of the provider. */
  readonly provider_obj?: { readonly component?: string } | null;
  readonly meta_launch_url?: string;
  readonly meta_publisher?: string;
  readonly policy_engine_mode?: 'any' | 'all';
}

const kind = 'authentik/application';
const applications = '/core/applications/';

export const application: Reconciler<ApplicationSpec> = {
  kind,
  title: 'Authentik application',
  traits: { takesAlong: true, hasParts: true },

  async observe(world) {
    if (world.authentik === undefined) return [];
    const [replies, proxies] = await Promise.all([applicationsIn(world), world.read(proxyProvider)]);
    const hosts = new Map(proxies.map(({ id, spec }) => [id, spec.hosts]));
    return replies.map((reply) => observed(reply, hosts));
  },

  drift(want, have) {
    const fields: string[] = (['name', 'launchUrl', 'engine'] as const).filter(
      (field) => want[field] !== undefined && want[field] !== '' && want[field] !== have[field],
    );
    const isProtected = want.protect === undefined || want.protect === (have.protect ?? 'none');
    return isProtected ? fields : [...fields, 'protect'];
  },

  doors(want, have) {
    if (want === undefined) return atHosts(have?.spec.hosts ?? [], 'unguard');
    if (have !== undefined && want.engine === have.spec.engine) return [];
    return atHosts(want.hosts, have !== undefined && want.engine === 'any' ? 'unguard' : 'guard');
  },

  login: {
    strictness(want, { spec: { engine } }) {
      if (want === undefined || want.engine === engine) return 0;
      return want.engine === 'all' ? strictnessRank.stricter : strictnessRank.anyBinding;
    },

    loosens: (want, { spec }) => want.engine === 'any' && spec.engine === 'all',
  },

  async write(changes, world) {
    const wire = authentikOf(world);
    const { sideBySide } = world;
    return carryOutBy({ sideBySide }, changes, async ({ verb, address, want, have, drift }) => {
      // An application that gates adopts may have another slug.
      const path = `${applications}${have === undefined ? address.key : replyOf(have).slug}/`;
      if (verb === 'prune') await wire.delete(path);
      if (want === undefined) return undefined;
      if (want.engine === 'any' && have?.spec.engine === 'all') await refuseAlternatives(have.id, world);
      const before = readComment((have?.raw as AuthentikApplicationReply | undefined)?.meta_publisher ?? '');
      const protect = want.protect ?? before.protect ?? 'none';
      const body = {
        ...(have !== undefined && replyOf(have).slug !== address.key && { slug: address.key }),
        name: want.name,
        ...(want.launchUrl !== '' && { meta_launch_url: want.launchUrl }),
        policy_engine_mode: want.engine,
        // Text that a person wrote there stays after the marker.
        meta_publisher: markComment(
          world.scope.owner,
          before.comment,
          protect === 'none' ? undefined : protect,
        ),
      };
      const reply =
        have === undefined
          ? await wire.post(applications, { slug: address.key, ...body })
          : await wire.patch(path, body);
      const { spec } = observed(reply as AuthentikApplicationReply, new Map());
      confirmEffect(drift, application.drift?.(want, spec) ?? []);
      return attributesOf(reply as AuthentikApplicationReply);
    });
  },
};

/** Refuses to let each policy admit people by itself. */
async function refuseAlternatives(id: string, world: World): Promise<void> {
  const bound = (await authentikOf(world).list('/policies/bindings/', { target: id })) as readonly {
    readonly policy: string | null;
    readonly enabled?: boolean;
  }[];
  if (!bound.some(({ policy, enabled }) => policy !== null && enabled !== false)) return;
  throw new UnsafeError('Each policy of the application would admit people by itself', {
    hint: 'The next run removes its policies first; if it may not, remove them in Authentik',
  });
}

/** The reply from which an observed application was read. */
export function replyOf(have: Observed<ApplicationSpec>): AuthentikApplicationReply {
  return have.raw as AuthentikApplicationReply;
}

/**
 * True if one of our applications has a provider of this type (`component` in Authentik), or one of which Authentik does
 * not say the type: perhaps the state folder no longer remembers that gates made one.
 */
export async function hasProviderOfType(world: World, type: string): Promise<boolean> {
  const applications = await world.read(application);
  return applications.some((app) => {
    const { provider, provider_obj: shown } = replyOf(app);
    return app.owner === world.scope.owner && provider !== null && (shown?.component ?? type) === type;
  });
}

/**
 * A superuser can list all applications. Any other token lists only what its user may open, up to a day late, so gates
 * asks for each application by name: those of the file, and those to which a provider of ours is assigned.
 */
async function applicationsIn(world: World): Promise<readonly AuthentikApplicationReply[]> {
  const completeList = await wholeList(world, applications);
  if (completeList !== undefined) return completeList as readonly AuthentikApplicationReply[];
  const [me] = await world.read(identity);
  if (me?.spec.superuser === true) {
    const all = await listAuthentik(world, applications, { superuser_full_list: true });
    return all as readonly AuthentikApplicationReply[];
  }
  const [rows, proxies, saml, ldap] = await Promise.all([
    world.read(oauth2Row),
    world.read(proxyProvider),
    world.read(samlRow),
    world.read(ldapRow),
  ]);
  const replies: readonly (Oauth2Reply | SamlReply | LdapReply)[] = [
    ...[...rows, ...saml, ...ldap].map(({ spec }) => spec),
    ...proxies.map(({ raw }) => raw as Oauth2Reply),
  ];
  // Applications of other owners would cost one call each, in every run.
  const ours = replies.filter(({ name }) => readName(name).owner === world.scope.owner);
  const assigned = ours.map(({ assigned_application_slug: slug }) => slug ?? '');
  const slugs = new Set([...(world.scope.authentik?.applications ?? []), ...assigned]);
  slugs.delete('');
  const found = await Promise.all([...slugs].map((slug) => applicationNamed(world, slug)));
  return found.filter((reply) => reply !== undefined);
}

/**
 * One application as it is now; undefined if it does not exist. Authentik also answers 404 for one that the token may
 * not see, but its access check answers for every application that exists.
 */
export async function applicationNamed(
  world: World,
  slug: string,
): Promise<AuthentikApplicationReply | undefined> {
  const wire = authentikOf(world);
  const path = `${applications}${slug}/`;
  const reply = await wire.get(path);
  if (reply !== undefined) return reply as AuthentikApplicationReply;
  const [me] = await world.read(identity);
  if (me?.spec.superuser === true || (await wire.get(`${path}check_access/`)) === undefined) return undefined;
  throw new RejectedError('Authentik has an application that it does not show to this token', {
    hint: "Give a role of the token's user the permission authentik_core.view_application, or make the user a superuser",
    facts: { detail: slug, applied: 'no' },
  });
}

function observed(
  reply: AuthentikApplicationReply,
  proxyHosts: ReadonlyMap<string, readonly string[]>,
): Observed<ApplicationSpec> {
  const launchUrl = reply.meta_launch_url ?? '';
  const guarded = reply.provider === null ? [] : (proxyHosts.get(providerId(reply.provider)) ?? []);
  const { owner, protect } = readComment(reply.meta_publisher ?? '');
  const address = { kind, key: reply.slug } as const;
  return {
    address,
    id: reply.pk,
    owner,
    spec: {
      name: reply.name,
      launchUrl,
      engine: reply.policy_engine_mode ?? 'any',
      hosts: [...new Set([...guarded, ...hostsOfUrl(launchUrl)])],
      ...(protect !== undefined && { protect }),
    },
    attributes: attributesOf(reply),
    uses: [],
    ...(protect !== undefined && { protection: { entry: protect, carrier: addressId(address) } }),
    raw: reply,
  };
}

function attributesOf({ pk, slug }: AuthentikApplicationReply): Readonly<Record<string, string>> {
  return { id: pk, slug };
}
