import { rotate as rotateToken } from '../../reconcilers/cloudflare/service-token/rotation.ts';
import type { ServiceTokenSpec } from '../../reconcilers/cloudflare/service-token.ts';
import { parseConfig } from '../config/parse-config.ts';
import { addressId } from '../core/address.ts';
import type { Deliver } from '../core/delivery.ts';
import { ConfigError } from '../core/errors.ts';
import type { DesiredObject } from '../core/object.ts';
import { compile } from '../desired/compile.ts';
import { effectsMaker } from './effects.ts';
import { exclusively } from './exclusive.ts';
import { readGatesFile, tellMistakes } from './file.ts';
import { readSettings } from './settings.ts';
import { tell } from './terminal.ts';

export interface RotateOptions {
  readonly file: string;
  readonly name: string;
  readonly color: boolean;
}

/** Seconds that the old secret stays good where the file says nothing: a day for whoever has to fetch the new one. */
const defaultOverlap = 86_400;

/** Gives one service token a new secret, keeps it and delivers it. 0, or 1 with mistakes in the file. */
export async function rotate({ file, name, color }: RotateOptions): Promise<number> {
  const text = await readGatesFile(file);
  const read = parseConfig(text);
  if (!read.ok) {
    tellMistakes(read.mistakes, file, text, color);
    return 1;
  }
  const { config } = read.parsed;
  const token = config.serviceTokens.get(name);
  if (token === undefined) {
    const names = [...config.serviceTokens.keys()].join(', ');
    throw new ConfigError(`${file} has no service token "${name}"`, {
      hint: names === '' ? 'It has none' : `It has: ${names}`,
    });
  }
  const settings = readSettings(process.env);
  const make = effectsMaker(settings);
  return exclusively(settings.stateDir, 'gates rotate', async (turn) => {
    const { scope, objects } = compile(config);
    const world = make(turn.signal, turn).world(scope);
    const seconds = token.rotate?.overlap ?? defaultOverlap;
    const { way, oldUntil, delivered } = await rotateToken(world, name, {
      overlap: seconds * 1000,
      sinks: sinksOf(objects, name),
    });
    const until = oldUntil.toISOString();
    if (way === 'rotated') tell(`${name} has a new secret; the old one is good until ${until}`);
    else
      tell(
        `${name} has a second token beside the first, which is good until ${until}: an apply after that retires it`,
      );
    for (const sink of delivered) tell(`delivered to ${sink.file}`);
    return 0;
  });
}

/** The files that the file at hand names, which need not be those that had the old secret. */
function sinksOf(objects: readonly DesiredObject[], name: string): readonly Deliver[] {
  const token = objects.find(({ address }) => addressId(address) === `cloudflare/service-token:${name}`);
  return (token?.spec as ServiceTokenSpec | undefined)?.deliver ?? [];
}
