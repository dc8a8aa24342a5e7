/** The largest size of a file, in bytes. */
const largest = 1024 * 1024;

const head = [
  'version: 1',
  'owner: home',
  'cloudflare: { account: 0123456789abcdef0123456789abcdef, zones: [example.dev], tunnels: { homelab: {} } }',
  'origins: { web: { tunnel: homelab, url: "http://web.lan:80" } }',
  '',
].join('\n');

const service = (host: string, origin: string, gate: string) =>
  `{ host: ${host}, origin: ${origin}, gate: { ${gate} } }\n`;
const open = 'public: { reason: d }';

function filled(start: string, entry: (index: number) => string, end = ''): string {
  const parts = [start];
  let length = start.length + end.length;
  for (let index = 0; ; index += 1) {
    const next = entry(index);
    length += next.length;
    if (length > largest) return [...parts, end].join('');
    parts.push(next);
  }
}

/** Half a file, filled with entries of one section. */
function half(start: string, entry: (index: number) => string): string {
  return filled(start, entry)
    .slice(0, largest / 2)
    .replace(/\n[^\n]*$/, '\n');
}

/** Files of the largest size that cost the most to read, by content. */
export const costlyFiles: Readonly<Record<string, () => string>> = {
  'open brackets': () => filled('', () => '['),
  'maps in maps': () => filled('', () => '{a: '),
  'lists in lists': () => filled('', () => '- '),
  'closing brackets': () => filled('', () => ']'),
  commas: () => filled('[', () => ',', ']'),
  'a flat list': () => filled('[', () => 'a,', ']'),
  'one key again and again': () => filled('', () => 'a: 1\n'),
  documents: () => filled('', () => '---\n'),
  directives: () => filled('', () => '%a\n'),
  tags: () => filled('', () => '- !a b\n'),
  anchors: () => filled('', () => '- &a b\n'),
  aliases: () => filled(`a: &a [${'x,'.repeat(1000)}]\nb: [`, () => '*a,', ']\n'),
  'services without mistakes': () =>
    filled(`${head}services:\n`, (index) => `  s${index}: ${service(`s${index}.example.dev`, 'web', open)}`),
  'services with unknown keys': () => filled(`${head}services:\n`, (index) => `  s${index}: { hots: x }\n`),
  'services of one host': () =>
    filled(`${head}services:\n`, (index) => `  s${index}: ${service('a.example.dev', 'web', open)}`),
  'services of origins that are not there': () =>
    filled(
      `${half(
        `${head.replace(/^origins.*\n/m, '')}origins:\n`,
        (index) => `  o${index}: { tunnel: homelab, url: http://w:80 }\n`,
      )}services:\n`,
      (index) => `  s${index}: ${service(`s${index}.example.dev`, `oo${index}`, open)}`,
    ),
  'services of many zones': () =>
    filled(
      `${half('version: 1\nowner: home\ncloudflare:\n  account: 0123456789abcdef0123456789abcdef\n  tunnels: { homelab: {} }\n  zones:\n', (index) => `    - z${index}.dev\n`)}origins: { web: { tunnel: homelab, url: "http://web.lan:80" } }\nservices:\n`,
      (index) => `  s${index}: ${service(`a.z${index}.dev`, 'web', open)}`,
    ),
  'paths of one service': () =>
    filled(
      `${head}services:\n  a:\n    host: a.example.dev\n    origin: web\n    gate: { ${open} }\n    paths:\n`,
      (index) => `      /p${index}/**: { cloudflare: { emails: [a@example.net] } }\n`,
    ),
  'groups that are not there': () =>
    filled(
      `${half(`${head}authentik: { url: "http://a.lan:9000" }\ngroups:\n`, (index) => `  group${index}: {}\n`)}services:\n  a: { host: a.example.dev, origin: web, gate: { authentik: { mode: forwardAuth, groups: [`,
      (index) => `grup${index}, `,
      'x] } } }\n',
    ),
  'service tokens': () => filled(`${head}serviceTokens:\n`, (index) => `  t${index}: {}\n`),
  actions: () => filled(`${head}actions:\n`, (index) => `  a${index}: { run: [x] }\n`),
  'records without mistakes': () =>
    filled(
      `${head}dns:\n  example.dev:\n`,
      (index) => `    - { name: r${index}, type: A, content: 192.0.2.1 }\n`,
    ),
  'records with mistakes': () =>
    filled(`${head}dns:\n  example.dev:\n`, (index) => `    - { nam: r${index}, typ: A }\n`),
};
