import { describe, expect, it } from 'vitest';
import { loginHome, loginStates } from '../homes/access-login-home.ts';
import { homeWithoutMarks, importedAfterApplyOf } from './applied-file.ts';
import { importedFrom } from './imported.ts';

const throughAuthentik = loginStates.filter(({ access }) => access !== 'its own');

describe('importing a home in which Access logs people in through Authentik', () => {
  it.each(throughAuthentik)('leaves nothing to plan after adopt: $name', (login) =>
    importedAfterApplyOf(loginHome(login), []),
  );

  it('names groups and the emergency access as the file had them', async () => {
    const login = throughAuthentik.find(({ name }) =>
      name.startsWith('admins, login through Authentik, with'),
    );
    if (login === undefined) throw new Error('There is no such state');
    const { text } = await importedFrom(await homeWithoutMarks(loginHome(login), []));
    expect(text).toContain('identityProvider: authentik');
    expect(text).toContain('gate: { cloudflare: { groups: [admins] } }');
    expect(text).toContain(
      'emails: [lost@example.dev], reason: "imported: they may log in with a one-time PIN"',
    );
    expect(text).not.toContain('clients:');
  });
});
