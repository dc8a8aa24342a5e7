import type { Config, PathException, Service } from '../../config/model/config.ts';
import type { Gate } from '../../config/model/gate.ts';
import { asksDaemon, asksOutpost, doorsOf, hasGuardedPath, isAccessGate } from '../../desired/terms/doors.ts';
import {
  type ForwardedHost,
  type ProxyAsked,
  patternOf,
  type VerifiedDoor,
  type VerifiedHost,
} from '../../report/outputs/proxied-hosts.ts';

/**
 * The hosts about which the proxies of the file ask. A host behind Access is among them if its origin is a proxy, or if
 * somebody names it: the file cannot say whether the application checks the token itself.
 */
export function proxyAsked(config: Config, only: string | undefined, daemon: string): ProxyAsked {
  const services = [...config.services.values()].filter(({ name }) => only === undefined || name === only);
  const hosts = services.filter(({ gate }) => asksOutpost(gate));
  const ofDomain = hosts.some(({ gate }) => gate.sharesLogin);
  const face = loginService(config);
  return {
    outpostUrl: config.authentik?.outpostUrl ?? '',
    authentikUrl: config.authentik?.url ?? '',
    hosts: hosts.map(forwardedHost),
    verified: services.filter((service) => isVerified(service, only !== undefined)).map(verifiedHost),
    daemonUrl: daemon.replace(/\/$/, ''),
    exceptions: hosts.some(({ paths }) => paths.length > 0),
    face: ofDomain && face !== undefined ? forwardedHost(face) : undefined,
  };
}

/** The service through which browsers reach Authentik. */
export function loginService({ authentik, services }: Config): Service | undefined {
  return authentik?.service === undefined ? undefined : services.get(authentik.service);
}

function forwardedHost({ name, host, hostHeader, origin }: Service): ForwardedHost {
  return { service: name, host, seenAs: hostHeader ?? host, origin: origin.url };
}

function isVerified(service: Service, isNamed: boolean): boolean {
  const { gate, origin } = service;
  if (asksDaemon(gate)) return true;
  if (asksOutpost(gate) || !/^https?:/.test(origin.url)) return false;
  const isGuarded = isAccessGate(gate) || hasGuardedPath(doorsOf(service));
  return isGuarded && (isNamed || origin.router || origin.forwardAuth);
}

function verifiedHost(service: Service): VerifiedHost {
  const question = `/verify?host=${service.host}`;
  return {
    ...forwardedHost(service),
    ...verifiedDoor(service.gate, question),
    paths: service.paths.map((exception) => ({
      ...verifiedDoor(exception.gate, `${question}&path=${encoded(exception)}`),
      path: exception.path,
      pattern: patternOf(exception.prefix, exception.form, isAccessGate(exception.gate)),
      ignoresCase: isAccessGate(exception.gate),
    })),
  };
}

function verifiedDoor(gate: Gate, question: string): VerifiedDoor {
  const names = gate.visitors === 'people' ? ['Remote-User', 'Remote-Email'] : ['Remote-User'];
  const isOpen = gate.enforcedBy === 'nobody' || gate.enforcedBy === 'application';
  // For a gate that it does not know, the daemon answers no.
  return isOpen ? { question: undefined, identity: [] } : { question, identity: names };
}

/** The path of the file as part of a query. */
function encoded({ path }: PathException): string {
  return encodeURIComponent(path).replaceAll('%2F', '/');
}
