import { reconcilers } from '../../../reconcilers/index.ts';

/**
 * Every kind of Authentik that a run reads or writes, in the order of the index. `admission` only checks, and `user` is
 * read only for a file that names users.
 */
export const authentikKinds = reconcilers.filter(
  ({ kind }) => kind.startsWith('authentik/') && kind !== 'authentik/admission' && kind !== 'authentik/user',
);
