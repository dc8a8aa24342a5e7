import type { Exposure, Sandbox } from '../../../src/lab/sandbox/index.ts';
import type { SandboxProcess } from '../../e2e/support/processes.ts';
import { type Admission, admissionOf, guardsOf, union } from '../random-files/admission.ts';
import { type Deed, perform } from '../random-files/drift.ts';
import { emptyFile, type RandomFile } from '../random-files/file.ts';

/**
 * Finds people who get in though no file admits them, by the sandbox after every write. During the changes of a day,
 * the people of each file may get in; in the evening, only those of the last one. A door that was opened by hand does
 * not count until then.
 */
export class Oracle {
  readonly #sandbox: SandboxProcess;
  readonly #byHand = new Set<string>();
  #admission: Admission = admissionOf(emptyFile);
  #seen = 0;

  constructor(sandbox: SandboxProcess) {
    this.#sandbox = sandbox;
  }

  /** Adds a file that may be applied from now on. */
  async admit(file: RandomFile): Promise<void> {
    this.#admission = union(this.#admission, admissionOf(file));
    await this.#sandbox.admin('PUT', '/guards', guardsOf(this.#admission));
  }

  /** Sets the only applied file, while the daemon is idle, and returns who gets in then. */
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

  /** Changes one of our objects by hand, while the daemon is idle. False if there was nothing to change. */
  async change(deed: Deed): Promise<boolean> {
    const state = JSON.stringify(await this.#sandbox.admin('GET', '/state'));
    // These are the needed parts of a sandbox in process.
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

  /** The people who got in since the last call, without those whom a change by hand admits. */
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

  /** A person for each group, who is in no other. */
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
