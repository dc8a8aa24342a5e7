import { systemClock } from '../../clients/state/clock.ts';
import { ConfigError } from '../../core/errors.ts';
import type { Turn } from '../../daemon/lease/lease-turn.ts';
import { type LastGood, lastGoodFile } from '../../daemon/run/last-good.ts';
import { openRepository } from '../../daemon/run/open-repository.ts';
import type { Settings } from '../surroundings/settings.ts';
import { redactor, tell } from '../surroundings/terminal.ts';

/** A revision of the watched branch that a person wants to apply. */
export interface HeldRevision {
  readonly revision: string;
  readonly text: Uint8Array;
  /** The name of the file in messages, `gates.yaml@1a2b3c4d`. */
  readonly name: string;
  /** Makes it the last good revision before the first write, so that the daemon continues with it whatever happens. */
  agreed(): Promise<void>;
  /** Records that everything it asks for is done. */
  done(): Promise<void>;
}

/**
 * Reads a revision of the branch that `gates run` watches. Once agreed to, it is held in place of the head until the
 * branch moves; applying the head itself ends a hold.
 *
 * Throws ConfigError if no repository is set, for a text that is no commit of the branch, and for a commit without a
 * file; UnreachableError and RejectedError as the repository answers.
 */
export async function heldRevision(
  wanted: string,
  settings: Settings,
  { allow, by }: { readonly allow: LastGood['allow']; readonly by: string },
  turn: Turn,
): Promise<HeldRevision> {
  const { repository, branch, stateDir } = settings;
  if (repository === undefined) {
    throw new ConfigError('No repository to take the revision from', {
      hint: 'Set GATES_REPOSITORY, and GATES_STATE_DIR, as `gates run` has them',
    });
  }
  const git = openRepository({ ...settings, repository, environment: { ...process.env } }, redactor);
  const { head, earlier } = await git.readEarlier(wanted, turn.signal);
  if ('error' in earlier.file) throw earlier.file.error;
  const { revision, author, subject } = earlier;
  const { bytes } = earlier.file;
  const short = revision.slice(0, 8);
  const since = systemClock.now().toISOString();
  const held = revision === head ? {} : { held: { head, by, since } };
  const good = { revision, author, subject, allow, since, bytes, ...held };
  const lastGood = lastGoodFile(stateDir);
  const keep = async (applied: boolean) => {
    await turn.mayWrite();
    await lastGood.save({ ...good, applied });
  };
  return {
    revision,
    text: bytes,
    name: `${settings.file}@${short}`,
    async agreed() {
      await keep(false);
      if (revision === head) tell(`${short} is the head of ${branch}: nothing is held any more`);
      else tell(`held at ${short} until ${branch} moves on from ${head.slice(0, 8)}`);
    },
    done: () => keep(true),
  };
}
