import { describe, expect, it } from 'vitest';
import { rotationTarget } from '../../../src/cli/rotation/rotation-target.ts';
import type { Config } from '../../../src/config/model/config.ts';
import { parseConfig } from '../../../src/config/parse-config.ts';

function configOf(clients: string, serviceTokens: string): Config {
  const read = parseConfig(
    new TextEncoder().encode(`version: 1
owner: home
cloudflare: { account: 0123456789abcdef0123456789abcdef, zones: [example.dev] }
authentik: { url: "http://authentik.lan:9000" }
clients: ${clients}
serviceTokens: ${serviceTokens}
`),
  );
  if (!read.ok) throw new Error(JSON.stringify(read.mistakes));
  return read.parsed.config;
}

const everyone = 'everyone: { reason: machines }';
const config = configOf(
  `{ api: { grantTypes: [client_credentials], signingKey: own, ${everyone} }, both: { grantTypes: [client_credentials], signingKey: own, ${everyone} }, vault: { redirectUris: ["https://vault.example.dev/"], ${everyone} } }`,
  '{ ci: {}, both: {} }',
);

describe('the target of `gates rotate`', () => {
  it.each([
    { name: 'ci', is: ['serviceToken', 'ci'] },
    { name: 'api', is: ['client', 'api'] },
    { name: 'clients.api', is: ['client', 'api'] },
    { name: 'serviceTokens.both', is: ['serviceToken', 'both'] },
    { name: 'clients.both', is: ['client', 'both'] },
  ])('$name', ({ name, is }) => {
    const target = rotationTarget(config, name);
    expect([target.type, target.type === 'client' ? target.client.name : target.token.name]).toEqual(is);
  });

  it.each([
    {
      name: 'both',
      message: '"both" is a client and a service token',
      hint: /gates rotate clients\.both.*gates rotate serviceTokens\.both/,
    },
    {
      name: 'vault',
      message: /clients\.vault signs with the key pair of Authentik/,
      hint: /signingKey: own/,
    },
    {
      name: 'nothing',
      message: /no service token and no client "nothing"/,
      hint: 'It has service tokens: ci, both; clients with a key of their own: api, both',
    },
    { name: 'clients.ci', message: /no client "clients\.ci"/, hint: /^It has/ },
    { name: 'services.api', message: /no client "services\.api"/, hint: /^It has/ },
  ])('does not exist for $name', ({ name, message, hint }) => {
    expect(() => rotationTarget(config, name)).toThrow(message);
    expect(() => rotationTarget(config, name)).toThrow(
      expect.objectContaining({ hint: typeof hint === 'string' ? hint : expect.stringMatching(hint) }),
    );
  });

  it('does not exist in a file without tokens and keys, and the message says so', () => {
    expect(() => rotationTarget(configOf('{}', '{}'), 'ci')).toThrow(
      expect.objectContaining({ hint: 'It has none' }),
    );
  });
});
