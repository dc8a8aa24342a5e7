import { ConfigError } from '../../core/errors.ts';

/** The key of a signature, as people compare it. */
export interface SignerKey {
  /** `ED25519 key SHA256:…`, `GPG key A88D…`. */
  readonly name: string;
  /** The owner of the key by the operator's file; undefined if the key is not in it. */
  readonly owner?: string;
}

const AGAIN = 'git commit --amend --no-edit -S && git push --force-with-lease';

/** The reasons why a commit is not trusted, each with advice for its author or the operator. */
export const refusals = {
  unsigned: () =>
    new ConfigError('The commit is not signed, and this daemon accepts only signed commits', {
      hint: `Sign it: ${AGAIN}`,
    }),
  unknownKind: () =>
    new ConfigError('The commit has a signature of a sort that gates cannot check', {
      hint: `Sign it with an ssh or a GPG key: ${AGAIN}`,
    }),
  noSigners: (kind: 'ssh' | 'gpg') =>
    new ConfigError(
      kind === 'ssh'
        ? 'The commit is signed with an ssh key, and here only GPG keys are allowed'
        : 'The commit is signed with a GPG key, and here only ssh keys are allowed',
      {
        hint:
          kind === 'ssh'
            ? 'Sign it with a key of the keyring, or let the daemon know ssh keys by GATES_GIT_ALLOWED_SIGNERS_FILE'
            : 'Sign it with a key of the allowed signers, or let the daemon know GPG keys by GATES_GIT_KEYRING_FILE',
      },
    ),
  broken: () =>
    new ConfigError('The signature does not fit the commit: one of them was changed afterwards', {
      hint: `Find out who pushed it. If it was you, sign it again: ${AGAIN}`,
    }),
  foreign: ({ name }: SignerKey, list: string, remark = '') =>
    new ConfigError('The commit is signed by a key that is not allowed', {
      hint: `It is ${name}${remark}. If that is one of yours, add it to ${list}; if not, find out who may push`,
    }),
  expired: (key: SignerKey, when: string) =>
    new ConfigError('The commit is signed by a key that has expired', {
      hint: `It is ${named(key)}, ${when}. Sign with a key that is still good, or prolong this one`,
    }),
  early: (key: SignerKey, when: string) =>
    new ConfigError('The commit is signed by a key that is not valid yet', {
      hint: `It is ${named(key)}, ${when}. Sign with a key that is good now`,
    }),
  revoked: (key: SignerKey) =>
    new ConfigError('The commit is signed by a key that was revoked', {
      hint: `It is ${named(key)}. Find out who still has it, and sign with another`,
    }),
};

function named({ name, owner }: SignerKey): string {
  return owner === undefined ? name : `${name} of ${owner}`;
}
