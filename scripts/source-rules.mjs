// Checks rules of the source that no linter of ours knows: the names and the number of the files in a folder, the
// imports between folders, who may print, that each exported name is unique, that only the folder of a gate knows which
// gate it is, and that the sandbox shares nothing with the product that it tests. Run by `npm run lint`.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const FOLDERS = ['src', 'reconcilers', 'test', 'scripts'];
const SOURCE = /\.(ts|tsx|mts|cts|mjs|cjs|js)$/;
const KEBAB = /^[a-z0-9]+(-[a-z0-9]+)*(\.(test|exhaustive\.test|bench|d))?\.[a-z]+$/;
const VAGUE = /^(util|utils|helper|helpers|type|types|common|misc|shared)\./;
const IMPORT =
  /(?:^|[;}\s])(?:import|export)\s+(?:[^'"`;]*?\sfrom\s+)?['"]([^'"]+)['"]|\bimport\(\s*['"]([^'"]+)['"]\s*\)/g;
const CONSOLE = /(?<![\w$.'"`])console\s*\.\s*[a-z]+\s*\(/;
const COMMENT = /^\s*(\/\/|\*|\/\*)/;
const SANDBOX = 'src/lab/sandbox/';
const SANDBOX_ENTRY = 'src/lab/sandbox/index.ts';
/** Folders of the product and of the sandbox; tests and scripts export nothing that others read. */
const PROGRAMS = ['src/', 'reconcilers/'];
/** The most files in one folder: as many names as a person can look through. */
const FULL = 20;
const EXPORTED =
  /^export\s+(?:declare\s+)?(?:abstract\s+)?(?:async\s+)?(?:interface|type|class|enum|const|function\*?)\s+([A-Za-z_$][\w$]*)/gm;

/** Folders that may tell gates apart: those of the gates, and the sandbox, which reads no file of gates. */
const TELLING_GATES_APART = ['src/gates/', SANDBOX];
const GATE_FIELD = String.raw`\bgate\)?\??\.(?:type|mode|at)\b`;
/** Names of gates that are also types of something else: `public` is a sort of client of Authentik and of destination of Access. */
const ALSO_OTHER_TYPES = ['public'];
const SCHEMA = JSON.parse(readFileSync(new URL('../schema/gates.schema.json', import.meta.url), 'utf8'));
const GATE_TYPE = `(?:${Object.keys(SCHEMA.$defs.gate.properties)
  .filter((name) => !ALSO_OTHER_TYPES.includes(name))
  .join('|')})`;
/**
 * Comparisons of a gate's own fields: `gate.type ===`, `=== gate.type`, `switch (gate.type)`, `table[gate.type]`,
 * `set.has(gate.type)`, and the same of a destructured field, `type === 'jwt'`.
 */
const GATE_COMPARISON = new RegExp(
  [
    String.raw`${GATE_FIELD}\s*[!=]==?`,
    String.raw`[!=]==?\s*[\w.?]*${GATE_FIELD}`,
    String.raw`\bswitch\s*\([\w.?]*${GATE_FIELD}`,
    String.raw`[\w)}]\[[\w.?]*${GATE_FIELD}`,
    String.raw`\.(?:has|get|includes)\([\w.?]*${GATE_FIELD}`,
    String.raw`(?<![\w.?])type\s*[!=]==?\s*'${GATE_TYPE}'`,
    String.raw`(?<![\w.?])mode\s*[!=]==?\s*'(?:forwardAuth|oidc)'`,
    String.raw`(?<![\w.?])at\s*[!=]==?\s*'(?:edge|origin)'`,
  ].join('|'),
);

/**
 * @typedef {{ file: string, line: number, rule: string, message: string }} Finding
 */

/**
 * Every breach of the source rules below `root`, sorted by file and line.
 * @param {string} root
 * @returns {Finding[]}
 */
export function findBreaches(root) {
  const files = FOLDERS.flatMap((folder) => sourceFiles(root, folder));
  const ofEach = files.flatMap((file) => breachesOf(root, file));
  return [
    ...ofEach,
    ...exportNameBreaches(root, files),
    ...fullFolders(files),
    ...mutualFolders(root, files),
  ].sort(byPlace);
}

/**
 * Folders of a program or of tests with more files than a person can look through.
 * @param {readonly string[]} files
 * @returns {Finding[]}
 */
function fullFolders(files) {
  /** @type {Map<string, number>} */
  const counts = new Map();
  for (const file of files) {
    const folder = path.posix.dirname(file);
    if ([...PROGRAMS, 'test/'].some((place) => file.startsWith(place)))
      counts.set(folder, (counts.get(folder) ?? 0) + 1);
  }
  return [...counts].flatMap(([file, count]) =>
    count > FULL
      ? [
          {
            file,
            line: 1,
            rule: 'full-folder',
            message: `${count} files: put each subject into its own folder`,
          },
        ]
      : [],
  );
}

/**
 * Source files below `folder`, as paths relative to `root` with forward slashes.
 * @param {string} root
 * @param {string} folder
 * @returns {string[]}
 */
export function sourceFiles(root, folder) {
  const start = path.join(root, folder);
  if (!existsSync(start)) return [];
  return readdirSync(start, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && SOURCE.test(entry.name))
    .map((entry) => path.relative(root, path.join(entry.parentPath, entry.name)).split(path.sep).join('/'))
    .filter((file) => !file.startsWith('test/fixtures/'))
    .sort();
}

/**
 * @param {string} root
 * @param {string} file
 * @returns {Finding[]}
 */
function breachesOf(root, file) {
  const text = readFileSync(path.join(root, file), 'utf8');
  return [
    ...nameBreaches(file),
    ...printBreaches(file, text),
    ...gateBreaches(file, text),
    ...sandboxBreaches(file, text),
  ];
}

/**
 * @param {string} file
 * @returns {Finding[]}
 */
function nameBreaches(file) {
  const name = path.posix.basename(file);
  if (VAGUE.test(name)) {
    return [{ file, line: 1, rule: 'file-name', message: 'name the file for the noun it exports' }];
  }
  if (!KEBAB.test(name)) {
    return [
      { file, line: 1, rule: 'file-name', message: 'file names are kebab-case, for example dns-record.ts' },
    ];
  }
  return [];
}

/**
 * @param {string} file
 * @param {string} text
 * @returns {Finding[]}
 */
function printBreaches(file, text) {
  if (file.startsWith('scripts/')) return [];
  const message = 'write to process.stdout or process.stderr at the rim';
  return text.split('\n').flatMap((line, index) => {
    if (COMMENT.test(line) || !CONSOLE.test(line)) return [];
    return [{ file, line: index + 1, rule: 'no-console', message }];
  });
}

/**
 * Comparisons that only the folder of a gate may make. Other code asks the terms that every gate has, so that a new
 * gate needs only one folder.
 * @param {string} file
 * @param {string} text
 * @returns {Finding[]}
 */
function gateBreaches(file, text) {
  const isAllowed = TELLING_GATES_APART.some((folder) => file.startsWith(folder));
  if (isAllowed || !PROGRAMS.some((program) => file.startsWith(program))) return [];
  const message = 'ask a term of src/config/model/gate.ts, or the table in src/gates/index.ts';
  return text.split('\n').flatMap((line, index) => {
    if (COMMENT.test(line) || !GATE_COMPARISON.test(line)) return [];
    return [{ file, line: index + 1, rule: 'gate-comparison', message }];
  });
}

/**
 * Imports between the sandbox and the product. The sandbox judges the product, so both must not share a mistake: it
 * imports nothing of the product, and the product uses only its public entry. Its own tests may look inside.
 * @param {string} file
 * @param {string} text
 * @returns {Finding[]}
 */
function sandboxBreaches(file, text) {
  /** @type {Finding[]} */
  const found = [];
  for (const match of text.matchAll(IMPORT)) {
    const specifier = match[1] ?? match[2] ?? '';
    if (!specifier.startsWith('.')) continue;
    const target = path.posix.join(path.posix.dirname(file), specifier);
    const line = text.slice(0, (match.index ?? 0) + match[0].indexOf(specifier)).split('\n').length;
    if (file.startsWith(SANDBOX) && !target.startsWith(SANDBOX)) {
      found.push({
        file,
        line,
        rule: 'sandbox-shares-nothing',
        message: `src/lab/sandbox may not import ${target}`,
      });
    }
    const outside = !file.startsWith(SANDBOX) && !file.startsWith('test/lab/sandbox/');
    if (outside && target.startsWith(SANDBOX) && target !== SANDBOX_ENTRY) {
      found.push({ file, line, rule: 'sandbox-entry', message: `import ${SANDBOX_ENTRY}, not ${target}` });
    }
  }
  return found;
}

/**
 * Each exported name that an earlier file exports too. The sandbox is a separate program, so the product may use the
 * same name. Re-exports count only at their declaration.
 * @param {string} root
 * @param {readonly string[]} files
 * @returns {Finding[]}
 */
function exportNameBreaches(root, files) {
  /** @type {Map<string, string>} */
  const places = new Map();
  /** @type {Finding[]} */
  const found = [];
  for (const file of files) {
    if (!PROGRAMS.some((folder) => file.startsWith(folder))) continue;
    const text = readFileSync(path.join(root, file), 'utf8');
    const program = file.startsWith(SANDBOX) ? 'sandbox' : 'product';
    for (const match of text.matchAll(EXPORTED)) {
      const name = match[1] ?? '';
      const line = text.slice(0, match.index ?? 0).split('\n').length;
      const first = places.get(`${program} ${name}`);
      if (first === undefined) places.set(`${program} ${name}`, `${file}:${line}`);
      else {
        const message = `${first} exports ${name} too: name this one for its role`;
        found.push({ file, line, rule: 'export-name', message });
      }
    }
  }
  return found;
}

/**
 * Imports between two folders that import each other, nested ones included (dependency-cruiser omits those).
 * @param {string} root
 * @param {readonly string[]} files
 * @returns {Finding[]}
 */
function mutualFolders(root, files) {
  /** @type {Map<string, Finding>} */
  const first = new Map();
  for (const file of files) {
    if (!PROGRAMS.some((folder) => file.startsWith(folder))) continue;
    const from = path.posix.dirname(file);
    for (const [, specifier = ''] of readFileSync(path.join(root, file), 'utf8').matchAll(IMPORT)) {
      const to = path.posix.dirname(path.posix.join(from, specifier));
      const isOther = specifier.startsWith('.') && to !== from && !first.has(`${from} ${to}`);
      const message = `${from} and ${to} import each other: one of them is below`;
      if (isOther) first.set(`${from} ${to}`, { file, line: 1, rule: 'folder-pair', message });
    }
  }
  const isMutual = (/** @type {string} */ pair) => first.has(pair.split(' ').reverse().join(' '));
  return [...first].flatMap(([pair, finding]) => (isMutual(pair) ? [finding] : []));
}

/**
 * @param {Finding} left
 * @param {Finding} right
 */
function byPlace(left, right) {
  return left.file.localeCompare(right.file) || left.line - right.line;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const breaches = findBreaches(process.cwd());
  for (const { file, line, rule, message } of breaches) console.error(`${file}:${line} ${rule}: ${message}`);
  if (breaches.length > 0) process.exitCode = 1;
}
