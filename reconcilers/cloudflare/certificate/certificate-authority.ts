import type { ReadyChange } from '../../../src/core/change.ts';
import { QuotaError, RejectedError } from '../../../src/core/errors.ts';
import { markName } from '../../../src/core/objects/marker.ts';
import type { Reconciler } from '../../../src/core/reconciler.ts';
import type { World } from '../../../src/core/world.ts';
import { type Attributes, carryOut } from '../../shared/carry-out.ts';
import {
  areNoted,
  authorityNames,
  type CertificateReply,
  certificateRows,
  certificatesPath,
  forgetAuthorities,
  noteAuthorities,
  patiently,
} from './certificate-row.ts';

/**
 * An authority of client certificates in the account. Keyed by the MD5 fingerprint of its certificate, which never
 * changes. Its hosts are objects of their own (`certificate-host.ts`). Attribute `id`.
 */
export interface CertificateAuthoritySpec {
  /** The rest of its name after `gates:<owner>/`; observed: undefined for one that nobody has marked. */
  readonly name: string | undefined;
  /** Only desired: no reply has it. */
  readonly pem?: string;
}

const kind = 'cloudflare/certificate-authority';

export const certificateAuthority: Reconciler<CertificateAuthoritySpec> = {
  kind,
  title: 'certificate authority',
  traits: { usesNothing: true },

  async observe(world) {
    return (await certificateRows(world)).map((reply) => {
      const { key, owner, name } = authorityNames(reply);
      const { id, created_at: createdAt } = reply;
      return {
        address: { kind, key },
        id,
        owner,
        spec: { name },
        attributes: { id },
        uses: [],
        ...(createdAt !== undefined && { createdAt }),
      };
    });
  },

  drift: (want, have) => (want.name === have.name ? [] : ['name']),

  async write(changes, world) {
    const certificates = await certificatesPath(world);
    const outcomes = await carryOut(changes, (change) => writeOne(change, certificates, world));
    const done = new Set(outcomes.flatMap(({ change, status }) => (status === 'done' ? [change] : [])));
    const gone = changes.flatMap(({ id, verb, have }) =>
      verb === 'prune' && done.has(id) ? [have?.id] : [],
    );
    if (gone.length > 0 && world.scope.certificates !== true) await forgetLast(new Set(gone), world);
    return outcomes;
  },

  moments: {
    /** Forgets also after a run that was stopped between the last removal and the end of its note. */
    async remember(world) {
      if (world.scope.certificates !== true && (await areNoted(world))) await forgetLast(new Set(), world);
    },
  },
};

async function writeOne(
  { want, have }: ReadyChange<CertificateAuthoritySpec>,
  certificates: string,
  world: World,
): Promise<Attributes> {
  const { cloudflare, scope } = world;
  if (want === undefined) {
    if (have !== undefined) await patiently(world, () => cloudflare.delete(`${certificates}/${have.id}`));
    return undefined;
  }
  await noteAuthorities(world);
  const name = markName(scope.owner, want.name ?? '');
  if (have === undefined) {
    const body = { name, certificate: want.pem, associated_hostnames: [] };
    const { id } = (await explained(() =>
      patiently(world, () => cloudflare.post(certificates, body)),
    )) as CertificateReply;
    return { id };
  }
  const path = `${certificates}/${have.id}`;
  const { associated_hostnames: hosts } = ((await cloudflare.get(path)) ?? {}) as CertificateReply;
  await patiently(world, () => cloudflare.put(path, { name, associated_hostnames: hosts ?? [] }));
  return { id: have.id };
}

async function explained<T>(write: () => Promise<T>): Promise<T> {
  try {
    return await write();
  } catch (error) {
    const isRefusal = error instanceof RejectedError && !(error instanceof QuotaError);
    if (!isRefusal || error.facts.status !== 400) throw error;
    throw new RejectedError('Cloudflare refused the certificate authority', {
      hint: 'Maybe the account is not entitled to client certificates at Access (mutual TLS): get that, or remove `certificateAuthorities` from the rules',
      facts: error.facts,
      cause: error,
    });
  }
}

/** A file without authorities, whose last one is gone, need not read them any more. */
async function forgetLast(gone: ReadonlySet<string | undefined>, world: World): Promise<void> {
  // If gates cannot read them now, a later run forgets them.
  const found = await world.read(certificateAuthority).catch(() => undefined);
  const isLeft = found?.some(({ id, owner }) => owner === world.scope.owner && !gone.has(id));
  if (isLeft === false) await forgetAuthorities(world);
}
