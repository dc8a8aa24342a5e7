import type { Observed } from '../../../src/core/objects/object.ts';
import type { TestWorld } from '../../support/world.ts';
import { inZone } from './first-zone.ts';

/** The fields of a rule that the tests read. */
export interface PhaseRule {
  readonly id: string;
  readonly ref: string;
  readonly expression: string;
  readonly action: string;
  readonly action_parameters: object;
}

/** Reads and edits the rules of one phase in the first zone of a test's sandbox, as a person at the dashboard would. */
export class PhaseRules {
  /** The address of the list, with any zone. */
  readonly collection: string;
  readonly #path: string;

  constructor(phase: string) {
    this.#path = `rulesets/phases/${phase}/entrypoint`;
    this.collection = `/zones/*/${this.#path}`;
  }

  read(test: TestWorld): Promise<{ readonly id: string; readonly rules: readonly PhaseRule[] }> {
    return test.edit('GET', this.#entrypoint(test)) as ReturnType<PhaseRules['read']>;
  }

  async change(have: Observed, test: TestWorld, changes: object): Promise<unknown> {
    const { id, version, last_updated, ...raw } = have.raw as PhaseRule & Record<string, unknown>;
    return test.edit('PATCH', await this.#ruleAt(test, id), { ...raw, ...changes });
  }

  async remove(have: Observed, test: TestWorld): Promise<unknown> {
    return test.edit('DELETE', await this.#ruleAt(test, have.attributes.id ?? ''));
  }

  /** Adds a foreign rule behind all others. */
  async add(test: TestWorld, given: object): Promise<void> {
    try {
      const { id } = await this.read(test);
      await test.edit('POST', inZone(test, `rulesets/${id}/rules`), given);
    } catch {
      await test.edit('PUT', this.#entrypoint(test), { rules: [given] });
    }
  }

  /** Adds foreign rules, and returns the address of their list. */
  async crowd(test: TestWorld, given: readonly object[]): Promise<string> {
    for (const rule of given) await this.add(test, rule);
    return this.#entrypoint(test);
  }

  #entrypoint(test: TestWorld): string {
    return inZone(test, this.#path);
  }

  async #ruleAt(test: TestWorld, rule: string): Promise<string> {
    const { id } = await this.read(test);
    return inZone(test, `rulesets/${id}/rules/${rule}`);
  }
}
