import type { Exposure, Sandbox } from '../../../src/lab/sandbox/index.ts';
import type { SandboxProcess } from '../../e2e/support/processes.ts';
import { type Admission, admissionOf, guardsOf, union } from '../random-files/admission.ts';
import { type Deed, perform } from '../random-files/drift.ts';
import { emptyFile, type RandomFile } from '../random-files/file.ts';

/**
 * Who gets in whom no file admits, as the sandbox sees it after every write. While files follow each other, whom each
 * of them admits may get in; in the evening, whom the last one admits. What a hand opened is the hand's until then.
 */
export class Oracle {
  readonly #sandbox: SandboxProcess;
  readonly #byHand = new Set<string>();
  #admission: Admission = admissionOf(emptyFile);
  #seen = 0;

  constructor(sandbox: SandboxProcess) {
    this.#sandbox = sandbox;
  }

  /** From now on this file may be in force, too. */
  async admit(file: RandomFile): Promise<void> {
    this.#admission = union(this.#admission, admissionOf(file));
    await this.#sandbox.admin('PUT', '/guards', guardsOf(this.#admission));
  }

  /** While the daemon is idle: this file is in force, and no other. Answers with who gets in then. */
  async admitOnly(file: RandomFile): Promise<readonly Exposure[]> {
    this.#byHand.clear();
    this.#admission = admissionOf(emptyFile);
    await this.#sandbox.admin('DELETE', '/guards');
    await this.admit(file);
    await this.#joinGroups();
    await this.#sandbox.admin('DELETE', '/exposures');
    this.#seen = 0;
    await this.#sandbox.admin('POST', '/clock', { advance: '0s' });
    return this.exposed();
  }

  /** While the daemon is idle: a person changes one of our objects. False where there was nothing to change so. */
  async change(deed: Deed): Promise<boolean> {
    const state = JSON.stringify(await this.#sandbox.admin('GET', '/state'));
    // What is needed of a sandbox in process.
    const stand = {
      accountId: this.#sandbox.accountId,
      zones: [{ id: this.#sandbox.zoneId, name: 'example.dev' }],
      urls: { admin: '' },
      snapshot: () => state,
      fetch: async (where: string, init: RequestInit) => {
        const body = init.body === undefined ? undefined : JSON.parse(String(init.body));
        const answer = await this.#sandbox.admin(init.method ?? 'GET', where, body);
        return new Response(JSON.stringify(answer ?? ''));
      },
    } as unknown as Sandbox;
    const said = await perform(stand, deed);
    for (const { host, principal } of await this.#news()) this.#byHand.add(`${host} ${nameOf(principal)}`);
    return !/: (?:nothing there|refused)/.test(said);
  }

  /** Who got in since this was asked the last time, but for those whom a hand let in. */
  async exposed(): Promise<readonly Exposure[]> {
    const news = await this.#news();
    return news.filter(({ host, principal }) =>
      [nameOf(principal), 'anonymous'].every((name) => !this.#byHand.has(`${host} ${name}`)),
    );
  }

  async #news(): Promise<readonly Exposure[]> {
    const all = (await this.#sandbox.admin('GET', '/exposures')) as readonly Exposure[];
    const news = all.slice(this.#seen);
    this.#seen = all.length;
    return news;
  }

  /** Somebody in each group and in no other. */
  async #joinGroups(): Promise<void> {
    const { authentik } = (await this.#sandbox.admin('GET', '/state')) as {
      readonly authentik: Readonly<Record<'groups' | 'users', readonly Readonly<Record<string, unknown>>[]>>;
    };
    for (const [username, group] of [
      ['ana', 'family'],
      ['root', 'admins'],
    ] as const) {
      const pk = authentik.groups.find(({ name }) => name === group)?.pk;
      const person = authentik.users.find((user) => user.username === username);
      const groups = pk === undefined ? [] : [pk];
      const edit =
        person === undefined
          ? { method: 'POST', path: '/api/v3/core/users/', body: { username, name: username, groups } }
          : { method: 'PATCH', path: `/api/v3/core/users/${person.pk}/`, body: { groups } };
      await this.#sandbox.admin('POST', '/edit', { actor: 'somebody', system: 'authentik', ...edit });
    }
  }
}

function nameOf(principal: string): string {
  return principal.replace(/, .*/, '');
}
