import { createSandbox, type LagOptions, parseLag, type Sandbox } from '../../../../src/lab/sandbox/index.ts';
import { askAdmin } from '../../stage/hand.ts';
import { lagOfScenario } from '../../stage/lag.ts';
import { hosts } from '../file.ts';
import { settleNamed } from '../login.ts';
import { type Neighbours, type State, settle, stateOf } from '../neighbours.ts';
import { labHosts, type SecondWriter } from '../second-writer.ts';

/** The world of a chain. */
export interface World {
  readonly neighbours: Neighbours;
  /** Hosts that Traefik does not send through the outpost. */
  readonly deaf: readonly string[];
  /** The delay of writes at the edge, unless the environment sets one: see `parseLag`. */
  readonly lag: 'none' | '5000' | 'random';
  readonly writer: SecondWriter;
}

/** The sandbox in which a chain is played, with its neighbours, its origin and its people. */
export class PlayedWorld {
  readonly sandbox: Sandbox;
  readonly of: World;
  readonly lag: LagOptions;
  #seen: State | undefined;

  private constructor(sandbox: Sandbox, of: World, seed: number) {
    this.sandbox = sandbox;
    this.of = of;
    // Even without a lag, time passes while a run waits: a rejected purge succeeds a minute later.
    this.lag = lagOfScenario() ?? parseLag(of.lag === 'none' ? 'revocations=0' : `${of.lag},seed=${seed}`);
  }

  static async begin(of: World, seed: number): Promise<PlayedWorld> {
    const sandbox = await createSandbox({ zones: ['example.dev'], callBudget: 100_000_000 });
    const world = new PlayedWorld(sandbox, of, seed);
    await settle(sandbox, of.neighbours);
    await settleNamed(sandbox);
    const forwardAuth = [...hosts.filter((host) => !of.deaf.includes(host)), ...labHosts];
    await world.admin('PUT', '/origins', { url: 'http://traefik.lan:80', kind: 'traefik', forwardAuth });
    return world;
  }

  /** Saves the world, and returns a function that restores it any number of times. */
  moment(): () => void {
    const snapshot = this.sandbox.snapshot();
    return () => {
      this.sandbox.restore(snapshot);
      this.changed();
    };
  }

  /** The current state, read once until something happens. */
  state(): State {
    this.#seen ??= stateOf(this.sandbox);
    return this.#seen;
  }

  /** Forgets the state that was read, since something has happened. */
  changed(): void {
    this.#seen = undefined;
  }

  admin(method: string, path: string, body?: unknown): Promise<unknown> {
    this.changed();
    return askAdmin(this.sandbox, method, path, body);
  }

  /** A call by a person during a run: unlike `admin`, it makes nothing arrive at the edge any sooner. */
  async edit(system: string, method: string, path: string, body?: unknown): Promise<unknown> {
    const call = JSON.stringify({ actor: 'somebody', system, method, path, body });
    const reply = await this.sandbox.fetch(`${this.sandbox.urls.admin}/edit`, { method: 'POST', body: call });
    const text = await reply.text();
    if (!reply.ok) throw new Error(`${method} ${path}: ${text}`);
    this.changed();
    return text === '' ? undefined : JSON.parse(text);
  }

  /** Lets the oracle judge this moment. */
  async judge(): Promise<void> {
    await this.admin('POST', '/clock', { advance: '0s' });
  }

  /** Adds a person for each group who is in no other; the sandbox already has one outside all groups. */
  async joinGroups(): Promise<void> {
    const { authentik } = this.state();
    for (const [username, group] of [
      ['ana', 'family'],
      ['root', 'admins'],
      ['gil', 'guests'],
    ]) {
      const pk = authentik.groups.find(({ name }) => name === group)?.pk;
      const person = authentik.users.find((user) => user.username === username);
      const groups = pk === undefined ? [] : [pk];
      if (person !== undefined && String(person.groups) === String(groups)) continue;
      await this.admin('POST', '/edit', {
        ...{ actor: 'somebody', system: 'authentik' },
        ...(person === undefined
          ? { method: 'POST', path: '/api/v3/core/users/', body: { username, name: username, groups } }
          : { method: 'PATCH', path: `/api/v3/core/users/${person.pk}/`, body: { groups } }),
      });
    }
  }
}
