import { authoritySection, certifiedGates } from './certified-gates.ts';
import {
  type Client,
  clientOf,
  type Gate,
  type OriginName,
  type RandomFile,
  type Service,
  zone,
} from './file.ts';
import { loginText } from './login.ts';
import { ruledGates } from './ruled-gates.ts';

/** The addresses of the origins. */
export const originUrls: Readonly<Record<OriginName, string>> = {
  app: 'http://app.lan:80',
  box: 'https://box.lan:8443',
  traefik: 'http://traefik.lan:80',
};

/** The text of gates.yaml. */
export function textOf(file: RandomFile): string {
  const { services, clients, domain, parents, tunnels, noTlsVerify, records: plain, prune } = file;
  const words = JSON.stringify([services, clients, domain, parents]);
  const settings = Object.entries({ ruled: ruledGates, certified: certifiedGates }).flatMap(([type, gates]) =>
    Object.entries(gates).flatMap(([name, { settings: own }]) =>
      words.includes(`"${type}","name":"${name}"`) ? [own] : [],
    ),
  );
  const declared = ['ci', 'backup'].filter(
    (token) => words.includes(`"${token}"`) || settings.some((own) => own.includes(`[${token}]`)),
  );
  const groupNames = ['admins', 'family', ...(words.includes('"guests"') ? ['guests'] : [])];
  const declaredGroups = groupNames.map((name) => {
    const [, parent] = parents.find(([group]) => group === name) ?? [];
    return `${name}: ${parent === undefined ? '{}' : `{ parent: ${parent} }`}`;
  });
  const lab = Object.values(tunnels).includes('lab') ? ', lab: { create: true }' : '';
  const tls = noTlsVerify ? ', noTLSVerify: true' : '';
  return `version: 1
owner: home
cloudflare:
  account: 0123456789abcdef0123456789abcdef
  zones: [${zone}]
  tunnels: { homelab: {}${lab} }
  access: { team: example }
authentik:
  url: http://authentik.lan:9000
  service: auth
  domains: { ${zone}: { ${loginText(domain)} } }
groups: { ${declaredGroups.join(', ')} }
reconcile: { prune: ${prune} }
origins:
  app: { tunnel: ${tunnels.app}, url: "${originUrls.app}" }
  box: { tunnel: ${tunnels.box}, url: "${originUrls.box}"${tls} }
  traefik: { tunnel: ${tunnels.traefik}, url: "${originUrls.traefik}", forwardAuth: true }
serviceTokens: { ${declared.map((token) => `${token}: {}`).join(', ')} }
${authoritySection(settings)}${section('clients', [...services.flatMap(ownClient), ...clients.map(standaloneClient)])}${section(
  'services',
  [
    `  auth: { host: auth.${zone}, origin: traefik, gate: { identityProvider: {} } }\n`,
    ...services.map(serviceText),
  ],
)}${section(
  `dns:\n  ${zone}`,
  plain.map((record) => `    - ${record}\n`),
)}`;
}

function section(name: string, lines: readonly string[]): string {
  return lines.length === 0 ? '' : `${name}:\n${lines.join('')}`;
}

function ownClient(service: Service): readonly string[] {
  const { gate: own, host } = service;
  if (own.type !== 'oidc' && own.type !== 'saml') return [];
  const settings =
    own.type === 'oidc'
      ? `redirectUris: ["https://${host}/callback"]`
      : `saml: { acsUrl: "https://${host}/acs" }`;
  return [`  ${clientOf(service)}: { ${settings}, ${loginText(own)} }\n`];
}

function standaloneClient({ slug, settings, ...login }: Client): string {
  return `  ${slug}: { ${settings}, ${loginText(login)} }\n`;
}

function serviceText(service: Service): string {
  const { name, host, hostHeader, origin, inside: doors } = service;
  const header = hostHeader === undefined ? '' : `, hostHeader: ${hostHeader}`;
  const exceptions = doors.map(([path, own]) => `${path}: ${gateText(own, '')}`);
  const paths = exceptions.length === 0 ? '' : `, paths: { ${exceptions.join(', ')} }`;
  const own = gateText(service.gate, clientOf(service));
  return `  ${name}: { host: ${host}${header}, origin: ${origin}, gate: ${own}${paths} }\n`;
}

function gateText(own: Gate, client: string): string {
  switch (own.type) {
    case 'people':
      return `{ cloudflare: { emails: [${own.emails.join(', ')}] } }`;
    case 'everyone':
      return '{ cloudflare: { everyone: { reason: random } } }';
    case 'tokens':
      return `{ serviceToken: { tokens: [${own.tokens.join(', ')}] } }`;
    case 'ruled':
      return `{ cloudflare: ${ruledGates[own.name].settings} }`;
    case 'certified':
      return `{ cloudflare: ${certifiedGates[own.name].settings} }`;
    case 'public':
      return '{ public: { reason: random } }';
    case 'domain':
      return '{ authentik: { mode: domain } }';
    case 'oidc':
    case 'saml':
      return `{ authentik: { mode: ${own.type}, client: ${client} } }`;
    default:
      return `{ authentik: { mode: ${own.type}, ${loginText(own)} } }`;
  }
}
