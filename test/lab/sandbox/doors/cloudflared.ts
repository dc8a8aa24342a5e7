import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { programPath } from '../../../support/programs.ts';

/** A rule as the API returns it, which sends the same to cloudflared. */
export interface ConnectorRule {
  readonly hostname?: string;
  readonly path?: string;
  readonly service: string;
  readonly originRequest?: Readonly<Record<string, unknown>>;
}

export interface ConnectorConfiguration {
  readonly ingress: readonly ConnectorRule[];
}

/** The settings that cloudflared's file has as text (`10s`), and its JSON as seconds (config.CustomDuration). */
const DURATIONS = ['connectTimeout', 'keepAliveTimeout', 'tcpKeepAlive', 'tlsTimeout'];

/** The real cloudflared, which only judges a configuration. It opens no connection. */
export class Cloudflared {
  readonly #configuration: ConnectorConfiguration;
  readonly #file: string;

  private constructor(configuration: ConnectorConfiguration, file: string) {
    this.#configuration = configuration;
    this.#file = file;
  }

  /** Its file is in the folder. */
  static async with(configuration: ConnectorConfiguration, folder: string): Promise<Cloudflared> {
    const file = path.join(folder, 'config.yml');
    const ingress = configuration.ingress.map((rule) => ({
      ...rule,
      originRequest: withDurations(rule.originRequest ?? {}),
    }));
    // JSON is YAML.
    await writeFile(file, JSON.stringify({ ingress }));
    return new Cloudflared(configuration, file);
  }

  /** The answers of `ingress validate`: about the JSON that a connector receives, and about the same as a file. */
  async validated(): Promise<readonly string[]> {
    const sent = JSON.stringify(this.#configuration);
    const received = await this.#ingress('validate', '--json', sent);
    return [lastLine(received), lastLine(await this.#ingress('validate'))];
  }

  /** The index of the rule that `ingress rule` picks; `not a URL` if Go does not parse the address. */
  async rule(host: string, where: string): Promise<number | 'not a URL'> {
    const printed = await this.#ingress('rule', `https://${host}${where}`);
    const [, index] = /^Matched rule #(\d+)$/m.exec(printed) ?? [];
    if (index !== undefined) return Number(index);
    if (printed.includes('is not a valid URL')) return 'not a URL';
    throw new Error(`cloudflared: ${printed}`);
  }

  #ingress(...args: readonly string[]): Promise<string> {
    const program = programPath('cloudflared') ?? 'cloudflared';
    const all = ['tunnel', '--config', this.#file, 'ingress', ...args];
    return new Promise((resolve) => {
      execFile(program, all, { env: {} }, (_, stdout, stderr) => resolve(`${stdout}${stderr}`));
    });
  }
}

function withDurations(settings: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const named = Object.entries(settings).map(([name, value]) => [
    name,
    DURATIONS.includes(name) ? `${value}s` : value,
  ]);
  return Object.fromEntries(named);
}

function lastLine(printed: string): string {
  return printed.trim().split('\n').at(-1) ?? '';
}
