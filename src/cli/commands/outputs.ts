import type { Config, Service } from '../../config/model/config.ts';
import type { Gate } from '../../config/model/gate.ts';
import { compile } from '../../desired/compile.ts';
import { asksDaemon, asksOutpost, doorKey, doorsOf, isAccessGate } from '../../desired/terms/doors.ts';
import { observe } from '../../observed/observe.ts';
import { type Outputs, type OutputsAsked, outputKinds, outputsOf } from '../../report/outputs/outputs.ts';
import { formatOutputs, type OutputsFormat } from '../../report/outputs/outputs-text.ts';
import type { ForwardedHost, TraefikAsked } from '../../report/outputs/outputs-traefik.ts';
import { formatTraefik, type TraefikForm } from '../../report/outputs/outputs-traefik-text.ts';
import type { Effects } from '../../run/reconcile.ts';
import { effectsMaker } from '../surroundings/effects.ts';
import { readConfigOrTell } from '../surroundings/file.ts';
import { readSettings } from '../surroundings/settings.ts';
import { print, tell } from '../surroundings/terminal.ts';

export interface OutputsOptions {
  readonly file: string;
  readonly service?: string;
  readonly format: OutputsFormat | 'traefik';
  readonly traefik: TraefikForm;
  /** The daemon's listener as Traefik reaches it. */
  readonly daemon: string;
  readonly color: boolean;
}

/**
 * Prints what applications and the origin need to know of their gates, and never a secret. The output for Traefik
 * depends only on the file, since Traefik has to be ready before gates can check the gate; the rest is read from the
 * systems. Exit codes: 0 = complete, 1 = something requested does not exist or cannot be read.
 */
export async function outputs(options: OutputsOptions): Promise<number> {
  const { file, service, format, traefik, daemon, color } = options;
  const config = await readConfigOrTell({ file, color, service });
  if (config === undefined) return 1;
  if (format === 'traefik') {
    print(formatTraefik(traefikAsked(config, service, daemon), traefik));
    return 0;
  }
  const effects = effectsMaker(readSettings(process.env))(new AbortController().signal);
  const { document, missing } = await readOutputs(config, service, effects);
  print(formatOutputs(document, format));
  for (const what of missing) tell(`missing: ${what}`);
  return missing.length === 0 ? 0 : 1;
}

/** Reads only the kinds that are needed, in one run. */
export async function readOutputs(
  config: Config,
  service: string | undefined,
  { reconcilers, world }: Pick<Effects, 'reconcilers' | 'world'>,
): Promise<Outputs> {
  const requested = outputsAsked(config, service);
  const kinds = outputKinds(requested);
  const readers = reconcilers.filter(({ kind }) => kinds.includes(kind));
  return outputsOf(requested, await observe(readers, world(compile(config).scope)));
}

/** The outputs of the file. With a service, only its doors, and the clients that its gates name. */
export function outputsAsked(config: Config, only: string | undefined): OutputsAsked {
  const services = selected(config, only);
  const named = services.flatMap(gatesOf).flatMap(clientOf);
  const face = faceOf(config);
  return {
    owner: config.owner,
    doors: services
      .flatMap(doorsOf)
      .filter(({ gate }) => isAccessGate(gate))
      .map((door) => ({
        service: door.service.name,
        host: door.host,
        path: door.path?.path,
        key: doorKey(door),
      })),
    clients: only === undefined ? [...config.clients.keys()] : [...new Set(named)],
    authentikHost: face?.host,
  };
}

function traefikAsked(config: Config, only: string | undefined, daemon: string): TraefikAsked {
  const services = selected(config, only);
  const hosts = services.filter(({ gate }) => asksOutpost(gate));
  const ofDomain = hosts.some(({ gate }) => gate.sharesLogin);
  const face = faceOf(config);
  return {
    outpostUrl: config.authentik?.outpostUrl ?? '',
    hosts: hosts.map(forwardedHost),
    verified: services.filter(({ gate }) => asksDaemon(gate)).map(forwardedHost),
    daemonUrl: daemon.replace(/\/$/, ''),
    exceptions: hosts.some(({ paths }) => paths.length > 0),
    face: ofDomain && face !== undefined ? forwardedHost(face) : undefined,
  };
}

function forwardedHost({ name, host, hostHeader, origin }: Service): ForwardedHost {
  return { service: name, host, seenAs: hostHeader ?? host, origin: origin.url };
}

/** The service through which browsers reach Authentik. */
function faceOf({ authentik, services }: Config): Service | undefined {
  return authentik?.service === undefined ? undefined : services.get(authentik.service);
}

function selected({ services }: Config, only: string | undefined): readonly Service[] {
  return [...services.values()].filter(({ name }) => only === undefined || name === only);
}

function gatesOf({ gate, paths }: Service): readonly Gate[] {
  return [gate, ...paths.map((path) => path.gate)];
}

/** The client that the gate names: the one for logins, or the one whose keys sign tokens. */
function clientOf(gate: Gate): readonly string[] {
  const { client, keys } = gate;
  if (client !== undefined) return [client];
  return keys !== undefined && 'client' in keys ? [keys.client] : [];
}
