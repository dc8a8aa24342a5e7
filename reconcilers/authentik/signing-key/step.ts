import { describeError, GatesError, RejectedError, UnreachableError } from '../../../src/core/errors.ts';

/** The step during which a rotation failed. */
export type Step = 'made' | 'read' | 'handed' | 'switched' | 'published' | 'let go';

const again = (client: string) => `run \`gates rotate ${client}\` again, which begins anew`;

/** The meaning of a failure of each step, and the state after it. */
const failures: Readonly<
  Record<Step, { readonly message: string; readonly hint: (client: string) => string }>
> = {
  made: {
    message: 'The new key pair was not made',
    hint: (client) =>
      `Nothing has changed for tokens. If there is a pair too many, the next run removes it: ${again(client)}`,
  },
  read: {
    message: 'The public half of the new key is not known',
    hint: (client) =>
      `Nothing has changed for tokens, and the next run removes the new pair. Reading it needs the permission authentik_crypto.view_certificatekeypair_key: then ${again(client)}`,
  },
  handed: {
    message: 'The new key is not everywhere where tokens are checked',
    hint: (client) =>
      `The client signs with the old key, which is taken as before, and the next runs remove the new one: ${again(client)}`,
  },
  switched: {
    message: 'The client was not switched to the new key',
    hint: (client) =>
      `Both keys are taken, so that no token is refused, whichever it signs with now: ${again(client)}`,
  },
  published: {
    message: 'The client was switched, and the key that it publishes now was not seen',
    hint: () =>
      'Run `gates apply` at once: it hands out the key that is published, and the old one goes on being taken',
  },
  'let go': {
    message: 'The client was switched, and what the old key leaves behind is not put away',
    hint: () => 'Every valid token is taken. The next run, or `gates apply`, does the rest',
  },
};

/** Runs a step of the rotation of a client's key; its error says what the state is now. */
export async function at<T>(step: Step, client: string, act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (cause) {
    const { message, hint } = failures[step];
    const { code: _, ...facts } = cause instanceof GatesError ? cause.facts : {};
    const options = { hint: hint(client), facts: { ...facts, detail: describeError(cause) }, cause };
    if (cause instanceof RejectedError) throw new RejectedError(message, options);
    throw new UnreachableError(message, options);
  }
}

/** Writes; if the reply is lost, reads whether the write was done. */
export async function confirmed<T>(write: () => Promise<T>, read: () => Promise<T | undefined>): Promise<T> {
  try {
    return await write();
  } catch (error) {
    if (!(error instanceof GatesError) || error.facts.applied !== 'maybe') throw error;
    const found = await read();
    if (found === undefined) throw error;
    return found;
  }
}
