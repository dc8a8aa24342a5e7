import type { Asker } from '../../doctor/chart/check.ts';
import type { Settings } from '../surroundings/settings.ts';
import { redactor } from '../surroundings/terminal.ts';
import type { Dialogue } from './dialogue.ts';
import type { InitCommandOptions } from './init-options.ts';
import { checked } from './place-questions.ts';
import { answersAsAuthentik, authentikAsker, judgedToken } from './systems.ts';

/** Authentik, with the token to read it. */
export interface AuthentikReach {
  readonly url: string;
  readonly token: string;
  readonly authentik: Asker;
}

/** Asks for the address of Authentik and for its token; undefined: there is none. */
export async function authentikPlace(
  dialogue: Dialogue,
  options: InitCommandOptions,
  settings: Settings,
  isNeeded: boolean,
): Promise<AuthentikReach | undefined> {
  const url = await addressFor(dialogue, options.authentik ?? settings.authentikUrl, isNeeded);
  if (url === '') return undefined;
  return dialogue.answer<AuthentikReach>(
    {
      flag: 'AUTHENTIK_TOKEN',
      text: 'API token of Authentik',
      secret: true,
      read: (token) =>
        checked(async () => {
          redactor.register(token);
          const authentik = authentikAsker(url, token, dialogue.signal);
          const judged = await judgedToken({ authentik, signal: dialogue.signal });
          return 'wrong' in judged ? judged : { ...judged, value: { url, token, authentik } };
        }),
    },
    settings.authentikToken,
  );
}

/** The address of Authentik's API; empty: there is none. */
function addressFor(dialogue: Dialogue, given: string | undefined, isNeeded: boolean): Promise<string> {
  return dialogue.answer<string>(
    {
      flag: '--authentik',
      text: 'Address of Authentik inside the LAN, such as http://authentik.lan:9000',
      ...(!isNeeded && { preset: { words: 'none', answer: '' } }),
      read: (answer) =>
        checked(async () => {
          const url = answer.replace(/\/+$/, '');
          if (url === '') return { value: '' };
          if (!/^https?:\/\/[^@]+$/.test(url) || !URL.canParse(url))
            return { wrong: 'It begins with http:// or https://, and contains no user' };
          if (await answersAsAuthentik(url, dialogue.signal)) return { value: url };
          return { wrong: 'No Authentik answers there' };
        }),
    },
    given,
  );
}
