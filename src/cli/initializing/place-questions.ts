import { ConfigError, describeError, GatesError } from '../../core/errors.ts';
import type { Asker } from '../../doctor/chart/check.ts';
import type { FilePlace } from '../../init/file-draft.ts';
import { knownName, knownNames } from '../../init/names.ts';
import type { AnswerReading } from '../../init/question.ts';
import type { Settings } from '../surroundings/settings.ts';
import { type Dialogue, say } from './dialogue.ts';
import type { InitCommandOptions } from './init-options.ts';
import { accountsOf, cloudflareAsker, judgedToken, tunnelNames, zonesOfAccount } from './systems.ts';

/** The place of the file at Cloudflare, and the way there. */
export interface CloudflarePlace extends FilePlace {
  readonly cloudflare: Asker;
  readonly token: string;
  readonly zoneReplies: readonly { readonly id: string; readonly name: string }[];
}

/** Asks for the token, the account, the zones and the tunnel: only for what Cloudflare does not say. */
export async function cloudflarePlace(
  dialogue: Dialogue,
  options: InitCommandOptions,
  settings: Settings,
): Promise<CloudflarePlace> {
  const { token, cloudflare, accounts } = await tokenFor(dialogue, settings);
  const account = await accountOf(dialogue, options.account, cloudflare, accounts);
  const zones = await zonesOfAccount(cloudflare, account);
  const names = zones.map(({ name }) => name).sort();
  const zoneNames = await wantedZones(dialogue, options.zone, names);
  const tunnels = await tunnelNames(cloudflare, account);
  const tunnel = await tunnelFor(dialogue, options.tunnel, tunnels);
  return {
    ...{ owner: options.owner, account, zones: zoneNames, tunnel, cloudflare, token },
    zoneReplies: zones.filter(({ name }) => zoneNames.includes(name)),
  };
}

interface TokenAnswer {
  readonly token: string;
  readonly cloudflare: Asker;
  readonly accounts: Awaited<ReturnType<typeof accountsOf>>;
}

function tokenFor(dialogue: Dialogue, settings: Settings): Promise<TokenAnswer> {
  return dialogue.answer<TokenAnswer>(
    {
      flag: 'CLOUDFLARE_API_TOKEN',
      text: 'Cloudflare API token, with the permissions of docs/first-hour.md',
      secret: true,
      read: (token) =>
        checked(async () => {
          const cloudflare = cloudflareAsker(settings, token, dialogue.signal);
          const accounts = await accountsOf(cloudflare).catch((error: unknown) => error);
          if (!Array.isArray(accounts)) {
            // The doctor knows a token that is not valid from one that may not do something.
            const judged = await judgedToken({ cloudflare, signal: dialogue.signal });
            if ('wrong' in judged) return judged;
            throw accounts;
          }
          const value = { token, cloudflare, accounts };
          if (accounts.length === 0) return { wrong: 'The token sees no account' };
          // Rights belong to an account, so with several the doctor waits for the next answer.
          if (accounts.length > 1) return { value };
          const judged = await judgedToken({ cloudflare, signal: dialogue.signal });
          return 'wrong' in judged ? judged : { ...judged, value };
        }),
    },
    settings.cloudflareToken,
  );
}

async function accountOf(
  dialogue: Dialogue,
  given: string | undefined,
  cloudflare: Asker,
  accounts: TokenAnswer['accounts'],
): Promise<string> {
  const [only, ...others] = accounts;
  if (given === undefined && only !== undefined && others.length === 0) {
    say(`Account ${only.name} (${only.id}), the only one`);
    return only.id;
  }
  if (given === undefined) for (const { id, name } of accounts) say(`${id}  ${name}`);
  const known = accounts.map(({ name }) => name);
  return dialogue.answer<string>(
    {
      flag: '--account',
      text: 'Account, by its name or id',
      read: (answer) =>
        checked(async () => {
          const read = knownName(answer, [...known, ...accounts.map(({ id }) => id)], 'account');
          if ('wrong' in read)
            return { wrong: `There is no account "${answer}". There is: ${known.join(', ')}` };
          const value = accounts.find(({ name }) => name === read.value)?.id ?? read.value;
          const judged = await judgedToken({ cloudflare, account: value, signal: dialogue.signal });
          return 'wrong' in judged ? judged : { ...judged, value };
        }),
    },
    given,
  );
}

async function wantedZones(
  dialogue: Dialogue,
  given: readonly string[],
  names: readonly string[],
): Promise<readonly string[]> {
  const [only, ...others] = names;
  if (only === undefined)
    throw new ConfigError('The account has no zone that this token sees', {
      hint: 'Add your domain to Cloudflare, and name it among the Zone Resources of the token',
    });
  if (given.length === 0 && others.length === 0) {
    say(`Zone ${only}, the only one`);
    return [only];
  }
  return dialogue.answer<readonly string[]>(
    {
      flag: '--zone',
      text: `Zones, of ${names.join(', ')}`,
      preset: { words: 'all', answer: names.join(' ') },
      read: (answer) => knownNames(answer, names, 'zone'),
    },
    given.length === 0 ? undefined : given.join(' '),
  );
}

async function tunnelFor(
  dialogue: Dialogue,
  given: string | undefined,
  names: readonly string[],
): Promise<string> {
  const [only, ...others] = names;
  if (only === undefined)
    throw new ConfigError('The account has no tunnel', {
      hint: 'Make one (docs/first-hour.md, The tunnel), and begin again',
    });
  if (given === undefined && others.length === 0) {
    say(`Tunnel ${only}, the only one`);
    return only;
  }
  return dialogue.answer<string>(
    {
      flag: '--tunnel',
      text: `Tunnel to your servers, of ${names.join(', ')}`,
      read: (answer) => knownName(answer, names, 'tunnel'),
    },
    given,
  );
}

/** The reading of an answer, or the failure of the question that checks it. */
export async function checked<Value>(
  read: () => Promise<AnswerReading<Value>>,
): Promise<AnswerReading<Value>> {
  try {
    return await read();
  } catch (error) {
    if (!(error instanceof GatesError)) throw error;
    return { wrong: describeError(error) };
  }
}
