import type { ReadyChange } from '../../../src/core/change.ts';
import { RejectedError } from '../../../src/core/errors.ts';
import type { DoorEffect } from '../../../src/core/objects/door.ts';
import type { Outcome } from '../../../src/core/outcome.ts';
import type { Reconciler } from '../../../src/core/reconciler.ts';
import type { World } from '../../../src/core/world.ts';
import { done, failed } from '../../shared/carry-out.ts';
import { awaitWrites, certificateWriteTopic, notingWrite } from '../access/application/path-writes.ts';
import { forgetArrived } from '../access/session/moment.ts';
import {
  authorityNames,
  type CertificateReply,
  certificateRows,
  certificatesPath,
  patiently,
} from './certificate-row.ts';

/**
 * A host at which the client certificates of an authority are valid. Keyed by the authority's key and the host. It has
 * no mark: its owner is that of the authority.
 */
export interface CertificateHostSpec {
  /** Id of the authority. */
  readonly authority: string;
  /** In lower case. */
  readonly host: string;
  /** Only desired: no live policy of the host asks for a certificate, so another valid one admits nobody yet. */
  readonly unasked?: true;
}

const kind = 'cloudflare/certificate-host';

/** The key of a host of the authority with this key. */
export function certificateHostKey(authority: string, host: string): string {
  return `${authority} ${host}`;
}

export const certificateHost: Reconciler<CertificateHostSpec> = {
  kind,
  title: 'host of a certificate authority',
  traits: { unmarked: true },

  async observe(world) {
    return (await certificateRows(world)).flatMap((reply) => {
      const { id, associated_hostnames: hosts } = reply;
      const { key, owner } = authorityNames(reply);
      return (hosts ?? []).map((name) => {
        const host = name.toLowerCase();
        return {
          address: { kind, key: certificateHostKey(key, host) },
          id: `${id} ${host}`,
          owner,
          spec: { authority: id, host },
          attributes: {},
          uses: [id],
        };
      });
    });
  },

  drift: (want, have) => (want.authority === have.authority ? [] : ['authority']),

  /**
   * Policies ask for a certificate, whichever authority of the host issued it. So a new authority admits more people
   * wherever one asks already, and comes after every gate has been narrowed; an old one goes before any gate admits
   * others. If nothing else changes there, the new one comes first, so that nobody stands outside in between.
   */
  doors(want, have) {
    const host = String(want?.host ?? have?.spec.host ?? '');
    if (want === undefined) return [{ host, step: 'guard', alone: 'unguard' } satisfies DoorEffect];
    if (want.unasked === true) return [{ host, step: 'guard' }];
    return [{ host, step: 'unguard', alone: 'guard' }];
  },

  async write(changes, world) {
    const outcomes: Outcome[] = [];
    for (const group of byAuthority(changes).values()) outcomes.push(...(await writeHosts(group, world)));
    return outcomes;
  },

  moments: {
    arrive: (world, next) =>
      next === undefined
        ? forgetArrived(world, certificateWriteTopic)
        : awaitWrites(world, certificateWriteTopic, next),
  },
};

type HostChange = ReadyChange<CertificateHostSpec>;

function authorityOf({ want, have }: HostChange): string {
  return want?.authority ?? have?.spec.authority ?? '';
}

function hostOf({ want, have }: HostChange): string {
  return want?.host ?? have?.spec.host ?? '';
}

function byAuthority(changes: readonly HostChange[]): ReadonlyMap<string, readonly HostChange[]> {
  const ids = [...new Set(changes.map(authorityOf))];
  return new Map(ids.map((id) => [id, changes.filter((change) => authorityOf(change) === id)]));
}

/** Writes the hosts of one authority, which are one list of the API, in one call. */
async function writeHosts(changes: readonly HostChange[], world: World): Promise<readonly Outcome[]> {
  const [first] = changes;
  if (first === undefined) return [];
  const path = `${await certificatesPath(world)}/${authorityOf(first)}`;
  const [coming, leaving] = [true, false].map(
    (comes) => new Set(changes.filter(({ want }) => (want !== undefined) === comes).map(hostOf)),
  );
  try {
    await notingWrite(world, certificateWriteTopic, changes.map(hostOf), () =>
      putHosts(path, { coming: coming ?? new Set(), leaving: leaving ?? new Set() }, world),
    );
    return changes.map((change) => done(change, change.want === undefined ? undefined : {}));
  } catch (error) {
    return changes.map((change) => failed(change, error));
  }
}

async function putHosts(
  path: string,
  { coming, leaving }: { readonly coming: ReadonlySet<string>; readonly leaving: ReadonlySet<string> },
  world: World,
): Promise<void> {
  const { cloudflare } = world;
  const live = (await cloudflare.get(path)) as CertificateReply | undefined;
  if (live === undefined) {
    if (coming.size === 0) return;
    throw new RejectedError('The certificate authority is gone', { hint: 'The next run makes it again' });
  }
  const before = (live.associated_hostnames ?? []).map((host) => host.toLowerCase());
  const after = [...new Set([...before, ...coming])].filter((host) => !leaving.has(host)).sort();
  const isSame = before.length === after.length && before.every((host) => after.includes(host));
  const body = { name: live.name, associated_hostnames: after };
  if (!isSame) await patiently(world, () => cloudflare.put(path, body));
}
