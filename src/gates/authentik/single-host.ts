import type { Config } from '../../config/model/config.ts';
import { slugOfHost } from '../../config/model/slug.ts';
import type { DesiredObject } from '../../core/objects/object.ts';
import { admissionOf } from '../../desired/logins/admission.ts';
import { guardingAuthentik } from '../../desired/logins/login-host.ts';
import type { Door } from '../../desired/terms/doors.ts';
import type { BuiltGate, GateCheckTerms } from '../shared/built-gate.ts';
import type { AuthentikGate } from './normal-form.ts';
import { outpostRequests } from './outpost-requests.ts';
import { type ProxyLogin, proxyCheck, proxyObjects } from './proxy.ts';
import { refuseAtOutpost } from './refusal.ts';
import { skippedPaths } from './skipped-paths.ts';

/** `authentik` in mode forwardAuth: the origin asks the outpost before it answers. */
export const builtForwardAuth: BuiltGate<AuthentikGate> = {
  refuse: refuseAtOutpost,
  access: () => undefined,
  objects: (door, config) => objectsOf(door, config, { mode: 'forward_single', internalHost: '' }),
  proof: proofOf,
  looks: outpostRequests,
};

/** `authentik` in mode proxy: the tunnel leads to the outpost, which asks and forwards the request to the origin. */
export const builtProxy: BuiltGate<AuthentikGate> = {
  refuse: refuseAtOutpost,
  access: () => undefined,
  objects: (door, config) =>
    objectsOf(door, config, { mode: 'proxy', internalHost: door.service.origin.url }),
  proof: proofOf,
  looks: outpostRequests,
  // The file's origin settings are for the program that connects to the origin, which is the outpost.
  route: (_service, config) => ({ url: guardingAuthentik(config).authentik.outpostUrl, request: {} }),
};

function objectsOf(
  { service, host, gate }: Door<AuthentikGate>,
  config: Config,
  proxy: Pick<ProxyLogin, 'mode' | 'internalHost'>,
): readonly DesiredObject[] {
  const login: ProxyLogin = {
    ...proxy,
    ...admissionOf(gate),
    slug: slugOfHost(host),
    launchUrl: `https://${host}/`,
    externalHost: `https://${host}`,
    internalHostTls: service.origin.request.noTLSVerify !== true,
    cookieDomain: '',
    skip: skippedPaths(service),
    outpost: gate.outpost,
    flow: gate.flow,
    hosts: [host],
    because: `services.${service.name}`,
  };
  return proxyObjects(login, guardingAuthentik(config).authentik);
}

function proofOf({ host }: Door, config: Config): GateCheckTerms {
  return proxyCheck(slugOfHost(host), guardingAuthentik(config).login, `https://${host}`);
}
