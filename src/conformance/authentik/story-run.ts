import { describeError, UnreachableError } from '../../core/errors.ts';
import { type Answer, asBelieved, notAsked, otherwise } from '../belief.ts';
import { ClaimError, unchanged } from './claims.ts';
import { standing, sweep } from './leftovers.ts';
import type { Names } from './names.ts';
import { createPerson, type Person } from './person.ts';
import type { StoryServer } from './server.ts';
import { type CallTally, createStage } from './stage.ts';
import { type Story, Unshown } from './story.ts';

/** The result of one story. */
export interface Played {
  readonly answer: Answer;
  readonly tally: Readonly<Pick<CallTally, 'calls' | 'writes'>>;
}

const uuid = /[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g;

/** Plays stories at a server, one after the other, and removes the objects of each before the next one begins. */
export class StoryRun {
  readonly #server: StoryServer;
  readonly #names: Names;
  readonly #person: Person;
  #before: ReadonlyMap<string, string> | undefined;

  constructor(server: StoryServer, names: Names) {
    this.#server = server;
    this.#names = names;
    this.#person = createPerson(server);
  }

  /** Removes what an earlier run of this owner left. */
  async begin(): Promise<void> {
    await sweep(this.#person, this.#names);
    this.#before = await standing(this.#person);
  }

  /**
   * Plays one story. A refusal of the API is an answer, and so is a change to foreign objects.
   * @throws UnreachableError if the server did not answer: such a story says nothing about it.
   */
  async play(story: Story): Promise<Played> {
    if (this.#before === undefined) await this.begin();
    const { signal } = this.#server;
    const { reconcilers } = story;
    const stage = createStage({ server: this.#server, names: this.#names, reconcilers });
    const { tally } = stage;
    const acted = await story.act(stage).then(
      () => asBelieved({ calls: tally.calls, writes: tally.writes }),
      (error: unknown) => this.#answerTo(error, tally.unanswered),
    );
    signal.throwIfAborted();
    const changes = await this.#tidy();
    return { answer: acted.state === 'otherwise' ? acted : (changes ?? acted), tally };
  }

  #answerTo(error: unknown, unanswered: number): Answer {
    this.#server.signal.throwIfAborted();
    if (error instanceof Unshown) return notAsked(error.message);
    const seen = this.#withoutIds(describeError(error));
    if (unanswered === 0) return otherwise(seen);
    throw new UnreachableError('Authentik did not answer', {
      hint: `See whether it runs, and start again: the run goes on from here (${seen})`,
      cause: error,
    });
  }

  /** The same text at every server with this behavior. */
  #withoutIds(text: string): string {
    return text.replaceAll(this.#names.owner, 'conformance').replaceAll(uuid, '…');
  }

  /** An answer if the story, or somebody else meanwhile, changed foreign objects. */
  async #tidy(): Promise<Answer | undefined> {
    await sweep(this.#person, this.#names);
    const [then, now] = [this.#before ?? new Map(), await standing(this.#person)];
    // A foreign change makes one story differ, and not all later ones.
    this.#before = now;
    try {
      unchanged('what others have on the server', now, then);
      return undefined;
    } catch (error) {
      if (!(error instanceof ClaimError)) throw error;
      return otherwise(this.#withoutIds(error.message));
    }
  }
}
